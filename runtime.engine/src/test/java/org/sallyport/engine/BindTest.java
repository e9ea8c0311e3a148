package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.function.IntBinaryOperator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.BindException;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.TrapException;
import org.sallyport.WasmName;

class BindTest {
    private final Fixture f = new Fixture();
    private Instance instance;

    /** What most plugins look like. */
    public interface Calculator {
        int add(int a, int b);

        double mix(long a, float b, double c);

        @WasmName("do-nothing")
        void nothing();

        default int three() {
            return add(1, 2);
        }

        @Override
        String toString();
    }

    interface PackagePrivate extends Calculator {
        Object echo(Object x);

        Func pick(int i);

        Object[] pair(int a);
    }

    interface Wrong {
        long add(int a, int b);

        int ad(int a, int b);

        int memory();

        void boom();
    }

    @BeforeEach
    void open() {
        instance = f.instantiate("""
                (module $calc
                  (memory (export "memory") 1)
                  (table 2 funcref) (elem (i32.const 0) $add)
                  (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
                  (func (export "applyAsInt") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1)))
                  (func (export "mix") (param i64 f32 f64) (result f64)
                    (f64.add (f64.convert_i64_s (local.get 0)) (f64.add (f64.promote_f32 (local.get 1)) (local.get 2))))
                  (func (export "do-nothing"))
                  (func (export "echo") (param externref) (result externref) (local.get 0))
                  (func (export "pick") (param i32) (result funcref) (table.get (local.get 0)))
                  (func (export "pair") (param i32) (result i32 i32) (local.get 0) (local.get 0))
                  (func (export "boom") unreachable))
                """);
    }

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void implementsInterfaces() {
        Calculator calculator = instance.bind(Calculator.class);
        assertThat(calculator.add(2, -5)).isEqualTo(-3);
        assertThat(calculator.mix(1, 0.5f, 0.25)).isEqualTo(1.75);
        calculator.nothing();
        assertThat(calculator.three()).isEqualTo(3);
        assertThat(calculator.toString()).isNotNull();
    }

    @Test
    void implementsPackagePrivateInterfacesAndReferences() {
        PackagePrivate bound = instance.bind(PackagePrivate.class);
        Object object = new Object();
        assertThat(bound.echo(object)).isSameAs(object);
        assertThat(bound.echo(null)).isNull();
        assertThat(bound.pick(0)).isSameAs(instance.func("add"));
        assertThat(bound.pick(1)).isNull();
        assertThat(bound.pair(4)).containsExactly(4, 4);
        assertThat(bound.add(1, 1)).isEqualTo(2);
    }

    @Test
    void implementsInterfacesOfThePlatform() {
        assertThat(instance.bind(IntBinaryOperator.class).applyAsInt(6, 7)).isEqualTo(42);
    }

    @Test
    void implementsInterfacesOfOtherLoaders() throws Exception {
        ClassLoader other = new ClassLoader(null) {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                try (InputStream in = BindTest.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
                    if (!name.startsWith("org.sallyport.engine.Foreign") || in == null) {
                        return BindTest.class.getClassLoader().loadClass(name);
                    }
                    byte[] bytes = in.readAllBytes();
                    return defineClass(name, bytes, 0, bytes.length);
                } catch (java.io.IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
        };
        Class<?> foreign = other.loadClass(ForeignCalculator.class.getName());
        assertThat(foreign).isNotSameAs(ForeignCalculator.class);
        Object bound = instance.bind(foreign);
        Method add = foreign.getDeclaredMethod("add", int.class, int.class);
        add.setAccessible(true);
        assertThat(add.invoke(bound, 20, 22)).isEqualTo(42);
    }

    @Test
    void listsEveryMismatch() {
        assertThatThrownBy(() -> instance.bind(Wrong.class)).isInstanceOfSatisfying(BindException.class, e ->
                assertThat(e.mismatches()).containsExactlyInAnyOrder(
                        "long add(int, int): export \"add\" has type (i32 i32) -> (i32), in Java (int,int)int",
                        "int ad(int, int): no export \"ad\"; did you mean \"add\"?",
                        "int memory(): export \"memory\" is a memory min 1 pages of 65536 bytes"));
        assertThatThrownBy(() -> instance.bind(String.class)).isInstanceOf(IllegalArgumentException.class);
    }

    interface Boom {
        void boom();
    }

    @Test
    void trapsComeThroughWithFrames() {
        Boom boom = instance.bind(Boom.class);
        assertThatThrownBy(boom::boom).isInstanceOfSatisfying(TrapException.class, e -> {
            assertThat(e.frames().getFirst().toString()).startsWith("calc!boom @ 0x");
            assertThat(e.getStackTrace()[0].toString()).contains("boom");
            assertThat(e.getStackTrace()).extracting(StackTraceElement::getMethodName)
                    .contains("trapsComeThroughWithFrames");
        });
    }
}
