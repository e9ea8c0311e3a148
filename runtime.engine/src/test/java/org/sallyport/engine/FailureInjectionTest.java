package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.spi.ProcessPage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.validator.ModuleValidator;

/** The operating system refuses memory at every possible place: a clean error each time, and nothing is left behind. */
class FailureInjectionTest {
    private static final byte[] MODULE = Wat.compile(
            """
            (module (import "h" "f" (func $h (param i32) (result i32)))
              (memory (export "m") 1 9) (memory 2) (table 3000 funcref) (elem (i32.const 0) $g)
              (data (i32.const 100) "%s")
              (func (export "k") (result i32) (i32.const 7))
              (func $g (export "g") (param i32) (result i32) (drop (memory.grow (i32.const 1))) (call $h (local.get 0))))
            """
                    .formatted("enough for an image ".repeat(2000))
                    .getBytes(StandardCharsets.UTF_8),
            "test",
            WatOptions.DEFAULT);

    /** Refuses the n-th request. */
    private static final class Refusing implements VirtualMemory {
        private final VirtualMemory real = new LinuxMemory();
        private int left;

        Refusing(int n) {
            left = n;
        }

        private boolean refuses() {
            return --left == 0;
        }

        @Override
        public int pageSize() {
            return real.pageSize();
        }

        @Override
        public long reserve(long bytes, int mappings) {
            if (refuses()) {
                throw new LimitExceededException("address space", bytes, 0, "the test");
            }
            return real.reserve(bytes, mappings);
        }

        @Override
        public boolean protect(long address, long bytes, Access access) {
            return !refuses() && real.protect(address, bytes, access);
        }

        @Override
        public boolean moveOver(long from, long bytes, long to, Access access) {
            return !refuses() && real.moveOver(from, bytes, to, access);
        }

        @Override
                public boolean discard(long address, long bytes) {
            return !refuses() && real.discard(address, bytes);
        }

        @Override
        public boolean decommit(long address, long bytes) {
            return !refuses() && real.decommit(address, bytes);
        }

        @Override
        public void release(long address, long bytes) {
            real.release(address, bytes);
        }

        @Override
        public void keepForEver(long address) {
            real.keepForEver(address);
        }

        @Override
        public void bequeath() {
            real.bequeath();
        }

        @Override
        public int newFile(byte[] content) {
            return refuses() ? -1 : real.newFile(content);
        }

        @Override
        public boolean mapFile(int file, long address, long bytes) {
            return !refuses() && real.mapFile(file, address, bytes);
        }

        @Override
        public boolean readFile(int file, long offset, long address, long bytes) {
            return !refuses() && real.readFile(file, offset, address, bytes);
        }

        @Override
        public int openPageFlags() {
            return refuses() ? -1 : real.openPageFlags();
        }

        @Override
        public int @Nullable [] writtenPages(int pageFlags, long address, long bytes, int most) {
            return refuses() ? null : real.writtenPages(pageFlags, address, bytes, most);
        }

        @Override
        public void closeFile(int file) {
            real.closeFile(file);
        }

        @Override
        public ProcessPage processPage() {
            return real.processPage();
        }

        @Override
        public ResourceAccount account() {
            return real.account();
        }

        @Override
        public Usage usage() {
            return real.usage();
        }
    }

    private static int host(int x) {
        return x + 1;
    }

    private static void use(VirtualMemory memory, Compilation compilation) throws Throwable {
        try (EngineImpl engine = Engines.make(
                        Config.defaults().withCompileThreads(1).withCompilation(compilation),
                        new BinaryLoader(),
                        new ModuleValidator(),
                        new NativeCodeGenerator(),
                        new PoolingAllocator(memory, 4));
                Module module = engine.compile(MODULE);
                Store store = engine.newStore()) {
            var linker = engine.newLinker();
            linker.define("h", "f", java.lang.invoke.MethodHandles.lookup().findStatic(
                    FailureInjectionTest.class,
                    "host",
                    java.lang.invoke.MethodType.methodType(int.class, int.class)));
            Instance instance = linker.link(module).instantiate(store);
            assertThat((int) instance.func("g").handle().invokeExact(41)).isEqualTo(42);
            instance.memory("m").grow(1);
            assertThat(instance.func("k").call()[0]).isEqualTo(7); // if compiled now, it shares a page
            for (int i = 0; i < 3; i++) { // by image, the last from the pool
                try (Store another = engine.newStore()) {
                    Instance next = linker.link(module).instantiate(another);
                    assertThat(next.memory("m").getByte(100)).isEqualTo((byte) 'e');
                    next.memory("m").setByte(100, (byte) 'x');
                    assertThat((int) next.func("g").handle().invokeExact(41)).isEqualTo(42);
                }
            }
            assertThat(engine.resources().used(Kind.DESCRIPTORS)).isLessThanOrEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EAGER", "LAZY"})
    void everyRefusalIsACleanError(Compilation compilation) throws Throwable {
        int failures = 0;
        for (int n = 1; ; n++) {
            Refusing memory = new Refusing(n);
            boolean refused = false;
            try {
                use(memory, compilation);
            } catch (LimitExceededException e) {
                refused = true;
                failures++;
            } catch (AssertionError e) {
                fail("refusing request " + n, e);
            }
            assertThat(memory.usage().reservations())
                    .as("reservations left after refusing request %d, but for one code reservation", n)
                    .isLessThanOrEqualTo(1);
            if (!refused && memory.left > 0) {
                break; // there is no n-th request
            }
        }
        assertThat(failures).isGreaterThan(8);
        use(new LinuxMemory(), compilation);
    }
}
