package org.sallyport.itests.real;

import static org.sallyport.itests.real.RandomExpressions.TABLE;
import static org.sallyport.itests.real.RandomExpressions.TYPES;
import static org.sallyport.itests.real.RandomExpressions.clean;
import static org.sallyport.itests.real.RandomExpressions.i32;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sallyport.itests.real.RandomExpressions.Loop;

/**
 * Text of a random valid module, or of two that are linked: several functions of random types that call each other,
 * directly and through tables with holes and wrong types, blocks, conditions and loops with parameters and several
 * results, loops that go on from their midst, branch tables, memory and bulk instructions up to the memory's end,
 * references, mutable globals: all scalar instructions of WebAssembly 2.0, tail calls to whatever has the same results, and
 * in every other module typed references. Every call ends: functions use up the
 * global {@code fuel} and return at once when there is none, loops count. In five of six modules most calls end
 * without a trap. Bits of a NaN, which the specification leaves open, reach no memory, integer or sign.
 *
 * <p>One in three calls functions of the host. One in three is two: a library with the last functions, whose table,
 * globals and, half of the time, memory the main module imports and exports again; each calls the other through the
 * table.
 */
final class RandomModule {
    private static final int FUEL = 30;
    private static final int COUNTERS = 3;

    /** Parameter and result types, as indices of {@link RandomExpressions#TYPES}. */
    record Signature(int[] params, int[] results) {
        String text() {
            return list("param", params) + list("result", results);
        }

        private static String list(String what, int[] types) {
            return types.length == 0 ? "" : Arrays.stream(types).mapToObj(TYPES::get)
                    .collect(Collectors.joining(" ", " (" + what + " ", ")"));
        }
    }

    /** A branch target. {@code again} is what must hold for a branch back to a loop; empty for a block. */
    private record Label(String name, int[] types, String again) {}

    private final Random random;
    private final RandomExpressions some;
    private final List<Signature> signatures = new ArrayList<>();
    /** Functions in the table, from slot 1 on; the last slot stays null like the first. */
    private final int[] elements = new int[TABLE - 2];
    private final StringBuilder out = new StringBuilder();
    private final List<Label> labels = new ArrayList<>();
    private final List<Integer> locals;
    /** Three of four modules: more of them in the same time. */
    private final boolean small;
    /** Functions from this one on are in the library; there is none if it is the number of functions. */
    private final int library;
    private final boolean tailCalls;
    /** Null in every other module. */
    private final @Nullable RandomReferences references;
    /** Whether the library has a memory of its own. */
    private final boolean ownMemory;
    private int firstCounter;
    private int names;
    /** The first function that the one being written calls often. */
    private int function;
    private Signature current = new Signature(new int[0], new int[0]);

    RandomModule(long seed) {
        this(seed, true);
    }

    /** @param tailCalls whether there are any, or each is a call and a return: few follow each other, so the stack suffices */
    RandomModule(long seed, boolean tailCalls) {
        this.tailCalls = tailCalls;
        random = new Random(seed * 0x9E37_79B9_7F4A_7C15L + 1);
        some = new RandomExpressions(random);
        locals = some.locals;
        small = !some.oneIn(4);
        some.daring = some.oneIn(6);
        int count = 2 + random.nextInt(small ? 3 : 5);
        for (int i = 0; i < count; i++) {
            boolean again = i > 0 && some.oneIn(3);
            int params = some.oneIn(12) ? 20 : 5;
            int results = some.oneIn(12) ? 12 : 4;
            int[] likeAnother = i > 0 && some.oneIn(3) ? signatures.get(random.nextInt(i)).results : types(results);
            signatures.add(again ? signatures.get(random.nextInt(i)) : new Signature(types(params), likeAnother));
        }
        some.hosts = some.oneIn(3);
        library = some.oneIn(3) ? 1 + random.nextInt(count - 1) : count;
        ownMemory = random.nextBoolean();
        references = some.oneIn(2) ? new RandomReferences(random, some) : null;
        Arrays.setAll(elements, _ -> random.nextInt(count));
    }

    /** Function {@code i} is exported as {@code e<i>}; global {@code i} as {@code g<i>}, the memory as {@code m}. */
    List<Signature> signatures() {
        return signatures;
    }

    boolean isLinked() {
        return library < signatures.size();
    }

    boolean hasTypedReferences() {
        return references != null;
    }

    /** Whether the library's memory {@code m} is another one. */
    boolean hasTwoMemories() {
        return isLinked() && ownMemory;
    }

