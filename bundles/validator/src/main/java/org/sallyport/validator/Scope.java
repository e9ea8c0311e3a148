package org.sallyport.validator;

import org.sallyport.spi.CompileBudget;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Malformed;
import org.sallyport.wasm.MalformedCodeException;

/** The state of checking one instruction sequence; used again for the next. One per thread. */
final class Scope {
    /** Operands that may be looked at before the budget is. */
    private static final int MUCH_WORK = 1 << 20;

    private final CompileBudget budget;
    final Context context;
    final Types types;
    final Uses uses;
    final CodeReader code;
    final Operands operands;
    final Locals locals = new Locals();

    // Facts about the body.
    boolean calls;
    boolean tailCalls;
    boolean loops;
    boolean touchesMemory;

    Scope(Context context, Uses uses, CompileBudget budget) {
        this.budget = budget;
        this.context = context;
        this.types = context.types;
        this.uses = uses;
        code = new CodeReader(context.module.binary(), 0, 0);
        operands = new Operands(types, context.limits);
    }

    /** Starts with the operand stack empty. The range may end behind the sequence: it is read to its own end. */
    void reset(int start, int[] params) {
        code.reset(start, context.module.binary().length);
        operands.reset();
        locals.reset(params);
        calls = false;
        tailCalls = false;
        loops = false;
        touchesMemory = false;
    }

    void checkBudget() {
        operands.work = 0;
        budget.check();
    }

    /** Looks at the budget if there was much work since the last look. Instructions that may take long ask, too. */
    void checkWork() {
        if (operands.work > MUCH_WORK) {
            checkBudget();
        }
    }

    /** Checks the index of a data segment. Without a data count section no code may name one (5.5.15). */
    void data(int index) {
        int count = context.module.dataCount();
        if (count < 0) {
            throw new MalformedCodeException(Malformed.DATA_COUNT_REQUIRED, code.offset());
        }
        if (index >= count) {
            throw Violation.index(Problem.UNKNOWN_DATA, index, count);
        }
    }
}
