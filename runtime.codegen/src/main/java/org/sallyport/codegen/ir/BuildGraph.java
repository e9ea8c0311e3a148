package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;
import org.sallyport.TrapCode;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.codegen.ir.ModuleFacts.Signature;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.WasmModule;

/**
 * Builds the graph of a valid function body in one walk over its instructions. The operand stack becomes a stack of
 * value ids,
 * locals are {@link LocalValues}; unreachable code is skipped. Depth of nesting costs array entries, never
 * recursion. Control flow
 * is here, that of exceptions in {@link BuildExceptions}; {@link BuildInstructions} has the rest. One instance serves one
 * thread, for many functions.
 */
public final class BuildGraph {
    /** Kinds of {@link #kind open constructs}. */
    private static final int FUNCTION = 0;
    private static final int BLOCK = 1;
    private static final int LOOP = 2;
    private static final int IF = 3;
    /** An {@code if} whose {@code else} has begun. */
    private static final int ELSE = 4;
    private static final int TRY_TABLE = 5;
    private static final int TRY = 6;
    /** A {@code try} of which a {@code catch} or {@code catch_all} has begun. */
    private static final int CATCH = 7;

    private static final Type[] NO_TYPES = {};
    private static final Type[][] SINGLE = single();

    private final ModuleFacts facts;
    private final CodeReader reader;
    private final LoopLocals loopLocals = new LoopLocals();
    private final SimplifyParams simplifyParams = new SimplifyParams();
    private final LocalValues locals;
    private final Emitter out = new Emitter();
    private final BuildExceptions exceptions;
    private final BuildInstructions instructions;
    private final FuelSections fuel;
    private Graph graph = out.graph();
    private int function;

    private Type[] localTypes = new Type[16];
    private int localCount;

    // open constructs
    private int[] kind = new int[32];
    /**
     * Where a branch to the construct goes: the loop's header, or the block behind it; the block that {@code else}
     * begins.
     */
    private int[] label = new int[32];
    private int[] elseBlock = new int[32];
    /** Where exceptions of instructions within the construct go: a block that dispatches them; -1: out of the function. */
    private int[] handler = new int[32];
    private int[] floor = new int[32];
    private int[] mark = new int[32];
    private Type[][] params = new Type[32][];
    private Type[][] results = new Type[32][];
    private int depth;
    private int loopsSeen;

    /** Parameters of open {@code if}s, for their {@code else}. */
    private int[] saved = new int[16];
    private int savedCount;

    // br_table
    private int[] cases = new int[16];
    private int[] caseOfDepth = new int[32];
    private int[] caseStamp = new int[32];
    private int caseStampNow;

    public BuildGraph(ModuleFacts facts) {
        this.facts = facts;
        reader = new CodeReader(facts.binary(), 0, 0);
        locals = new LocalValues(graph);
        fuel = new FuelSections(facts, out);
        exceptions = new BuildExceptions(facts, out, locals);
        instructions = new BuildInstructions(facts, reader, out, exceptions, fuel);
    }

    /**
     * Builds a function that is not imported.
     *
     * @param to receives the graph; it is reset first
     * @throws UnsupportedFeatureException if the body has an instruction that this compiler lacks
     * @throws org.sallyport.CompilationException if the function goes beyond a limit of the compiler
     */
    public void build(int functionIndex, Graph to) {
        graph = to;
        function = functionIndex;
        WasmModule.Body body = facts.spaces().body(functionIndex);
        Signature signature = facts.signatureOf(functionIndex);
        reader.reset(body.code(), body.end());
        graph.reset(functionIndex, signature.params(), signature.results());
        graph.setSharedMemories(facts.sharedMemories());
        declareLocals(signature, body);
        loopsSeen = 0;
        if (facts.valid().facts(functionIndex).loops()) {
            reader.reset(body.code(), body.end());
            loopLocals.scan(reader, localCount, graph);
        }
        reader.reset(body.code(), body.end());
        begin(signature);
        while (reader.hasNext()) {
            Opcode opcode = reader.next();
            if (!out.isReachable()) {
                opcode = skipUnreachable(opcode);
            }
            graph.setPosition(reader.offset());
            fuel.count(opcode);
            instruction(opcode);
        }
        locals.finish();
        simplifyParams.run(graph);
    }

