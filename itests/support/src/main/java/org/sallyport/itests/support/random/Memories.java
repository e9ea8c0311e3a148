package org.sallyport.itests.support.random;

import static org.sallyport.itests.support.random.Draft.i32;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Immediates;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;

/**
 * Memories {@code $m<i>} of one to three pages, with all their instructions: loads and stores of all kinds, atomic ones, those of
 * vectors, bulk instructions. Most addresses are kept in range, some stand at the memory's end.
 */
final class Memories implements Piece {
    private static final String PAGES = " 1 3";
    private static final int LIMIT = 1023;

    /** @param wide whether it has addresses of 64 bits */
    private record Memory(String name, boolean wide, boolean shared) {
        String addresses() {
            return wide ? "i64" : "i32";
        }
    }

    private final Draft draft;
    private final Values values;
    private final List<Memory> memories = new ArrayList<>();
    private final Map<String, List<Opcode>> loads = new HashMap<>();
    private final List<Opcode> stores = new ArrayList<>();
    /** Whether the library has memories of its own. */
    final boolean own;

    Memories(Draft draft, Values values) {
        this.draft = draft;
        this.values = values;
        own = draft.random.nextBoolean();
        for (int i = draft.has(Topic.MULTI_MEMORY) ? 1 + draft.random.nextInt(3) : 1; i > 0; i--) {
            memories.add(new Memory("$m" + memories.size(), draft.has(Topic.MEMORY64) && !draft.oneIn(3),
                    draft.has(Topic.ATOMICS) && draft.random.nextBoolean()));
        }
        for (Opcode op : Opcode.values()) {
            boolean here = op.feature() == null || op.feature() == Feature.SIMD && draft.has(Topic.VECTORS)
                    || op.feature() == Feature.THREADS && draft.has(Topic.ATOMICS);
            if (here && op.effect() instanceof Effect.Access access) {
                (access.pushes().length == 0 ? stores
                        : loads.computeIfAbsent(access.pushes()[0].toString(), _ -> new ArrayList<>())).add(op);
            }
        }
    }

    @Override
    public List<Shared> shared() {
        return own ? List.of() : definitions();
    }

    private List<Shared> definitions() {
        return memories.stream().map(memory -> new Shared(memory.name, "memory",
                (memory.wide ? "i64" : "") + PAGES + (memory.shared ? " shared" : ""), "")).toList();
    }

    /** Those that are not shared with the other module, and what stands in one. */
    @Override
    public String own() {
        StringBuilder out = new StringBuilder();
        if (own) {
            definitions().forEach(memory -> out.append(memory.definition()));
        }
        for (Memory memory : memories) {
            out.append("(data (memory ").append(memory.name).append(") (offset (").append(memory.addresses())
                    .append(".const 8)) \"sallyport\\ff\\80\\7f\")\n");
        }
        return out.append("(data $p \"passive\") (data $d \"dropped\")\n").toString();
    }

    private String constant(Memory memory, long value) {
        return "(" + memory.addresses() + ".const " + value + ")";
    }

    /** The number as one of the memory's addresses. */
    private String widened(Memory memory, String number) {
        return memory.wide ? "(i64.extend_i32_u " + number + ")" : number;
    }

    private String size(Memory memory) {
        return "(memory.size " + memory.name + ")";
    }

    private String address(Memory memory) {
        if (draft.seldom(500)) {
            return values.value(memory.addresses(), 2);
        }
        if (draft.oneIn(40)) { // the memory's end
            int before = draft.seldom(8) ? draft.random.nextInt(300) : 16 + 255 + draft.random.nextInt(100);
            String type = memory.addresses();
            return "(" + type + ".sub (" + type + ".shl " + size(memory) + " (" + type + ".const 16)) "
                    + constant(memory, before) + ")";
        }
        return switch (draft.random.nextInt(12)) {
            case 0 -> constant(memory, draft.random.nextInt(LIMIT));
            case 1 -> widened(memory, "(i32.shl (i32.and " + values.value("i32", 2) + " (i32.const 127)) (i32.const 3))");
            case 2, 3 -> {
                Draft.Loop loop = draft.loops.isEmpty() ? new Draft.Loop("", false) : draft.loops.getLast();
                yield loop.up()
                        ? widened(memory, "(i32.add " + masked(1, LIMIT) + " (i32.shl (local.get " + loop.counter()
                                + ") (i32.const " + draft.random.nextInt(4) + ")))")
                        : widened(memory, masked(2, LIMIT));
            }
            case 4 -> memory.wide ? "(i64.and " + values.value("i64", 2) + " (i64.const 1023))" : masked(1, LIMIT);
            default -> widened(memory, masked(2, LIMIT));
        };
    }

    private String masked(int depth, int mask) {
        return "(i32.and " + values.value("i32", depth) + " " + i32(mask) + ")";
    }

    private String offset(Memory memory) {
        if (draft.seldom(2000)) {
            return draft.pick("65536", "131068", "2147483647", "4294967295", memory.wide ? "1099511627776" : "3000000000");
        }
        return draft.pick("0", "0", "1", "4", "8", "16", "60", "255");
    }

    /** Memory, offset and alignment. */
    private String argument(Memory memory, int bytes) {
        return (memory.name.equals("$m0") && draft.random.nextBoolean() ? " " : " " + memory.name + " ") + "offset="
                + offset(memory) + (draft.oneIn(12) ? " align=" + (1 << draft.random.nextInt(Integer.numberOfTrailingZeros(bytes)
                        + 1)) : "");
    }

