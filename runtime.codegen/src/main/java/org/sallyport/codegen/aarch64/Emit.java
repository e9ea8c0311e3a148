package org.sallyport.codegen.aarch64;


import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.sallyport.TrapCode;
import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Select;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.codegen.pipeline.FunctionCode;
import org.sallyport.codegen.pipeline.Isa;
import org.sallyport.codegen.pipeline.ModuleCode;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.Operand;

/**
 * Emission: from allocated machine instructions to bytes. Blocks are written in their order; one that holds nothing
 * but a jump is left out and its predecessors go straight to its target.
 */
final class Emit implements Isa.Emitter {
    private static final int LOOP_ALIGNMENT = 5;
    private static final int MAX_DISPATCH = 12;
    /** Instructions of a loop's test that is repeated at the loop's end. */
    private static final int MAX_TEST = 4;
    private static final int MAX_DUPLICATES = 1024;
    /** Longest table that is done by comparing with each case. */
    private static final int SMALL_TABLE = 3;

    private final Meter meter;
    private final Emission e;
    private final Assembler asm;
    private final Lir lir;
    private final EmitInteger integers;
    private final EmitFloat floats;
    private final EmitVector vectors;
    private final EmitMoves moves;
    private final EmitAtomics atomics;
    private final EmitConditions conditions;
    private final EmitCalls calls;
    private final EmitFrame frame;

    private Allocation allocation = new Allocation(
            new int[0], 0, 0, new int[0], new int[0], new int[0], new int[0], new boolean[0]);
    private int move;
    private int duplicates;
    /** The block in whose place code is written: another than its own for a repeated block. */
    private int place;
    /** Label of the jump table of each SWITCH instruction written so far. */
    private final Map<Integer, Integer> tables = new HashMap<>();
    /** Constants (virtual registers) that the allocator makes again where they are used. */
    private final BitSet madeAgain = new BitSet();
    private int[] labels = new int[64];
    /** Where control goes that enters the block; for an empty block the target of its jump. */
    private int[] target = new int[64];

    Emit(Lir lir, CpuFeatures cpu, ModuleCode module, Meter meter) {
        this.lir = lir;
        this.meter = meter;
        e = new Emission(lir, cpu, module);
        asm = e.asm;
        integers = new EmitInteger(e);
        floats = new EmitFloat(e);
        vectors = new EmitVector(e);
        moves = new EmitMoves(e, floats, vectors);
        atomics = new EmitAtomics(e);
        conditions = new EmitConditions(e);
        frame = new EmitFrame(e);
        calls = new EmitCalls(e, frame);
    }

    @Override
    public FunctionCode run(Allocation allocated, int position) {
        allocation = allocated;
        move = 0;
        duplicates = 0;
        tables.clear();
        frame.begin(allocated);
        findConstantsMadeAgain();
        findTargets();
        frame.prologue(position);
        int alignment = LOOP_ALIGNMENT;
        for (int b = 0; b < lir.blockCount(); b++) {
            if (target[b] == b) {
                block(b);
            }
        }
        e.writeColdPaths();
        return e.finish(alignment, frame.bytes());
    }

    // ---- blocks

    private void findTargets() {
        int n = lir.blockCount();
        if (target.length < n) {
            target = new int[Math.max(n, target.length * 2)];
            labels = new int[target.length];
        }
        Arrays.fill(labels, 0, n, -1);
        int next = 0;
        int[] points = allocation.movePoints();
        for (int b = 0; b < n; b++) {
            int start = lir.blockStart(b);
            while (next < allocation.moveCount() && points[next] < 2 * start) {
                next++;
            }
            boolean hasMoves = next < allocation.moveCount() && points[next] < 2 * lir.blockEnd(b);
            boolean isJump = lir.blockEnd(b) == start + 1 && Inst.of(lir.op(start)) == Inst.JMP;
            target[b] = isJump && !hasMoves && b > 0 ? lir.successor(b, 0) : b;
        }
        for (int b = 0; b < n; b++) {
            follow(b, n);
        }
    }