    private void declareLocals(Signature signature, WasmModule.Body body) {
        localCount = 0;
        for (int i = 0; i < signature.params().length; i++) {
            declareLocals(signature.params()[i], 1);
        }
        for (WasmModule.LocalRun run : body.locals()) {
            declareLocals(Translation.type(run.type()), run.count());
        }
    }

    private void declareLocals(Type type, int count) {
        int end = localCount + count;
        if (end > localTypes.length) {
            localTypes = Arrays.copyOf(localTypes, Math.max(end, localTypes.length * 2));
        }
        Arrays.fill(localTypes, localCount, end, type);
        localCount = end;
    }

    private void begin(Signature signature) {
        depth = 0;
        savedCount = 0;
        exceptions.reset();
        int entry = graph.newBlock();
        graph.appendBlock(entry);
        out.reset(graph, entry);
        locals.reset(graph, localTypes, localCount);
        int n = signature.params().length;
        for (int i = 0; i < n; i++) {
            locals.set(i, out.emit(Op.ARG, localTypes[i], -1, -1, -1, i, 0));
        }
        initializeLocals(n);
        fuel.beginFunction(function);
        open(FUNCTION, -1, NO_TYPES, signature.results());
    }

    /** Declared locals are zero. One constant per type serves them all. */
    private void initializeLocals(int from) {
        int[] zero = new int[Type.values().length];
        Arrays.fill(zero, -1);
        for (int i = from; i < localCount; i++) {
            int key = localTypes[i].ordinal();
            if (zero[key] < 0) {
                zero[key] = out.constant(localTypes[i], 0);
            }
            locals.set(i, zero[key]);
        }
    }

    // ---- dispatch ----

    private void instruction(Opcode opcode) {
        switch (opcode) {
            case LOCAL_GET -> out.push(locals.get(reader.index()));
            case LOCAL_SET -> locals.set(reader.index(), out.pop());
            case LOCAL_TEE -> locals.set(reader.index(), out.top());
            case BLOCK -> openTyped(BLOCK, newLabel());
            case LOOP -> openLoop();
            case IF -> openIf();
            case TRY_TABLE -> openTryTable();
            case TRY -> openTry();
            case CATCH -> beginCatch(reader.index());
            case CATCH_ALL -> beginCatch(-1);
            case DELEGATE -> endTry(reader.index());
            case RETHROW -> {
                exceptions.protect(handler[depth - 1]);
                exceptions.raiseCaught(depth - 1 - reader.index());
            }
            case ELSE -> beginElse();
            case END -> end();
            case BR -> {
                branchTo(reader.index());
                out.setBlock(-1);
            }
            case BR_IF -> branchIf(out.pop(), reader.index());
            case BR_TABLE -> branchTable();
            case RETURN -> {
                emitReturn();
                out.setBlock(-1);
            }
            case UNREACHABLE -> {
                graph.appendTrap(out.block(), TrapCode.UNREACHABLE);
                out.setBlock(-1);
            }
            case RETURN_CALL, RETURN_CALL_INDIRECT, RETURN_CALL_REF -> {
                other(opcode);
                out.setBlock(-1);
            }
            case BR_ON_NULL -> branchOnNull(reader.index());
            case BR_ON_CAST -> branchIf(instructions.castTest(), reader.index());
            case BR_ON_CAST_FAIL -> branchIf(out.isZero(instructions.castTest()), reader.index());
            case BR_ON_NON_NULL -> branchOnNonNull(reader.index());
            default -> other(opcode);
        }
    }

    private void other(Opcode opcode) {
        exceptions.protect(handler[depth - 1]);
        if (!instructions.add(opcode)) {
            throw new UnsupportedFeatureException(
                    instructions.missing(opcode), opcode.text(), facts.place(function), reader.offset());
        }
    }

