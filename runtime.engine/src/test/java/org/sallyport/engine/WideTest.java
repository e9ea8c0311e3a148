package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.BindException;
import org.sallyport.Caller;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/** Functions with about as many parameters as Java allows, and with more: every way to call one works. */
class WideTest {
    private final Fixture f = new Fixture();

    @AfterEach
    void close() {
        f.close();
    }

    /** Gives the sum of all parameters, of the type {@code i32} or {@code i64}. */
    private Instance sums(String type, int count) {
        StringBuilder body = new StringBuilder("(" + type + ".const 0)");
        for (int i = 0; i < count; i++) {
            body.append("(").append(type).append(".add (local.get ").append(i).append("))");
        }
        String params = "(param" + (" " + type).repeat(count) + ")";
        return f.instantiate("(module (import \"h\" \"f\" (func $host " + params + " (result " + type + ")))"
                + "(func (export \"own\") " + params + " (result " + type + ") "
                + body.toString().replace("))(", "))\n(") + ")"
                + "(func (export \"pair\") " + params + " (result i32 " + type + ") (i32.const 1) (local.get "
                + (count - 1) + "))"
                + "(func (export \"none\") " + params + ")"
                + "(export \"host\" (func $host))"
                + "(func (export \"through\") " + params + " (result " + type + ") (call $host"
                + arguments(count) + ")))");
    }

