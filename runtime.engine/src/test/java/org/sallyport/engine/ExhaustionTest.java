package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.EngineLimits;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.validator.ModuleValidator;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;

/**
 * What the process has only so much of is taken until it is refused, by everything that a tenant can multiply. The JVM
 * still has room for its collector and its threads, other engines have theirs, and all of it comes back. Unless the
 * property {@code sallyport.stress} is more than 1, the process is taken to have little.
 */
class ExhaustionTest {
    private static final String MEMORIES = "(module " + "(memory 1)".repeat(100) + ")";
    private static final String IMAGE =
            "(module (memory 1) (data (i32.const 0) \"" + "enough for an image ".repeat(2000) + "\"))";
    private static final String TABLES = "(module " + "(table 2000 funcref)".repeat(100) + ")";
    private static final String CHECKED = "(module " + "(memory i64 1 10)".repeat(100) + ")";
    private static final String EMPTY = "(module)";

    private static final boolean ALL = Integer.getInteger("sallyport.stress", 1) > 1;

    private final ResourceAccount little = ResourceAccount.root(
            new EngineLimits(2000, 1L << 46, 1L << 40, 1000, 1000, 1L << 30));

    private EngineImpl newEngine() {
        return newEngine(ALL ? new LinuxMemory() : new LinuxMemory(little));
    }

    private static EngineImpl newEngine(VirtualMemory memory) {
        return newEngine(memory, Config.defaults());
    }

    private static EngineImpl newEngine(VirtualMemory memory, Config config) {
        return Engines.make(
                config,
                new BinaryLoader(),
                new ModuleValidator(),
                new NativeCodeGenerator(),
                new PoolingAllocator(memory, 64));
    }

    private static LinkedModule link(EngineImpl engine, String text) {
        byte[] binary = Wat.compile(text.getBytes(StandardCharsets.UTF_8), "test", WatOptions.DEFAULT);
        return engine.newLinker().link(engine.compile(binary));
    }

    /** Opens stores until one is refused. @return what was refused */
    private static LimitExceededException fill(EngineImpl engine, List<Store> stores, LinkedModule module, int each) {
        while (true) {
            try {
                Store store = engine.newStore(StoreLimits.DEFAULT.withStackBytes(64 << 10));
                stores.add(store);
                for (int i = 0; i < each; i++) {
                    module.instantiate(store);
                }
            } catch (LimitExceededException e) {
                return e;
            }
        }
    }