    /** Reads on to what makes code reachable again, or ends the construct. */
    private Opcode skipUnreachable(Opcode opcode) {
        int nested = 0;
        while (nested > 0 || !opcode.dividesBlock() && !opcode.closesBlock()) {
            switch (opcode) {
                case BLOCK, IF, TRY_TABLE, TRY -> nested++;
                case LOOP -> {
                    nested++;
                    loopsSeen++;
                }
                case END, DELEGATE -> nested--;
                default -> {}
            }
            opcode = reader.next();
        }
        return opcode;
    }

    // ---- constructs ----

    private void open(int what, int target, Type[] takes, Type[] gives) {
        if (depth == kind.length) {
            growConstructs();
        }
        kind[depth] = what;
        label[depth] = target;
        elseBlock[depth] = -1;
        handler[depth] = depth == 0 ? -1 : handler[depth - 1];
        floor[depth] = out.height() - takes.length;
        mark[depth] = locals.mark();
        params[depth] = takes;
        results[depth] = gives;
        depth++;
    }

    private void growConstructs() {
        int n = depth * 2;
        kind = Arrays.copyOf(kind, n);
        label = Arrays.copyOf(label, n);
        elseBlock = Arrays.copyOf(elseBlock, n);
        handler = Arrays.copyOf(handler, n);
        floor = Arrays.copyOf(floor, n);
        mark = Arrays.copyOf(mark, n);
        params = Arrays.copyOf(params, n);
        results = Arrays.copyOf(results, n);
        caseOfDepth = Arrays.copyOf(caseOfDepth, n);
        caseStamp = Arrays.copyOf(caseStamp, n);
    }

    /** Opens a construct of the reader's block type. */
    private void openTyped(int what, int target) {
        int typeIndex = reader.blockTypeIndex();
        ValType single = reader.blockValType();
        if (typeIndex >= 0) {
            Signature s = facts.signature(typeIndex);
            open(what, target, s.params(), s.results());
        } else if (single == null) {
            open(what, target, NO_TYPES, NO_TYPES);
        } else {
            open(what, target, NO_TYPES, SINGLE[Translation.type(single).ordinal()]);
        }
    }

    private int newLabel() {
        int target = graph.newBlock();
        locals.openBlock(target);
        return target;
    }

    private void openLoop() {
        int header = newLabel();
        openTyped(LOOP, header);
        int top = depth - 1;
        int n = params[top].length;
        jump(header, n);
        out.setHeight(out.height() - n);
        start(header);
        fuel.beginRound();
        locals.enterLoop(header, loopLocals, loopsSeen++);
        pushParams(header, params[top]);
    }

    private void pushParams(int target, Type[] types) {
        for (Type type : types) {
            out.push(graph.addParam(target, type));
        }
    }

    private void openIf() {
        int condition = out.pop();
        int yes = graph.newBlock();
        int no = newLabel();
        openTyped(IF, newLabel());
        elseBlock[depth - 1] = no;
        save(params[depth - 1].length);
        graph.appendBranch(out.block(), condition, yes, no);
        locals.addEdge(no, -1);
        start(yes);
    }

    /** Keeps the construct's parameters, which are on the stack, for its {@code else}. */
    private void save(int n) {
        saved = ensure(saved, savedCount + n);
        for (int i = 0; i < n; i++) {
            saved[savedCount++] = out.peek(n, i);
        }
    }

    private void restore(int n) {
        savedCount -= n;
        for (int i = 0; i < n; i++) {
            out.push(saved[savedCount + i]);
        }
    }

    /** Instructions go to a block that stands behind the last one. */
    private void start(int next) {
        graph.appendBlock(next);
        out.setBlock(next);
        fuel.beginSection();
    }

    private void beginElse() {
        int top = depth - 1;
        if (out.isReachable()) {
            jump(label[top], results[top].length);
        }
        kind[top] = ELSE;
        startElse(top);
    }

