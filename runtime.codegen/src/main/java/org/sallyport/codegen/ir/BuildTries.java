package org.sallyport.codegen.ir;

import org.sallyport.codegen.ir.Constructs.Kind;
import org.sallyport.wasm.CodeReader;

/** Opens and closes the constructs that catch exceptions. What is in their clauses is {@link BuildExceptions}'. */
final class BuildTries {
    private final CodeReader reader;
    private final Emitter out;
    private final Constructs constructs;
    private final LocalValues locals;
    private final BuildBranches branches;
    private final BuildConstructs blocks;
    private final BuildExceptions exceptions;

    BuildTries(
            CodeReader reader,
            Emitter out,
            Constructs constructs,
            LocalValues locals,
            BuildBranches branches,
            BuildConstructs blocks,
            BuildExceptions exceptions) {
        this.reader = reader;
        this.out = out;
        this.constructs = constructs;
        this.locals = locals;
        this.branches = branches;
        this.blocks = blocks;
        this.exceptions = exceptions;
    }

    /** What is built next throws to the handler of the innermost construct. */
    void protect() {
        exceptions.protect(constructs.handler(constructs.top()));
    }

    void rethrow(int relative) {
        protect();
        exceptions.raiseCaught(constructs.at(relative));
    }

    // ---- try_table

    void openTryTable() {
        int n = reader.catchCount();
        blocks.openTyped(n == 0 ? Kind.BLOCK : Kind.TRY_TABLE, branches.newLabel());
        if (n > 0) {
            constructs.setHandler(constructs.top(), branches.newLabel());
            exceptions.openClauses(reader);
        }
    }

    /** The clauses are dispatched behind the body, where control comes only from landings. */
    void endTryTable() {
        int top = constructs.top();
        branches.jumpBehind(top);
        constructs.close();
        int count = exceptions.closeClauses();
        if (enterDispatch(top, constructs.handler(top))) {
            for (int i = 0; out.isReachable() && i < count; i++) {
                int otherwise = out.graph().newBlock();
                boolean goesOn = exceptions.enterClause(i, otherwise);
                branches.branchTo(exceptions.clauseLabel(i));
                out.setHeight(constructs.floor(top));
                out.setBlock(-1);
                if (goesOn) {
                    branches.start(otherwise);
                }
            }
            passOn(constructs.top());
        }
        constructs.reopen();
        blocks.endBlock();
    }

    // ---- the older form

    void openTry() {
        blocks.openTyped(Kind.TRY, branches.newLabel());
        int top = constructs.top();
        constructs.setHandler(top, branches.newLabel());
        constructs.setElseBlock(top, constructs.handler(top));
    }

    /** Goes on where the exceptions arrive that no clause before was for. @param tag index, or -1 for all */
    void beginCatch(int tag) {
        int top = constructs.top();
        leaveBody(top);
        constructs.setKind(top, Kind.CATCH);
        constructs.setHandler(top, constructs.handler(top - 1));
        boolean arrives = enterDispatch(top, constructs.elseBlock(top));
        constructs.setElseBlock(top, -1);
        if (arrives && tag >= 0) {
            int otherwise = branches.newLabel();
            constructs.setElseBlock(top, otherwise);
            locals.addEdge(otherwise, -1);
            exceptions.enterCatch(tag, otherwise);
        }
        exceptions.openCatch(top);
    }

    /** Ends a {@code try}: what it did not catch goes on as if thrown {@code relative} labels further out. */
    void endTry(int relative) {
        int top = constructs.top();
        leaveBody(top);
        if (enterDispatch(top, constructs.elseBlock(top))) {
            passOn(top - 1 - relative);
        }
        blocks.endBlock();
    }

    private void leaveBody(int top) {
        branches.jumpBehind(top);
        if (constructs.kind(top) == Kind.CATCH) {
            exceptions.closeCatch(top);
        }
    }

    // ---- dispatch

    /** Code goes on in a block that landings lead to, with the operands below the construct; false if none does. */
    private boolean enterDispatch(int top, int dispatch) {
        out.setBlock(-1);
        if (dispatch < 0 || locals.edgeCount(dispatch) == 0) {
            return false;
        }
        locals.enter(dispatch, constructs.mark(top));
        branches.start(dispatch);
        out.setHeight(constructs.floor(top));
        return true;
    }

    /** The exception that has arrived goes on as if it had been thrown within the construct {@code frame}. */
    private void passOn(int frame) {
        if (!out.isReachable()) {
            return;
        }
        if (constructs.handler(frame) >= 0) {
            branches.jump(constructs.handler(frame), 0);
        } else {
            exceptions.leave();
        }
        out.setBlock(-1);
    }
}
