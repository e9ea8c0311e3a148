package org.sallyport.validator;

import static org.sallyport.validator.Problem.TYPE_MISMATCH;
import static org.sallyport.validator.Problem.UNDECLARED_REFERENCE;

import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Opcode;

/** References, their casts, and branches that depend on them (WebAssembly 3.0, 3.4.4 and 3.4.8). */
final class CheckReferences {
    private final Scope scope;
    private final Context context;
    private final Types types;
    private final Operands operands;
    private final CodeReader code;

    CheckReferences(Scope scope) {
        this.scope = scope;
        context = scope.context;
        types = scope.types;
        operands = scope.operands;
        code = scope.code;
    }

    /** Returns false for instructions of other families. */
    boolean check(Opcode op) {
        switch (op) {
            case REF_NULL -> operands.push(target());
            case REF_IS_NULL -> {
                operands.popRef();
                operands.push(Types.I32);
            }
            case REF_FUNC -> refFunc();
            case REF_AS_NON_NULL -> operands.push(nonNull(operands.popRef()));
            case BR_ON_NULL -> branchOnNull();
            case BR_ON_NON_NULL -> branchOnNonNull();
            case REF_TEST, REF_TEST_NULL -> {
                operands.pop(types.castSource(target() & Types.HEAP));
                operands.push(Types.I32);
            }
            case REF_CAST, REF_CAST_NULL -> {
                int target = target();
                operands.pop(types.castSource(target & Types.HEAP));
                operands.push(target);
            }
            case BR_ON_CAST, BR_ON_CAST_FAIL -> branchOnCast(op == Opcode.BR_ON_CAST);
            case ANY_CONVERT_EXTERN -> convert(Types.EXTERN, Types.ANY);
            case EXTERN_CONVERT_ANY -> convert(Types.ANY, Types.EXTERN);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The reference type immediate. */
    private int target() {
        scope.uses.need(code.refType());
        return types.code(code.refType());
    }

    private void refFunc() {
        int function = code.index();
        int type = context.function(function);
        if (!context.declared.get(function)) {
            throw Violation.entry(UNDECLARED_REFERENCE, function);
        }
        operands.push(types.refTo(type));
    }

    /** Of an unknown operand it is only known that it is a reference. */
    private static int nonNull(int type) {
        return type == Types.BOTTOM ? Types.REF | Types.BOTTOM_HEAP : type & ~Types.NULLABLE;
    }

    private void branchOnNull() {
        int operand = operands.popRef();
        int[] label = operands.label(code.index());
        operands.popAll(label);
        operands.pushAll(label);
        operands.push(nonNull(operand));
    }

    private void branchOnNonNull() {
        int[] label = operands.label(code.index());
        int last = lastRef(label);
        operands.pop(last | Types.NULLABLE);
        operands.popAll(label, label.length - 1);
        operands.pushAll(label, label.length - 1);
    }

    private static int lastRef(int[] label) {
        if (label.length == 0 || !Types.isRef(label[label.length - 1])) {
            throw new Violation(TYPE_MISMATCH, "the label takes " + Types.text(label, 0, label.length)
                    + ", which does not end with a reference");
        }
        return label[label.length - 1];
    }

    private void branchOnCast(boolean branchOnSuccess) {
        scope.uses.need(code.refType());
        scope.uses.need(code.refType2());
        int from = types.code(code.refType());
        int to = types.code(code.refType2());
        if (!types.isSubtype(to, from)) {
            throw new Violation(TYPE_MISMATCH, "cast from " + Types.text(from) + " to " + Types.text(to));
        }
        int failed = (to & Types.NULLABLE) != 0 ? from & ~Types.NULLABLE : from;
        int[] label = operands.label(code.index());
        int branched = branchOnSuccess ? to : failed;
        if (!types.isSubtype(branched, lastRef(label))) {
            throw new Violation(TYPE_MISMATCH, "the branch gives " + Types.text(branched) + " but its label takes "
                    + Types.text(label, 0, label.length));
        }
        operands.pop(from);
        operands.popAll(label, label.length - 1);
        operands.pushAll(label, label.length - 1);
        operands.push(branchOnSuccess ? failed : to);
    }

    /** Null stays null, and what is not null stays so. */
    private void convert(int from, int to) {
        int operand = operands.pop(Types.REF | Types.NULLABLE | from);
        operands.push(Types.REF | operand & Types.NULLABLE | to);
    }
}
