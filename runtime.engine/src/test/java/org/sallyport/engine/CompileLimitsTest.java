package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CallContext;
import org.sallyport.CompilationException;
import org.sallyport.CompilationException.Reason;
import org.sallyport.CompileLimits;
import org.sallyport.Config;
import org.sallyport.LimitExceededException;
import org.sallyport.Module;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.validator.ModuleValidator;
import org.sallyport.wasm.WasmModule;

/** Compiling hostile modules ends when it must, wherever it is, takes no more memory than allowed, and leaves nothing. */
class CompileLimitsTest {
    private static final int MEGABYTES = 7;
    /** Overshoot that fails the test; what it really was is on standard output. */
    private static final Duration LATEST = Duration.ofSeconds(2);

    private record Hostile(String name, byte[] module) {
        @Override
        public String toString() {
            return name;
        }
    }

    // @formatter:off
    static Stream<Hostile> hostile() {
        return Stream.of(
                new Hostile("one function of unary operators",  body(MEGABYTES << 20, 0x69)),
                new Hostile("one function of dependent sums",   body(MEGABYTES << 20, 0x41, 3, 0x6A, 0x20, 0, 0x6C)),
                new Hostile("one function of stores",           body(MEGABYTES << 20, 0x22, 0, 0x20, 0, 0x36, 0, 0, 0x20, 0)),
                new Hostile("one function of calls",            body(MEGABYTES << 20, 0x10, 0)),
                new Hostile("one function of loops",            body(MEGABYTES << 20, 0x03, 0x7F, 0x20, 0, 0x0B, 0x6A)),
                new Hostile("one function of branches",
                        body(MEGABYTES << 20, 0x21, 0, 0x20, 0, 0x04, 0x40, 0x20, 0, 0x21, 0, 0x0B, 0x20, 0)),
                new Hostile("half a million functions",         functions(500_000)));
    }
    // @formatter:on

    // ---- time

