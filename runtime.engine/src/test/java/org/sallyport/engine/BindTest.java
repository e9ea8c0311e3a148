package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntBinaryOperator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.BindException;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.Store;
import org.sallyport.TrapException;
import org.sallyport.WasmName;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

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

    /** As Remote Services, proxies and template engines call services. */
    @Test
    void reflectionOnThePublicClassWorks() throws ReflectiveOperationException {
        Calculator calculator = instance.bind(Calculator.class);

        assertThat(calculator.getClass().getMethod("add", int.class, int.class).invoke(calculator, 40, 2)).isEqualTo(42);
        assertThat(calculator.getClass().getConstructors()).isEmpty();
        assertThat(Modifier.isPublic(instance.bind(PackagePrivate.class).getClass().getModifiers())).isFalse();
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
        Class<?> foreign = foreignLoader().loadClass(ForeignCalculator.class.getName());
        assertThat(foreign).isNotSameAs(ForeignCalculator.class);
        Object bound = instance.bind(foreign);
        Method add = foreign.getDeclaredMethod("add", int.class, int.class);
        add.setAccessible(true);
        assertThat(add.invoke(bound, 20, 22)).isEqualTo(42);
    }

    private static ClassLoader foreignLoader() {
        return new ClassLoader(null) {
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

    // ---- one class for all instances

    private static final String COUNTER = """
            (module (global $n (mut i32) (i32.const START))
              (func (export "applyAsInt") (param i32 i32) (result i32)
                (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n)))
            """;

    private IntBinaryOperator counter(int start) {
        return f.instantiate(COUNTER.replace("START", Integer.toString(start))).bind(IntBinaryOperator.class);
    }

    @Test
    void instancesShareAClassAndNothingElse() {
        IntBinaryOperator one = counter(100);
        IntBinaryOperator two = counter(200);
        assertThat(two.getClass()).isSameAs(one.getClass());
        assertThat(one.applyAsInt(1, 0)).isEqualTo(101);
        assertThat(two.applyAsInt(1, 0)).isEqualTo(201);
        assertThat(one.applyAsInt(1, 0)).isEqualTo(102);
        try (Store other = f.engine.newStore()) {
            IntBinaryOperator three = f.linker.link(f.compile(COUNTER.replace("START", "7"))).instantiate(other)
                    .bind(IntBinaryOperator.class);
            assertThat(three.getClass()).isSameAs(one.getClass());
            assertThat(three.applyAsInt(1, 0)).isEqualTo(8);
        }
        try (Fixture g = new Fixture()) {
            Class<?> elsewhere = g.instantiate(COUNTER.replace("START", "0")).bind(IntBinaryOperator.class).getClass();
            assertThat(elsewhere).isNotSameAs(one.getClass());
        }
    }

    /** Functions of the host are called another way; any mixture of both has a class that works, kept or not. */
    @Test
    void functionsOfTheHostThatAModuleExports() {
        f.linker.define("h", "add", FuncType.of(List.of(NumType.I32, NumType.I32), NumType.I32),
                (_, args) -> new Object[] {(int) args[0] + (int) args[1] + 1000});
        for (int mixture = 0; mixture < 16; mixture++) {
            StringBuilder wat = new StringBuilder("(module (import \"h\" \"add\" (func $host (param i32 i32) (result i32)))"
                    + "(func $own (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))");
            for (int i = 0; i < 4; i++) {
                boolean isHosts = (mixture >> i & 1) != 0;
                wat.append("(export \"").append((char) ('a' + i)).append("\" (func ").append(isHosts ? "$host))" : "$own))");
            }
            Four four = f.instantiate(wat + ")").bind(Four.class);
            int[] sums = {four.a(1, 2), four.b(3, 4), four.c(5, 6), four.d(7, 8)};
            for (int i = 0; i < 4; i++) {
                assertThat(sums[i]).isEqualTo(3 + 4 * i + ((mixture >> i & 1) != 0 ? 1000 : 0));
            }
        }
    }

    interface Four {
        int a(int x, int y);

        int b(int x, int y);

        int c(int x, int y);

        int d(int x, int y);
    }

    @Test
    void threadsThatBindAtOnceGetOneClass() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            Callable<Class<?>> task = () -> {
                try (Store store = f.engine.newStore()) {
                    Instance own = f.linker.link(instance.module()).instantiate(store);
                    Calculator calculator = own.bind(Calculator.class);
                    assertThat(calculator.add(1, 2)).isEqualTo(3);
                    return calculator.getClass();
                }
            };
            Set<Class<?>> classes = new HashSet<>();
            for (var made : threads.invokeAll(Collections.nCopies(200, task))) {
                classes.add(made.get());
            }
            assertThat(classes).hasSize(1);
        }
    }

    @Test
    void anInterfaceThatNobodyUsesAnyMoreIsNotKept() throws Exception {
        WeakReference<ClassLoader> loader = new WeakReference<>(bindForeign());
        assertGoes(loader);
        assertThat(instance.bind(IntBinaryOperator.class).applyAsInt(2, 3)).isEqualTo(6);
    }

    private ClassLoader bindForeign() throws Exception {
        Class<?> foreign = foreignLoader().loadClass(ForeignCalculator.class.getName());
        assertThat(instance.bind(foreign)).isInstanceOf(foreign);
        return foreign.getClassLoader();
    }

    /** Its interface, of the platform, stays for ever. */
    @Test
    void whatAClosedEngineMadeIsNotKept() {
        WeakReference<Class<?>> made;
        try (Fixture g = new Fixture()) {
            made = new WeakReference<>(g.instantiate(COUNTER.replace("START", "0")).bind(LongIntOperator.class).getClass());
        }
        assertGoes(made);
    }

    /** As one of the platform: the test's loader outlives the engine. */
    interface LongIntOperator extends IntBinaryOperator {}

    private static void assertGoes(WeakReference<?> reference) {
        for (int i = 0; i < 200 && reference.get() != null; i++) {
            System.gc();
            LockSupport.parkNanos(10_000_000);
        }
        assertThat(reference.get()).isNull();
    }
}
