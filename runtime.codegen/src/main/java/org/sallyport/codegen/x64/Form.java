package org.sallyport.codegen.x64;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sallyport.codegen.regalloc.Registers;

/**
 * What an instruction's operands and fields are, as the rows of {@link Inst} say it:
 *
 * <pre>
 * fields : definitions &lt;- uses / what is destroyed besides | other definitions &lt;- other uses / ...
 * </pre>
 *
 * <p><b>Fields</b> are letters: {@code w} width, {@code s} {@link Fields#SIGNED}, {@code d} {@link Fields#DOUBLE}, {@code m}
 * {@link Fields#REMAINDER} and what shares its bit, {@code u} {@link Fields#UNCHECKED} likewise, {@code #} immediate, {@code %}
 * displacement.
 *
 * <p><b>Operands</b> are registers by class: {@code i} general, {@code f} float, {@code v} vector, {@code y} float or vector,
 * {@code x} the same where all such operands of the instruction are alike. Behind it: {@code =} the register of the first use;
 * {@code ~} likewise, but any with AVX; {@code :rax} that register; {@code !} written while uses are still read; {@code ?} may
 * be a spill slot that is as wide as the class. {@code mem} stands for base and index of the memory operand, {@code cmp} for the
 * operands of a comparison ({@link Producer}), {@code ...} for any number in registers of the calling convention.
 *
 * <p><b>Destroyed</b> is a register; {@code all} that may be allocated less results, {@code helper} what memory helpers destroy.
 */
record Form(String fields, List<Shape> shapes) {
    private static final Map<String, Integer> REGISTERS = registers();

    /** One way for the operands to be. */
    record Shape(List<Item> definitions, List<Item> uses, String destroyed) {}

    /** An operand, or what stands for several. */
    record Item(
            Kind kind,
            char registerClass,
            int register,
            boolean reuses,
            boolean reusesWithoutAvx,
            boolean isEarly,
            boolean any) {
        Item(Kind kind) {
            this(kind, ' ', -1, false, false, false, false);
        }
    }

    enum Kind {
        REGISTER,
        MEMORY,
        COMPARISON,
        CONVENTION
    }

    boolean has(char field) {
        return fields.indexOf(field) >= 0;
    }

    boolean has(Kind kind) {
        return shapes.stream().anyMatch(s -> s.uses.stream().anyMatch(i -> i.kind == kind));
    }

    /** @throws IllegalArgumentException if it is none */
    static Form parse(String text) {
        int colon = text.indexOf(':');
        int arrow = text.indexOf("<-");
        if (colon < 0 || arrow < colon) {
            throw new IllegalArgumentException("BUG: no form: " + text);
        }
        var shapes = new ArrayList<Shape>();
        for (String shape : text.substring(colon + 1).split("\\|")) {
            String[] sides = shape.split("<-|/", -1);
            shapes.add(new Shape(items(sides[0]), items(sides[1]), sides.length < 3 ? "" : sides[2].strip()));
        }
        return new Form(text.substring(0, colon), List.copyOf(shapes));
    }

    /** Operands as a list of items. */
    static List<Item> items(String text) {
        var items = new ArrayList<Item>();
        for (String word : text.strip().split("\\s+")) {
            if (!word.isEmpty()) {
                items.add(item(word));
            }
        }
        return List.copyOf(items);
    }

    private static Item item(String word) {
        return switch (word) {
            case "mem" -> new Item(Kind.MEMORY);
            case "cmp" -> new Item(Kind.COMPARISON);
            case "..." -> new Item(Kind.CONVENTION);
            default -> register(word);
        };
    }

    private static Item register(String word) {
        if ("ifvyx".indexOf(word.charAt(0)) < 0) {
            throw new IllegalArgumentException("BUG: no operand: " + word);
        }
        String marks = word.substring(1).replaceFirst(":[a-z0-9]+", "");
        int colon = word.indexOf(':');
        String name = colon < 0 ? "" : word.substring(colon + 1).replaceAll("[^a-z0-9]", "");
        int register = name.isEmpty() ? -1 : number(name);
        return new Item(Kind.REGISTER, word.charAt(0), register, marks.contains("="), marks.contains("~"),
                marks.contains("!"), marks.contains("?"));
    }

    /** The allocator's number of a register. */
    static int number(String name) {
        Integer number = REGISTERS.get(name);
        if (number == null) {
            throw new IllegalArgumentException("BUG: no register: " + name);
        }
        return number;
    }

    private static Map<String, Integer> registers() {
        var map = new TreeMap<String, Integer>();
        for (int r = 0; r < 16; r++) {
            map.put(Reg.name(r), r);
            map.put("xmm" + r, Registers.VECTORS + r);
        }
        return map;
    }
}
