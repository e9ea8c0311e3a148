package org.sallyport.validator;

import static org.sallyport.validator.Problem.ARRAYS_DIFFER;
import static org.sallyport.validator.Problem.ARRAY_NOT_NUMERIC;
import static org.sallyport.validator.Problem.FIELD_PACKED;
import static org.sallyport.validator.Problem.FIELD_UNPACKED;
import static org.sallyport.validator.Problem.IMMUTABLE_ARRAY;
import static org.sallyport.validator.Problem.IMMUTABLE_FIELD;
import static org.sallyport.validator.Problem.NOT_DEFAULTABLE;
import static org.sallyport.validator.Problem.TYPE_MISMATCH;
import static org.sallyport.validator.Problem.UNKNOWN_FIELD;

import java.util.List;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;

/** Structures and arrays (WebAssembly 3.0, 3.4.5-3.4.6). */
final class CheckAggregates {
    private final Scope scope;
    private final Context context;
    private final Types types;
    private final Operands operands;
    private final CodeReader code;

    CheckAggregates(Scope scope) {
        this.scope = scope;
        context = scope.context;
        types = scope.types;
        operands = scope.operands;
        code = scope.code;
    }

    /** Returns false for instructions of other families. */
    boolean check(Opcode op) {
        int type = code.index();
        switch (op) {
            case STRUCT_NEW -> {
                types.struct(type);
                operands.popAll(types.fields(type));
                operands.push(types.refTo(type));
            }
            case STRUCT_NEW_DEFAULT -> {
                types.struct(type);
                if (!types.hasDefault(type)) {
                    throw Violation.entry(NOT_DEFAULTABLE, type);
                }
                operands.push(types.refTo(type));
            }
            case STRUCT_GET, STRUCT_GET_S, STRUCT_GET_U -> {
                FieldType field = field(type);
                checkPacking(field.storage(), op != Opcode.STRUCT_GET);
                operands.pop(nullable(type));
                operands.push(types.unpackedCode(field.storage()));
            }
            case STRUCT_SET -> {
                FieldType field = field(type);
                if (!field.mutable()) {
                    throw Violation.entry(IMMUTABLE_FIELD, code.index2());
                }
                operands.pop(types.unpackedCode(field.storage()));
                operands.pop(nullable(type));
            }
            default -> {
                return array(op, type);
            }
        }
        return true;
    }

    private FieldType field(int type) {
        List<FieldType> fields = types.struct(type).fields();
        int index = code.index2();
        if (index >= fields.size()) {
            throw Violation.index(UNKNOWN_FIELD, index, fields.size());
        }
        return fields.get(index);
    }

    private boolean array(Opcode op, int type) {
        switch (op) {
            case ARRAY_NEW -> {
                int element = element(type);
                operands.pop(Types.I32);
                operands.pop(element);
                operands.push(types.refTo(type));
            }
            case ARRAY_NEW_DEFAULT -> {
                types.arrayElement(type);
                if (!types.hasDefault(type)) {
                    throw Violation.entry(NOT_DEFAULTABLE, type);
                }
                operands.pop(Types.I32);
                operands.push(types.refTo(type));
            }
            case ARRAY_NEW_FIXED -> {
                int element = element(type);
                operands.popRepeated(element, fixedCount());
                operands.push(types.refTo(type));
            }
            case ARRAY_NEW_DATA -> {
                checkNumeric(type);
                scope.data(code.index2());
                pop(Types.I32, Types.I32);
                operands.push(types.refTo(type));
            }
            case ARRAY_NEW_ELEM -> {
                checkElements(type);
                pop(Types.I32, Types.I32);
                operands.push(types.refTo(type));
            }
            case ARRAY_GET, ARRAY_GET_S, ARRAY_GET_U -> {
                checkPacking(types.arrayElement(type).storage(), op != Opcode.ARRAY_GET);
                pop(nullable(type), Types.I32);
                operands.push(element(type));
            }
            case ARRAY_SET -> {
                checkMutable(type);
                pop(nullable(type), Types.I32, element(type));
            }
            default -> {
                return bulk(op, type);
            }
        }
        return true;
    }

    private boolean bulk(Opcode op, int type) {
        switch (op) {
            case ARRAY_FILL -> {
                checkMutable(type);
                pop(nullable(type), Types.I32, element(type), Types.I32);
            }
            case ARRAY_COPY -> {
                checkMutable(type);
                int from = code.index2();
                StorageType source = types.arrayElement(from).storage();
                StorageType destination = types.arrayElement(type).storage();
                if (!types.isSubtype(source, destination)) {
                    throw new Violation(ARRAYS_DIFFER, source + " to " + destination);
                }
                pop(nullable(type), Types.I32, nullable(from), Types.I32, Types.I32);
            }
            case ARRAY_INIT_DATA -> {
                checkMutable(type);
                checkNumeric(type);
                scope.data(code.index2());
                pop(nullable(type), Types.I32, Types.I32, Types.I32);
            }
            case ARRAY_INIT_ELEM -> {
                checkMutable(type);
                checkElements(type);
                pop(nullable(type), Types.I32, Types.I32, Types.I32);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private int fixedCount() {
        int count = code.index2();
        context.limits.check(Limit.ARRAY_OPERANDS, count, "");
        return count;
    }

    private int nullable(int type) {
        return types.refTo(type) | Types.NULLABLE;
    }

    private int element(int type) {
        return types.unpackedCode(types.arrayElement(type).storage());
    }

    private void checkMutable(int type) {
        if (!types.arrayElement(type).mutable()) {
            throw Violation.entry(IMMUTABLE_ARRAY, type);
        }
    }

    private void checkNumeric(int type) {
        StorageType element = types.arrayElement(type).storage();
        if (element instanceof RefType) {
            throw new Violation(ARRAY_NOT_NUMERIC, "elements are " + element);
        }
    }

    private void checkElements(int type) {
        int segment = context.element(code.index2());
        int element = element(type);
        if (!types.isSubtype(segment, element)) {
            throw new Violation(
                    TYPE_MISMATCH, Types.text(segment) + " of the segment for elements of " + Types.text(element));
        }
    }

    private static void checkPacking(StorageType storage, boolean extended) {
        boolean packed = storage instanceof PackedType;
        if (packed != extended) {
            throw new Violation(packed ? FIELD_PACKED : FIELD_UNPACKED, storage.toString());
        }
    }

    private void pop(int... list) {
        operands.popAll(list);
    }
}