    /** Shortens the way through empty blocks; a circle of them must keep one. */
    private void follow(int b, int limit) {
        int end = b;
        for (int steps = 0; target[end] != end; steps++) {
            if (steps > limit) {
                target[b] = b;
                return;
            }
            end = target[end];
        }
        while (target[b] != end) {
            int t = target[b];
            target[b] = end;
            b = t;
        }
    }

    private int label(int block) {
        int t = target[block];
        if (labels[t] < 0) {
            labels[t] = asm.newLabel();
        }
        return labels[t];
    }

    private void block(int b) {
        if (isLoopHead(b)) {
            asm.alignCode(LOOP_ALIGNMENT);
        }
        asm.bind(label(b));
        place = b;
        instructions(b);
    }

    private void instructions(int b) {
        int end = lir.blockEnd(b);
        for (int i = lir.blockStart(b); i < end; i++) {
            meter.step();
            moves(2 * i);
            instruction(i, b);
            moves(2 * i + 1);
        }
    }

    private boolean isLoopHead(int b) {
        for (int p = 0; p < lir.predecessorCount(b); p++) {
            if (lir.predecessor(b, p) >= b) {
                return true;
            }
        }
        return false;
    }

    /** The block that is written behind {@code b}, or -1. */
    private int following(int b) {
        for (int next = b + 1; next < lir.blockCount(); next++) {
            if (target[next] == next) {
                return next;
            }
        }
        return -1;
    }

    private void instruction(int i, int b) {
        Inst inst = Inst.of(lir.op(i));
        if ((inst == Inst.MOVI || inst == Inst.MOVF || inst == Inst.VCONST) && isMadeLater(i)) {
            return;
        }
        int aux = lir.aux(i);
        e.at(i);
        boolean done = switch (inst.family) {
            case INTEGER, MEMORY -> integers.emit(inst, i, aux);
            case FLOAT -> floats.emit(inst, i, aux);
            case VECTOR -> vectors.emit(inst, i, aux);
            case CONDITION -> conditions.emit(inst, i, aux);
            case CONTROL -> control(inst, i, b, aux);
            case ATOMIC -> atomics.emit(inst, i, aux);
            case CALLS -> call(inst, i, b);
        };
        if (!done) {
            throw new AssertionError("BUG: no encoding for " + inst);
        }
    }

    private boolean call(Inst inst, int i, int b) {
        boolean done = calls.emit(inst, i);
        if (done && i == lir.blockEnd(b) - 1 && lir.successorCount(b) == 2) { // and to the landing, if it throws
            e.handled(label(lir.successor(b, 1)));
            jump(lir.successor(b, 0));
        }
        return done;
    }

    /**
     * Each constant has one user; if it is made again somewhere, that is in front of this user, and nobody reads the
     * definition.
     */
    private boolean isMadeLater(int i) {
        return madeAgain.get(Operand.vreg(lir.operand(lir.operandStart(i))));
    }

    private void findConstantsMadeAgain() {
        madeAgain.clear();
        for (int i = 0; i < allocation.moveCount(); i++) {
            if (allocation.moveFrom()[i] == Allocation.REMATERIALIZE) {
                madeAgain.set(allocation.moveVreg()[i]);
            }
        }
    }

    private boolean control(Inst inst, int i, int b, int aux) {
        switch (inst) {
            case JMP -> jump(lir.successor(b, 0));
            case JCC -> branch(i, b, aux);
            case SWITCH -> table(i, b);
            case RET -> frame.epilogue();
            case CHARGE, CHARGE_CHECKED, CHARGE_BY -> charge(inst, i);
            case UDF -> {
                e.trapsHere((int) lir.imm(i));
                asm.udf();
            }
            case ARGS -> { } // only says where they are
            default -> {
                return false;
            }
        }
        return true;
    }

    private void charge(Inst inst, int i) {
        long amount = lir.imm(i);
        int register = inst == Inst.CHARGE_BY ? e.reg(0) : Abi.TEMP;
        if (inst != Inst.CHARGE_BY && Immediates.fits12(amount)) {
            asm.aluImm(Alu.SUBS, true, Abi.FUEL, Abi.FUEL, amount);
        } else {
            if (inst != Inst.CHARGE_BY) {
                asm.movImm(Abi.TEMP, amount);
            }
            asm.alu(Alu.SUBS, true, Abi.FUEL, Abi.FUEL, register);
        }
        if (inst != Inst.CHARGE) {
            asm.bCond(Cond.LT, e.trapStub(TrapCode.OUT_OF_FUEL.ordinal()));
        }
    }

