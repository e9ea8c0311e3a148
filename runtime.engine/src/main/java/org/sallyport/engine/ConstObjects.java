package org.sallyport.engine;

import java.util.List;

import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.StructType;

/**
 * The instructions of constant expressions that make objects. Values lie in Java meanwhile, where no collector looks: while
 * an expression is evaluated the heap only grows.
 */
final class ConstObjects {
    private final InstanceImpl instance;

    ConstObjects(InstanceImpl instance) {
        this.instance = instance;
    }

    private NativeExecution execution() {
        return instance.storeImpl().execution().machine();
    }

    void step(Opcode op, CodeReader code, ConstExpr values) {
        switch (op) {
            case ANY_CONVERT_EXTERN, EXTERN_CONVERT_ANY -> {}
            case REF_I31 -> values.push(values.pop() << 1 & 0xFFFF_FFFFL | ObjectLayout.I31_BIT, 0);
            default -> {
                boolean before = execution().heap.setGrowing(true);
                try {
                    make(op, code, values);
                } finally {
                    execution().heap.setGrowing(before);
                }
            }
        }
    }

    private void make(Opcode op, CodeReader code, ConstExpr values) {
        ObjectBuiltins builtins = execution().objectBuiltins;
        switch (op) {
            case STRUCT_NEW -> newStruct(code.index(), values);
            case STRUCT_NEW_DEFAULT -> values.push(builtins.newStruct(instance, code.index()), 0);
            case ARRAY_NEW -> {
                int length = (int) values.pop();
                long high = values.topHigh();
                long low = values.pop();
                long array = builtins.newArray(instance, code.index(), length);
                builtins.fill(array, 0, low, high, length);
                values.push(array, 0);
            }
            case ARRAY_NEW_DEFAULT -> values.push(builtins.newArray(instance, code.index(), (int) values.pop()), 0);
            case ARRAY_NEW_FIXED -> newFixed(code.index(), code.index2(), values);
            default -> throw new AssertionError("BUG: " + op + " in a constant expression");
        }
    }

    private void newStruct(int typeIndex, ConstExpr values) {
        long struct = execution().objectBuiltins.newStruct(instance, typeIndex);
        ObjectTypes.Type type = execution().types.ofId(instance.moduleImpl().typeIds()[typeIndex]);
        List<FieldType> fields = ((StructType) type.composite()).fields();
        for (int i = fields.size() - 1; i >= 0; i--) {
            int offset = type.layout().offset(i);
            int bytes = execution().types.bytes(fields.get(i).storage());
            long high = values.topHigh();
            ObjectFields.put(execution().heap.base() + struct + offset, bytes, values.pop(), high);
        }
        values.push(struct, 0);
    }

    private void newFixed(int typeIndex, int length, ConstExpr values) {
        long array = execution().objectBuiltins.newArray(instance, typeIndex, length);
        for (int i = length - 1; i >= 0; i--) {
            long high = values.topHigh();
            execution().objectBuiltins.fill(array, i, values.pop(), high, 1);
        }
        values.push(array, 0);
    }
}
