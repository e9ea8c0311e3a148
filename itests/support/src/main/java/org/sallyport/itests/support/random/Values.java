package org.sallyport.itests.support.random;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values of all types, from the pieces and from what makes values of any type: locals, globals, conditions, blocks, calls.
 *
 * <p>Bits of a NaN, which the specification leaves open, reach no memory, integer or sign: floating-point values have them,
 * {@link #clean} takes them away, and a v128 never has them (see {@link Vectors}).
 */
final class Values {
    private static final long[] INTERESTING = {
        0, 1, -1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 1000, 32767, 32768, 65535,
        65536, 65532, 131072, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 0x1_0000_0000L, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final String[] FLOATS = {
        "0", "-0", "1", "-1.5", "0.5", "2147483648", "-9.3e18", "inf", "-inf", "nan", "1e-40", "3.5e38"
    };

    private final Draft draft;

    Values(Draft draft) {
        this.draft = draft;
    }

    String value(String type, int depth) {
        if (depth <= 0 || draft.budget <= 0 || draft.oneIn(5)) {
            return leaf(type);
        }
        int d = depth - 1;
        if (draft.oneIn(3)) {
            return general(type, d);
        }
        for (int tries = 0; tries < 5; tries++) {
            String value = draft.any(draft.pieces).value(type, d);
            if (value != null) {
                return value;
            }
        }
        return leaf(type);
    }

    private String general(String type, int d) {
        return switch (draft.random.nextInt(6)) {
            case 0, 1 -> "(select " + (!Draft.SCALARS.contains(type) || draft.oneIn(3) ? "(result " + type + ") " : "")
                    + value(type, d) + " " + value(type, d) + " " + value("i32", d) + ")";
            case 2 -> "(if (result " + type + ") " + value("i32", d) + " (then " + value(type, d) + ") (else "
                    + value(type, d) + "))";
            case 3 -> "(block (result " + type + ") " + value(type, d) + " (br_if 0 " + value("i32", d) + ") drop "
                    + value(type, d) + ")";
            case 4 -> {
                int local = draft.random.nextInt(draft.locals.size());
                yield draft.locals.get(local).equals(type) ? "(local.tee " + local + " " + value(type, d) + ")" : leaf(type);
            }
            default -> leaf(type);
        };
    }

    String leaf(String type) {
        for (int i = draft.random.nextInt(5); i > 0 && !draft.locals.isEmpty(); i--) {
            int local = draft.random.nextInt(draft.locals.size());
            if (draft.locals.get(local).equals(type)) {
                return "(local.get " + local + ")";
            }
        }
        if (type.equals("i32") && !draft.loops.isEmpty() && draft.oneIn(3)) {
            return "(local.get " + draft.any(draft.loops).counter() + ")";
        }
        int global = draft.globals.indexOf(type);
        return global >= 0 && draft.oneIn(4) ? "(global.get $g" + global + ")" : constant(type);
    }

    /** A constant, or the simplest value that a topic has. */
    String constant(String type) {
        if (!Draft.SCALARS.contains(type)) {
            for (Piece piece : draft.pieces) {
                String leaf = piece.leaf(type);
                if (leaf != null) {
                    return leaf;
                }
            }
            throw new AssertionError("BUG: no topic has a value of " + type);
        }
        return "(" + type + ".const " + switch (type) {
            case "i32" -> Integer.toString((int) interesting());
            case "i64" -> Long.toString(interesting());
            default -> number(type.equals("f32"));
        } + ")";
    }

    long interesting() {
        return draft.oneIn(4) ? draft.random.nextLong() : INTERESTING[draft.random.nextInt(INTERESTING.length)];
    }

    String number(boolean single) {
        return switch (draft.random.nextInt(5)) {
            case 0, 1 -> Double.toString((draft.random.nextInt(64) - 32) * 0.25);
            case 2 -> { // any exponent
                float narrow = Float.intBitsToFloat(draft.random.nextInt());
                double wide = Double.longBitsToDouble(draft.random.nextLong());
                yield Double.isNaN(single ? narrow : wide) ? "nan"
                        : single ? Float.toHexString(narrow).replace("Infinity", "inf")
                        : Double.toHexString(wide).replace("Infinity", "inf");
            }
            default -> FLOATS[draft.random.nextInt(single ? FLOATS.length - 1 : FLOATS.length)];
        };
    }

    /** Bits of a NaN are not to be seen: the value, or 3. */
    String clean(String type, String value) {
        if (!type.startsWith("f") || type.endsWith("ref")) {
            return value;
        }
        String bits = type.substring(1);
        return draft.oneIn(3)
                ? "(select (local.tee $s" + bits + " " + value + ") (" + type + ".const 3) (" + type + ".eq (local.get $s" + bits
                        + ") (local.get $s" + bits + ")))"
                : "(call $clean" + bits + " " + value + ")";
    }

    String all(List<String> types, int depth) {
        StringBuilder out = new StringBuilder();
        types.forEach(type -> out.append(value(type, depth)).append(' '));
        return out.toString();
    }

    /** Takes values from the stack, the last first. */
    String take(List<String> types) {
        StringBuilder out = new StringBuilder();
        for (String type : types.reversed()) {
            int local = draft.random.nextInt(draft.locals.size());
            int global = draft.globals.indexOf(type);
            if (draft.locals.get(local).equals(type)) {
                out.append(" (local.set ").append(local).append(")");
            } else {
                out.append(global >= 0 && draft.random.nextBoolean() ? " (global.set $g" + global + ")" : " drop");
            }
        }
        return out.append(' ').toString();
    }

    /** What digests a value of the type: {@code $d_i32}. */
    @Nullable String digester(String type) {
        for (Piece piece : draft.pieces) {
            String name = piece.digester(type);
            if (name != null) {
                return name;
            }
        }
        return null;
    }
}
