package org.sallyport.itests.support.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** What the pieces of a random module share: chances, its functions, and the function that is being written. */
final class Draft {
    static final List<String> SCALARS = List.of("i32", "i64", "f32", "f64");
    /** Loops within each other that a function may have. */
    static final int COUNTERS = 3;

    /** A branch target. {@code again} is what must hold for a branch back to a loop; empty for a block. */
    record Label(String name, List<String> types, String again, boolean catches) {
        Label(String name, List<String> types) {
            this(name, types, "", false);
        }
    }

    /** A loop around; {@code up} if its counter goes from 0 on and stays below 8. */
    record Loop(String counter, boolean up) {}

    final Random random;
    final Set<Topic> topics;
    /** Function {@code $f<i>} has type {@code $t<i>}. */
    final List<Signature> signatures = new ArrayList<>();
    final List<Piece> pieces = new ArrayList<>();
    /** Of locals, globals, parameters; what is to be seen often stands there several times. */
    final List<String> types = new ArrayList<>();
    /** The global {@code $g<i>} is of the type {@code i}. */
    final List<String> globals = new ArrayList<>();
    /** Whether much traps: then what comes of the values matters less than that the traps are not lost. */
    boolean daring;
    /** The functions that the module being written may refer to. */
    int firstFunction;
    int functions;
    private int names;

    // ---- the function being written

    /** Parameters and locals that may be read and written. */
    final List<String> locals = new ArrayList<>();
    final List<Label> labels = new ArrayList<>();
    final List<Loop> loops = new ArrayList<>();
    Signature current = Signature.NONE;
    /** The first function that this one calls often. */
    int next;
    /** Statements that the function may still have; expressions stay short when it is used up. */
    int budget;

    Draft(Random random, Set<Topic> topics) {
        this.random = random;
        this.topics = topics;
    }

    boolean has(Topic topic) {
        return topics.contains(topic);
    }

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    /** For what traps. */
    boolean seldom(int times) {
        return oneIn(daring ? Math.max(2, times / 50) : times);
    }

    String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** One of the functions that may be referred to. */
    int anyFunction() {
        return firstFunction + random.nextInt(functions - firstFunction);
    }

    String name(String prefix) {
        return "$" + prefix + names++;
    }

    List<String> types(int below) {
        List<String> some = new ArrayList<>();
        for (int i = random.nextInt(below); i > 0; i--) {
            some.add(any(types));
        }
        return some;
    }

    static String i32(int value) {
        return "(i32.const " + value + ")";
    }
}