    private void startElse(int top) {
        locals.enter(elseBlock[top], mark[top]);
        start(elseBlock[top]);
        out.setHeight(floor[top]);
        restore(params[top].length);
    }

    private void end() {
        int top = depth - 1;
        if (kind[top] == IF) { // no else: its parameters are its results
            if (out.isReachable()) {
                jump(label[top], results[top].length);
            }
            startElse(top);
        }
        switch (kind[top]) {
            case FUNCTION -> {
                if (out.isReachable()) {
                    emitReturn();
                }
                depth--;
            }
            case LOOP -> {
                locals.closeLoop(label[top]);
                depth--;
            }
            case TRY_TABLE -> endTryTable(top);
            case TRY, CATCH -> endTry(0);
            default -> endBlock(top);
        }
    }

    // ---- exceptions

    private void openTryTable() {
        int n = reader.catchCount();
        openTyped(n == 0 ? BLOCK : TRY_TABLE, newLabel());
        if (n > 0) {
            handler[depth - 1] = newLabel();
            exceptions.openClauses(reader);
        }
    }

    /** The clauses are dispatched behind the body, where control comes only from landings. */
    private void endTryTable(int top) {
        if (out.isReachable()) {
            jump(label[top], results[top].length);
        }
        depth--;
        int count = exceptions.closeClauses();
        if (enterDispatch(top, handler[top])) {
            for (int i = 0; out.isReachable() && i < count; i++) {
                int otherwise = graph.newBlock();
                boolean goesOn = exceptions.enterClause(i, otherwise);
                branchTo(exceptions.clauseLabel(i));
                out.setHeight(floor[top]);
                out.setBlock(-1);
                if (goesOn) {
                    start(otherwise);
                }
            }
            passOn(depth - 1);
        }
        depth++;
        endBlock(top);
    }

    private void openTry() {
        openTyped(TRY, newLabel());
        handler[depth - 1] = newLabel();
        elseBlock[depth - 1] = handler[depth - 1];
    }

    /** Goes on where the exceptions arrive that no clause before was for. @param tag index, or -1 for all */
    private void beginCatch(int tag) {
        int top = depth - 1;
        if (out.isReachable()) {
            jump(label[top], results[top].length);
        }
        if (kind[top] == CATCH) {
            exceptions.closeCatch(top);
        }
        kind[top] = CATCH;
        handler[top] = handler[top - 1];
        boolean arrives = enterDispatch(top, elseBlock[top]);
        elseBlock[top] = -1;
        if (arrives && tag >= 0) {
            elseBlock[top] = newLabel();
            locals.addEdge(elseBlock[top], -1);
            exceptions.enterCatch(tag, elseBlock[top]);
        }
        exceptions.openCatch(top);
    }

    /** Ends a {@code try}: what it did not catch goes on as if thrown {@code relative} labels further out. */
    private void endTry(int relative) {
        int top = depth - 1;
        if (out.isReachable()) {
            jump(label[top], results[top].length);
        }
        if (kind[top] == CATCH) {
            exceptions.closeCatch(top);
        }
        if (enterDispatch(top, elseBlock[top])) {
            passOn(top - 1 - relative);
        }
        endBlock(top);
    }

    /** Code goes on in a block that landings lead to, with the operands below the construct; false if none does. */
    private boolean enterDispatch(int top, int dispatch) {
        out.setBlock(-1);
        if (dispatch < 0 || locals.edgeCount(dispatch) == 0) {
            return false;
        }
        locals.enter(dispatch, mark[top]);
        start(dispatch);
        out.setHeight(floor[top]);
        return true;
    }

    /** The exception that has arrived goes on as if it had been thrown within the construct {@code frame}. */
    private void passOn(int frame) {
        if (!out.isReachable()) {
            return;
        }
        if (handler[frame] >= 0) {
            jump(handler[frame], 0);
        } else {
            exceptions.leave();
        }
        out.setBlock(-1);
    }

