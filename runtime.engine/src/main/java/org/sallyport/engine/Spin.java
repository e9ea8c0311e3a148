package org.sallyport.engine;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;

import org.sallyport.Caller;
import org.sallyport.Func;
import org.sallyport.V128;
import org.sallyport.engine.types.Shapes;
import org.sallyport.spi.CallBlock;
import org.sallyport.spi.NativeMemory;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/** Pieces of bytecode that move values between Java locals and 16-byte slots in native memory. */
final class Spin {
    static final ClassDesc EXECUTION = desc(NativeExecution.class);
    static final ClassDesc ENTRY_POINT = desc(EntryPoint.class);
    static final ClassDesc ADAPTER = desc(TypedHost.Adapter.class);
    static final ClassDesc CALLER = desc(Caller.class);
    static final ClassDesc OBJECT = desc(Object.class);
    static final ClassDesc THREAD = desc(Thread.class);
    private static final ClassDesc MEMORY = desc(NativeMemory.class);
    private static final ClassDesc VALUES = desc(Values.class);
    private static final ClassDesc V128_DESC = desc(V128.class);
    private static final ClassDesc FUNC = desc(Func.class);
    static final ClassDesc FUNC_TYPE = desc(FuncType.class);

    private Spin() {}

    static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    static List<ClassDesc> descs(List<ValType> types) {
        return types.stream().map(t -> desc(Values.javaType(t))).toList();
    }

    static ClassDesc resultDesc(List<ValType> results) {
        return results.isEmpty() ? CD_void : desc(Values.javaType(results.getFirst()));
    }

    static TypeKind kind(ValType type) {
        return TypeKind.from(Values.javaType(type));
    }

    /** Pushes the address of a slot, where {@code base} is the first one's. */
    private static void address(CodeBuilder code, int baseLocal, int slot) {
        code.lload(baseLocal);
        if (slot != 0) {
            code.loadConstant(CallBlock.slot(0, slot)).ladd();
        }
    }

    /** Pushes the value of a slot. */
    static void loadSlot(CodeBuilder code, ValType type, int executionLocal, int baseLocal, int slot) {
        if (type instanceof RefType ref) {
            code.aload(executionLocal);
            address(code, baseLocal, slot);
            boolean isFunction = Shapes.isFunction(ref);
            code.invokevirtual(
                    EXECUTION,
                    isFunction ? "functionAt" : "objectAt",
                    MethodTypeDesc.of(isFunction ? FUNC : OBJECT, CD_long));
            return;
        }
        address(code, baseLocal, slot);
        switch (type) {
            case NumType.I32 -> code.invokestatic(MEMORY, "getInt", MethodTypeDesc.of(CD_int, CD_long));
            case NumType.I64 -> code.invokestatic(MEMORY, "getLong", MethodTypeDesc.of(CD_long, CD_long));
            case NumType.F32 -> code.invokestatic(MEMORY, "getFloat", MethodTypeDesc.of(CD_float, CD_long));
            case NumType.F64 -> code.invokestatic(MEMORY, "getDouble", MethodTypeDesc.of(CD_double, CD_long));
            case VecType _ -> code.invokestatic(VALUES, "readV128", MethodTypeDesc.of(V128_DESC, CD_long));
            case RefType _ -> throw new AssertionError("BUG: handled above");
        }
    }

    /**
     * Stores a local to a slot.
     *
     * @param pushType for a reference: pushes the function type and the index in it, parameters before results
     */
    static void storeSlot(
            CodeBuilder code,
            ValType type,
            int executionLocal,
            int baseLocal,
            int slot,
            int valueLocal,
            Runnable pushType) {
        if (type instanceof RefType) {
            code.aload(executionLocal);
            pushType.run();
            address(code, baseLocal, slot);
            code.aload(valueLocal);
            code.invokevirtual(
                    EXECUTION, "putReference", MethodTypeDesc.of(CD_void, FUNC_TYPE, CD_int, CD_long, OBJECT));
            return;
        }
        address(code, baseLocal, slot);
        code.loadLocal(kind(type), valueLocal);
        switch (type) {
            case NumType.I32 -> code.i2l()
                    .loadConstant(0xFFFF_FFFFL)
                    .land()
                    .invokestatic(MEMORY, "putLong", MethodTypeDesc.of(CD_void, CD_long, CD_long));
            case NumType.I64 -> code.invokestatic(MEMORY, "putLong", MethodTypeDesc.of(CD_void, CD_long, CD_long));
            case NumType.F32 -> code.invokestatic(MEMORY, "putFloat", MethodTypeDesc.of(CD_void, CD_long, CD_float));
            case NumType.F64 -> code.invokestatic(MEMORY, "putDouble", MethodTypeDesc.of(CD_void, CD_long, CD_double));
            case VecType _ -> code.invokestatic(VALUES, "writeV128", MethodTypeDesc.of(CD_void, CD_long, V128_DESC));
            case RefType _ -> throw new AssertionError("BUG: handled above");
        }
    }
}
