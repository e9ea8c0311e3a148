package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.codegen.ir.Type;

/** Values on the JVM's stack to and from the {@code long} in which they travel where types do not matter. */
final class Convert {
    private static final MethodTypeDesc TO_FLOAT = MethodTypeDesc.of(ConstantDescs.CD_float, ConstantDescs.CD_int);
    private static final MethodTypeDesc FROM_FLOAT = MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_float);
    private static final MethodTypeDesc TO_DOUBLE = MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_long);
    private static final MethodTypeDesc FROM_DOUBLE = MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_double);

    private static final MethodTypeDesc PASS =
            MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_Object, Shape.CONTEXT);
    private static final MethodTypeDesc TAKE =
            MethodTypeDesc.of(ConstantDescs.CD_Object, ConstantDescs.CD_long, Shape.CONTEXT);

    private Convert() {}

    /** References are taken: in the order in which {@link org.sallyport.spi.PassedObjects} wants it. @param context variable */
    static void fromLong(CodeBuilder code, Type type, int context) {
        switch (type) {
            case I32 -> code.l2i();
            case F32 -> intToFloat(code.l2i());
            case F64 -> longToDouble(code);
            case REF -> code.aload(context).invokestatic(Shape.CONTEXT, "take", TAKE);
            case I64, V128, VOID -> {}
        }
    }

    /** References are passed. */
    static void toLong(CodeBuilder code, Type type, int context) {
        switch (type) {
            case I32 -> code.i2l();
            case F32 -> floatToInt(code).i2l();
            case F64 -> doubleToLong(code);
            case REF -> code.aload(context).invokestatic(Shape.CONTEXT, "pass", PASS);
            case I64, V128, VOID -> {}
        }
    }

    static CodeBuilder intToFloat(CodeBuilder code) {
        return code.invokestatic(ConstantDescs.CD_Float, "intBitsToFloat", TO_FLOAT);
    }

    static CodeBuilder floatToInt(CodeBuilder code) {
        return code.invokestatic(ConstantDescs.CD_Float, "floatToRawIntBits", FROM_FLOAT);
    }

    static CodeBuilder longToDouble(CodeBuilder code) {
        return code.invokestatic(ConstantDescs.CD_Double, "longBitsToDouble", TO_DOUBLE);
    }

    static CodeBuilder doubleToLong(CodeBuilder code) {
        return code.invokestatic(ConstantDescs.CD_Double, "doubleToRawLongBits", FROM_DOUBLE);
    }
}
