package org.sallyport.validator;

import static org.sallyport.validator.Problem.RETHROW_LABEL;
import static org.sallyport.validator.Problem.TYPE_MISMATCH;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Malformed;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;

/** Blocks, branches, calls and exceptions (WebAssembly 3.0, 3.4.8-3.4.9; the older exception handling as proposed). */
final class CheckControl {
    /** Result lists of one simple type, by its code. */
    private static final int[][] SINGLE = {{}, {Types.I32}, {Types.I64}, {Types.F32}, {Types.F64}, {Types.V128}};

    private static final int[] EXCEPTION = {Types.EXNREF & ~Types.NULLABLE};

    private final Scope scope;
    private final Context context;
    private final Types types;
    private final Operands operands;
    private final CodeReader code;
    private int[] blockParams = Types.NONE;
    private int[] blockResults = Types.NONE;

    CheckControl(Scope scope) {
        this.scope = scope;
        context = scope.context;
        types = scope.types;
        operands = scope.operands;
        code = scope.code;
    }

    /** Returns false for instructions of other families. */
    boolean check(Opcode op) {
        switch (op) {
            case UNREACHABLE -> operands.unreachable();
            case BLOCK, LOOP, IF, TRY -> block(op);
            case ELSE -> otherwise();
            case END -> end();
            case TRY_TABLE -> tryTable();
            case CATCH, CATCH_ALL -> handler(op);
            case DELEGATE -> {
                require(op, operands.kind() == Opcode.TRY);
                end();
                operands.label(code.index());
            }
            case RETHROW -> {
                Opcode kind = operands.kind(code.index());
                if (kind != Opcode.CATCH && kind != Opcode.CATCH_ALL) {
                    throw new Violation(RETHROW_LABEL, code.index() + " is no catch or catch_all");
                }
                operands.unreachable();
            }
            case BR -> {
                operands.checkTop(operands.label(code.index()));
                operands.unreachable();
            }
            case BR_IF -> {
                operands.pop(Types.I32);
                int[] label = operands.label(code.index());
                operands.popAll(label);
                operands.pushAll(label);
            }
            case BR_TABLE -> branchTable();
            case RETURN -> {
                operands.checkTop(operands.bodyResults());
                operands.unreachable();
            }
            case THROW -> {
                operands.popAll(types.params(context.tag(code.index())));
                operands.unreachable();
            }
            case THROW_REF -> {
                operands.pop(Types.EXNREF);
                operands.unreachable();
            }
            default -> {
                return call(op);
            }
        }
        return true;
    }

    private void block(Opcode op) {
        blockType();
        if (op == Opcode.IF) {
            operands.pop(Types.I32);
        }
        scope.loops |= op == Opcode.LOOP;
        operands.popAll(blockParams);
        operands.enter(op, blockParams, blockResults, scope.locals.mark());
    }

    private void blockType() {
        int index = code.blockTypeIndex();
        @Nullable ValType type = code.blockValType();
        if (index >= 0) {
            types.checkFunction(index);
            scope.uses.need(Feature.MULTI_VALUE, "a block type with an index");
            blockParams = types.params(index);
            blockResults = types.results(index);
            return;
        }
        blockParams = Types.NONE;
        blockResults = Types.NONE;
        if (type != null) {
            scope.uses.need(type);
            int result = types.code(type);
            blockResults = result < SINGLE.length ? SINGLE[result] : new int[] {result};
        }
    }

    private void require(Opcode op, boolean condition) {
        if (!condition) {
            throw new MalformedCodeException(Malformed.END_EXPECTED, code.offset(), "found " + op.text());
        }
    }

    private void otherwise() {
        require(Opcode.ELSE, operands.kind() == Opcode.IF);
        int[] params = operands.starts();
        int[] results = operands.ends();
        int mark = operands.leave();
        scope.locals.backTo(mark);
        operands.enter(Opcode.ELSE, params, results, mark);
    }

    /** The older exception handling: {@code try}, or the handler before, ends, and a handler begins. */
    private void handler(Opcode op) {
        require(op, operands.kind() == Opcode.TRY || operands.kind() == Opcode.CATCH);
        int[] values = op == Opcode.CATCH ? types.params(context.tag(code.index())) : Types.NONE;
        int[] results = operands.ends();
        int mark = operands.leave();
        scope.locals.backTo(mark);
        operands.enter(op, values, results, mark);
    }