    private void jump(int to) {
        int t = target[to];
        if (t == following(place)) {
            return;
        }
        if ((isDispatch(t) || isTest(t)) && duplicates < MAX_DUPLICATES) {
            duplicates++;
            int resume = move;
            move = firstMove(2 * lir.blockStart(t));
                instructions(t);
            move = resume;
        } else {
            asm.b(label(to));
        }
    }

    /** A loop that begins with a short test gets it at its end too, and saves a jump per round. */
    private boolean isTest(int b) {
        int last = lir.blockEnd(b) - 1;
        int length = last - lir.blockStart(b) - charges(b);
        return b <= place && Inst.of(lir.op(last)) == Inst.JCC && length < MAX_TEST && isLoopHead(b);
    }

    /** Instructions that take fuel at the block's start. */
    private int charges(int b) {
        Inst first = Inst.of(lir.op(lir.blockStart(b)));
        return first == Inst.CHARGE || first == Inst.CHARGE_CHECKED ? 1 : 0;
    }

    /**
     * A short block that ends in a jump table is repeated where it is jumped to: an interpreter's dispatch is
     * predicted better when each operation has one of its own.
     */
    private boolean isDispatch(int b) {
        int last = lir.blockEnd(b) - 1;
        return Inst.of(lir.op(last)) == Inst.SWITCH && lir.disp(last) > SMALL_TABLE
                && last - lir.blockStart(b) - charges(b) < MAX_DISPATCH;
    }

    private int firstMove(int point) {
        int low = 0;
        int high = allocation.moveCount();
        int[] points = allocation.movePoints();
        while (low < high) {
            int middle = low + high >>> 1;
            if (points[middle] < point) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void branch(int i, int b, int aux) {
        int yes = lir.successor(b, 0);
        int no = lir.successor(b, 1);
        int next = following(place);
        Cond cond = Fields.cond(aux);
        if (target[yes] == target[no]) {
            jump(yes);
        } else if (target[no] == next) {
            conditions.branch(i, aux, cond, label(yes));
        } else if (target[yes] == next) {
            conditions.branch(i, aux, cond.negated(), label(no));
        } else {
            conditions.branch(i, aux, cond, label(yes));
            asm.b(label(no));
        }
    }

    // ---- br_table

    private void table(int i, int b) {
        int count = lir.disp(i);
        int start = (int) lir.imm(i);
        int index = e.reg(0);
        if (count <= SMALL_TABLE) {
            for (int k = 0; k < count - 1; k++) {
                asm.cmpImm(false, index, k);
                asm.bCond(Cond.EQ, label(lir.tableTarget(start + k)));
            }
            jump(lir.tableTarget(start + count - 1));
            return;
        }
        int data = tables.computeIfAbsent(i, _ -> tableData(start, count));
        asm.adr(Abi.SCRATCH, data);
        asm.movImm(Abi.TEMP, count - 1);
        asm.cmp(false, index, Abi.TEMP);
        asm.select(Select.CSEL, false, Abi.TEMP, index, Abi.TEMP, Cond.LO);
        asm.movedIndexed(Moved.LDRSWX, Abi.TEMP, Abi.SCRATCH, Abi.TEMP, 2);
        asm.alu(Alu.ADD, true, Abi.SCRATCH, Abi.SCRATCH, Abi.TEMP);
        asm.br(Abi.SCRATCH);
    }

    private int tableData(int start, int count) {
        int data = asm.newLabel();
        e.cold(() -> {
            asm.alignData(2);
            asm.bind(data);
            for (int k = 0; k < count; k++) {
                asm.differenceField(label(lir.tableTarget(start + k)), data);
            }
        });
        return data;
    }

    /** The moves of the allocator at a point. */
    private void moves(int point) {
        int[] points = allocation.movePoints();
        while (move < allocation.moveCount() && points[move] == point) {
            moves.emit(allocation, move++);
        }
    }
}