    @ParameterizedTest
    @MethodSource("hostile")
    void endsSoonAfterItsDeadline(Hostile hostile) {
        List<Long> late = new ArrayList<>();
        for (int millis : new int[] {1, 60, 250}) {
            Duration time = Duration.ofMillis(millis);
            try (EngineImpl engine = engine(CompileLimits.DEFAULT.withTime(time), 0)) {
                long start = System.nanoTime();
                Throwable end = catchThrowable(() -> engine.compile(hostile.module).close());
                late.add((System.nanoTime() - start - time.toNanos()) / 1_000_000);
                if (millis > 100 && (end == null || end instanceof LimitExceededException)) {
                    continue; // it has come to its end before
                }
                assertThat(end).isInstanceOfSatisfying(CompilationException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.DEADLINE);
                    assertThat(e).hasMessageContaining("CompileLimits.time");
                });
                assertNothingIsLeft(engine);
            }
        }
        System.out.println("deadline, " + hostile + ": ms late: " + late);
        assertThat(late).allMatch(ms -> ms < LATEST.toMillis());
    }

    @Test
    void withoutATimeTheSizeOfTheModuleCounts() {
        assertThat(CompileLimits.DEFAULT.timeFor(0)).isEqualTo(Duration.ofSeconds(60));
        assertThat(CompileLimits.DEFAULT.timeFor(5 << 20)).isEqualTo(Duration.ofSeconds(110));
        assertThat(CompileLimits.DEFAULT.timeFor(1 << 30)).isEqualTo(Duration.ofSeconds(60 + 10_240));
        Duration day = Duration.ofDays(1);
        assertThat(CompileLimits.DEFAULT.withTime(day).timeFor(5 << 20)).isEqualTo(day);
        try (EngineImpl engine = engine(CompileLimits.DEFAULT.withTime(CompileLimits.UNLIMITED), 0)) {
            assertCompiles(engine);
        }
    }

    @Test
    void theCallContextCounts() {
        Hostile hostile = hostile().skip(1).findFirst().orElseThrow();
        try (EngineImpl engine = engine(CompileLimits.DEFAULT.withTime(Duration.ofHours(1)), 0)) {
            assertThatThrownBy(() -> CallContext.withTimeout(
                            Duration.ofMillis(50), () -> engine.compile(hostile.module)))
                    .isInstanceOfSatisfying(
                            CompilationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE));
            assertNothingIsLeft(engine);
            assertCompiles(engine);
        }
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void endsSoonAfterAnInterruption(Hostile hostile) throws Exception {
        try (EngineImpl engine = engine(CompileLimits.DEFAULT, 0)) {
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread thread = Thread.ofPlatform().start(() -> {
                end.set(catchThrowable(() -> engine.compile(hostile.module)));
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            });
            Thread.sleep(150);
            long start = System.nanoTime();
            thread.interrupt();
            assertThat(thread.join(LATEST)).isTrue();
            System.out.printf("interruption, %s: %d ms late%n", hostile, (System.nanoTime() - start) / 1_000_000);
            assertThat(end.get()).isInstanceOfSatisfying(
                    CompilationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED));
            assertNothingIsLeft(engine);
            assertCompiles(engine);
        }
    }

    @Test
    void endsSoonWhenTheEngineCloses() throws Exception {
        Hostile hostile = hostile().skip(1).findFirst().orElseThrow();
        EngineImpl engine = engine(CompileLimits.DEFAULT, 0);
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> end.set(catchThrowable(() -> engine.compile(hostile.module))));
        Thread.sleep(150);
        engine.close();
        assertThat(thread.join(LATEST)).isTrue();
        assertThat(end.get()).isInstanceOfSatisfying(
                CompilationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
        assertNothingIsLeft(engine);
    }

    private static void assertNothingIsLeft(EngineImpl engine) {
        assertThat(engine.types().size()).isZero();
        assertThat(Natives.of(engine).allocator().virtualMemory().usage().reservations()).isLessThanOrEqualTo(1);
        long start = System.nanoTime();
        while (isCompiling()) { // a helper that comes too late looks in and goes
            assertThat(System.nanoTime() - start).as("ns that threads go on").isLessThan(LATEST.toNanos());
            Thread.onSpinWait();
        }
    }

    private static boolean isCompiling() {
        return Thread.getAllStackTraces().values().stream()
                .flatMap(Stream::of)
                .anyMatch(frame -> frame.getClassName().startsWith("org.sallyport.codegen"));
    }

    private static void assertCompiles(EngineImpl engine) {
        try (Module module = engine.compile(functions(1000))) {
            assertThat(module.imports()).isEmpty();
        }
    }

    // ---- memory

    @Test
    void refusesAFunctionThatNeedsMoreMemoryThanAllowed() {
        byte[] module = body(1 << 20, 0x69);
        try (EngineImpl engine = engine(CompileLimits.DEFAULT.withMemoryBytes(64 << 20), 2)) {
            assertThatThrownBy(() -> engine.compile(module))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("func[0]")
                    .hasMessageContaining("allowed " + (64 << 20))
                    .hasMessageContaining("CompileLimits.memoryBytes");
            assertNothingIsLeft(engine);
            assertCompiles(engine);
        }
        try (EngineImpl engine = engine(CompileLimits.DEFAULT.withMemoryBytes(1 << 30), 2)) {
            engine.compile(module).close();
        }
    }

    @Test
    void refusesMoreMachineCodeThanAllowed() {
        try (EngineImpl engine = engine(CompileLimits.DEFAULT.withMemoryBytes(32 << 20), 0)) {
            assertThatThrownBy(() -> engine.compile(functions(300_000)))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("machine code of one module");
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void largeFunctionsOfSeveralModulesTakeTurns() {
        byte[] module = body(300_000, 0x69);
        try (EngineImpl engine = engine(CompileLimits.DEFAULT.withMemoryBytes(256 << 20), 0)) {
            List<Throwable> failures = IntStream.range(0, 6).parallel()
                    .mapToObj(_ -> catchThrowable(() -> engine.compile(module).close()))
                    .filter(f -> f != null)
                    .toList();
            assertThat(failures).isEmpty();
        }
    }

    /** In a virtual machine with a small heap, since an {@code OutOfMemoryError} here would tell of other tests. */
    @Test
    void doesNotTakeTheHeapDown() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        Stream.of(
                                        CompileLimitsTest.class,
                                        EngineImpl.class,
                                        Module.class,
                                        WasmModule.class,
                                        BinaryLoader.class,
                                        ModuleValidator.class,
                                        NativeCodeGenerator.class,
                                        PoolingAllocator.class)
                                .map(CompileLimitsTest::place)
                                .distinct()
                                .collect(Collectors.joining(File.pathSeparator)),
                        Child.class.getName())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        System.out.print(output);
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(output)
                .contains("unary operators: refused", "dependent sums:", "loops:", "functions:")
                .doesNotContain("Error");
        assertThat(process.exitValue()).isZero();
    }

    private static String place(Class<?> type) {
        return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())).toString();
    }

    /** Compiles the hostile modules, all on two threads at a time. */
    static final class Child {
        public static void main(String[] args) {
            try (EngineImpl engine = engine(CompileLimits.DEFAULT.withTime(CompileLimits.UNLIMITED), 0)) {
                for (Hostile hostile : hostile().toList()) {
                    long start = System.nanoTime();
                    String end;
                    try {
                        engine.compile(hostile.module).close();
                        end = "compiled";
                    } catch (LimitExceededException e) {
                        end = "refused: " + e.getMessage();
                    }
                    long peak = ManagementFactory.getMemoryPoolMXBeans().stream()
                            .filter(p -> p.getType() == MemoryType.HEAP)
                            .mapToLong(p -> p.getPeakUsage().getUsed())
                            .sum();
                    long millis = (System.nanoTime() - start) / 1_000_000;
                    System.out.printf("%s: %s, %d ms, heap peak %d MB%n", hostile, end, millis, peak >> 20);
                }
            }
        }
    }

    // ---- parts

    private static EngineImpl engine(CompileLimits limits, int threads) {
        return Engines.make(
                Config.defaults().withCompileThreads(threads).withCompileLimits(limits),
                new BinaryLoader(),
                new ModuleValidator(),
                new NativeCodeGenerator(),
                new PoolingAllocator(new LinuxMemory(), 0));
    }

    /** A function of type {@code (i32) -> (i32)} with the instructions again and again on its parameter. */
    private static byte[] body(int size, int... instructions) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        code.writeBytes(new byte[] {0, 0x20, 0});
        for (int n = size / instructions.length; n > 0; n--) {
            for (int b : instructions) {
                code.write(b);
            }
        }
        code.write(0x0B);
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        section.write(1);
        sized(section, code);
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        module.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7F, 1, 0x7F, 3, 2, 1, 0});
        module.writeBytes(new byte[] {5, 3, 1, 0, 1, 10});
        sized(module, section);
        return module.toByteArray();
    }

    /** A module that exports a function of several megabytes as {@code f}. */
    static byte[] hugeFunction() {
        byte[] module = body(MEGABYTES << 20, 0x41, 3, 0x6A, 0x20, 0, 0x6C);
        int code = 8 + 8 + 4 + 5; // behind types, functions and memory
        byte[] exports = {7, 5, 1, 1, 'f', 0, 0};
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(module, 0, code);
        whole.writeBytes(exports);
        whole.write(module, code, module.length - code);
        return whole.toByteArray();
    }

    private static byte[] functions(int count) {
        ByteArrayOutputStream types = new ByteArrayOutputStream();
        ByteArrayOutputStream bodies = new ByteArrayOutputStream();
        number(types, count);
        number(bodies, count);
        for (int i = 0; i < count; i++) {
            types.write(0);
            bodies.writeBytes(new byte[] {6, 0, 0x20, 0, 0x10, 0, 0x0B});
        }
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        module.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7F, 1, 0x7F, 3});
        sized(module, types);
        module.write(10);
        sized(module, bodies);
        return module.toByteArray();
    }

    private static void sized(ByteArrayOutputStream to, ByteArrayOutputStream part) {
        number(to, part.size());
        to.writeBytes(part.toByteArray());
    }

    private static void number(ByteArrayOutputStream to, int value) {
        int rest = value;
        for (; rest >= 0x80; rest >>>= 7) {
            to.write(rest & 0x7F | 0x80);
        }
        to.write(rest);
    }
}
