package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;
import org.sallyport.Config;
import org.sallyport.EngineLimits;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkException;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.LoadLimits;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.validator.ModuleValidator;
import org.sallyport.wasm.FuncType;

/**
 * How much Java heap the bytes of a module take, for the entries of each section that are cheapest to write: loaded,
 * compiled, and for each instance. Sizes grow with the property {@code sallyport.stress}.
 */
class HeapTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    /** Entries of a section. */
    private static final int MANY = Math.min(10_000 * SCALE, 250_000);

    /** Bytes of heap for each byte of a module, and besides. */
    private static final int MOST = 64;
    private static final long CONSTANT = 2 << 20;

    private static final StoreLimits LIMITS = StoreLimits.DEFAULT.withTables(1_000_000);

    private static final class Bytes extends ByteArrayOutputStream {
        Bytes add(int... bytes) {
            for (int b : bytes) {
                write(b);
            }
            return this;
        }

        Bytes u32(int value) {
            int rest = value;
            while (rest >>> 7 != 0) {
                write(rest & 0x7F | 0x80);
                rest >>>= 7;
            }
            write(rest);
            return this;
        }

        Bytes s32(int notNegative) {
            int rest = notNegative;
            while (rest >= 0x40) {
                write(rest & 0x7F | 0x80);
                rest >>>= 7;
            }
            write(rest);
            return this;
        }

        Bytes section(int id, Bytes contents) {
            write(id);
            u32(contents.size());
            writeBytes(contents.toByteArray());
            return this;
        }

        Bytes section(int id, int count, IntConsumer entry, Bytes of) {
            for (int i = 0; i < count; i++) {
                entry.accept(i);
            }
            Bytes contents = new Bytes().u32(count);
            contents.writeBytes(of.toByteArray());
            return section(id, contents);
        }
    }

    private interface Entry {
        void write(Bytes to, int i);
    }

    private static Bytes module() {
        return new Bytes().add(0, 'a', 's', 'm', 1, 0, 0, 0);
    }

    private static Bytes section(Bytes module, int id, int count, Entry entry) {
        Bytes entries = new Bytes();
        return module.section(id, count, i -> entry.write(entries, i), entries);
    }

    private static Bytes type(Bytes module) {
        return section(module, 1, 1, (b, _) -> b.add(0x60, 0, 0));
    }

    private static Bytes functions(int count) {
        Bytes module = section(type(module()), 3, count, (b, _) -> b.add(0));
        return module;
    }

    private static Bytes bodies(Bytes module, int count) {
        return section(module, 10, count, (b, _) -> b.add(2, 0, 0x0B));
    }

    private static Map<String, byte[]> modules() {
        Map<String, Bytes> all = new LinkedHashMap<>();
        all.put("equal types", section(module(), 1, MANY, (b, _) -> b.add(0x60, 0, 0)));
        all.put("different types", section(module(), 1, MANY, HeapTest::differentType));
        all.put("deep subtypes", section(module(), 1, MANY, (b, i) -> {
            boolean root = i % 64 == 0;
            b.add(0x50, root ? 0 : 1);
            if (!root) {
                b.u32(i - 1);
            }
            b.add(0x60, 0, 0);
        }));
        all.put("subtypes of one deep type", section(module(), 1, MANY, (b, i) -> {
            b.add(0x50, i == 0 ? 0 : 1);
            if (i > 0) {
                b.u32(Math.min(i - 1, 62));
            }
            b.add(0x5F, i < 63 ? 0 : 6);
            for (int f = 0; f < 6 && i >= 63; f++) {
                b.add(0x7F - (i >>> 3 * f & 3), i >>> 3 * f + 2 & 1);
            }
        }));
        all.put("one group of deep subtypes", module().section(1, group()));
        all.put("types that name others", section(module(), 1, MANY, (b, i) -> {
            b.add(0x60, i == 0 ? 0 : 1);
            if (i > 0) {
                b.add(0x63).s32(i - 1);
            }
            b.add(0);
        }));
        all.put("structures", section(module(), 1, MANY / 100, (b, i) -> {
            b.add(0x5F, 100);
            for (int f = 0; f < 100; f++) {
                b.add(0x7F - (f * i & 3), 1);
            }
        }));
        all.put("imported functions", section(type(module()), 2, MANY, (b, _) -> b.add(0, 0, 0, 0)));
        all.put("imported globals", section(module(), 2, MANY, (b, _) -> b.add(0, 0, 3, 0x7F, 0)));
        all.put("imported tags", section(type(module()), 2, MANY, (b, _) -> b.add(0, 0, 4, 0, 0)));
        all.put("functions", bodies(functions(MANY), MANY));
        all.put("tables", section(module(), 4, Math.min(MANY, 100_000), (b, _) -> b.add(0x70, 0, 0)));
        all.put("globals", section(module(), 6, MANY, (b, _) -> b.add(0x7F, 0, 0x41, 0, 0x0B)));
        all.put("tags", section(type(module()), 13, MANY, (b, _) -> b.add(0, 0)));
        Bytes exports = functions(1);
        section(exports, 7, MANY, (b, i) -> b.add(3, '0' + i % 64, '0' + i / 64 % 64, '0' + i / 4096 % 64, 0, 0));
        all.put("exports", bodies(exports, 1));
        all.put("passive elements", bodies(section(functions(1), 9, MANY, (b, _) -> b.add(1, 0, 0)), 1));
        Bytes one = functions(1);
        one.section(9, elements(new Bytes().add(1, 1, 0), MANY, (b, _) -> b.add(0)));
        all.put("one large element segment", bodies(one, 1));
        Bytes expressions = functions(1);
        expressions.section(9, elements(new Bytes().add(1, 5, 0x70), MANY, (b, _) -> b.add(0xD0, 0x70, 0x0B)));
        all.put("elements by expression", bodies(expressions, 1));
        all.put("passive data", section(module(), 11, Math.min(MANY, 100_000), (b, _) -> b.add(1, 0)));
        Bytes customs = module();
        for (int i = 0; i < MANY; i++) {
            customs.add(0, 1, 0);
        }
        all.put("custom sections", customs);
        Bytes names = new Bytes().add(4, 'n', 'a', 'm', 'e', 1);
        Bytes map = new Bytes().u32(MANY);
        for (int i = 0; i < MANY; i++) {
            map.u32(i).add(1, 'f');
        }
        names.u32(map.size()).writeBytes(map.toByteArray());
        all.put("names of functions", bodies(functions(MANY), MANY).section(0, names));
        Bytes local = new Bytes().add(4, 'n', 'a', 'm', 'e', 2);
        Bytes locals = new Bytes().u32(MANY);
        for (int i = 0; i < MANY; i++) {
            locals.u32(i).add(1, 0, 0);
        }
        local.u32(locals.size()).writeBytes(locals.toByteArray());
        all.put("names of locals", bodies(functions(MANY), MANY).section(0, local));
        all.put("runs of locals", section(functions(MANY / 100), 10, MANY / 100, (b, _) -> {
            b.u32(2 + 2 * 100);
            b.add(100);
            for (int i = 0; i < 100; i++) {
                b.add(0, 0x7F - i % 4);
            }
            b.add(0x0B);
        }));
        all.put("functions that are referred to", bodies(section(functions(MANY), 9, 1, (b, _) -> {
            b.add(3, 0).u32(MANY);
            for (int i = 0; i < MANY; i++) {
                b.u32(i);
            }
        }), MANY));
        Map<String, byte[]> binaries = new LinkedHashMap<>();
        all.forEach((name, bytes) -> binaries.put(name, bytes.toByteArray()));
        return binaries;
    }

    /** Parameters that write the number down. */
    private static void differentType(Bytes b, int i) {
        b.add(0x60, 9);
        for (int p = 0; p < 9; p++) {
            b.add(0x7F - (i >>> 2 * p & 3));
        }
        b.add(0);
    }

    private static Bytes group() {
        Bytes group = new Bytes().u32(1).add(0x4E).u32(MANY);
        for (int i = 0; i < MANY; i++) {
            group.add(0x50, i == 0 ? 0 : 1);
            if (i > 0) {
                group.u32(i % 63 == 0 ? 0 : i - 1);
            }
            group.add(0x5F, 0);
        }
        return group;
    }

    private static Bytes elements(Bytes head, int count, Entry entry) {
        Bytes contents = new Bytes();
        contents.writeBytes(head.toByteArray());
        contents.u32(count);
        for (int i = 0; i < count; i++) {
            entry.write(contents, i);
        }
        return contents;
    }

    /** What is left when nothing more can be found that nobody uses. */
    private static long used() {
        long last = Long.MAX_VALUE;
        while (true) {
            System.gc();
            LockSupport.parkNanos(2_000_000); // for those who are told of what has gone
            long now = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
            if (now > last - (16 << 10)) {
                return Math.min(now, last);
            }
            last = now;
        }
    }

    /** Heap that the object keeps. */
    private static long kept(Supplier<?> maker) {
        long before = used();
        Object made = maker.get();
        long kept = used() - before;
        Reference.reachabilityFence(made);
        return Math.max(kept, 0);
    }

    private static Linker linker(EngineImpl engine) {
        return engine.newLinker().define("", "", FuncType.EMPTY, (_, _) -> new Object[0]);
    }

    /** All at once: each measurement takes several collections. */
    @Test
    void growsWithTheBytesOfModulesAndIsCounted() {
        Map<String, byte[]> modules = modules();
        long bytes = modules.values().stream().mapToLong(b -> b.length).sum();
        List<Module> made = new ArrayList<>();
        try (EngineImpl engine = newEngine(); Store store = engine.newStore(LIMITS)) {
            long compiled = kept(() -> {
                modules.values().forEach(binary -> made.add(engine.compile(binary)));
                return made;
            });
            assertThat(compiled).isLessThan(MOST * bytes + CONSTANT)
                    .isLessThan(engine.resources().used(Kind.HEAP) * 5 / 4 + CONSTANT);
            Linker linker = linker(engine);
            List<LinkedModule> linked = new ArrayList<>();
            made.stream().filter(m -> m.imports().isEmpty()).forEach(m -> linked.add(linker.link(m)));
            linked.forEach(m -> m.instantiate(store)); // makes what all instances of a module share
            long before = store.resources().used(Kind.HEAP);
            List<Object> instances = new ArrayList<>();
            long kept = kept(() -> {
                linked.forEach(m -> instances.add(m.instantiate(store)));
                return instances;
            });
            assertThat(kept).isLessThan((store.resources().used(Kind.HEAP) - before) * 5 / 4 + CONSTANT);
        }
    }

    /** One by one, with the numbers. */
    @Test
    void growsWithTheBytesOfEachModule() throws InterruptedException {
        assumeTrue(SCALE > 1, "takes minutes; run it with -Dsallyport.stress=2");
        List<String> tooMuch = new ArrayList<>();
        for (Map.Entry<String, byte[]> each : modules().entrySet()) {
            // in a thread of its own, with which everything goes that a thread may keep
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread thread = Thread.ofPlatform().unstarted(() -> measure(each.getKey(), each.getValue(), tooMuch));
            thread.setUncaughtExceptionHandler((_, t) -> failure.set(t));
            thread.start();
            thread.join();
            assertThat(failure.get()).as(each.getKey()).isNull();
        }
        assertThat(tooMuch).as("more than %s bytes of heap for each byte, or more than counted", MOST).isEmpty();
    }

    private static EngineImpl newEngine() {
        Config config = Config.defaults().withLazy(true).withCompileThreads(1);
        return Engines.make(
                config, new BinaryLoader(), new ModuleValidator(), new NativeCodeGenerator(),
                new PoolingAllocator(new LinuxMemory(), 0));
    }

    private static void measure(String name, byte[] binary, List<String> tooMuch) {
        BinaryLoader loader = new BinaryLoader();
        long loaded = kept(() -> loader.load(binary.clone(), Config.defaults().features(), LoadLimits.DEFAULT));
        try (EngineImpl engine = newEngine()) {
            Module[] module = new Module[1];
            long compiled = kept(() -> module[0] = engine.compile(binary));
            long counted = engine.resources().used(Kind.HEAP);
            long instance = 0;
            long countedInstance = 0;
            try (Store store = engine.newStore(LIMITS)) {
                LinkedModule linked = linker(engine).link(module[0]);
                linked.instantiate(store);
                countedInstance = store.resources().used(Kind.HEAP);
                instance = kept(() -> linked.instantiate(store));
            } catch (LinkException e) {
                // there is nothing to import
            }
            String line = "%-32s %9d bytes; loaded %.1f, compiled %.1f (counted %.1f), each instance %.1f (%.1f) times as many"
                    .formatted(name, binary.length, times(loaded, binary), times(compiled, binary),
                            times(counted, binary), times(instance, binary), times(countedInstance, binary));
            System.out.println(line);
            if (Math.max(Math.max(loaded, compiled), instance) > (long) MOST * binary.length + CONSTANT
                    || compiled > counted * 5 / 4 + CONSTANT || instance > countedInstance * 5 / 4 + CONSTANT) {
                tooMuch.add(line);
            }
        }
    }

    private static double times(long bytes, byte[] binary) {
        return (double) bytes / binary.length;
    }

    @Test
    void whoLoadsAndMakesManyIsRefused() {
        Config config = Config.defaults().withLazy(true)
                .withEngineLimits(EngineLimits.DEFAULT.withHeap(8 << 20));
        byte[] types = section(module(), 1, 10_000, (b, _) -> b.add(0x60, 0, 0)).toByteArray();
        Bytes one = functions(1);
        one.section(9, elements(new Bytes().add(1, 1, 0), 100_000, (b, _) -> b.add(0)));
        byte[] elements = bodies(one, 1).toByteArray();
        try (EngineImpl engine = Engines.make(
                config, new BinaryLoader(), new ModuleValidator(), new NativeCodeGenerator(),
                new PoolingAllocator(new LinuxMemory(), 0))) {
            List<Module> modules = new ArrayList<>();
            assertThatThrownBy(() -> {
                while (modules.size() < 10) {
                    modules.add(engine.compile(types));
                }
            }).isInstanceOf(LimitExceededException.class).hasMessageContaining("EngineLimits.heap");
            assertThat(modules).hasSize(2);
            modules.forEach(Module::close);
            assertThat(engine.resources().used(Kind.HEAP)).isZero();
            LinkedModule linked = engine.newLinker().link(engine.compile(elements));
            try (Store store = engine.newStore()) {
                assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        linked.instantiate(store);
                    }
                }).isInstanceOf(LimitExceededException.class).hasMessageContaining("EngineLimits.heap");
            }
            try (Store store = engine.newStore()) {
                linked.instantiate(store);
            }
        }
    }
}