    private void end() {
        Opcode kind = operands.kind();
        int[] params = operands.starts();
        int[] results = operands.ends();
        int mark = operands.leave();
        scope.locals.backTo(mark);
        // An if without else does nothing when the condition is false: its parameters are its results.
        if (kind == Opcode.IF && !operands.areSubtypes(params, results)) {
            throw new Violation(
                    TYPE_MISMATCH, "if without else requires " + text(results) + " but gets " + text(params));
        }
        operands.pushAll(results);
    }

    /** The clauses belong to the context outside of the block. */
    private void tryTable() {
        blockType();
        for (int i = 0; i < code.catchCount(); i++) {
            catchClause(code.catchKind(i), code.catchTag(i), operands.label(code.catchLabel(i)));
            scope.checkWork();
        }
        operands.popAll(blockParams);
        operands.enter(Opcode.TRY_TABLE, blockParams, blockResults, scope.locals.mark());
    }

    private void catchClause(int kind, int tag, int[] label) {
        boolean tagged = kind == CodeReader.CATCH || kind == CodeReader.CATCH_REF;
        int[] values = tagged ? types.params(context.tag(tag)) : Types.NONE;
        if (kind == CodeReader.CATCH_REF || kind == CodeReader.CATCH_ALL_REF) {
            values = Arrays.copyOf(values, values.length + 1);
            values[values.length - 1] = EXCEPTION[0];
        }
        if (!operands.areSubtypes(values, label)) {
            throw new Violation(TYPE_MISMATCH, "catch gives " + text(values) + " but its label takes " + text(label));
        }
    }

    /** Each list of types is checked once, however often the table names labels that take it. */
    private void branchTable() {
        int count = code.labelCount();
        context.limits.check(Limit.BRANCH_TABLE, count, "");
        operands.pop(Types.I32);
        int[] last = operands.label(code.label(count));
        operands.checkTop(last);
        int[] previous = last;
        @Nullable Set<int[]> checked = null; // most tables need none
        for (int i = 0; i < count; i++) {
            int[] label = operands.label(code.label(i));
            if (label == previous) {
                continue;
            }
            previous = label;
            if (checked == null) {
                checked = Collections.newSetFromMap(new IdentityHashMap<>());
                checked.add(last);
            }
            if (!checked.add(label)) {
                continue;
            }
            if (label.length != last.length) {
                throw new Violation(TYPE_MISMATCH, "labels of br_table take " + text(label) + " and " + text(last));
            }
            operands.checkTop(label);
            scope.checkWork();
        }
        operands.unreachable();
    }

    private boolean call(Opcode op) {
        switch (op) {
            case CALL -> call(context.function(code.index()));
            case CALL_INDIRECT -> {
                indirect();
                call(code.index());
            }
            case CALL_REF -> {
                reference();
                call(code.index());
            }
            case RETURN_CALL -> tailCall(context.function(code.index()));
            case RETURN_CALL_INDIRECT -> {
                scope.uses.need(Feature.TAIL_CALLS, op.text());
                indirect();
                tailCall(code.index());
            }
            case RETURN_CALL_REF -> {
                scope.uses.need(Feature.TAIL_CALLS, op.text());
                reference();
                tailCall(code.index());
            }
            default -> {
                return false;
            }
        }
        scope.calls = true;
        return true;
    }

    private void call(int type) {
        operands.popAll(types.params(type));
        operands.pushAll(types.results(type));
    }

    private void tailCall(int type) {
        int[] results = types.results(type);
        int[] wanted = operands.bodyResults();
        if (!operands.areSubtypes(results, wanted)) {
            throw new Violation(TYPE_MISMATCH, "callee returns " + text(results) + " but caller " + text(wanted));
        }
        operands.popAll(types.params(type));
        operands.unreachable();
        scope.tailCalls = true;
    }

    private void indirect() {
        int table = code.index2();
        int element = context.table(table);
        if (table != 0) {
            scope.uses.need(Feature.REFERENCE_TYPES, "a table index");
        }
        if (!types.isSubtype(element, Types.FUNCREF)) {
            throw new Violation(TYPE_MISMATCH, "the table holds " + Types.text(element) + ", not functions");
        }
        types.checkFunction(code.index());
        operands.pop(context.tableAddress(table));
    }

    private void reference() {
        types.checkFunction(code.index());
        operands.pop(types.refTo(code.index()) | Types.NULLABLE);
    }

    private static String text(int[] list) {
        return Types.text(list, 0, list.length);
    }
}