    /** The modules in the order in which they are instantiated: the library, called {@code lib}, and the main one. */
    List<String> texts() {
        return isLinked() ? List.of(library(), main()) : List.of(main());
    }

    private String library() {
        begin(library, signatures.size());
        table(" (export \"t\")");
        out.append("(memory (export \"m\") 1 3) (global $fuel (export \"fuel\") (mut i32) (i32.const 0))\n");
        globals();
        contents();
        for (int i = library; i < signatures.size(); i++) {
            out.append("(export \"f").append(i).append("\" (func $f").append(i).append("))\n");
            body(i);
        }
        return out.append(")").toString();
    }

    private String main() {
        begin(0, signatures.size());
        if (isLinked()) {
            imports();
            out.append("(table $u 4 7 funcref)\n");
        } else {
            table("");
            out.append("(global $fuel (mut i32) (i32.const 0)) (memory (export \"m\") 1 3)\n");
            globals();
        }
        out.append("(elem (table $t) (i32.const 1) func");
        for (int element : elements) {
            out.append(" $f").append(element);
        }
        out.append(")");
        contents();
        for (int i = 0; i < signatures.size(); i++) {
            entry(i);
            if (i < library) {
                body(i);
            }
        }
        return out.append(")").toString();
    }

    /** Starts a module whose code may name these functions. */
    private void begin(int first, int end) {
        out.setLength(0);
        some.firstFunction = first;
        some.functions = end;
        out.append("(module\n");
        for (int i = 0; i < signatures.size(); i++) {
            out.append("(type $t").append(i).append(" (func").append(signatures.get(i).text()).append("))\n");
        }
        if (some.hosts) {
            out.append("""
                    (import "host" "h0" (func $h0 (param i32 i32) (result i32)))
                    (import "host" "h1" (func $h1 (param i64) (result i64)))
                    (import "host" "h2" (func $h2 (param f64 f32) (result f64)))
                    """);
        }
    }

    private void imports() {
        out.append("(import \"lib\" \"fuel\" (global $fuel (mut i32))) (import \"lib\" \"t\" (table $t ")
                .append(TABLE).append(' ').append(TABLE + 2).append(" funcref))\n");
        for (int t = 0; t < TYPES.size(); t++) {
            out.append("(import \"lib\" \"g").append(t).append("\" (global $g").append(t).append(" (mut ")
                    .append(TYPES.get(t)).append(")))\n");
        }
        for (int i = library; i < signatures.size(); i++) {
            out.append("(import \"lib\" \"f").append(i).append("\" (func $f").append(i).append(" (type $t").append(i)
                    .append(")))\n");
        }
        out.append(ownMemory ? "(memory 1 3)" : "(import \"lib\" \"m\" (memory 1 3))").append(" (export \"m\" (memory 0))\n");
        for (int t = 0; t < TYPES.size(); t++) {
            out.append("(export \"g").append(t).append("\" (global $g").append(t).append("))\n");
        }
    }

    private void globals() {
        for (int t = 0; t < TYPES.size(); t++) {
            out.append("(global $g").append(t).append(" (export \"g").append(t).append("\") (mut ").append(TYPES.get(t))
                    .append(") ").append(some.constant(t)).append(")\n");
        }
    }

    private void table(String export) {
        out.append("(table $t").append(export).append(' ').append(TABLE).append(' ').append(TABLE + 2)
                .append(" funcref) (table $u 4 7 funcref)\n");
    }

    /** What every module has of its own. */
    private void contents() {
        int first = some.firstFunction;
        int second = Math.min(first + 1, some.functions - 1);
        out.append("(global $c i32 (i32.const 65536))\n"
                + "(data (i32.const 8) \"sallyport\\ff\\80\\7f\") (data $p \"passive\") (data $d \"dropped\")\n(elem $e funcref")
                .append(" (ref.func $f").append(second).append(")");
        for (int i = first; i < some.functions; i++) {
            out.append(" (ref.func $f").append(i).append(")");
        }
        out.append(") (elem $g func $f").append(first).append(" $f").append(second).append("""
                )
                (func $q32 (param f32) (result f32)
                  (select (local.get 0) (f32.const 3) (f32.eq (local.get 0) (local.get 0))))
                (func $q64 (param f64) (result f64)
                  (select (local.get 0) (f64.const 3) (f64.eq (local.get 0) (local.get 0))))
                """);
        if (references != null) {
            out.append(references.declarations());
        }
    }

