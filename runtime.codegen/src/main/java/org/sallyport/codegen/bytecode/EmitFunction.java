package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Positions;
import org.sallyport.spi.StopSign;

/**
 * Makes a method of a graph: its blocks in the order of the layout, values on the JVM's stack or in variables as {@link Plan} and
 * {@link Slots} say.
 */
final class EmitFunction {
    private static final ClassDesc STOP = Shape.desc(StopSign.class);
    private static final ClassDesc TRAP = Shape.desc(GuestTrap.class);

    final ModuleCode module;
    final Graph graph;
    final Plan plan;
    final Shape shape;
    final CodeBuilder code;
    final Slots slots;
    /** Variable of the context. */
    final int context;
    /** Variables from here on are free between instructions. */
    final int scratch;

    private final Lines lines;
    private final EmitConditions conditions;
    private final EmitValues values;
    private final EmitVectors vectors;
    private final EmitMemory memory;
    private final EmitCalls calls;
    private final EmitExceptions exceptions;
    private final EmitObjects objects;
    private final Label[] labels;
    private final int[] parameters;
    private final int stop;
    private final boolean hasLoops;
    private final Label begin;
    private final @Nullable Parts parts;
    private final int part;
    private int line;

    /** Of a function that is one method. */
    EmitFunction(ModuleCode module, Graph graph, Plan plan, Shape shape, CodeBuilder code, Lines lines) {
        this(module, graph, plan, shape, code, lines, Variables.ofWhole(shape), null, 0);
    }

    /** Of a part of a function. */
    EmitFunction(ModuleCode module, Graph graph, Shape shape, CodeBuilder code, Lines lines, Parts parts, int part) {
        this(module, graph, parts.plan, shape, code, lines, parts.variables, parts, part);
    }

    private EmitFunction(
            ModuleCode module,
            Graph graph,
            Plan plan,
            Shape shape,
            CodeBuilder code,
            Lines lines,
            Variables variables,
            @Nullable Parts parts,
            int part) {
        this.module = module;
        this.graph = graph;
        this.plan = plan;
        this.shape = shape;
        this.code = code;
        this.lines = lines;
        this.parts = parts;
        this.part = part;
        parameters = variables.parameters();
        context = variables.context();
        stop = variables.stop();
        hasLoops = hasLoops();
        memory = new EmitMemory(this, variables.memory());
        slots = parts != null ? parts.slots : new Slots(graph, plan, parameters, variables.free());
        scratch = slots.end();
        conditions = new EmitConditions(this);
        values = new EmitValues(this, conditions);
        vectors = new EmitVectors(this);
        exceptions = new EmitExceptions(this, memory);
        objects = new EmitObjects(this);
        calls = new EmitCalls(this, memory, exceptions);
        labels = new Label[plan.start.length];
        begin = code.newLabel();
    }

    /** Whether this is a part of a function: its results go into the frame, and it returns a number. */
    boolean isPart() {
        return parts != null;
    }

    private boolean isHere(int b) {
        return parts == null || parts.isIn(part, b);
    }

