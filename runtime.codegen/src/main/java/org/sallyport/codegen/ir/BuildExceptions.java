package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import org.sallyport.TrapCode;
import org.sallyport.spi.Builtin;
import org.sallyport.wasm.CodeReader;

/**
 * Builds what throws and what catches (docs/abi.md, "Exceptions"; WebAssembly 3.0, 4.6.8).
 *
 * <p>A protected region ({@code try_table}, the body of a {@code try}) has one block that dispatches: it compares the
 * tag of the exception that has arrived with those of the clauses and goes to one of them, or on to the region around.
 * Each call in the region ends its block; where it throws, control comes to a <em>landing</em>, a block of the call's own
 * with nothing but a jump to the dispatch. So to all passes a handler is a block like others, which is entered with the
 * locals as they are at the call.
 *
 * <p>Of an exception that was caught, tag and values lie in the store context until the next one is thrown: dispatch
 * reads them before anything else can run. Only who wants a reference to it asks the runtime to keep it.
 */
final class BuildExceptions {
    private static final int CLAUSE = 3;

    private final ModuleFacts facts;
    private final Emitter out;
    private final LocalValues locals;
    /** The dispatch of the region that instructions are in, or -1. */
    private int handler;

    // clauses of the open try_tables: kind, tag, label
    private int[] clauses = new int[16];
    private int clauseCount;
    private int closing;
    /** Where the clauses of each open try_table begin. */
    private int[] firstClause = new int[8];
    private int tables;

    // catch clauses of the older form, by construct: the call that asks for a reference, or -1; whether anybody wants it
    private int[] caught = new int[32];
    private boolean[] isWanted = new boolean[32];

    BuildExceptions(ModuleFacts facts, Emitter out, LocalValues locals) {
        this.facts = facts;
        this.out = out;
        this.locals = locals;
    }

    void reset() {
        handler = -1;
        clauseCount = 0;
        tables = 0;
    }

    /** What is built from now on throws to {@code dispatch}, a block of {@link LocalValues}; -1: out of the function. */
    void protect(int dispatch) {
        handler = dispatch;
    }

    // ---- calls

    /** Behind a call that may throw, and its results: within a region, it ends the block. */
    void called() {
        if (handler >= 0) {
            int next = out.graph().newBlock();
            end(next);
            out.graph().appendBlock(next);
            out.setBlock(next);
        }
    }

    /** Ends the block with the outcome of a call: on to {@code next}, or to a landing. */
    private void end(int next) {
        Graph graph = out.graph();
        int landing = graph.newBlock();
        graph.setSuccessors(out.block(), next, landing);
        out.emit(Op.OUTCOME, Type.VOID);
        graph.appendBlock(landing);
        locals.addEdge(handler, graph.appendJump(landing, handler));
    }

    // ---- throwing

    /** {@code throw}: the values are on the stack. */
    void raise(int tag) {
        Type[] types = types(tag);
        for (int i = types.length; i-- > 0; ) {
            out.emit(Op.EXCEPTION_SET, Type.VOID, out.pop(), -1, -1, i, 0);
        }
        throwing(Builtin.THROW, out.i32(tag));
    }

    /** {@code throw_ref}, of a reference that is not null. */
    void raiseAgain(int exception) {
        throwing(Builtin.THROW_REF, exception);
    }

    /** {@code rethrow} of what the {@code catch} of an open construct has caught. */
    void raiseCaught(int construct) {
        isWanted[construct] = true;
        throwing(Builtin.THROW_REF, caught[construct]);
    }

    /** The exception that has arrived is for nobody in this function. */
    void leave() {
        handler = -1;
        throwing(Builtin.RETHROW);
    }

    private void throwing(Builtin builtin, int... arguments) {
        out.list(Op.CALL_BUILTIN, Type.VOID, builtin.ordinal(), 0, arguments);
        called();
        out.graph().appendTrap(out.block(), TrapCode.UNREACHABLE); // it does not return
        out.setBlock(-1);
    }

    /** Whether the builtin of that number ends with an exception. */
    static boolean throwing(int builtin) {
        return builtin == Builtin.THROW.ordinal() || builtin == Builtin.THROW_REF.ordinal()
                || builtin == Builtin.RETHROW.ordinal();
    }

    // ---- clauses of try_table

    void openClauses(CodeReader reader) {
        firstClause = ensure(firstClause, tables);
        firstClause[tables++] = clauseCount;
        for (int i = 0; i < reader.catchCount(); i++) {
            clauses = ensure(clauses, clauseCount + CLAUSE);
            clauses[clauseCount++] = reader.catchKind(i);
            clauses[clauseCount++] = reader.catchTag(i);
            clauses[clauseCount++] = reader.catchLabel(i);
        }
    }

    /** The innermost {@code try_table} ends: its clauses may be asked for until the next one is opened. */
    int closeClauses() {
        closing = firstClause[--tables];
        int count = (clauseCount - closing) / CLAUSE;
        clauseCount = closing;
        return count;
    }

    int clauseLabel(int i) {
        return clauses[closing + CLAUSE * i + 2];
    }

    /**
     * Goes on where the clause fits, with what it passes on the stack.
     *
     * @param otherwise the block for all other exceptions
     * @return whether there are others
     */
    boolean enterClause(int i, int otherwise) {
        int kind = clauses[closing + CLAUSE * i];
        int tag = clauses[closing + CLAUSE * i + 1];
        if (tag >= 0) {
            enterCatch(tag, otherwise);
        }
        if (kind == CodeReader.CATCH_REF || kind == CodeReader.CATCH_ALL_REF) {
            out.push(reference());
        }
        return tag >= 0;
    }

    // ---- dispatch

    /** Goes on where the exception that has arrived is of the tag, with its values on the stack. */
    void enterCatch(int tag, int otherwise) {
        Graph graph = out.graph();
        int found = out.emit(Op.EXCEPTION_TAG, Type.I64);
        int wanted = out.emit(Op.TAG_NUMBER, Type.I64, -1, -1, -1, tag, 0);
        int yes = graph.newBlock();
        graph.appendBranch(out.block(), out.emit(Op.EQ, Type.I32, found, wanted), yes, otherwise);
        graph.appendBlock(yes);
        out.setBlock(yes);
        Type[] types = types(tag);
        for (int i = 0; i < types.length; i++) {
            out.push(out.emit(Op.EXCEPTION_GET, types[i], -1, -1, -1, i, 0));
        }
    }

    private Type[] types(int tag) {
        return facts.signature(facts.spaces().tagTypeIndex(tag)).params();
    }

    /** A reference to the exception that has arrived. */
    private int reference() {
        return out.list(Op.CALL_BUILTIN, Type.REF, Builtin.CAUGHT.ordinal(), 0);
    }

    // ---- catch clauses of the older form

    /** Instructions of a {@code catch} or {@code catch_all} of the construct begin. */
    void openCatch(int construct) {
        caught = ensure(caught, construct);
        if (construct >= isWanted.length) {
            isWanted = java.util.Arrays.copyOf(isWanted, caught.length);
        }
        caught[construct] = out.isReachable() ? reference() : -1;
        isWanted[construct] = false;
    }

    /** They end: a reference that no {@code rethrow} wanted need not be asked for. */
    void closeCatch(int construct) {
        if (caught[construct] >= 0 && !isWanted[construct]) {
            out.graph().remove(caught[construct]);
        }
    }
}
