package org.sallyport.engine;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.sallyport.engine.threads.JavaStack;
import org.sallyport.engine.types.Shapes;
import org.sallyport.spi.CallBlock;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;

/**
 * Makes the classes through which Java calls the guest: one per list of Java types. In Java, {@code (i32, i64) -> f32}
 * would be
 *
 * <pre>{@code
 * static float call(EntryPoint function, int a, long b) {
 *     NativeExecution execution = function.execution();
 *     long block = execution.begin(function.blockSize());
 *     try {
 *         putLong(block + 8, a & 0xFFFFFFFFL);
 *         putLong(block + 24, b);
 *         execution.run(block, function);
 *         float result = getFloat(block + 8);
 *         execution.end();
 *         return result;
 *     } catch (Throwable t) {
 *         try {
 *             execution.abandon();
 *         } catch (Throwable u) {
 *             if (execution.level <= 1) {
 *                 execution.level = 0;
 *                 if (execution.byHabit) {
 *                     execution.resident = null;
 *                 } else {
 *                     execution.owner = null;
 *                 }
 *             }
 *         }
 *         throw t;
 *     }
 * }
 * }</pre>
 *
 * <p>Only for at most one result; more are boxed (see {@link FuncImpl#call}).
 */
final class SpinEntries {
    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();
    private static final ClassDesc NAME = ClassDesc.of("org.sallyport.engine.Entry");

    private final Map<String, MethodHandle> calls = new ConcurrentHashMap<>();

    /** {@code call} for the type, with an {@code Object} for the {@link EntryPoint}. */
    MethodHandle call(FuncType type) {
        String key = key(type);
        MethodHandle known = calls.get(key);
        return known != null ? known : JavaStack.withRoom(() -> calls.computeIfAbsent(key, _ -> define(type)));
    }

    /** Types of one key share a class. References are told apart, unlike in {@link Shapes}. */
    static String key(FuncType type) {
        StringBuilder text = new StringBuilder(Shapes.of(type));
        mark(text, 0, type.params());
        mark(text, type.params().size() + 1, type.results());
        return text.toString();
    }

    private static void mark(StringBuilder text, int at, List<ValType> types) {
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i) instanceof RefType ref) {
                text.setCharAt(at + i, Shapes.isFunction(ref) ? 'F' : 'O');
            }
        }
    }

    private static MethodHandle define(FuncType type) {
        List<ClassDesc> params = new ArrayList<>();
        params.add(Spin.ENTRY_POINT);
        params.addAll(Spin.descs(type.params()));
        MethodTypeDesc desc = MethodTypeDesc.of(Spin.resultDesc(type.results()), params);
        byte[] bytes = ClassFile.of().build(NAME, builder -> builder.withFlags(
                        ClassFile.ACC_FINAL | ClassFile.ACC_SUPER)
                .withMethodBody("call", desc, ClassFile.ACC_STATIC, code -> body(code, type)));
        try {
            MethodHandle call = HERE.findStatic(
                    HERE.defineHiddenClass(bytes, true).lookupClass(),
                    "call",
                    javaType(type).insertParameterTypes(0, EntryPoint.class));
            return call.asType(call.type().changeParameterType(0, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: entry", e);
        }
    }

    /** The exact method type of a function; the first result where there are several. */
    static MethodType javaType(FuncType type) {
        Class<?> result = type.results().isEmpty()
                ? void.class
                : Values.javaType(type.results().getFirst());
        return MethodType.methodType(
                result, type.params().stream().map(Values::javaType).toArray(Class<?>[]::new));
    }

    private static void body(CodeBuilder code, FuncType type) {
        int execution = code.allocateLocal(TypeKind.REFERENCE);
        int block = code.allocateLocal(TypeKind.LONG);
        int slots = code.allocateLocal(TypeKind.LONG);
        code.aload(0).invokevirtual(Spin.ENTRY_POINT, "execution", MethodTypeDesc.of(Spin.EXECUTION)).astore(execution);
        code.aload(execution)
                .aload(0)
                .invokevirtual(Spin.ENTRY_POINT, "blockSize", MethodTypeDesc.of(CD_int))
                .invokevirtual(Spin.EXECUTION, "begin", MethodTypeDesc.of(CD_long, CD_int))
                .dup2()
                .lstore(block)
                .loadConstant((long) CallBlock.FIRST_SLOT)
                .ladd()
                .lstore(slots);
        Label start = code.newBoundLabel();
        guarded(code, type, execution, block, slots);
        Label end = code.newBoundLabel();
        code.exceptionCatchAll(start, end, end);
        abandon(code, execution);
    }

    /** With the exception on the stack. */
    private static void abandon(CodeBuilder code, int execution) {
        int thrown = code.allocateLocal(TypeKind.REFERENCE);
        Label rethrow = code.newLabel();
        Label failed = code.newLabel();
        Label byOwner = code.newLabel();
        code.astore(thrown);
        Label start = code.newBoundLabel();
        code.aload(execution).invokevirtual(Spin.EXECUTION, "abandon", MethodTypeDesc.of(CD_void));
        Label end = code.newBoundLabel();
        code.goto_(rethrow);
        code.labelBinding(failed)
                .pop()
                .aload(execution)
                .getfield(Spin.EXECUTION, "level", CD_int)
                .loadConstant(1)
                .if_icmpgt(rethrow)
                .aload(execution)
                .loadConstant(0)
                .putfield(Spin.EXECUTION, "level", CD_int)
                .aload(execution)
                .getfield(Spin.EXECUTION, "byHabit", CD_boolean)
                .ifeq(byOwner)
                .aload(execution)
                .aconst_null()
                .putfield(Spin.EXECUTION, "resident", Spin.THREAD)
                .goto_(rethrow)
                .labelBinding(byOwner)
                .aload(execution)
                .aconst_null()
                .putfield(Spin.EXECUTION, "owner", Spin.OBJECT)
                .labelBinding(rethrow)
                .aload(thrown)
                .athrow();
        code.exceptionCatchAll(start, end, failed);
    }

    private static void guarded(CodeBuilder code, FuncType type, int execution, int block, int slots) {
        int local = 1;
        for (int i = 0; i < type.params().size(); i++) {
            ValType param = type.params().get(i);
            int index = i;
            Spin.storeSlot(code, param, execution, slots, i, local, () -> pushType(code, index));
            local += Spin.kind(param).slotSize();
        }
        code.aload(execution)
                .lload(block)
                .aload(0)
                .invokevirtual(Spin.EXECUTION, "run", MethodTypeDesc.of(CD_void, CD_long, Spin.ENTRY_POINT));
        TypeKind kind = TypeKind.VOID;
        int result = 0;
        if (!type.results().isEmpty()) {
            ValType resultType = type.results().getFirst();
            kind = Spin.kind(resultType);
            result = code.allocateLocal(kind);
            Spin.loadSlot(code, resultType, execution, slots, 0);
            code.storeLocal(kind, result);
        }
        code.aload(execution).invokevirtual(Spin.EXECUTION, "end", MethodTypeDesc.of(CD_void));
        if (kind != TypeKind.VOID) {
            code.loadLocal(kind, result);
        }
        code.return_(kind);
    }

    private static void pushType(CodeBuilder code, int index) {
        code.aload(0)
                .invokevirtual(Spin.ENTRY_POINT, "type", MethodTypeDesc.of(Spin.FUNC_TYPE))
                .loadConstant(index);
    }
}