    /** Goes on behind a block or {@code if} where some path does. */
    private void endBlock(int top) {
        int target = label[top];
        int n = results[top].length;
        depth--;
        if (locals.edgeCount(target) == 0) {
            return;
        }
        if (out.isReachable()) {
            jump(target, n);
        }
        out.setHeight(floor[top]);
        if (locals.edgeCount(target) == 1) {
            takeArguments(locals.lastJump(target));
        } else {
            pushParams(target, results[top]);
        }
        locals.enter(target, mark[top]);
        start(target);
    }

    /** A block that only this jump enters needs no parameters. */
    private void takeArguments(int jump) {
        for (int i = 0; i < graph.operandCount(jump); i++) {
            out.push(graph.operand(jump, i));
        }
        graph.resizeList(jump, 0);
    }

    // ---- branches ----

    private int labelArity(int frame) {
        return kind[frame] == LOOP ? params[frame].length : results[frame].length;
    }

    /** Jumps from the current block with the top {@code n} operands, which stay. */
    private void jump(int target, int n) {
        int v = graph.createList(Op.JUMP, Type.VOID, n, 0, 0);
        for (int i = 0; i < n; i++) {
            graph.setOperand(v, i, out.peek(n, i));
        }
        graph.setSuccessors(out.block(), target);
        graph.append(out.block(), v);
        locals.addEdge(target, v);
    }

    private void emitReturn() {
        int n = results[0].length;
        int v = graph.createList(Op.RETURN, Type.VOID, n, 0, 0);
        for (int i = 0; i < n; i++) {
            graph.setOperand(v, i, out.peek(n, i));
        }
        graph.append(out.block(), v);
    }

    /** Ends the current block with a branch to the label; operands stay on the stack. */
    private void branchTo(int relative) {
        int frame = depth - 1 - relative;
        if (kind[frame] == FUNCTION) {
            emitReturn();
        } else {
            jump(label[frame], labelArity(frame));
        }
    }

    private void branchIf(int condition, int relative) {
        int taken = graph.newBlock();
        int next = graph.newBlock();
        graph.appendBranch(out.block(), condition, taken, next);
        start(taken);
        branchTo(relative);
        start(next);
    }

    private void branchTable() {
        int index = out.pop();
        int n = reader.labelCount();
        cases = ensure(cases, n);
        int[] targets = new int[Math.min(n + 1, depth)];
        int distinct = 0;
        caseStampNow++;
        for (int i = 0; i <= n; i++) {
            int frame = depth - 1 - reader.label(i);
            if (caseStamp[frame] != caseStampNow) {
                caseStamp[frame] = caseStampNow;
                caseOfDepth[frame] = distinct;
                targets[distinct++] = reader.label(i);
            }
            cases[i] = caseOfDepth[frame];
        }
        int from = out.block();
        int[] edges = new int[distinct];
        int v = graph.create(Op.BR_TABLE, Type.VOID, index, -1, -1, 0, 0);
        graph.setTableCases(v, cases, n + 1);
        graph.append(from, v);
        for (int i = 0; i < distinct; i++) {
            edges[i] = graph.newBlock();
            start(edges[i]);
            branchTo(targets[i]);
        }
        graph.setSuccessors(from, edges);
        out.setBlock(-1);
    }

    private void branchOnNull(int relative) {
        int reference = out.pop();
        branchIf(out.isNull(reference), relative);
        out.push(reference);
    }

    private void branchOnNonNull(int relative) {
        int reference = out.pop();
        int condition = out.isNull(reference);
        int taken = graph.newBlock();
        int next = graph.newBlock();
        graph.appendBranch(out.block(), condition, next, taken);
        start(taken);
        out.push(reference);
        branchTo(relative);
        out.pop();
        start(next);
    }

    private static Type[][] single() {
        Type[][] list = new Type[Type.values().length][];
        for (Type type : Type.values()) {
            list[type.ordinal()] = new Type[] {type};
        }
        return list;
    }
}
