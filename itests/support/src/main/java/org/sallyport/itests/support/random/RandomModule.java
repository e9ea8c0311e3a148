package org.sallyport.itests.support.random;

import static org.sallyport.itests.support.random.Draft.i32;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Text of a random valid module, or of two that are linked, of the topics of a {@link Family}: functions of random types that
 * call each other, and all that the topics have. Every call ends: functions use up the global {@code fuel} and return at once
 * when there is none, loops count. In five of six modules most calls end without a trap. The same seed and family give the same
 * text.
 *
 * <p>The main module exports for each function {@code i}: {@code e<i>}, which fills the fuel, calls it and digests its results;
 * {@code n<i>}, the same with what fuel there is; and, where all its parameters and results are numbers, {@code d<i>}, the
 * function of its own type, with full fuel. {@code e} and {@code n} have the type {@link #ENTRY}. {@code state}, of no
 * parameters, digests globals, memories and tables. Tags are exported as {@code x<i>}.
 */
public final class RandomModule {
    /** What {@code e<i>} and {@code n<i>} take and give. */
    public static final Signature ENTRY = new Signature(List.of("i32", "i64", "f64"), List.of("i64"));

    private static final int FUEL = 30;

    private final long seed;
    private final Draft draft;
    private final Values values;
    private final Memories memories;
    private final Tables tables;
    private final Control control;
    private final @Nullable TypedReferences references;
    private final StringBuilder out = new StringBuilder();
    /** Three of four modules: more of them in the same time. */
    private final boolean small;
    /** Functions from this one on are in the library; there is none if it is the number of functions. */
    private final int library;

    public RandomModule(long seed, Family family) {
        this.seed = seed;
        Random random = new Random(seed * 0x9E37_79B9_7F4A_7C15L + family.ordinal());
        random.nextInt(); // seeds that follow each other begin alike
        draft = new Draft(random, family.draw(random));
        values = new Values(draft);
        memories = new Memories(draft, values);
        tables = new Tables(draft, values);
        references = draft.has(Topic.TYPED_REFERENCES) ? new TypedReferences(draft, values, tables) : null;
        Calls calls = new Calls(draft, values, tables, references);
        control = new Control(draft, values, calls);
        small = !draft.oneIn(4);
        draft.daring = draft.oneIn(6);
        Throws exceptions = draft.has(Topic.EXCEPTIONS) || draft.has(Topic.OLD_EXCEPTIONS)
                ? new Throws(draft, values, control) : null;
        pieces(calls, exceptions);
        draft.pieces.forEach(piece -> {
            for (String type : piece.valueTypes()) {
                draft.types.add(type);
                if (!draft.globals.contains(type)) {
                    draft.globals.add(type);
                }
            }
        });
        int count = 2 + random.nextInt(small ? 3 : 5);
        for (int i = 0; i < count; i++) {
            boolean again = i > 0 && draft.oneIn(3);
            int params = draft.oneIn(12) ? 20 : 5;
            int results = draft.oneIn(12) ? 12 : 4;
            List<String> likeAnother = i > 0 && draft.oneIn(3) ? draft.any(draft.signatures).results() : draft.types(results);
            draft.signatures.add(again ? draft.any(draft.signatures) : new Signature(draft.types(params), likeAnother));
        }
        library = draft.has(Topic.LINKED) ? 1 + random.nextInt(count - 1) : count;
        tables.fill();
        if (exceptions != null) {
            exceptions.fill();
        }
    }

    private void pieces(Calls calls, @Nullable Throws exceptions) {
        Numbers numbers = new Numbers(draft, values);
        draft.pieces.addAll(List.of(numbers, numbers, numbers, memories, tables, calls)); // as often as they are to be seen
        if (references != null) {
            draft.pieces.add(references);
        }
        if (exceptions != null) {
            draft.pieces.add(exceptions);
        }
        if (draft.has(Topic.VECTORS)) {
            draft.pieces.add(new Vectors(draft, values));
        }
        if (draft.has(Topic.OBJECTS)) {
            draft.pieces.add(new Objects(draft, values));
        }
        if (draft.has(Topic.HOST)) {
            draft.pieces.add(new Host(draft, values));
        }
    }

    public long seed() {
        return seed;
    }

    public Set<Topic> topics() {
        return Set.copyOf(draft.topics);
    }

    public List<Signature> signatures() {
        return List.copyOf(draft.signatures);
    }

    private boolean isLinked() {
        return library < draft.signatures.size();
    }

    /** In the order in which they are instantiated: the library, which the main module imports as {@code lib}, if any. */
    public List<String> texts() {
        return isLinked() ? List.of(library(), main()) : List.of(main());
    }

    private List<Piece> distinctPieces() {
        return draft.pieces.stream().distinct().toList();
    }

    private List<Piece.Shared> shared() {
        List<Piece.Shared> all = new ArrayList<>();
        all.add(new Piece.Shared("$fuel", "global", "(mut i32)", i32(0)));
        all.add(new Piece.Shared("$digest", "global", "(mut i64)", "(i64.const 0)"));
        distinctPieces().forEach(piece -> all.addAll(piece.shared()));
        return all;
    }

    // ---- modules

    private String library() {
        begin(library, draft.signatures.size());
        shared().forEach(shared -> out.append(shared.definition()));
        globals(false);
        own();
        for (int i = library; i < draft.signatures.size(); i++) {
            out.append("(export \"f").append(i).append("\" (func $f").append(i).append("))\n");
            function(i);
        }
        if (memories.own) {
            out.append(memories.digesters()).append("(func (export \"state\")\n").append(memories.digest()).append(")\n");
        }
        return out.append(")").toString();
    }

    private String main() {
        begin(0, draft.signatures.size());
        if (isLinked()) {
            imports();
        } else {
            shared().forEach(shared -> out.append(shared.definition()));
        }
        globals(isLinked());
        if (isLinked()) {
            shared().forEach(shared -> out.append(shared.exported()));
        }
        own();
        out.append(tables.segment()).append(memories.digesters());
        for (int i = 0; i < draft.signatures.size(); i++) {
            if (i < library) {
                function(i);
            }
            entries(i);
        }
        state();
        return out.append(")").toString();
    }

    /** Starts a module whose code may name these functions. */
    private void begin(int first, int end) {
        out.setLength(0);
        draft.firstFunction = first;
        draft.functions = end;
        out.append("(module\n");
        distinctPieces().forEach(piece -> out.append(piece.types()));
        for (int i = 0; i < draft.signatures.size(); i++) {
            out.append("(type $t").append(i).append(" (func").append(draft.signatures.get(i).text()).append("))\n");
        }
        distinctPieces().forEach(piece -> out.append(piece.imports()));
    }

    private void imports() {
        shared().forEach(shared -> out.append(shared.imported()));
        for (int i = 0; i < draft.globals.size(); i++) {
            out.append(global(i).imported());
        }
        for (int i = library; i < draft.signatures.size(); i++) {
            out.append("(import \"lib\" \"f").append(i).append("\" (func $f").append(i).append(" (type $t").append(i)
                    .append(")))\n");
        }
        if (memories.own) {
            out.append("(import \"lib\" \"state\" (func $libstate))\n");
        }
    }

    private Piece.Shared global(int i) {
        return new Piece.Shared("$g" + i, "global", "(mut " + draft.globals.get(i) + ")", "");
    }

    /** @param imported whether they are there already and only the module's own constants are missing */
    private void globals(boolean imported) {
        for (int i = 0; i < draft.globals.size() && !imported; i++) {
            Piece.Shared global = global(i);
            String type = draft.globals.get(i);
            out.append(new Piece.Shared(global.name(), global.kind(), global.type(), values.constant(type)).definition());
        }
        out.append("(global $constant i32 (i32.const 65536))\n");
    }

    private void own() {
        distinctPieces().forEach(piece -> out.append(piece.own()));
    }

    // ---- functions

    private void entries(int i) {
        Signature type = draft.signatures.get(i);
        scope(ENTRY);
        out.append("(func $n").append(i).append(" (export \"n").append(i).append("\")").append(ENTRY.text())
                .append(scratch()).append(" (local $before i64)\n")
                .append("(local.set $before (global.get $digest)) (global.set $digest (i64.const 0))\n")
                .append(leaves(type.params())).append("(call $f").append(i).append(")"); // no call back before fuel is used
        for (String result : type.results().reversed()) {
            String digester = values.digester(result);
            out.append(digester == null ? " drop" : " (call " + digester + ")");
        }
        out.append("\n(global.get $digest) (global.set $digest (local.get $before)))\n");
        String fill = " (global.set $fuel " + i32(FUEL) + ")";
        out.append("(func (export \"e").append(i).append("\")").append(ENTRY.text()).append(fill)
                .append(" (call $n").append(i).append(" (local.get 0) (local.get 1) (local.get 2)))\n");
        if (type.isNumeric()) {
            out.append("(func (export \"d").append(i).append("\") (type $t").append(i).append(")").append(fill);
            for (int k = 0; k < type.params().size(); k++) {
                out.append(" (local.get ").append(k).append(")");
            }
            out.append(" (call $f").append(i).append("))\n");
        }
    }

    private String leaves(List<String> types) {
        StringBuilder all = new StringBuilder();
        types.forEach(type -> all.append(values.leaf(type)).append(' '));
        return all.toString();
    }

    private void scope(Signature type) {
        draft.locals.clear();
        draft.labels.clear();
        draft.loops.clear();
        draft.locals.addAll(type.params());
        draft.current = type;
        draft.next = draft.functions - 1;
        draft.budget = 1;
    }

    /** Locals that have names, after all others. */
    private String scratch() {
        return " (local $c0 i32) (local $c1 i32) (local $c2 i32) (local $s32 f32) (local $s64 f64)"
                + (draft.has(Topic.VECTORS) ? " (local $s128 v128)" : "") + (references != null ? references.locals() : "");
    }

    private void function(int i) {
        Signature type = draft.signatures.get(i);
        scope(type);
        draft.next = Math.min(i + 1, draft.functions - 1);
        out.append("(func $f").append(i).append(" (type $t").append(i).append(")");
        for (int locals = draft.random.nextInt(draft.oneIn(16) ? 40 : 8) + 4; locals > 0; locals--) {
            String local = draft.any(draft.types);
            draft.locals.add(local);
            out.append(" (local ").append(local).append(")");
        }
        out.append(scratch()).append("\n(if (i32.lt_s (global.get $fuel) (i32.const 1)) (then ");
        type.results().forEach(result -> out.append(values.constant(result)));
        out.append(" return)) (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))\n");
        double size = draft.random.nextDouble();
        draft.budget = small ? 3 + draft.random.nextInt(12) : 8 + (int) (size * size * (draft.oneIn(20) ? 200 : 80));
        out.append(control.statements(6, 4));
        draft.budget = Math.max(draft.budget, small ? 1 : 12);
        String tail = draft.oneIn(3) ? control.tail() : null;
        out.append(tail != null ? tail : values.all(type.results(), small ? 2 : 3)).append(")\n");
    }

    private void state() {
        out.append("(func (export \"state\") (result i64) (global.set $digest (i64.const 0))\n")
                .append("(call $d_i32 (global.get $fuel))\n");
        for (int i = 0; i < draft.globals.size(); i++) {
            String digester = values.digester(draft.globals.get(i));
            if (digester != null) {
                out.append("(call ").append(digester).append(" (global.get $g").append(i).append("))\n");
            }
        }
        distinctPieces().forEach(piece -> out.append(piece.digest()));
        if (isLinked() && memories.own) {
            out.append("(call $libstate)\n");
        }
        out.append("(global.get $digest))\n");
    }
}
