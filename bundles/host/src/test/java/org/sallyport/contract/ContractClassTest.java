package org.sallyport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;

class ContractClassTest {
    public interface Wide {
        double all(int a, long b, float c, double d, boolean e, String f, byte[] g, long h);

        void nothing();

        default int twice(int x) {
            return once(x) + once(x);
        }

        int once(int x);
    }

    static double all(int a, long b, float c, double d, boolean e, String f, byte[] g, long h) {
        return (double) a + b + c + d + (e ? 1000 : 0) + f.length() + g.length + h;
    }

    static void nothing() {
        throw new IllegalStateException("as told");
    }

    static int once(int x) {
        return x + 1;
    }

    private static <T> T implement(Class<T> contract, String name) throws ReflectiveOperationException {
        Map<JavaContract.Operation, MethodHandle> methods = new HashMap<>();
        for (JavaContract.Operation operation : JavaContract.operations(contract)) {
            methods.put(operation, MethodHandles.lookup()
                    .findStatic(ContractClassTest.class, operation.name(), operation.type()));
        }
        return ContractClass.implement(contract, methods, name);
    }

    @Test
    void passesEveryTypeOfArgument() throws ReflectiveOperationException {
        Wide wide = implement(Wide.class, "w");

        assertThat(wide.all(1, 2L << 40, 0.5f, 0.25, true, "abc", new byte[5], 7))
                .isEqualTo(1 + (2L << 40) + 0.75 + 1000 + 3 + 5 + 7);
        assertThat(wide.twice(4)).isEqualTo(10);
        assertThatThrownBy(wide::nothing).isInstanceOf(IllegalStateException.class).hasMessage("as told");
    }

    @Test
    void isAnObjectOfItsOwn() throws ReflectiveOperationException {
        Wide wide = implement(Wide.class, "plugin w");

        assertThat(wide).hasToString("plugin w").isEqualTo(wide).isNotEqualTo(implement(Wide.class, "plugin w"));
        assertThat(wide.hashCode()).isEqualTo(System.identityHashCode(wide));
    }

    @Test
    void implementsInterfacesOfTheJdk() throws ReflectiveOperationException {
        JavaContract.Operation method = JavaContract.operations(IntBinaryOperator.class).getFirst();
        MethodHandle sum = MethodHandles.lookup().findStatic(
                Integer.class, "sum", MethodType.methodType(int.class, int.class, int.class));

        IntBinaryOperator made = ContractClass.implement(IntBinaryOperator.class, Map.of(method, sum), "");
        assertThat(made.applyAsInt(3, 4)).isEqualTo(7);
    }

    /** The interface's loader knows the JDK and the interface, nothing of ours. */
    @Test
    void needsNothingOfOursFromTheInterfacesLoader() throws Exception {
        byte[] bytes;
        try (var in = Wide.class.getResourceAsStream("ContractClassTest$Wide.class")) {
            bytes = in.readAllBytes();
        }
        ClassLoader alone = new ClassLoader(ClassLoader.getPlatformClassLoader()) {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                if (!name.equals(Wide.class.getName())) {
                    throw new ClassNotFoundException(name);
                }
                return defineClass(name, bytes, 0, bytes.length);
            }
        };
        Class<?> contract = alone.loadClass(Wide.class.getName());
        Object made = implement(contract, "far");

        assertThat(contract).isNotEqualTo(Wide.class);
        assertThat(contract.getMethod("twice", int.class).invoke(made, 1)).isEqualTo(4);
        assertThat(made.getClass().getClassLoader()).isSameAs(alone);
        assertThat(made.getClass().isHidden()).isTrue();
    }
}
