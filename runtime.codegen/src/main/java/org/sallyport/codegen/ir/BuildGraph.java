package org.sallyport.codegen.ir;

import java.util.Arrays;
import org.sallyport.TrapCode;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.codegen.ir.Constructs.Kind;
import org.sallyport.codegen.ir.ModuleFacts.Signature;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule;

/**
 * Builds the graph of a valid function body in one walk over its instructions. The operand stack becomes a stack of value
 * ids, locals are {@link LocalValues}; unreachable code is skipped. Depth of nesting costs array entries ({@link
 * Constructs}), never recursion. Here each instruction is given to who builds it: {@link BuildConstructs}, {@link
 * BuildBranches}, {@link BuildTries}; {@link BuildInstructions} has all that do not change control flow. One instance serves
 * one thread, for many functions.
 */
public final class BuildGraph {
    /** Bytes of code that make a value of the graph; most code has fewer. */
    private static final int BYTES_OF_VALUE = 3;

    private final ModuleFacts facts;
    private final CodeReader reader;
    private final SimplifyParams simplifyParams = new SimplifyParams();
    private final Emitter out = new Emitter();
    private final Constructs open = new Constructs();
    private final LocalValues locals;
    private final BuildBranches branches;
    private final BuildConstructs constructs;
    private final BuildExceptions exceptions;
    private final BuildTries tries;
    private final BuildInstructions instructions;
    private final FuelSections fuel;
    private Graph graph = out.graph();
    private int function;

    private Type[] localTypes = new Type[16];
    private int localCount;

    public BuildGraph(ModuleFacts facts) {
        this.facts = facts;
        reader = new CodeReader(facts.binary(), 0, 0);
        locals = new LocalValues(graph);
        fuel = new FuelSections(facts, out);
        branches = new BuildBranches(reader, out, open, locals, fuel);
        constructs = new BuildConstructs(facts, reader, out, open, locals, branches, fuel);
        exceptions = new BuildExceptions(facts, out, locals);
        tries = new BuildTries(reader, out, open, locals, branches, constructs, exceptions);
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
        graph.reset(functionIndex, signature.params(), signature.results());
        graph.reserveValues((body.end() - body.code()) / BYTES_OF_VALUE);
        graph.setSharedMemories(facts.sharedMemories());
        declareLocals(signature, body);
        reader.reset(body.code(), body.end());
        constructs.reset(facts.valid().facts(functionIndex).loops(), localCount, graph);
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
            declareLocals(facts.type(run.type()), run.count());
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
        constructs.openFunction(signature);
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

    // ---- dispatch

    private void instruction(Opcode opcode) {
        switch (opcode) {
            case LOCAL_GET -> out.push(locals.get(reader.index()));
            case LOCAL_SET -> locals.set(reader.index(), out.pop());
            case LOCAL_TEE -> locals.set(reader.index(), out.top());
            case BLOCK -> constructs.openTyped(Kind.BLOCK, branches.newLabel());
            case LOOP -> constructs.openLoop();
            case IF -> constructs.openIf();
            case ELSE -> constructs.beginElse();
            case END -> end();
            case TRY_TABLE -> tries.openTryTable();
            case TRY -> tries.openTry();
            case CATCH -> tries.beginCatch(reader.index());
            case CATCH_ALL -> tries.beginCatch(-1);
            case DELEGATE -> tries.endTry(reader.index());
            case RETHROW -> tries.rethrow(reader.index());
            case BR -> {
                branches.branchTo(reader.index());
                out.setBlock(-1);
            }
            case BR_IF -> branches.branchIf(out.pop(), reader.index());
            case BR_TABLE -> branches.branchTable();
            case RETURN -> {
                branches.emitReturn();
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
            case BR_ON_NULL -> branches.branchOnNull(reader.index());
            case BR_ON_CAST -> branches.branchIf(instructions.castTest(), reader.index());
            case BR_ON_CAST_FAIL -> branches.branchIf(out.isZero(instructions.castTest()), reader.index());
            case BR_ON_NON_NULL -> branches.branchOnNonNull(reader.index());
            default -> other(opcode);
        }
    }

    private void other(Opcode opcode) {
        tries.protect();
        if (!instructions.add(opcode)) {
            throw new UnsupportedFeatureException(
                    instructions.missing(opcode), opcode.text(), facts.place(function), reader.offset());
        }
    }

    private void end() {
        switch (open.kind(open.top())) {
            case FUNCTION -> constructs.endFunction();
            case LOOP -> constructs.endLoop();
            case IF -> constructs.endIf();
            case BLOCK, ELSE -> constructs.endBlock();
            case TRY_TABLE -> tries.endTryTable();
            case TRY, CATCH -> tries.endTry(0);
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
                    constructs.skipLoop();
                }
                case END, DELEGATE -> nested--;
                default -> {}
            }
            opcode = reader.next();
        }
        return opcode;
    }
}