    /** The way in from the host. */
    private void entry(int index) {
        Signature type = signatures.get(index);
        out.append("(func (export \"e").append(index).append("\") (type $t").append(index)
                .append(") (global.set $fuel ").append(i32(FUEL)).append(")");
        for (int i = 0; i < type.params.length; i++) {
            out.append(" (local.get ").append(i).append(")");
        }
        out.append(" (call $f").append(index).append("))\n");
    }

    private void body(int index) {
        function = Math.min(index + 1, signatures.size() - 1);
        current = signatures.get(index);
        out.append("(func $f").append(index).append(" (type $t").append(index).append(")");
        declareLocals();
        out.append("\n(if (i32.lt_s (global.get $fuel) (i32.const 1)) (then ");
        for (int t : current.results) {
            out.append(some.constant(t));
        }
        out.append(" return)) (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))\n");
        double size = random.nextDouble();
        some.budget = small ? 3 + random.nextInt(12) : 8 + (int) (size * size * (some.oneIn(20) ? 200 : 80));
        statements(6, 4);
        some.budget = Math.max(some.budget, small ? 1 : 12);
        if (!some.oneIn(3) || !tailCall()) {
            values(current.results, small ? 2 : 3);
        }
        out.append(")\n");
    }

    private void declareLocals() {
        locals.clear();
        labels.clear();
        Arrays.stream(current.params).forEach(locals::add);
        for (int i = random.nextInt(some.oneIn(16) ? 40 : 8) + 4; i > 0; i--) {
            int t = random.nextInt(TYPES.size());
            locals.add(t);
            out.append(" (local ").append(TYPES.get(t)).append(")");
        }
        firstCounter = locals.size();
        out.append(" (local i32)".repeat(COUNTERS)).append(" (local $r funcref)");
        if (references != null) {
            out.append(references.locals());
        }
    }

    // ---- statements

    private void statements(int max, int depth) {
        for (int i = 1 + random.nextInt(max); i > 0 && some.budget > 0; i--) {
            statement(depth);
            out.append('\n');
        }
    }

    private void statement(int depth) {
        some.budget--;
        switch (random.nextInt(depth > 0 ? 24 : 11)) {
            case 0, 1, 2 -> {
                int local = random.nextInt(locals.size());
                out.append("(local.set ").append(local).append(' ')
                        .append(some.value(locals.get(local), 4)).append(")");
            }
            case 3, 4 -> store();
            case 5 -> {
                int t = random.nextInt(TYPES.size());
                out.append("(global.set $g").append(t).append(' ').append(some.value(t, 3)).append(")");
            }
            case 6, 7 -> branch();
            case 8 -> out.append(random.nextBoolean() ? memory()
                    : references != null && random.nextBoolean() ? references.statement() : tables());
            case 9 -> out.append("(drop ").append(some.value(random.nextInt(4), 3)).append(")");
            case 10 -> leave();
            case 11, 12, 13 -> condition(depth);
            case 14, 15 -> block(depth);
            case 16, 17, 18 -> loop(depth);
            case 19 -> table(depth);
            default -> call();
        }
    }

    private void store() {
        int t = random.nextInt(TYPES.size());
        String op = switch (t) {
            case 0 -> some.pick("i32.store", "i32.store8", "i32.store16");
            case 1 -> some.pick("i64.store", "i64.store8", "i64.store16", "i64.store32");
            default -> TYPES.get(t) + ".store";
        };
        out.append("(").append(op).append(some.offset()).append(some.address()).append(' ')
                .append(clean(t, some.value(t, 3))).append(")");
    }

    /** Seldom a return or a trap, most often neither. */
    private void leave() {
        switch (random.nextInt(16)) {
            case 0 -> {
                out.append("(if ").append(some.value(0, 2)).append(" (then ");
                if (!random.nextBoolean() || !tailCall()) {
                    values(current.results, 2);
                    out.append("return");
                }
                out.append("))");
            }
            case 1 -> out.append("(if (i32.eq ").append(some.value(0, 2)).append(' ').append(some.constant(0))
                    .append(") (then unreachable))");
            case 2 -> out.append("nop");
            default -> store();
        }
    }

    private void branch() {
        if (labels.isEmpty()) {
            leave();
            return;
        }
        Label label = labels.get(random.nextInt(labels.size()));
        values(label.types, 2);
        String test = some.value(0, 3);
        String condition = label.again.isEmpty() ? test
                : some.oneIn(3) ? label.again : "(i32.and (i32.ne " + test + " (i32.const 0)) " + label.again + ")";
        out.append("(br_if ").append(label.name).append(' ').append(condition).append(")");
        out.append(" drop".repeat(label.types.length));
        if (label.again.isEmpty() && some.oneIn(6)) {
            out.append(' ');
            values(label.types, 1);
            out.append("(br ").append(label.name).append(")");
        }
    }

