package org.sallyport.validator;

import static org.sallyport.validator.Problem.NOT_CONSTANT;
import static org.sallyport.validator.Problem.UNKNOWN_GLOBAL;

import org.sallyport.spi.CompileBudget;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule.Expr;

/** Constant expressions (WebAssembly 3.0, 3.4.16). Functions they refer to count as declared. */
final class CheckConstant {
    private final Context context;
    private final Scope scope;
    private final CheckInstruction instruction;
    private int visibleGlobals;

    CheckConstant(Context context, Uses uses, CompileBudget budget) {
        this.context = context;
        scope = new Scope(context, uses, budget);
        instruction = new CheckInstruction(scope);
    }

    /** Offset of the instruction at fault. */
    int offset() {
        return scope.code.offset();
    }

    /**
     * Checks that the expression is constant and gives the type.
     *
     * @param visibleGlobals how many globals, from the first, it may read
     */
    void check(Expr expr, int type, int visibleGlobals) {
        this.visibleGlobals = scope.uses.allows(Feature.GC)
                ? visibleGlobals
                : Math.min(visibleGlobals, context.spaces.importedGlobals());
        scope.reset(expr.start(), Types.NONE);
        scope.operands.enter(Opcode.BLOCK, Types.NONE, new int[] {type}, 0);
        while (scope.operands.depth() > 0) {
            Opcode op = scope.code.next();
            admit(op);
            instruction.check(op);
            scope.checkWork();
        }
    }

    private void admit(Opcode op) {
        switch (op) {
            case I32_CONST, I64_CONST, F32_CONST, F64_CONST, V128_CONST, REF_NULL, END -> {}
            case REF_FUNC -> {
                context.function(scope.code.index());
                context.declared.set(scope.code.index());
            }
            case GLOBAL_GET -> global(scope.code.index());
            case I32_ADD, I32_SUB, I32_MUL, I64_ADD, I64_SUB, I64_MUL ->
                scope.uses.need(Feature.EXTENDED_CONST, NOT_CONSTANT, op.text());
            case STRUCT_NEW, STRUCT_NEW_DEFAULT, ARRAY_NEW, ARRAY_NEW_DEFAULT, ARRAY_NEW_FIXED, REF_I31,
                    ANY_CONVERT_EXTERN, EXTERN_CONVERT_ANY ->
                scope.uses.need(Feature.GC, NOT_CONSTANT, op.text());
            default -> throw new Violation(NOT_CONSTANT, "found " + op.text());
        }
    }

    private void global(int index) {
        if (index >= visibleGlobals) {
            throw Violation.index(UNKNOWN_GLOBAL, index, visibleGlobals);
        }
        if (context.mutable[index]) {
            throw new Violation(NOT_CONSTANT, "global " + index + " is mutable");
        }
        if (index >= context.spaces.importedGlobals()) {
            scope.uses.need(Feature.GC, NOT_CONSTANT, "a global that is not imported");
        }
    }
}
