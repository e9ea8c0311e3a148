package org.sallyport.itests.real;

import java.util.Random;

/**
 * Typed function references of a {@link RandomModule}: for each function {@code $f<i>} of type {@code $t<i>} a global
 * {@code $r<i>} that refers to it, a global {@code $n<i>} that is null at first, a table {@code $w<i>} with an initializer, and
 * in every function a local {@code $q<i>} that has no default value.
 */
final class RandomReferences {
    private static final int SLOTS = 2;

    private final Random random;
    private final RandomExpressions some;
    private int names;

    RandomReferences(Random random, RandomExpressions some) {
        this.random = random;
        this.some = some;
    }

    /** What a module has of its own. */
    String declarations() {
        StringBuilder out = new StringBuilder();
        for (int i = some.firstFunction; i < some.functions; i++) {
            out.append("""
                    (global $r# (ref $t#) (ref.func $f#)) (global $n# (mut (ref null $t#)) (ref.null $t#))
                    (table $w# 2 4 (ref $t#) (ref.func $f#)) (elem (table $w#) (i32.const 1) (ref $t#) (ref.func $f#))
                    """.replace("#", String.valueOf(i)));
        }
        return out.toString();
    }

    String locals() {
        StringBuilder out = new StringBuilder();
        for (int i = some.firstFunction; i < some.functions; i++) {
            out.append(" (local $q").append(i).append(" (ref $t").append(i).append("))");
        }
        return out.toString();
    }

    private int any() {
        return some.firstFunction + random.nextInt(some.functions - some.firstFunction);
    }

    /** A reference that a call may go to: seldom null. */
    String callee(int i) {
        return some.seldom(100) ? "(global.get $n" + i + ")" : of(i, 2);
    }

    /** A {@code (ref $t<i>)}. */
    private String of(int i, int depth) {
        if (depth == 0) {
            return "(ref.func $f" + i + ")";
        }
        return switch (random.nextInt(9)) {
            case 0 -> "(ref.func $f" + i + ")";
            case 1, 2 -> "(global.get $r" + i + ")";
            case 3 -> "(table.get $w" + i + " " + some.index(SLOTS) + ")";
            case 4 -> "(local.tee $q" + i + " " + of(i, depth - 1) + ")";
            case 5 -> some.seldom(30) ? "(ref.as_non_null (global.get $n" + i + "))" : orElse(i, depth);
            case 6 -> "(select (result (ref $t" + i + ")) " + of(i, depth - 1) + " " + of(i, depth - 1) + " "
                    + some.value(0, 2) + ")";
            default -> orElse(i, depth);
        };
    }

    /** What the global refers to; another reference if it is null. */
    private String orElse(int i, int depth) {
        String name = "$x" + names++;
        String type = "(ref $t" + i + ")";
        if (random.nextBoolean()) {
            return "(block " + name + " (result " + type + ") (br_on_non_null " + name + " (global.get $n" + i + ")) "
                    + of(i, depth - 1) + ")";
        }
        return "(block " + name + " (result " + type + ") (block " + name + "n (br " + name + " (br_on_null " + name
                + "n (global.get $n" + i + "))))" + of(i, depth - 1) + ")";
    }

    String statement() {
        int i = any();
        return switch (random.nextInt(8)) {
            case 0, 1 -> "(global.set $n" + i + " " + of(i, 2) + ")";
            case 2 -> "(global.set $n" + i + " (ref.null $t" + i + "))";
            case 3 -> "(table.set $w" + i + " " + some.index(SLOTS) + " " + of(i, 2) + ")";
            case 4 -> "(global.set $g0 (table.grow $w" + i + " " + of(i, 1) + " " + some.index(2) + "))";
            case 5 -> "(table.fill $w" + i + " " + some.index(SLOTS) + " " + of(i, 1) + " (i32.const 1))";
            case 6 -> "(table.set $t (i32.const 0) (global.get $n" + i + "))";
            default -> "(local.set $r (global.get $" + some.pick("n", "r") + i + "))";
        };
    }

    /** A number that depends on whether the global is null. */
    String condition() {
        return "(ref.is_null (global.get $n" + any() + "))";
    }
}