    private boolean hasLoops() {
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int i = graph.successorCount(b) - 1; i >= 0; i--) {
                if (isBackwards(b, graph.successor(b, i))) {
                    return true;
                }
            }
        }
        return graph.hasMade(Op.RETURN_CALL);
    }

    private boolean isBackwards(int from, int to) {
        return plan.start[to] <= plan.start[from];
    }

    void run() {
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            labels[b] = code.newLabel();
        }
        if (parts == null && shape.isWide) {
            for (int i = 0; i < parameters.length; i++) {
                Words.read(code, shape.params[i], Variables.SLOTS, 2 * i, context);
                Words.store(code, shape.params[i], parameters[i]);
            }
        }
        if (hasLoops) {
            code.aload(context).getfield(Shape.CONTEXT, "stop", STOP).astore(stop);
        }
        memory.begin();
        code.labelBinding(begin);
        if (hasLoops) {
            code.aload(stop);
            look();
        } else if (callsOthers()) {
            code.aload(context).getfield(Shape.CONTEXT, "stop", STOP);
            look();
        }
        if (parts != null) {
            EmitParts.enter(code, parts, part, labels);
        }
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            if (isHere(b)) {
                block(b);
            }
        }
        leaveForOthers();
        exceptions.handlers(labels);
    }

    /** For each block of another part that this one goes to. */
    private void leaveForOthers() {
        if (parts == null) {
            return;
        }
        BitSet left = new BitSet();
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int i = 0; isHere(b) && i < graph.successorCount(b); i++) {
                int to = graph.successor(b, i);
                if (!isHere(to) && !left.get(to)) {
                    left.set(to);
                    code.labelBinding(labels[to]);
                    EmitParts.leave(code, parts, to);
                }
            }
        }
    }

    private boolean callsOthers() {
        return graph.hasMade(Op.CALL) || graph.hasMade(Op.CALL_REF) || graph.hasMade(Op.CALL_IMPORT)
                || graph.hasMade(Op.RETURN_CALL_REF) || graph.hasMade(Op.RETURN_CALL_IMPORT);
    }

    /** With the stop sign on the stack. */
    private void look() {
        Label goOn = code.newLabel();
        code.getfield(STOP, "raised", ConstantDescs.CD_boolean).ifeq(goOn);
        code.aload(context).invokevirtual(Shape.CONTEXT, "checkpoint", ConstantDescs.MTD_void);
        code.labelBinding(goOn);
    }

    // ---- blocks

    private void block(int b) {
        code.labelBinding(labels[b]);
        line = -1;
        memory.beginBlock();
        int v = graph.first(b);
        int call = exceptions.callBefore(graph.last(b));
        for (; !graph.op(v).isTerminator(); v = graph.next(v)) {
            if (!plan.deferred[v] && graph.op(v) != Op.ARG && graph.op(v) != Op.CONST && graph.op(v) != Op.RESULT) {
                statement(v, v == call ? graph.successor(b, 1) : -1);
                if (exceptions.isEnd(v)) {
                    return;
                }
            }
        }
        terminator(b, v);
    }

    /** @param landing where it goes on if it throws, or -1: out of the function */
    private void statement(int v, int landing) {
        if (landing >= 0) {
            exceptions.protect(landing, () -> emit(v));
        } else {
            emit(v);
        }
        if (graph.type(v) == Type.VOID) {
            return;
        }
        if (plan.isKept(v)) {
            store(v);
        } else {
            pop(graph.type(v));
        }
        if (graph.op(v).isCall()) {
            calls.storeResults(v);
        }
    }

    void pop(Type type) {
        switch (Slots.words(type)) {
            case 1 -> code.pop();
            case 2 -> code.pop2();
            default -> code.pop2().pop2();
        }
    }

    void store(int v) {
        Words.store(code, graph.type(v), slots.of(v));
    }

    /** Puts the value of {@code v} on the stack: of a vector both halves, the upper one on top. */
    void push(int v) {
        if (graph.op(v) == Op.CONST) {
            if (graph.type(v) == Type.V128) {
                pushHalf(v, false);
                pushHalf(v, true);
            } else {
                constant(graph.type(v), graph.imm(v));
            }
        } else if (plan.deferred[v]) {
            emit(v);
        } else {
            Words.load(code, graph.type(v), slots.of(v));
        }
    }

    /** Puts the lower or upper half of a vector on the stack. */
    void pushHalf(int v, boolean upper) {
        if (graph.op(v) == Op.CONST) {
            int number = (int) graph.imm(v);
            code.loadConstant(upper ? graph.wide().high(number) : graph.wide().low(number));
        } else {
            code.lload(slots.of(v) + (upper ? 2 : 0));
        }
    }

    void pushOperands(int v, int first) {
        for (int i = first; i < graph.operandCount(v); i++) {
            push(graph.operand(v, i));
        }
    }

    private void constant(Type type, long bits) {
        switch (type) {
            case I32 -> code.loadConstant((int) bits);
            case I64 -> code.loadConstant(bits);
            case REF -> code.aconst_null();
            case F32 -> {
                if (Float.isNaN(Float.intBitsToFloat((int) bits))) {
                    Convert.intToFloat(code.loadConstant((int) bits));
                } else {
                    code.loadConstant(Float.intBitsToFloat((int) bits));
                }
            }
            case F64 -> {
                if (Double.isNaN(Double.longBitsToDouble(bits))) {
                    Convert.longToDouble(code.loadConstant(bits));
                } else {
                    code.loadConstant(Double.longBitsToDouble(bits));
                }
            }
            case V128, VOID -> throw new AssertionError("BUG: a scalar constant of " + type);
        }
    }

    private void emit(int v) {
        Op op = graph.op(v);
        switch (op) {
            case LOAD -> memory.load(v);
            case STORE -> memory.store(v);
            case MEMORY_LENGTH -> memory.length(v);
            case ATOMIC_LOAD, ATOMIC_STORE, ATOMIC_ADD, ATOMIC_AND, ATOMIC_OR, ATOMIC_XOR, ATOMIC_XCHG, ATOMIC_CMPXCHG ->
                memory.atomic(v);
            case ATOMIC_FENCE -> memory.fence();
            case CALL_HELPER -> memory.helper(v);
            case CALL, CALL_IMPORT, CALL_REF, CALL_BUILTIN -> calls.call(v);
            case TRAP_IF -> trapUnless(v, false);
            case TRAP_UNLESS -> trapUnless(v, true);
            case OBJECT -> objects.emit(v);
            case REF_TEST -> objects.test(v);
            case REF_EQ -> objects.isSame(v);
            case I31_NEW -> objects.newI31(v);
            case I31_GET -> objects.getI31(v);
            case TAG_NUMBER -> exceptions.tagNumber(v);
            case EXCEPTION_TAG -> exceptions.tag();
            case EXCEPTION_GET -> exceptions.get(v);
            case EXCEPTION_SET -> exceptions.set(v);
            case VUNARY, VBINARY, VTERNARY, VSHIFT, VTEST, VSPLAT, VEXTRACT, VREPLACE, VSHUFFLE -> vectors.emit(v);
            default -> values.emit(v);
        }
    }

    private void trapUnless(int v, boolean holds) {
        Label goOn = code.newLabel();
        conditions.branch(graph.a(v), holds, goOn);
        trap(v);
        code.labelBinding(goOn);
    }

    private void trap(int v) {
        at(v);
        code.loadConstant((int) graph.imm(v));
        code.invokestatic(TRAP, "of", MethodTypeDesc.of(TRAP, ConstantDescs.CD_int)).athrow();
    }

    /** Says that the next instruction of the JVM is one of {@code v}: it may leave the function. */
    void at(int v) {
        int position = graph.position(v);
        Positions positions = graph.positions();
        int call = Positions.isInlined(position) ? positions.call(position) : -1;
        int number = lines.of(new Lines.Place(positions.original(position), call));
        if (number != line && number != 0) {
            code.lineNumber(number);
            line = number;
        }
    }

    // ---- the ends of blocks

    private void terminator(int b, int v) {
        switch (graph.op(v)) {
            case JUMP -> jump(b, v);
            case BRANCH -> branch(b, v);
            case BR_TABLE -> table(b, v);
            case RETURN -> results(v);
            case RETURN_CALL, RETURN_CALL_IMPORT, RETURN_CALL_REF -> calls.tail(v);
            case TRAP -> trap(v);
            case OUTCOME -> {
                memory.endBlock();
                goTo(b, graph.successor(b, 0));
            }
            default -> throw new AssertionError("BUG: no end of a block: " + graph.op(v));
        }
    }

    private void jump(int b, int v) {
        int to = graph.successor(b, 0);
        int n = graph.operandCount(v);
        boolean[] moves = new boolean[n];
        for (int i = 0; i < n; i++) {
            int x = graph.operand(v, i);
            moves[i] = plan.deferred[x] || graph.op(x) == Op.CONST || slots.of(x) != slots.of(graph.param(to, i));
            if (moves[i]) {
                push(x);
            }
        }
        for (int i = n - 1; i >= 0; i--) {
            if (moves[i]) {
                store(graph.param(to, i));
            }
        }
        memory.endBlock();
        if (isBackwards(b, to)) {
            code.aload(stop);
            look();
        }
        goTo(b, to);
    }

    private void goTo(int b, int to) {
        if (!isNext(b, to)) {
            code.goto_(labels[to]);
        }
    }

    private boolean isNext(int b, int to) {
        return graph.nextBlock(b) == to && isHere(to);
    }

    private void branch(int b, int v) {
        memory.endBlock();
        int yes = graph.successor(b, 0);
        int no = graph.successor(b, 1);
        if (isNext(b, yes)) {
            conditions.branch(graph.a(v), false, labels[no]);
        } else {
            conditions.branch(graph.a(v), true, labels[yes]);
            goTo(b, no);
        }
    }

    private void table(int b, int v) {
        memory.endBlock();
        int last = graph.tableCaseCount(v) - 1;
        push(graph.a(v));
        Label otherwise = labels[graph.successor(b, graph.tableCase(v, last))];
        if (last == 0) {
            code.pop().goto_(otherwise);
            return;
        }
        List<SwitchCase> cases = new ArrayList<>();
        for (int i = 0; i < last; i++) {
            cases.add(SwitchCase.of(i, labels[graph.successor(b, graph.tableCase(v, i))]));
        }
        code.tableswitch(0, last - 1, otherwise, cases);
    }

    private void results(int v) {
        int n = graph.operandCount(v);
        if (isPart() || shape.isWide) {
            for (int i = n - 1; i >= 0; i--) {
                int x = graph.operand(v, i);
                push(x);
                if (isPart()) {
                    Words.write(code, graph.type(x), Variables.FRAME, shape.wordOf(i), scratch, context);
                } else {
                    Words.write(code, graph.type(x), Variables.SLOTS, 2 * i, scratch, context);
                }
            }
            endEarly();
            return;
        }
        if (n == 0) {
            code.return_();
            return;
        }
        boolean isVector = graph.type(graph.operand(v, 0)) == Type.V128;
        if (n > 1 || isVector) {
            code.aload(context).getfield(Shape.CONTEXT, "results", Shape.LONGS).astore(scratch);
        }
        for (int i = n - 1; i > 0; i--) {
            push(graph.operand(v, i));
            Words.write(code, graph.type(graph.operand(v, i)), scratch, shape.wordOf(i), scratch + 1, context);
        }
        if (isVector) {
            code.aload(scratch).iconst_1();
            pushHalf(graph.operand(v, 0), true);
            code.lastore();
            pushHalf(graph.operand(v, 0), false);
        } else {
            push(graph.operand(v, 0));
        }
        code.return_(shape.resultKind());
    }

    /** Returns from a wide function or a part: the results are elsewhere. */
    void endEarly() {
        if (isPart()) {
            code.iconst_m1().ireturn();
        } else {
            code.return_();
        }
    }

    /** A tail call of the function itself: its arguments are where the parameters are. */
    void restart(int v) {
        pushOperands(v, 0);
        for (int i = parameters.length - 1; i >= 0; i--) {
            Words.store(code, shape.params[i], parameters[i]);
        }
        memory.endBlock();
        code.goto_(begin);
    }

    static Opcode inverse(Opcode op) {
        return switch (op) {
            case IFEQ -> Opcode.IFNE;
            case IFNE -> Opcode.IFEQ;
            case IFLT -> Opcode.IFGE;
            case IFGE -> Opcode.IFLT;
            case IFGT -> Opcode.IFLE;
            case IFLE -> Opcode.IFGT;
            case IF_ICMPEQ -> Opcode.IF_ICMPNE;
            case IF_ICMPNE -> Opcode.IF_ICMPEQ;
            case IF_ICMPLT -> Opcode.IF_ICMPGE;
            case IF_ICMPGE -> Opcode.IF_ICMPLT;
            case IF_ICMPGT -> Opcode.IF_ICMPLE;
            case IF_ICMPLE -> Opcode.IF_ICMPGT;
            case IFNULL -> Opcode.IFNONNULL;
            case IFNONNULL -> Opcode.IFNULL;
            case IF_ACMPEQ -> Opcode.IF_ACMPNE;
            case IF_ACMPNE -> Opcode.IF_ACMPEQ;
            default -> throw new AssertionError("BUG: no condition: " + op);
        };
    }
}
