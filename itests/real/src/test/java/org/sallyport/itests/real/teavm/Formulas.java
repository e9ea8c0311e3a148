package org.sallyport.itests.real.teavm;

import java.util.HashMap;
import java.util.Map;

/** A parser by recursive descent, trees of sealed types, and exceptions for what is wrong. */
final class Formulas {
    private sealed interface Node {}

    private record Number(double value) implements Node {}

    private record Name(String name) implements Node {}

    private record Operation(char sign, Node left, Node right) implements Node {}

    private static final class SyntaxException extends RuntimeException {
        private static final long serialVersionUID = 1;

        SyntaxException(String message, int at) {
            super(message + " at " + at);
        }
    }

    private final String text;
    private int at;

    private Formulas(String text) {
        this.text = text;
    }

    static void run(StringBuilder out) {
        Map<String, Double> names = new HashMap<>();
        String[] lines = {
            "a = 3", "b = a * (2 + 4) - -1", "c = b / (a - 3 + 2.5)", "d = ((((1))))+2*3-4/5", "e = (a", "f = 2 * x", "g = 1 $ 2",
            "h = a - b - c", "i = 100000000 * 100000000"
        };
        for (String line : lines) {
            try {
                int equals = line.indexOf('=');
                Node tree = new Formulas(line.substring(equals + 1)).whole();
                double value = evaluate(tree, names);
                names.put(line.substring(0, equals).trim(), value);
                out.append(show(tree)).append(" -> ").append((long) (value * 1000)).append('\n');
            } catch (SyntaxException | ArithmeticException e) {
                out.append(e.getMessage()).append('\n');
            }
        }
        long sum = 0;
        for (int i = 0; i < 2000; i++) {
            sum += (long) evaluate(new Formulas("(" + i + "+1)*2-a*(" + i % 7 + "-4)").whole(), names);
        }
        out.append(sum).append('\n');
    }

    private Node whole() {
        Node tree = sum();
        if (peek() != 0) {
            throw new SyntaxException("'" + peek() + "' is too much", at);
        }
        return tree;
    }

    private Node sum() {
        Node left = product();
        while (peek() == '+' || peek() == '-') {
            char sign = text.charAt(at++);
            left = new Operation(sign, left, product());
        }
        return left;
    }

    private Node product() {
        Node left = atom();
        while (peek() == '*' || peek() == '/') {
            char sign = text.charAt(at++);
            left = new Operation(sign, left, atom());
        }
        return left;
    }

    private Node atom() {
        char c = peek();
        if (c == '-') {
            at++;
            return new Operation('-', new Number(0), atom());
        } else if (c == '(') {
            at++;
            Node inside = sum();
            if (peek() != ')') {
                throw new SyntaxException("')' is missing", at);
            }
            at++;
            return inside;
        }
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        if (start == at) {
            throw new SyntaxException("a value is missing", at);
        }
        String word = text.substring(start, at);
        return Character.isLetter(c) ? new Name(word) : new Number(Double.parseDouble(word));
    }

    private char peek() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private static double evaluate(Node node, Map<String, Double> names) {
        if (node instanceof Number number) {
            return number.value();
        } else if (node instanceof Name name) {
            Double known = names.get(name.name());
            if (known == null) {
                throw new ArithmeticException("nobody knows " + name.name());
            }
            return known;
        }
        Operation operation = (Operation) node;
        double left = evaluate(operation.left(), names);
        double right = evaluate(operation.right(), names);
        return switch (operation.sign()) {
            case '+' -> left + right;
            case '-' -> left - right;
            case '*' -> left * right;
            default -> left / right;
        };
    }

    private static String show(Node node) {
        if (node instanceof Operation operation) {
            return "(" + show(operation.left()) + operation.sign() + show(operation.right()) + ")";
        }
        return node instanceof Name name ? name.name() : Long.toString((long) (((Number) node).value() * 10));
    }
}
