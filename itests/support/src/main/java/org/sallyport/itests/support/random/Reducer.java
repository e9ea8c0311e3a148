package org.sallyport.itests.support.random;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Makes texts smaller as long as what is wrong with them stays wrong: leaves out parts of the parenthesized form, the large ones
 * first, puts one of its own operands or a constant in a part's place. It knows nothing of types: what is no valid module is not
 * wrong.
 */
public final class Reducer {
    private static final List<String> SIMPLE = List.of(
            "", "(i32.const 0)", "(i64.const 0)", "(f32.const 0)", "(f64.const 0)", "(v128.const i64x2 0 0)", "unreachable");

    private final Predicate<List<String>> wrong;
    private final long end;

    /**
     * @param wrong whether the texts are valid modules that show what is looked for
     * @param seconds how long it may take
     */
    public Reducer(Predicate<List<String>> wrong, int seconds) {
        this.wrong = wrong;
        end = System.nanoTime() + seconds * 1_000_000_000L;
    }

    private boolean isTime() {
        return System.nanoTime() - end < 0;
    }

    /** Texts that are still wrong. */
    public List<String> reduce(List<String> texts) {
        List<String> best = List.copyOf(texts);
        for (boolean smaller = true; smaller && isTime();) {
            smaller = false;
            for (int i = 0; i < best.size(); i++) {
                List<String> found = pass(best, i);
                smaller |= !found.equals(best);
                best = found;
            }
        }
        return best;
    }

    /** Tries every part of one text once. */
    private List<String> pass(List<String> texts, int which) {
        List<String> best = texts;
        for (int at = 1; at < best.get(which).length() && isTime();) {
            String text = best.get(which);
            int start = text.indexOf('(', at);
            if (start < 0) {
                break;
            }
            int end = end(text, start);
            List<String> found = end < 0 ? null : smaller(best, which, start, end);
            if (found == null) {
                at = start + 1;
            } else {
                best = found;
                at = start;
            }
        }
        return best;
    }

    private List<String> smaller(List<String> texts, int which, int start, int end) {
        String text = texts.get(which);
        String part = text.substring(start, end);
        List<String> instead = new ArrayList<>(SIMPLE);
        for (int at = 1; (at = part.indexOf('(', at)) > 0;) {
            int to = end(part, at);
            if (to < 0) {
                break;
            }
            instead.add(part.substring(at, to));
            at = to;
        }
        for (String other : instead) {
            if (other.length() >= part.length() || !isTime()) {
                continue;
            }
            List<String> changed = new ArrayList<>(texts);
            changed.set(which, text.substring(0, start) + other + text.substring(end));
            if (wrong.test(changed)) {
                return changed;
            }
        }
        return null;
    }

    /** Behind the parenthesis that closes the one there; -1 if there is none. Strings here have no parentheses. */
    private static int end(String text, int start) {
        int depth = 0;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0) {
                return i + 1;
            }
        }
        return -1;
    }
}
