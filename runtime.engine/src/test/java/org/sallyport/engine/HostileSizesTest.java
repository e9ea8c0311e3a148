package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CallContext;
import org.sallyport.CompilationException;
import org.sallyport.Config;
import org.sallyport.Extern;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.LinkException;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.NoSuchExportException;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.TrapException;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.itests.support.Binary;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.validator.ModuleValidator;
import org.sallyport.wasm.FuncType;

/**
 * Modules with very many of one thing, and all that an embedder does with a module. Each step is over at once or ends at
 * its deadline. What took how long for n and for 2n things is on standard output; that nothing is quadratic is asserted
 * by bounds that only linear work keeps at these sizes.
 */
class HostileSizesTest {
    /** Times as many of everything; what is quadratic takes the square of it longer. */
    private static final int TIMES = Integer.getInteger("sallyport.sizes", 1);

    private static final int MANY = 40_000 * TIMES;
    /** Of what takes a microsecond or more. */
    private static final int SOME = 6_000 * TIMES;
    /** Milliseconds for one step; what is quadratic takes minutes at least. */
    private static final long BOUND = 15_000;
    /** Milliseconds that a step may go on past its deadline; what it really was is on standard output. */
    private static final long LATEST = 2_000;

    /**
     * @param n how many
     * @param sized the module with so many things
     */
    private record Shape(String name, int n, IntFunction<byte[]> sized) {
        Shape(String name, IntFunction<byte[]> sized) {
            this(name, MANY, sized);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    // @formatter:off
    static Stream<Shape> shapes() {
        return Stream.of(
                new Shape("unknown imports",         n -> types().vector(2, n, (b, i) -> b.name("m").name("f" + i).add(0, 0)).toBytes()),
                new Shape("unknown modules",         n -> types().vector(2, n, (b, i) -> b.name("m" + i).name("").add(0, 0)).toBytes()),
                new Shape("imports that fit",        n -> types().vector(2, n, (b, _) -> b.name("h").name("f").add(0, 0)).toBytes()),
                new Shape("imports of other types",  n -> types().vector(2, n, (b, _) -> b.name("h").name("f").add(0, 1)).toBytes()),
                new Shape("exports of one function", n -> exported(n, _ -> 0)),
                new Shape("exported functions",      n -> exported(n, i -> i)),
                new Shape("function names",          HostileSizesTest::named),
                new Shape("clustered names",         HostileSizesTest::clusteredNames),
                new Shape("custom sections",         n -> Binary.module().times(n, (b, i) -> b.section(0, s -> s.name("s" + i))).toBytes()),
                new Shape("globals",                 n -> Binary.module().vector(6, n, (b, i) -> b.add(0x7F, 0).add(0x41).signed(i).add(0x0B)).toBytes()),
                new Shape("globals of a long sum",   n -> Binary.module().section(6, s -> s.add(1, 0x7F, 0, 0x41, 0).times(n, 0x41, 1, 0x6A).add(0x0B)).toBytes()),
                new Shape("tags",                    n -> types().vector(13, n, (b, _) -> b.add(0, 0)).toBytes()),
                new Shape("tables",                  n -> Binary.module().vector(4, Math.min(n, 5_000), (b, _) -> b.add(0x70, 0, 1)).toBytes()),
                new Shape("element segments",        n -> elements(n, 1)),
                new Shape("passive elements",        n -> passive(n)),
                new Shape("elements of a segment",   n -> elements(1, n)),
                new Shape("element expressions",     n -> expressions(n)),
                new Shape("data segments",           n -> Binary.module().section(5, s -> s.add(1, 0, 1))
                        .vector(11, Math.min(n, 100_000), (b, _) -> b.add(0, 0x41, 0, 0x0B, 1, 7)).toBytes()),
                new Shape("types", SOME,             n -> Binary.module().vector(1, n, HostileSizesTest::numberedType).toBytes()),
                new Shape("types of one group", SOME, n -> Binary.module().section(1, s -> s.add(1, 0x4E).number(n).times(n, HostileSizesTest::numberedType)).toBytes()),
                new Shape("types that name the last", SOME, n -> Binary.module().vector(1, n, (b, i) -> b.add(0x60, 1, 0x63).signed(Math.max(0, i - 1)).add(0)).toBytes()),
                new Shape("deep subtypes", SOME,     n -> Binary.module().vector(1, n, HostileSizesTest::subtype).toBytes()),
                new Shape("colliding types", SOME,   HostileSizesTest::collidingTypes));
    }
    // @formatter:on

    /** {@code () -> ()} and {@code (i32) -> ()}. */
    private static Binary types() {
        return Binary.module().section(1, s -> s.add(2, 0x60, 0, 0, 0x60, 1, 0x7F, 0));
    }

    private static Binary functions(int n) {
        return types().vector(3, n, (b, _) -> b.add(0));
    }

    /** Functions that trap, exported. */
    private static byte[] exported(int n, java.util.function.IntUnaryOperator function) {
        int count = function.applyAsInt(n - 1) + 1;
        return functions(count).vector(7, n, (b, i) -> b.name("f" + i).add(0).number(function.applyAsInt(i)))
                .vector(10, count, (b, _) -> b.body(0x00)).toBytes();
    }

    private static byte[] named(int n) {
        return functions(n).vector(7, 1, (b, _) -> b.name("run").add(0, 0)).vector(10, n, (b, _) -> b.body(0x00))
                .section(0, s -> s.name("name").add(1).sized(m -> m.number(n).times(n, (b, i) -> b.number(i).name("n" + i))))
                .toBytes();
    }

    /** Indices that a hash table without further thought keeps in a few long runs. */
    private static byte[] clusteredNames(int n) {
        return functions(n).vector(10, n, (b, _) -> b.body(0x00))
                .section(0, s -> s.name("name").add(1).sized(m -> {
                    int names = n / 10;
                    int run = names / 5;
                    m.number(names).times(names, (b, i) -> b.number(i % run + (long) (i / run) * 2 * names).name("x"));
                })).toBytes();
    }

    private static byte[] elements(int segments, int each) {
        return functions(1).section(4, s -> s.add(1, 0x70, 0).number(each))
                .vector(9, segments, (b, _) -> b.add(0, 0x41, 0, 0x0B).number(each).times(each, 0))
                .vector(10, 1, (b, _) -> b.body(0x00)).toBytes();
    }

    private static byte[] passive(int segments) {
        return functions(1).vector(9, segments, (b, _) -> b.add(1, 0, 1, 0)).vector(10, 1, (b, _) -> b.body(0x00)).toBytes();
    }

    private static byte[] expressions(int n) {
        return functions(1).section(4, s -> s.add(1, 0x70, 0).number(n))
                .section(9, s -> s.add(1, 4, 0x41, 0, 0x0B).number(n).times(n, 0xD2, 0, 0x0B))
                .vector(10, 1, (b, _) -> b.body(0x00)).toBytes();
    }

    /** A function type that is another one for each number. */
    private static void numberedType(Binary to, int number) {
        to.add(0x60).number(20).times(20, (b, bit) -> b.add((number >> bit & 1) == 0 ? 0x7F : 0x7E)).add(0);
    }

    /** Chains as deep as the loader allows. */
    private static void subtype(Binary to, int number) {
        int chain = 64;
        if (number % chain == 0) {
            to.add(0x50, 0);
        } else {
            to.add(0x50, 1).number(number - 1);
        }
        numberedType(to, number / chain);
    }

    /** See {@code TypeCanonTest}: two parameters that name types count 31³ to 1 in the hash code. */
    private static byte[] collidingTypes(int n) {
        int distance = 31 * 31;
        int most = 1 << 17;
        int count = Math.min(n, most);
        return Binary.module().vector(1, distance + 1 + count, (b, i) -> {
            if (i <= distance) {
                numberedType(b, i);
            } else {
                int value = i - distance - 1;
                b.add(0x60).number(34).times(17, (p, bit) -> {
                    boolean isSet = (value >> bit & 1) != 0;
                    p.add(0x63).signed(isSet ? 1 : 0).add(0x63).signed(isSet ? 0 : distance);
                }).add(0);
            }
        }).toBytes();
    }

    // ---- steps

    private static EngineImpl engine() {
        return Engines.make(
                Config.defaults().withLazy(true),
                new BinaryLoader(),
                new ModuleValidator(),
                new NativeCodeGenerator(),
                new PoolingAllocator(new LinuxMemory(), 0));
    }

    private static Linker linker(EngineImpl engine) {
        return engine.newLinker().define("h", "f", FuncType.EMPTY, (_, _) -> new Object[0]);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyStepIsOverSoon(Shape shape) {
        List<String> figures = new ArrayList<>();
        for (int n : new int[] {shape.n, 2 * shape.n}) {
            byte[] binary = shape.sized.apply(n);
            try (EngineImpl engine = engine()) {
                StringBuilder line = new StringBuilder();
                Module[] module = new Module[1];
                step(line, "compile", () -> module[0] = engine.compile(binary));
                step(line, "types", () -> {
                    assertThat(module[0].exports()).isNotNull();
                    assertThat(module[0].imports()).isNotNull();
                    assertThat(module[0].customSection("none")).isNull();
                });
                LinkedModule[] linked = new LinkedModule[1];
                step(line, "link", () -> linked[0] = link(engine, module[0]));
                if (linked[0] != null) {
                    use(line, engine, linked[0]);
                }
                step(line, "close", module[0]::close);
                figures.add(n + ":" + line);
            }
        }
        System.out.println("sizes, " + shape + ", ms: " + figures);
    }

    private static LinkedModule link(EngineImpl engine, Module module) {
        try {
            return linker(engine).link(module);
        } catch (LinkException e) {
            assertThat(e.count()).isGreaterThanOrEqualTo(e.gaps().size()).isEqualTo(module.imports().size());
            assertThat(e.gaps()).hasSize(Math.min(e.count(), LinkException.MAX_GAPS));
            assertThat(e.getMessage()).contains("and " + (e.count() - 1) + " more").hasSizeLessThan(25_000);
            return null;
        }
    }

    private static void use(StringBuilder line, EngineImpl engine, LinkedModule linked) {
        try (Store store = engine.newStore(StoreLimits.DEFAULT)) {
            Instance[] instance = new Instance[1];
            step(line, "instantiate", () -> instance[0] = linked.instantiate(store));
            step(line, "again", () -> linked.instantiate(store));
            step(line, "wrong name", () -> assertThat(catchThrowable(() -> instance[0].func("f9999999x")))
                    .isInstanceOf(NoSuchExportException.class));
            List<String> names = instance[0].exportNames();
            step(line, "calls", () -> names.stream().limit(20).forEach(name ->
                    assertThat(catchThrowable(() -> instance[0].func(name).call())).isInstanceOf(TrapException.class)));
            step(line, "exports", () -> names.forEach(name -> {
                Extern extern = instance[0].export(name).orElseThrow();
                assertThat(extern).isNotNull();
            }));
            step(line, "define", () -> linker(engine).define("again", instance[0]));
            step(line, "free", store::close);
        }
    }

    private static void step(StringBuilder line, String name, Runnable action) {
        long start = System.nanoTime();
        action.run();
        long millis = (System.nanoTime() - start) / 1_000_000;
        line.append(' ').append(name).append(' ').append(millis);
        assertThat(millis).as(name).isLessThan(BOUND);
    }

    // ---- deadlines

    /** So many that a few milliseconds are too little for most steps. */
    @ParameterizedTest
    @MethodSource("shapes")
    void everyStepEndsAtItsDeadline(Shape shape) {
        byte[] binary = shape.sized.apply(5 * shape.n);
        List<String> late = new ArrayList<>();
        try (EngineImpl engine = engine()) {
            overrun(late, "compile", 20, () -> engine.compile(binary).close());
            Module module = engine.compile(binary);
            overrun(late, "link", 1, () -> link(engine, module));
            LinkedModule linked = link(engine, module);
            if (linked != null) {
                for (int millis : new int[] {1, 5, 20}) {
                    try (Store store = engine.newStore(StoreLimits.DEFAULT)) {
                        overrun(late, "instantiate", millis, () -> linked.instantiate(store));
                    }
                }
            }
        }
        System.out.println("deadlines, " + shape + ", ms: " + late);
    }

    /** In its middle: a call that looks at nothing goes on to its end, and an interruption does not reach the next one. */
    @Test
    void instantiationIsInterrupted() throws Exception {
        byte[] binary = Binary.module()
                .vector(6, 200_000, (b, i) -> b.add(0x7F, 0).add(0x41).signed(i).add(0x0B))
                .toBytes();
        AtomicReference<Store> current = new AtomicReference<>();
        AtomicBoolean over = new AtomicBoolean();
        try (EngineImpl engine = engine()) {
            LinkedModule linked = engine.newLinker().link(engine.compile(binary));
            Thread interrupter = Thread.ofPlatform().start(() -> {
                while (!over.get()) {
                    Store store = current.get();
                    if (store != null) {
                        store.interrupt();
                    }
                    Thread.onSpinWait();
                }
            });
            Throwable end = null;
            for (int i = 0; i < 200 && end == null; i++) {
                try (Store store = engine.newStore(StoreLimits.DEFAULT)) {
                    current.set(store);
                    end = catchThrowable(() -> linked.instantiate(store));
                }
            }
            over.set(true);
            interrupter.join();
            assertThat(end).isInstanceOf(GuestInterruptedException.class);
        }
    }

    private static void overrun(List<String> late, String name, int millis, Runnable action) {
        long start = System.nanoTime();
        Throwable end = catchThrowable(() -> CallContext.withTimeout(Duration.ofMillis(millis), () -> {
            action.run();
            return null;
        }));
        long over = (System.nanoTime() - start) / 1_000_000 - millis;
        if (end != null) {
            assertThat(end).isInstanceOfAny(GuestInterruptedException.class, CompilationException.class);
        }
        late.add(name + (end == null ? " done " : " stopped ") + over);
        assertThat(over).as(name).isLessThan(LATEST);
    }
}
