package org.sallyport.engine;

import static java.lang.constant.ConstantDescs.CD_MethodHandle;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
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
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.ValType;

/**
 * Makes the classes that call host functions: one per list of Java types, so that values travel from slots to a method
 * handle without boxing. In Java, {@code (i32, i64) -> f32} with a caller would be
 *
 * <pre>{@code
 * void call(NativeExecution execution, long args) throws Throwable {
 *     float result = (float) target.invokeExact(execution.caller(), getInt(args), getLong(args + 16));
 *     putFloat(args, result);
 * }
 * }</pre>
 */
final class SpinHostCalls {
    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();
    private static final ClassDesc NAME = ClassDesc.of("org.sallyport.engine.HostCall");
    private static final int EXECUTION = 1;
    private static final int ARGS = 2;

    private final Map<String, MethodHandle> constructors = new ConcurrentHashMap<>();

    /**
     * @param type {@linkplain org.sallyport.engine.types.Shapes#forJava for Java}
     * @param checked the function's own, against which its result is checked
     */
    TypedHost.Adapter adapter(FuncType type, FuncType checked, MethodHandle target, boolean wantsCaller) {
        String key = (wantsCaller ? "c" : "") + SpinEntries.key(type);
        MethodHandle known = constructors.get(key);
        MethodHandle constructor = known != null
                ? known
                : JavaStack.withRoom(() -> constructors.computeIfAbsent(key, _ -> define(type, wantsCaller)));
        try {
            return (TypedHost.Adapter) constructor.invokeExact(checked, target);
        } catch (Throwable t) {
            throw new AssertionError("BUG: host call adapter", t);
        }
    }

    private static MethodHandle define(FuncType type, boolean wantsCaller) {
        byte[] bytes = ClassFile.of().build(NAME, builder -> builder.withSuperclass(Spin.ADAPTER)
                .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER)
                .withMethodBody(
                        INIT_NAME,
                        MethodTypeDesc.of(CD_void, Spin.FUNC_TYPE, CD_MethodHandle),
                        0,
                        code -> code.aload(0)
                                .aload(1)
                                .aload(2)
                                .invokespecial(
                                        Spin.ADAPTER,
                                        INIT_NAME,
                                        MethodTypeDesc.of(CD_void, Spin.FUNC_TYPE, CD_MethodHandle))
                                .return_())
                .withMethodBody(
                        "call",
                        MethodTypeDesc.of(CD_void, Spin.EXECUTION, CD_long),
                        0,
                        code -> call(code, type, wantsCaller)));
        try {
            return HERE.findConstructor(
                            HERE.defineHiddenClass(bytes, true).lookupClass(),
                            MethodType.methodType(void.class, FuncType.class, MethodHandle.class))
                    .asType(MethodType.methodType(TypedHost.Adapter.class, FuncType.class, MethodHandle.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: host call adapter", e);
        }
    }

    private static void call(CodeBuilder code, FuncType type, boolean wantsCaller) {
        List<ClassDesc> params = new ArrayList<>();
        code.aload(0).getfield(Spin.ADAPTER, "target", CD_MethodHandle);
        if (wantsCaller) {
            code.aload(EXECUTION).invokevirtual(Spin.EXECUTION, "caller", MethodTypeDesc.of(Spin.CALLER));
            params.add(Spin.CALLER);
        }
        for (int i = 0; i < type.params().size(); i++) {
            Spin.loadSlot(code, type.params().get(i), EXECUTION, ARGS, i);
        }
        params.addAll(Spin.descs(type.params()));
        code.invokevirtual(
                CD_MethodHandle, "invokeExact", MethodTypeDesc.of(Spin.resultDesc(type.results()), params));
        if (!type.results().isEmpty()) {
            ValType result = type.results().getFirst();
            TypeKind kind = Spin.kind(result);
            int local = code.allocateLocal(kind);
            code.storeLocal(kind, local);
            Spin.storeSlot(code, result, EXECUTION, ARGS, 0, local, () -> code.aload(0)
                    .getfield(Spin.ADAPTER, "type", Spin.FUNC_TYPE)
                    .loadConstant(type.params().size()));
        }
        code.return_();
    }
}