    private static long lines() throws IOException {
        try (var maps = new FileInputStream("/proc/self/maps")) {
            long lines = 0;
            byte[] buffer = new byte[1 << 16];
            for (int length = maps.read(buffer); length > 0; length = maps.read(buffer)) {
                for (int i = 0; i < length; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
            }
            return lines;
        }
    }

    private static long most() throws IOException {
        try (var file = new FileInputStream("/proc/sys/vm/max_map_count")) {
            return Long.parseLong(new String(file.readNBytes(64), StandardCharsets.US_ASCII).strip());
        }
    }

    /** The JVM finds what it needs: threads, heap, mapped files. */
    private static void theJvmHasRoom() throws Exception {
        assertThat(lines()).as("mappings of the process").isLessThanOrEqualTo(most() * 3 / 4 + 100);
        CountDownLatch started = new CountDownLatch(100);
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                started.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        started.await();
        System.gc();
        end.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static long[] used(EngineImpl engine) {
        return Arrays.stream(Kind.values()).mapToLong(engine.resources()::used).toArray();
    }

    private void isRefused(String text, int each) throws Exception {
        try (EngineImpl engine = newEngine(); EngineImpl other = newEngine()) {
            List<Store> stores = new ArrayList<>();
            LinkedModule module = link(engine, text);
            long[] before = used(engine);
            LimitExceededException refusal = fill(engine, stores, module, each);
            assertThat(refusal).hasMessageContaining("EngineLimits.mappings");
            theJvmHasRoom();
            LimitExceededException last = fill(other, stores, link(other, text), each);
            assertThat(last).hasMessageContaining("sallyport.process.mappings");
            theJvmHasRoom();
            if (ALL) {
                System.out.println("ExhaustionTest: " + stores.size() + " stores, " + lines() + " mappings of " + most()
                        + "; " + refusal.getMessage());
            }
            stores.removeIf(store -> {
                store.close();
                return true;
            });
            for (Kind kind : Kind.values()) {
                if (kind != Kind.DESCRIPTORS && kind != Kind.COMMITTED && kind != Kind.THREADS) { // modules have images
                    assertThat(engine.resources().used(kind)).as("%s", kind).isEqualTo(before[kind.ordinal()]);
                }
            }
            try (Store store = engine.newStore()) {
                module.instantiate(store);
            }
        }
    }

    @Test
    void storesOfManyMemories() throws Exception {
        isRefused(MEMORIES, 1);
    }

    @Test
    void storesWithImages() throws Exception {
        isRefused(IMAGE, 3);
    }

    @Test
    void storesOfManyTables() throws Exception {
        isRefused(TABLES, 2);
    }

    @Test
    void storesWithMemoriesThatAreChecked() throws Exception {
        isRefused(CHECKED, 1);
    }

    @Test
    void storesOfNothingButAStack() throws Exception {
        isRefused(EMPTY, 0);
    }

    /** Functions that a call compiles, and trampolines. */
    private static final String CALLS = """
            (module (func $a (export "a") (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0))
                (then (i32.const 7)) (else (call $b (i32.sub (local.get 0) (i32.const 1))))))
              (func $b (export "b") (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0))
                (then (i32.const 8)) (else (call $a (i32.sub (local.get 0) (i32.const 1))))))
              (func (export "c") (param i64 f32)) (func (export "d") (param f64 f32)))
            """;

    /** Makes modules, and calls each in the store, until one is refused. @return what was refused */
    private static LimitExceededException fillWithCode(EngineImpl engine, List<Module> modules, Store store) {
        byte[] binary = Wat.compile(CALLS.getBytes(StandardCharsets.UTF_8), "test", WatOptions.DEFAULT);
        while (true) {
            try {
                Module module = engine.compile(binary);
                modules.add(module);
                Instance instance = engine.newLinker().link(module).instantiate(store);
                assertThat(instance.func("a").call(5)[0]).isEqualTo(8);
                instance.func("c").call(1L, 2f);
            } catch (LimitExceededException e) {
                return e;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EAGER", "LAZY"})
    void code(Compilation compilation) throws Exception {
        VirtualMemory memory = ALL ? new LinuxMemory() : new LinuxMemory(little);
        Config config = Config.defaults().withCompilation(compilation);
        StoreLimits limits = StoreLimits.DEFAULT.withInstances(Integer.MAX_VALUE);
        try (EngineImpl engine = newEngine(memory, config); EngineImpl other = newEngine(memory, config)) {
            long[] before = used(engine);
            List<Module> modules = new ArrayList<>();
            Store store = engine.newStore(limits);
            LimitExceededException refusal = fillWithCode(engine, modules, store);
            theJvmHasRoom();
            LimitExceededException last = fillWithCode(other, new ArrayList<>(), other.newStore(limits));
            assertThat(List.of(refusal.getMessage(), last.getMessage()))
                    .allMatch(m -> m.contains("EngineLimits.mappings") || m.contains("sallyport.process.mappings"));
            theJvmHasRoom();
            Natives.of(engine).codeSpace().check();
            if (ALL) {
                System.out.println("ExhaustionTest: " + compilation + ", " + modules.size() + " modules, " + lines()
                        + " mappings of " + most() + "; " + refusal.getMessage() + "; " + last.getMessage());
            }
            store.close();
            modules.forEach(Module::close);
            assertThat(used(engine)).isEqualTo(before);
            assertThat(fillWithCode(engine, new ArrayList<>(), engine.newStore(limits)).limit()).isEqualTo(last.limit());
        }
    }

    @Test
    void whatOneStoreMayHave() {
        try (EngineImpl engine = newEngine()) {
            StoreLimits few = StoreLimits.DEFAULT.withMemories(7).withTables(5);
            for (String text : List.of("(module (memory 1))", "(module (table 1 funcref))")) {
                LinkedModule module = link(engine, text);
                try (Store store = engine.newStore(few)) {
                    for (int i = 0; i < 5; i++) {
                        module.instantiate(store);
                    }
                    assertThat(refusal(() -> {
                        for (int i = 0; i < 3; i++) {
                            module.instantiate(store);
                        }
                        return store;
                    }).getMessage()).matches("(memories|tables) limit: asked for (8|6), allowed (7|5) .*StoreLimits.*");
                }
            }
            try (Store store = engine.newStore(few)) {
                TableType type = new TableType(AddressType.I32, Limits.atLeast(1), RefType.FUNCREF);
                for (int i = 0; i < 5; i++) {
                    store.newTable(type, null);
                }
                assertThat(refusal(() -> store.newTable(type, null)).limit()).isEqualTo("tables");
            }
        }
    }

    private static LimitExceededException refusal(Supplier<?> action) {
        try {
            action.get();
        } catch (LimitExceededException e) {
            return e;
        }
        return fail("was not refused");
    }

    /** By itself, as attackers would find it: all at once, in threads. Run by hand with other collectors. */
    public static void main(String[] args) throws Exception {
        int rounds = args.length == 0 ? 1 : Integer.parseInt(args[0]);
        for (int i = 0; i < rounds; i++) {
            List<Thread> attackers = new ArrayList<>();
            try (EngineImpl engine = newEngine(new LinuxMemory()); EngineImpl other = newEngine(new LinuxMemory())) {
                for (String text : List.of(MEMORIES, IMAGE, TABLES, CHECKED, EMPTY)) {
                    for (EngineImpl target : List.of(engine, other)) {
                        List<Store> stores = new ArrayList<>();
                        LinkedModule module = link(target, text);
                        attackers.add(Thread.ofPlatform().start(() -> {
                            for (int round = 0; round < 5; round++) {
                                System.out.println(Thread.currentThread().getName() + ": "
                                        + fill(target, stores, module, 1).getMessage() + ", " + stores.size() + " stores");
                                stores.subList(0, stores.size() / 2).forEach(Store::close);
                                stores.subList(0, stores.size() / 2).clear();
                            }
                        }));
                    }
                }
                while (attackers.stream().anyMatch(Thread::isAlive)) {
                    theJvmHasRoom();
                    System.out.println(lines() + " mappings");
                }
            }
        }
        System.out.println("survived");
    }
}
