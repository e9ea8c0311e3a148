package org.sallyport.validator;

import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.ValidModule.FunctionFacts;
import org.sallyport.wasm.BodySyntax;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule.Body;
import org.sallyport.wasm.WasmModule.LocalRun;

/**
 * Checks function bodies, one after the other, in a single pass without recursion (WebAssembly 3.0, 3.5.3). One per
 * thread.
 */
final class CheckBody {
    /** Instructions between two looks at the budget, less one. */
    private static final int BETWEEN_CHECKS = (1 << 13) - 1;

    private final Context context;
    private final Scope scope;
    private final CheckInstruction instruction;

    CheckBody(Context context, Uses uses, CompileBudget budget) {
        this.context = context;
        scope = new Scope(context, uses, budget);
        instruction = new CheckInstruction(scope);
    }

    /** Offset of the instruction at fault. */
    int offset() {
        return scope.code.offset();
    }

    /** What has been met since this object exists. */
    long met() {
        return scope.uses.met();
    }

    /** @param function index in the function index space */
    FunctionFacts check(int function) {
        Body body = context.spaces.body(function);
        int type = context.spaces.funcTypeIndex(function);
        scope.reset(body.code(), context.types.params(type));
        for (LocalRun run : body.locals()) {
            scope.uses.need(run.type());
            scope.locals.declare(run.count(), context.types.code(run.type()));
        }
        scope.operands.enter(Opcode.BLOCK, Types.NONE, context.types.results(type), 0);
        int instructions = 0;
        while (scope.operands.depth() > 0) {
            instruction.check(scope.code.next());
            if ((++instructions & BETWEEN_CHECKS) == 0) {
                scope.checkBudget();
            } else {
                scope.checkWork();
            }
        }
        BodySyntax.checkEnd(scope.code.position(), body);
        return new FunctionFacts(
                instructions,
                scope.operands.greatestHeight(),
                scope.operands.greatestDepth(),
                scope.calls,
                scope.tailCalls,
                scope.loops,
                scope.touchesMemory);
    }
}