    private String memory() {
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> "(memory.fill " + some.address() + " " + some.value(0, 1) + " " + some.length() + ")";
            case 3, 4, 5, 6 -> "(memory.copy " + some.address() + " " + some.address() + " " + some.length() + ")";
            case 7 -> "(memory.init $p " + some.address() + " (i32.const 2) (i32.const 5))";
            case 8 -> "(memory.init $d " + some.address() + " (i32.const 0) " + i32(some.oneIn(12) ? 7 : 0) + ")";
            case 9 -> "(data.drop $d)";
            default -> "(drop (memory.grow (i32.and " + some.value(0, 2) + " (i32.const 1))))";
        };
    }

    private String tables() {
        return switch (random.nextInt(10)) {
            case 0 -> "(table.set $t " + (some.oneIn(8) ? some.index(TABLE) : some.pick(i32(0), i32(TABLE - 1))) + " "
                    + some.reference(1) + ")";
            case 1 -> "(table.set $u " + some.index(4) + " " + some.reference(1) + ")";
            case 2 -> "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const " + random.nextInt(2) + "))";
            case 3 -> "(table.copy $u $t " + some.index(2) + " " + some.index(TABLE - 2) + " (i32.const 2))";
            case 4 -> "(table.init $u $e " + some.index(3) + " (i32.const 0) (i32.const 2))";
            case 5 -> "(table.init $u $g " + some.index(3) + " (i32.const 0) " + i32(some.oneIn(12) ? 1 : 0) + ")";
            case 6 -> "(elem.drop $g)";
            case 7 -> "(table.fill $u " + some.index(3) + " " + some.reference(1) + " (i32.const 2))";
            case 8 -> "(global.set $g0 (table.grow $u " + some.reference(1) + " " + some.index(2) + "))";
            default -> "(local.set $r " + some.reference(2) + ")";
        };
    }

    // ---- control

    private String newName() {
        return "$l" + names++;
    }

    /** What is in a block, condition's arm or loop: takes the parameters, leaves the label's types. */
    private void body(int[] params, Label label, int[] results, int depth) {
        take(params);
        labels.add(label);
        statements(3, depth - 1);
        values(results, 2);
        labels.removeLast();
    }

    /** A block with parameters and results, whose results go to locals or nowhere. */
    private void block(int depth) {
        Signature type = new Signature(types(3), types(3));
        Label label = new Label(newName(), type.results, "");
        values(type.params, 2);
        out.append("(block ").append(label.name).append(type.text()).append(' ');
        body(type.params, label, type.results, depth);
        out.append(")");
        take(type.results);
    }

    private void condition(int depth) {
        if (some.oneIn(10)) { // what it computes is for nothing, unless it traps
            out.append("(if ").append(some.value(0, 3)).append(" (then))");
            return;
        }
        boolean plain = random.nextBoolean();
        Signature type = plain ? new Signature(new int[0], new int[0]) : new Signature(types(3), types(3));
        Label label = new Label(newName(), type.results, "");
        values(type.params, 2);
        out.append("(if ").append(label.name).append(type.text()).append(' ')
                .append(some.value(0, 3)).append(" (then ");
        body(type.params, label, type.results, depth);
        out.append(")");
        if (!plain || random.nextBoolean()) {
            out.append(" (else ");
            body(type.params, label, type.results, depth);
            out.append(")");
        }
        out.append(")");
        take(type.results);
    }

    /** Values that are carried around the loop on the stack, and a counter that goes up or down. */
    private void loop(int depth) {
        if (some.loops.size() == COUNTERS) {
            store();
            return;
        }
        int counter = firstCounter + some.loops.size();
        int[] carried = types(3);
        int times = 1 + random.nextInt(5);
        boolean up = random.nextBoolean();
        String again = up
                ? "(i32.lt_" + some.pick("s", "u") + " (local.tee " + counter + " (i32.add (local.get " + counter
                        + ") (i32.const 1))) " + (some.oneIn(3) ? "(i32.and " + some.value(0, 1) + " (i32.const 7))"
                        : i32(times)) + ")"
                : "(i32.gt_s (local.tee " + counter + " (i32.sub (local.get " + counter
                        + ") (i32.const 1))) (i32.const 0))";
        values(carried, 2);
        out.append("(local.set ").append(counter).append(' ').append(i32(up ? 0 : times)).append(")");
        Label label = new Label(newName(), carried, again);
        out.append("(loop ").append(label.name).append(new Signature(carried, carried).text()).append(' ');
        some.loops.add(new Loop(counter, up));
        body(carried, label, carried, depth);
        out.append("(br_if ").append(label.name).append(' ').append(again).append("))");
        some.loops.removeLast();
        take(carried);
    }

    private void table(int depth) {
        int cases = 1 + random.nextInt(some.oneIn(8) ? 16 : 5);
        int[] types = types(2);
        int first = names;
        names += cases + 1;
        String results = new Signature(new int[0], types).text();
        for (int i = cases; i >= 0; i--) {
            out.append("(block $l").append(first + i).append(results).append(' ');
        }
        values(types, 2);
        out.append("(br_table");
        for (int i = 0; i <= cases; i++) {
            out.append(" $l").append(first + random.nextInt(cases + 1));
        }
        String selector = some.value(0, 3);
        out.append(random.nextBoolean() ? selector : "(i32.and " + selector + " (i32.const 7))").append(")");
        for (int i = 0; i <= cases; i++) {
            out.append(")");
            take(types);
            statements(2, depth - 1);
            if (i < cases) {
                values(types, 1);
            }
        }
    }

    private void call() {
        int index = some.oneIn(10) ? some.firstFunction + random.nextInt(signatures.size() - some.firstFunction)
                : function + random.nextInt(signatures.size() - function); // most often a later one: less recursion
        Signature type = signatures.get(index);
        values(type.params, 2);
        call(index, "(");
        take(type.results);
    }

    /** @param begin the parenthesis, and the prefix that makes it a tail call */
    private void call(int index, String begin) {
        if (references != null && some.oneIn(3)) {
            out.append(begin).append("call_ref $t").append(index).append(' ').append(references.callee(index)).append(")");
        } else if (some.oneIn(3)) {
            slot(index, begin);
        } else {
            out.append(begin).append("call $f").append(index).append(")");
        }
    }

    /** A tail call of a function with the same results; false if none is found. */
    private boolean tailCall() {
        String begin = tailCalls ? "(return_" : "(";
        if (!tailCall(begin)) {
            return false;
        }
        out.append(tailCalls ? "" : " return");
        return true;
    }

    private boolean tailCall(String begin) {
        for (int tries = 0; tries < 4; tries++) {
            int index = some.firstFunction + random.nextInt(signatures.size() - some.firstFunction);
            Signature type = signatures.get(index);
            if (Arrays.equals(type.results, current.results)) {
                values(type.params, 2);
                call(index, begin);
                return true;
            }
        }
        if (!some.hosts || current.results.length != 1) {
            return false;
        }
        switch (current.results[0]) {
            case 0 -> out.append(begin).append("call $h0 ").append(some.value(0, 2)).append(some.value(0, 2)).append(")");
            case 1 -> out.append(begin).append("call $h1 ").append(some.value(1, 2)).append(")");
            case 3 -> out.append(begin).append("call $h2 ").append(some.value(3, 2)).append(some.value(2, 2)).append(")");
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Calls through a slot that, most often, holds a function of the right type. */
    private void slot(int index, String begin) {
        int at = -1;
        for (int i = 0; i < elements.length; i++) {
            if (elements[i] == index) {
                at = i + 1;
            }
        }
        if (at < 0 && !some.oneIn(40)) {
            out.append(begin).append("call $f").append(index).append(")");
            return;
        }
        String any = some.value(0, 2);
        String slot = at < 0 || some.oneIn(100) ? some.pick(i32(random.nextInt(TABLE + 1)), any)
                : random.nextBoolean() ? i32(at)
                : "(i32.or (i32.and " + any + " (i32.const 0)) " + i32(at) + ")";
        out.append(begin).append("call_indirect ").append(some.oneIn(100) ? "$u" : "$t").append(" (type $t").append(index)
                .append(") ").append(slot).append(")");
    }

    // ---- several values

    private int[] types(int below) {
        return random.ints(random.nextInt(below), 0, TYPES.size()).toArray();
    }

    /** Takes values from the stack, the last first. */
    private void take(int[] types) {
        for (int i = types.length - 1; i >= 0; i--) {
            int local = random.nextInt(locals.size());
            if (locals.get(local) == types[i]) {
                out.append(" (local.set ").append(local).append(")");
            } else {
                out.append(random.nextBoolean() ? " (global.set $g" + types[i] + ")" : " drop");
            }
        }
        out.append(' ');
    }

    private void values(int[] types, int depth) {
        for (int type : types) {
            out.append(some.value(type, depth)).append(' ');
        }
    }
}