    // ---- loads and stores

    @Override
    public @Nullable String value(String type, int depth) {
        List<Opcode> ops = loads.get(type);
        if (type.equals("i32") && draft.oneIn(20)) {
            Memory memory = draft.any(memories);
            return memory.wide ? "(i32.wrap_i64 " + size(memory) + ")" : size(memory);
        }
        return ops == null ? null : access(draft.any(ops), depth);
    }

    private String access(Opcode op, int depth) {
        Memory memory = draft.any(memories);
        boolean waits = op == Opcode.MEMORY_ATOMIC_WAIT32 || op == Opcode.MEMORY_ATOMIC_WAIT64;
        if (waits && !memory.shared && !draft.seldom(100)) {
            return i32(1);
        }
        Effect.Access access = (Effect.Access) op.effect();
        StringBuilder out = new StringBuilder("(").append(op.text());
        if (op.isAtomic()) {
            out.append(' ').append(memory.name).append(" offset=").append(access.bytes() * draft.random.nextInt(9));
        } else {
            out.append(argument(memory, access.bytes()));
        }
        if (op.immediates() == Immediates.MEMARG_LANE) {
            out.append(' ').append(draft.random.nextInt(16 / access.bytes()));
        }
        out.append(' ').append(op.isAtomic() ? aligned(memory, access.bytes()) : address(memory));
        ValType[] operands = access.operands();
        for (int i = 0; i < operands.length; i++) {
            String type = operands[i].toString();
            out.append(' ').append(waits && i == 1 ? "(i64.const " + draft.random.nextInt(2000) + ")"
                    : values.clean(type, values.value(type, depth)));
        }
        return out.append(")").toString();
    }

    private String aligned(Memory memory, int bytes) {
        String address = address(memory);
        return draft.seldom(300) ? address
                : "(" + memory.addresses() + ".and " + address + " " + constant(memory, -bytes) + ")";
    }

    @Override
    public @Nullable String statement(int depth) {
        return switch (draft.random.nextInt(6)) {
            case 0 -> bulk();
            case 1 -> exact();
            case 2 -> draft.has(Topic.ATOMICS) && draft.oneIn(4) ? "(atomic.fence)" : access(draft.any(stores), 3);
            default -> access(draft.any(stores), 3);
        };
    }

    /** The bits of a NaN stay what they are on their way from memory to memory. */
    private String exact() {
        Memory from = draft.any(memories);
        Memory to = draft.any(memories);
        String type = draft.pick("f32", "f64");
        String value = "(" + type + ".load" + argument(from, 4) + " " + address(from) + ")";
        if (draft.random.nextBoolean()) {
            value = "(" + type + "." + draft.pick("neg", "abs") + " " + value + ")";
        }
        return "(" + type + ".store" + argument(to, 4) + " " + address(to) + " " + value + ")";
    }

    // ---- bulk instructions

    /** Most often of up to 63 bytes. */
    private String length(boolean wide) {
        String number = masked(2, 63);
        return wide ? draft.seldom(60) ? values.value("i64", 2) : "(i64.extend_i32_u " + number + ")"
                : draft.seldom(60) ? values.value("i32", 2) : number;
    }

    private String bulk() {
        Memory memory = draft.any(memories);
        String name = memory.name + " ";
        return switch (draft.random.nextInt(12)) {
            case 0, 1, 2 -> "(memory.fill " + name + address(memory) + " " + values.value("i32", 1) + " " + length(memory.wide)
                    + ")";
            case 3, 4, 5, 6 -> {
                Memory from = draft.any(memories);
                yield "(memory.copy " + name + from.name + " " + address(memory) + " " + address(from) + " "
                        + length(memory.wide && from.wide) + ")";
            }
            case 7 -> "(memory.init " + name + "$p " + address(memory) + " (i32.const 2) (i32.const 5))";
            case 8 -> "(memory.init " + name + "$d " + address(memory) + " (i32.const 0) " + i32(draft.oneIn(12) ? 7 : 0) + ")";
            case 9 -> "(data.drop $d)";
            default -> "(drop (memory.grow " + name + widened(memory, masked(2, 1)) + "))";
        };
    }

    // ---- the digest

    @Override
    public String digest() {
        StringBuilder out = new StringBuilder();
        memories.forEach(memory -> out.append("(call $dm_").append(memory.name.substring(1)).append(")\n"));
        return out.toString();
    }

    /** Functions that make the memories part of the digest; other than {@link #own} they stand in one module only. */
    String digesters() {
        StringBuilder out = new StringBuilder();
        for (Memory memory : memories) {
            String type = memory.addresses();
            out.append("""
                    (func $dm_NAME (local $i TYPE) (local $h i64) (local $end TYPE)
                      (local.set $end (TYPE.shl (memory.size $NAME) (TYPE.const 16)))
                      (loop $l
                        (local.set $h (i64.rotl (i64.mul (i64.xor (local.get $h) (i64.load $NAME (local.get $i)))
                          (i64.const 0x9E3779B97F4A7C15)) (i64.const 29)))
                        (br_if $l (TYPE.lt_u (local.tee $i (TYPE.add (local.get $i) (TYPE.const 8))) (local.get $end))))
                      (call $d_i64 (local.get $h)))
                    """.replace("TYPE", type).replace("NAME", memory.name.substring(1)));
        }
        return out.toString();
    }
}
