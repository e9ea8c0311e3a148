package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.sallyport.CompileOptions;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;

/**
 * Writes valid random function bodies that end: every way back to a loop's start counts down a local. Values are made where they
 * are wanted, so that blocks with parameters and results, several results of calls and unreachable code all occur.
 */
final class RandomBody {
    private static final NumType[] TYPES = NumType.values();
    private static final int COUNTER = 0;
    /** Atomic instructions by the type that they give. */
    private static final Map<NumType, List<Opcode>> ATOMICS =
            Map.of(NumType.I32, atomics(NumType.I32), NumType.I64, atomics(NumType.I64));

    private final Random random;
    private final Wasm out = new Wasm();
    private final List<FuncType> types = new ArrayList<>();
    private final List<ValType> locals = new ArrayList<>();
    private final FuncType own;
    private final FuncType imported;
    /** Types that a branch to each open label takes, innermost last; loops are null. */
    private final List<List<ValType>> labels = new ArrayList<>();
    private final List<List<Opcode>> producers = new ArrayList<>();
    private int budget;
    /** Local of the counter of the counted loop that is being written, or -1: nothing else writes it. */
    private int index = -1;

    RandomBody(long seed, int size) {
        random = new Random(seed);
        budget = size;
        own = new FuncType(List.of(NumType.I32, NumType.I32, NumType.I64, NumType.F32, NumType.F64), typeList(2));
        imported = new FuncType(typeList(3), typeList(3));
        typeIndex(own);
        typeIndex(imported);
        locals.addAll(own.params());
        for (int i = random.nextInt(8); i > 0; i--) {
            locals.add(type());
        }
        for (NumType type : TYPES) {
            producers.add(producers(type));
        }
    }

    private static List<Opcode> atomics(NumType type) {
        return Arrays.stream(Opcode.values())
                .filter(o -> o.isAtomic() && o.text().startsWith(type + ".") && !o.text().contains("store"))
                .toList();
    }

    /** Regular instructions with the result type, but memory accesses. */
    private static List<Opcode> producers(NumType type) {
        List<Opcode> list = new ArrayList<>();
        for (Opcode opcode : Opcode.values()) {
            boolean scalar = opcode.text().matches("[if](32|64)\\..*") && !opcode.isAtomic();
            if (scalar && opcode.effect() instanceof Effect.Fixed fixed && fixed.pushes().length == 1
                    && fixed.pushes()[0] == type && !opcode.text().contains("const")
                    && Arrays.stream(fixed.pops()).allMatch(NumType.class::isInstance)) {
                list.add(opcode);
            }
        }
        return list;
    }

    TestModule module(CompileOptions options) {
        labels.add(own.results());
        sequence(8);
        showLocals();
        values(own.results());
        out.op(Opcode.END);
        List<ValType> declared = new ArrayList<>(locals.subList(own.params().size(), locals.size()));
        declared.add(NumType.I32); // counts loops
        return new TestModule(types, 1, 0, declared, out.toBytes(), options);
    }

    /** Stores every local, so that a wrong value is seen. */
    private void showLocals() {
        for (int i = 0; i < locals.size(); i++) {
            out.i32(0x100 + 8 * i).op(Opcode.LOCAL_GET, i);
            out.op(switch ((NumType) locals.get(i)) {
                case I32 -> Opcode.I32_STORE;
                case I64 -> Opcode.I64_STORE;
                case F32 -> Opcode.F32_STORE;
                case F64 -> Opcode.F64_STORE;
            });
            out.unsigned(0).unsigned(0);
        }
    }

    private NumType type() {
        return TYPES[random.nextInt(3) == 0 ? random.nextInt(4) : random.nextInt(2)];
    }

    private List<ValType> typeList(int max) {
        List<ValType> list = new ArrayList<>();
        for (int i = random.nextInt(max + 1); i > 0; i--) {
            list.add(type());
        }
        return list;
    }

    private int typeIndex(FuncType type) {
        int i = types.indexOf(type);
        if (i >= 0) {
            return i;
        }
        types.add(type);
        return types.size() - 1;
    }

    // ---- statements ----

    private void sequence(int max) {
        for (int i = random.nextInt(max) + 1; i > 0 && budget > 0; i--) {
            statement();
        }
    }