    private static String arguments(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(" (local.get ").append(i).append(')');
        }
        return text.toString();
    }

    private static FuncType typeOf(ValType type, int count) {
        return FuncType.of(Collections.nCopies(count, type), type);
    }

    private static Object[] sum(Object[] args) {
        if (args[0] instanceof Integer) {
            return new Object[] {Arrays.stream(args).mapToInt(a -> (int) a).sum()};
        }
        return new Object[] {Arrays.stream(args).mapToLong(a -> (long) a).sum()};
    }

    private static Object[] numbers(int count, boolean wide) {
        Object[] numbers = new Object[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = wide ? (Object) (i + (1L << 40)) : (Object) (i + 7);
        }
        return numbers;
    }

    @ParameterizedTest
    @ValueSource(ints = {120, 125, 126, 127, 128, 129, 250, 251, 252, 253, 254, 255, 256, 257, 500, 1000})
    void handlesAndCalls(int count) throws Throwable {
        for (boolean isLong : new boolean[] {false, true}) {
            ValType type = isLong ? NumType.I64 : NumType.I32;
            f.linker.define("h", "f", typeOf(type, count), (_, args) -> sum(args));
            Instance instance = sums(type.toString(), count);
            Object[] args = numbers(count, isLong);
            Object expected = sum(args)[0];
            boolean fits = count * (isLong ? 2 : 1) <= 253;
            for (String name : List.of("own", "host", "through")) {
                Func func = instance.func(name);
                assertThat(func.call(args)).as(name).containsExactly(expected);
                MethodHandle handle = func.handle();
                assertThat(handle.type().parameterCount()).as(name).isEqualTo(fits ? count : 1);
                assertThat(handle.type().returnType()).isEqualTo(isLong ? long.class : int.class);
                assertThat(invoke(handle, args, fits)).as(name).isEqualTo(expected);
            }
            assertThat((Object[]) invoke(instance.func("pair").handle(), args, fits)).containsExactly(1, args[count - 1]);
            assertThat(invoke(instance.func("none").handle(), args, fits)).isNull();
            assertThat(instance.func("none").handle().type().returnType()).isEqualTo(void.class);
        }
    }

    private static Object invoke(MethodHandle handle, Object[] args, boolean fits) throws Throwable {
        return fits ? handle.invokeWithArguments(args) : handle.invokeWithArguments((Object) args);
    }

    /** Boxed, which any number can be. */
    public interface Boxed {
        int own(Object[] args);

        int host(Object[] args);

        Object[] pair(Object[] args);

        void none(Object[] args);
    }

    @Test
    void bindsFunctionsOfMoreParametersThanAMethodCanHave() {
        f.linker.define("h", "f", typeOf(NumType.I32, 300), (_, args) -> sum(args));
        Boxed boxed = sums("i32", 300).bind(Boxed.class);
        Object[] args = numbers(300, false);
        assertThat(boxed.own(args)).isEqualTo(sum(args)[0]);
        assertThat(boxed.host(args)).isEqualTo(sum(args)[0]);
        assertThat(boxed.pair(args)).containsExactly(1, args[299]);
        boxed.none(args);
        assertThatThrownBy(() -> boxed.own(new Object[3])).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {126, 127, 250, 251, 252, 253, 254})
    void bindsMethodsOfAsManyParametersAsTheyCanHave(int count) throws Throwable {
        for (Class<?> type : new Class<?>[] {int.class, long.class}) {
            boolean isLong = type == long.class;
            int words = count * (isLong ? 2 : 1);
            if (words > 254) {
                continue;
            }
            f.linker.define("h", "f", typeOf(isLong ? NumType.I64 : NumType.I32, count), (_, args) -> sum(args));
            Instance instance = sums(isLong ? "i64" : "i32", count);
            Class<?> contract = contract(type, count);
            if (words > 253) {
                assertThatThrownBy(() -> instance.bind(contract)).isInstanceOf(BindException.class)
                        .hasMessageContaining("in Java (Object[])");
                continue;
            }
            Object bound = instance.bind(contract);
            Method own = contract.getMethods()[0];
            Object[] args = numbers(count, isLong);
            assertThat(own.invoke(bound, args)).isEqualTo(sum(args)[0]);
        }
    }

    /** A public interface with a method {@code own} of so many parameters. */
    private static Class<?> contract(Class<?> type, int count) {
        ClassDesc param = type.describeConstable().orElseThrow();
        ClassDesc name = ClassDesc.of("generated.Contract" + type + count);
        byte[] bytes = ClassFile.of().build(name, builder -> builder
                .withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_INTERFACE | ClassFile.ACC_ABSTRACT)
                .withMethod(
                        "own",
                        MethodTypeDesc.of(param, Collections.nCopies(count, param)),
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_ABSTRACT,
                        _ -> {}));
        return new ClassLoader(WideTest.class.getClassLoader()) {
            Class<?> define() {
                return defineClass("generated.Contract" + type + count, bytes, 0, bytes.length);
            }
        }.define();
    }

    @ParameterizedTest
    @ValueSource(ints = {126, 127, 250, 251, 252, 253, 254})
    void typedHostFunctions(int count) throws Throwable {
        for (Class<?> type : new Class<?>[] {int.class, long.class}) {
            for (boolean wantsCaller : new boolean[] {false, true}) {
                boolean isLong = type == long.class;
                if (count * (isLong ? 2 : 1) + (wantsCaller ? 1 : 0) > 254) {
                    continue;
                }
                f.linker.define("h", "f", hostSum(type, count, wantsCaller));
                Instance instance = sums(isLong ? "i64" : "i32", count);
                Object[] args = numbers(count, isLong);
                assertThat(instance.func("through").call(args)).containsExactly(sum(args));
                assertThat(instance.func("host").call(args)).containsExactly(sum(args));
            }
        }
    }

    /** A static method of exactly those parameters that gives their sum. */
    private static MethodHandle hostSum(Class<?> type, int count, boolean wantsCaller) throws Exception {
        boolean isLong = type == long.class;
        ClassDesc param = type.describeConstable().orElseThrow();
        List<ClassDesc> params = new ArrayList<>(Collections.nCopies(count, param));
        List<Class<?>> types = new ArrayList<>(Collections.nCopies(count, type));
        if (wantsCaller) {
            params.addFirst(Caller.class.describeConstable().orElseThrow());
            types.addFirst(Caller.class);
        }
        byte[] bytes = ClassFile.of().build(ClassDesc.of("org.sallyport.engine.Sum"), builder -> builder.withMethodBody(
                "sum", MethodTypeDesc.of(param, params), ClassFile.ACC_STATIC, code -> {
                    if (isLong) {
                        code.lconst_0();
                    } else {
                        code.iconst_0();
                    }
                    for (int i = wantsCaller ? 1 : 0; i < params.size(); i++) {
                        if (isLong) {
                            code.lload(code.parameterSlot(i)).ladd();
                        } else {
                            code.iload(code.parameterSlot(i)).iadd();
                        }
                    }
                    if (isLong) {
                        code.lreturn();
                    } else {
                        code.ireturn();
                    }
                }));
        MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
        return lookup.findStatic(lookup.lookupClass(), "sum", MethodType.methodType(type, types));
    }

    @Test
    void aContractOfTheHostWithTooManyParametersIsRefusedWithTheNextStep() {
        Class<?> contract = contract(int.class, 254);
        assertThatThrownBy(() -> define(contract))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("own has more parameters than a method handle can have")
                .hasMessageContaining("HostFunction");
    }

    private <T> void define(Class<T> contract) {
        Object proxy = java.lang.reflect.Proxy.newProxyInstance(
                contract.getClassLoader(), new Class<?>[] {contract}, (_, _, _) -> 0);
        f.linker.define("m", contract, contract.cast(proxy));
    }
}