    private void statement() {
        budget--;
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> {
                int local = 1 + random.nextInt(locals.size() - 1);
                value((NumType) locals.get(local), 3);
                out.op(Opcode.LOCAL_SET, local);
            }
            case 5, 6, 7 -> store();
            case 8 -> block();
            case 9, 10 -> conditional();
            case 11 -> loop();
            case 12 -> countedLoop();
            case 13, 14 -> branchIf();
            case 15 -> branchTable();
            case 16 -> {
                callImported();
                drop(imported.results());
            }
            case 17 -> globalSet();
            case 18 -> leave();
            default -> {
                NumType type = type();
                value(type, 4);
                out.op(Opcode.DROP);
            }
        }
    }

    private void drop(List<ValType> values) {
        for (int i = 0; i < values.size(); i++) {
            out.op(Opcode.DROP);
        }
    }

    private void setLocals(List<ValType> values) {
        for (int i = values.size() - 1; i >= 0; i--) {
            int local = 1 + random.nextInt(locals.size() - 1);
            if (locals.get(local) == values.get(i)) {
                out.op(Opcode.LOCAL_SET, local);
            } else {
                out.op(Opcode.DROP);
            }
        }
    }

    private void block() {
        FuncType type = new FuncType(typeList(2), typeList(2));
        values(type.params());
        out.open(Opcode.BLOCK, typeIndex(type));
        setLocals(type.params());
        labels.add(type.results());
        sequence(4);
        values(type.results());
        close();
        setLocals(type.results());
    }

    private void conditional() {
        FuncType type = new FuncType(typeList(2), typeList(2));
        values(type.params());
        condition();
        out.open(Opcode.IF, typeIndex(type));
        labels.add(type.results());
        setLocals(type.params());
        sequence(3);
        values(type.results());
        if (random.nextBoolean() || !type.params().equals(type.results())) {
            out.op(Opcode.ELSE);
            setLocals(type.params());
            sequence(3);
            values(type.results());
        }
        close();
        setLocals(type.results());
    }

    private void loop() {
        FuncType type = new FuncType(typeList(2), typeList(2));
        values(type.params());
        out.open(Opcode.LOOP, typeIndex(type));
        labels.add(null);
        setLocals(type.params());
        sequence(4);
        // go back while the counter lasts
        values(type.params());
        out.op(Opcode.LOCAL_GET, COUNTER).i32(1).op(Opcode.I32_SUB).op(Opcode.LOCAL_TEE, COUNTER).i32(0).op(Opcode.I32_GT_S);
        value(NumType.I32, 1);
        out.op(Opcode.I32_AND).op(Opcode.BR_IF, 0);
        drop(type.params());
        sequence(2);
        values(type.results());
        close();
        setLocals(type.results());
    }

    /** A loop of a known number of rounds, up or down, over assignments, exchanges and stores. */
    private void countedLoop() {
        if (index >= 0) {
            loop();
            return;
        }
        index = locals.size();
        int rounds = 2 + random.nextInt(random.nextInt(3) == 0 ? 60 : 9);
        int step = (1 << random.nextInt(4)) * (random.nextInt(4) == 0 ? -1 : 1);
        int start = switch (random.nextInt(4)) {
            case 0 -> -rounds * step;
            case 1 -> random.nextInt(100);
            case 2 -> random.nextInt() >> random.nextInt(32);
            default -> 0;
        };
        out.i32(start).op(Opcode.LOCAL_SET, index).open(Opcode.LOOP, typeIndex(FuncType.EMPTY));
        for (int i = random.nextInt(3); i >= 0; i--) {
            switch (random.nextInt(3)) {
                case 0 -> store();
                case 1 -> {
                    local(NumType.I32);
                    local(NumType.I32);
                    setLocals(List.of(NumType.I32, NumType.I32));
                }
                default -> {
                    int local = 1 + random.nextInt(locals.size() - 1);
                    value((NumType) locals.get(local), 3);
                    out.op(Opcode.LOCAL_SET, local);
                }
            }
        }
        goRound(start, step, rounds);
        out.op(Opcode.END);
        index = -1;
    }

    /** Asks for the counter before or after the step: whether it is not its last value, or less than that. */
    private void goRound(int start, int step, int rounds) {
        boolean before = random.nextBoolean();
        int last = start + step * (before ? rounds - 1 : rounds);
        if (before) {
            out.op(Opcode.LOCAL_GET, index);
        }
        out.op(Opcode.LOCAL_GET, index).i32(step).op(Opcode.I32_ADD).op(before ? Opcode.LOCAL_SET : Opcode.LOCAL_TEE, index);
        boolean ascends = step > 0 && start >= 0 && last > start;
        switch (random.nextInt(4)) {
            case 0 -> out.i32(last).op(ascends ? Opcode.I32_LT_S : Opcode.I32_NE);
            case 1 -> out.i32(last).op(ascends ? Opcode.I32_LT_U : Opcode.I32_NE);
            case 2 -> out.i32(last).op(Opcode.I32_EQ).op(Opcode.I32_EQZ);
            default -> {
                if (last != 0) {
                    out.i32(last).op(Opcode.I32_NE);
                }
            }
        }
        out.op(Opcode.BR_IF, 0);
    }

    private void close() {
        out.op(Opcode.END);
        labels.removeLast();
    }

    /** A label that is no loop, counted from inside; -1 if there is none with these values (null: any). */
    private int label(List<ValType> wanted) {
        int relative = random.nextInt(labels.size());
        List<ValType> takes = labels.get(labels.size() - 1 - relative);
        return takes == null || wanted != null && !takes.equals(wanted) ? -1 : relative;
    }

    private void branchIf() {
        int label = label(null);
        if (label < 0) {
            return;
        }
        List<ValType> takes = labels.get(labels.size() - 1 - label);
        values(takes);
        condition();
        out.op(Opcode.BR_IF, label);
        drop(takes);
    }

    private void branchTable() {
        int label = label(null);
        if (label < 0) {
            return;
        }
        List<ValType> takes = labels.get(labels.size() - 1 - label);
        List<Integer> targets = new ArrayList<>(List.of(label));
        for (int i = 0; i < 6; i++) {
            int other = label(takes);
            if (other >= 0) {
                targets.add(other);
            }
        }
        out.open(Opcode.BLOCK, typeIndex(FuncType.EMPTY));
        values(takes);
        value(NumType.I32, 2);
        out.op(Opcode.BR_TABLE).unsigned(targets.size());
        for (int target : targets) {
            out.unsigned(target + 1);
        }
        if (takes.isEmpty()) {
            out.unsigned(0);
        } else {
            out.unsigned(label + 1);
        }
        out.op(Opcode.END);
    }

    /** Leaves under a condition, with dead code behind. */
    private void leave() {
        value(NumType.I32, 1);
        out.open(Opcode.IF, typeIndex(FuncType.EMPTY));
        labels.add(List.of());
        if (random.nextInt(4) == 0) {
            out.op(Opcode.UNREACHABLE);
        } else {
            values(own.results());
            out.op(Opcode.RETURN);
        }
        if (random.nextBoolean()) {
            sequence(2);
        }
        close();
    }

    private void condition() {
        if (random.nextBoolean()) {
            local(NumType.I32);
        } else {
            value(NumType.I32, 2);
        }
    }

    // ---- effects ----

    private void address() {
        if (random.nextInt(2) == 0) { // few places, so that accesses meet
            local(NumType.I32);
            out.i32(0x18).op(Opcode.I32_AND);
            return;
        }
        value(NumType.I32, 2);
        if (random.nextInt(8) != 0) {
            out.i32(random.nextInt(3) == 0 ? 0x3C : 0xFFF0).op(Opcode.I32_AND);
        }
    }

    private Wasm memArg() {
        return out.unsigned(0).unsigned(random.nextInt(6) == 0 ? random.nextInt(60000) : 4 * random.nextInt(4));
    }

    private void store() {
        Opcode[] stores = {Opcode.I32_STORE, Opcode.I64_STORE, Opcode.F32_STORE, Opcode.F64_STORE, Opcode.I32_STORE8,
            Opcode.I32_STORE16, Opcode.I64_STORE8, Opcode.I64_STORE32};
        Opcode store = stores[random.nextInt(stores.length)];
        address();
        value((NumType) ((Effect.Access) store.effect()).operands()[0], 3);
        out.op(store);
        memArg();
    }

    private void callImported() {
        values(imported.params());
        if (random.nextInt(3) == 0) {
            value(NumType.I32, 1);
            out.i32(TestModule.TABLE_SIZE * 2 - 1).op(Opcode.I32_AND);
            out.op(Opcode.CALL_INDIRECT, 1, 0);
        } else {
            out.op(Opcode.CALL, TestModule.IMPORTED);
        }
    }

    private void globalSet() {
        int global = random.nextInt(5);
        value(global == 0 ? NumType.I32 : TYPES[global - 1], 2);
        out.op(Opcode.GLOBAL_SET, global);
    }

    // ---- values ----

    private void values(List<ValType> wanted) {
        for (ValType type : wanted) {
            value((NumType) type, 2);
        }
    }

    private void value(NumType type, int depth) {
        budget--;
        if (depth <= 0 || budget < 0 || random.nextInt(4) == 0) {
            leaf(type);
            return;
        }
        switch (random.nextInt(16)) {
            case 0, 1 -> load(type);
            case 2 -> {
                value(type, depth - 1);
                value(type, depth - 1);
                value(NumType.I32, depth - 1);
                out.op(Opcode.SELECT);
            }
            case 3 -> global(type);
            case 4 -> {
                value(NumType.I32, depth - 1);
                out.open(Opcode.IF, typeIndex(new FuncType(List.of(), List.of(type))));
                labels.add(List.of(type));
                value(type, depth - 1);
                out.op(Opcode.ELSE);
                value(type, depth - 1);
                close();
            }
            case 5 -> tee(type, depth);
            case 6 -> atomic(type);
            default -> {
                List<Opcode> list = producers.get(type.ordinal());
                Opcode opcode = list.get(random.nextInt(list.size()));
                values(opcode, depth);
                out.op(opcode);
                if (random.nextInt(3) == 0) { // keep it for use elsewhere
                    int local = 1 + random.nextInt(locals.size() - 1);
                    if (locals.get(local) == type) {
                        out.op(Opcode.LOCAL_TEE, local);
                    }
                }
            }
        }
    }

    private void values(Opcode opcode, int depth) {
        ValType[] operands = ((Effect.Fixed) opcode.effect()).pops();
        if (operands.length == 2 && random.nextInt(4) == 0) { // x op x, x op (x op y)
            int local = 1 + random.nextInt(locals.size() - 1);
            for (ValType operand : operands) {
                if (locals.get(local) == operand) {
                    out.op(Opcode.LOCAL_GET, local);
                } else {
                    value((NumType) operand, depth - 1);
                }
            }
        } else {
            for (ValType operand : operands) {
                value((NumType) operand, depth - 1);
            }
        }
        if (opcode.text().contains("div") || opcode.text().contains("rem")) { // mostly not by zero
            if (random.nextInt(8) != 0 && opcode.text().startsWith("i32")) {
                out.i32(1).op(Opcode.I32_OR);
            } else if (random.nextInt(8) != 0 && opcode.text().startsWith("i64")) {
                out.i64(1).op(Opcode.I64_OR);
            }
        }
        if (opcode.text().contains("trunc_f") && random.nextInt(8) != 0) { // mostly in range
            ValType from = ((Effect.Fixed) opcode.effect()).pops()[0];
            if (from == NumType.F32) {
                out.op(Opcode.DROP).f32(random.nextInt(1000));
            } else {
                out.op(Opcode.DROP).f64(random.nextInt(1000));
            }
        }
    }

    /** Reads a place and changes it; a plain load for floats. */
    private void atomic(NumType type) {
        List<Opcode> list = ATOMICS.get(type);
        if (list == null) {
            load(type);
            return;
        }
        Opcode opcode = list.get(random.nextInt(list.size()));
        Effect.Access access = (Effect.Access) opcode.effect();
        address();
        if (random.nextInt(8) != 0) { // mostly aligned
            out.i32(-access.bytes()).op(Opcode.I32_AND);
        }
        for (ValType operand : access.operands()) {
            value((NumType) operand, 1);
        }
        out.op(opcode).unsigned(Integer.numberOfTrailingZeros(access.bytes())).unsigned(8 * random.nextInt(4));
    }

    private void tee(NumType type, int depth) {
        int local = 1 + random.nextInt(locals.size() - 1);
        value(type, depth - 1);
        if (locals.get(local) == type) {
            out.op(Opcode.LOCAL_TEE, local);
        }
    }

    private void load(NumType type) {
        List<Opcode> loads = new ArrayList<>();
        for (Opcode opcode : Opcode.values()) {
            if (opcode.text().startsWith(type + ".load") && opcode.effect() instanceof Effect.Access) {
                loads.add(opcode);
            }
        }
        address();
        out.op(loads.get(random.nextInt(loads.size())));
        memArg();
    }

    private void global(NumType type) {
        int global = type == NumType.I32 ? new int[] {0, 1, 5}[random.nextInt(3)] : 1 + type.ordinal();
        out.op(Opcode.GLOBAL_GET, global);
    }

    private void leaf(NumType type) {
        if (random.nextInt(4) != 0) {
            local(type);
            return;
        }
        switch (type) {
            case I32 -> out.i32((int) interesting());
            case I64 -> out.i64(interesting());
            case F32 -> out.f32(interesting() / 2f);
            case F64 -> out.f64(interesting() / 2d);
        }
    }

    /** Reads a local of the type; the parameters have one of each. */
    private void local(NumType type) {
        if (index >= 0 && type == NumType.I32 && random.nextInt(3) == 0) {
            out.op(Opcode.LOCAL_GET, index);
            return;
        }
        int local = 1 + random.nextInt(locals.size() - 1);
        while (locals.get(local) != type) {
            local = local % (locals.size() - 1) + 1;
        }
        out.op(Opcode.LOCAL_GET, local);
    }

    private long interesting() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> -1;
            case 3 -> 1L << random.nextInt(64);
            case 4 -> (1L << random.nextInt(64)) - 1;
            case 5 -> random.nextInt(64);
            case 6 -> random.nextLong() >> random.nextInt(64);
            default -> random.nextInt(256);
        };
    }
}
