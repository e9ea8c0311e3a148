package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.AtomicAccess.Waited;
import org.sallyport.Config;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkException;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.SharedMemory;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.StoreLimits;
import org.sallyport.TrapException;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;

/** Shared memories: who has them, how they grow and what they count for. */
@Timeout(60)
class SharedMemoryTest {
    private static final Config CONFIG = Config.defaults().withFeature(Feature.THREADS);
    private static final String COUNTER = """
            (module (import "m" "memory" (memory 1 4 shared))
              (func (export "add") (param $n i32) (loop $l
                (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
              (func (export "get") (param i32) (result i32) (i32.load (local.get 0)))
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "size") (result i32) (memory.size))
              (func (export "put") (param i32 i32) (i32.store (local.get 0) (local.get 1))))""";

    static MemoryType type(long min, long max) {
        return new MemoryType(AddressType.I32, Limits.between(min, max), true, MemoryType.PAGE_SIZE_LOG2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void threadsCountTogether(boolean explicitChecks) throws Exception {
        try (Fixture t = new Fixture(CONFIG.withExplicitBoundsChecks(explicitChecks), StoreLimits.DEFAULT);
                SharedMemory memory = t.engine.newSharedMemory(type(1, 4));
                ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory())) {
            Module module = t.compile(COUNTER);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(threads.submit(() -> {
                    try (Store store = t.engine.newStore()) {
                        Linker linker = t.engine.newLinker().define("m", "memory", memory);
                        linker.link(module).instantiate(store).func("add").call(50_000);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            assertThat(memory.in(t.store).getInt(8)).isEqualTo(200_000);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void allSeeItGrow(boolean explicitChecks) {
        try (Fixture t = new Fixture(CONFIG.withExplicitBoundsChecks(explicitChecks), StoreLimits.DEFAULT);
                SharedMemory memory = t.engine.newSharedMemory(type(1, 4));
                Store other = t.engine.newStore()) {
            Module module = t.compile(COUNTER);
            Instance one = t.engine.newLinker().define("m", "memory", memory).link(module).instantiate(t.store);
            Instance two = t.engine.newLinker().define("m", "memory", memory).link(module).instantiate(other);
            assertThatThrownBy(() -> two.func("get").call(65536)).isInstanceOf(TrapException.class);
            assertThat(one.func("grow").call(2)).containsExactly(1);
            assertThat(two.func("size").call()).containsExactly(3);
            one.func("put").call(3 * 65536 - 4, 77);
            assertThat(two.func("get").call(3 * 65536 - 4)).containsExactly(77);
            assertThat(two.func("grow").call(2)).containsExactly(-1);
            assertThat(memory.type().limits().min()).isEqualTo(3);
            assertThat(memory.in(other).grow(1)).isEqualTo(3);
            assertThat(one.func("size").call()).containsExactly(4);
            assertThat(memory.in(t.store).getInt(3 * 65536 - 4)).isEqualTo(77);
            assertThatThrownBy(() -> one.func("get").call(4 * 65536)).isInstanceOf(TrapException.class);
        }
    }

    @Test
    void livesAsLongAsAStoreHasIt() {
        try (Fixture t = new Fixture(CONFIG, StoreLimits.DEFAULT)) {
            long before = t.engine.resources().used(org.sallyport.spi.ResourceAccount.Kind.COMMITTED);
            SharedMemory memory = t.engine.newSharedMemory(type(1, 4));
            Store one = t.engine.newStore();
            Store two = t.engine.newStore();
            Memory first = memory.in(one);
            Memory second = memory.in(two);
            memory.close();
            memory.close();
            first.setInt(0, 5);
            one.close();
            assertThatThrownBy(() -> first.getInt(0)).isInstanceOf(StoreClosedException.class);
            assertThat(second.getInt(0)).isEqualTo(5);
            two.close();
            assertThatThrownBy(() -> second.getIntVolatile(0)).isInstanceOf(StoreClosedException.class);
            assertThatThrownBy(() -> memory.in(t.store)).isInstanceOf(StoreClosedException.class);
            assertThat(t.engine.resources().used(org.sallyport.spi.ResourceAccount.Kind.COMMITTED)).isEqualTo(before);
        }
    }

    @Test
    void whatAModuleDefinesCanBeTakenToOtherStores() {
        try (Fixture t = new Fixture(CONFIG, StoreLimits.DEFAULT);
                Store other = t.engine.newStore()) {
            Instance owner = t.instantiate("""
                    (module (memory (export "memory") 1 4 shared) (data (i32.const 4) "abc"))""");
            SharedMemory memory = owner.memory("memory").shared();
            Instance user = t.engine.newLinker().define("m", "memory", memory).link(t.compile(COUNTER)).instantiate(other);
            assertThat(user.func("get").call(4)).containsExactly(0x636261);
            t.store.close();
            assertThat(user.func("get").call(4)).containsExactly(0x636261);
            assertThatThrownBy(() -> owner.memory("memory").getInt(4)).isInstanceOf(StoreClosedException.class);
        }
    }

    @Test
    void countsForWhoMadeIt() {
        StoreLimits limits = StoreLimits.DEFAULT.withMemoryBytes(3 << 16);
        try (Fixture t = new Fixture(CONFIG, limits);
                Store other = t.engine.newStore(StoreLimits.DEFAULT)) {
            SharedMemory memory = t.store.newMemory(type(1, 10)).shared();
            assertThat(t.store.memoryBytes()).isEqualTo(1 << 16);
            assertThat(other.memoryBytes()).isZero();
            Instance user = t.engine.newLinker().define("m", "memory", memory)
                    .link(t.compile(COUNTER.replace("1 4", "1 10"))).instantiate(other);
            assertThat(user.func("grow").call(3)).containsExactly(-1);
            assertThat(user.func("grow").call(1)).containsExactly(1);
            assertThat(t.store.memoryBytes()).isEqualTo(2 << 16);
            assertThatThrownBy(() -> t.store.newMemory(MemoryType.of(Limits.atLeast(2))))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.memoryBytes");
            assertThatThrownBy(() -> memory.in(other).grow(2)).isInstanceOf(LimitExceededException.class);
        }
    }

    @Test
    void engineLimitsWhatItMakes() {
        Config config = CONFIG.withEngineLimits(CONFIG.engineLimits().withSharedMemory(2 << 16));
        try (Fixture t = new Fixture(config, StoreLimits.DEFAULT)) {
            SharedMemory one = t.engine.newSharedMemory(type(1, 4));
            SharedMemory two = t.engine.newSharedMemory(type(1, 4));
            assertThatThrownBy(() -> t.engine.newSharedMemory(type(1, 4)))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("EngineLimits.sharedMemory");
            one.close();
            t.engine.newSharedMemory(type(1, 4)).close();
            two.close();
        }
    }

    @Test
    void aStoreHasNoMoreThanItMay() {
        StoreLimits one = StoreLimits.DEFAULT.withSharedMemories(1);
        try (Fixture t = new Fixture(CONFIG, one);
                SharedMemory memory = t.engine.newSharedMemory(type(1, 4));
                Store none = t.engine.newStore(StoreLimits.DEFAULT.withSharedMemories(0))) {
            memory.in(t.store);
            memory.in(t.store);
            assertThatThrownBy(() -> t.instantiate("(module (memory 1 1 shared))"))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.sharedMemories");
            assertThat(t.store.memoryBytes()).isZero();
            assertThatThrownBy(() -> memory.in(none)).isInstanceOf(LimitExceededException.class);
            assertThat(none.newMemory(MemoryType.of(Limits.between(1, 2))).size()).isEqualTo(1);
        }
    }

    @Test
    void refusesWhatIsNotShared() {
        try (Fixture t = new Fixture(CONFIG, StoreLimits.DEFAULT);
                Fixture stranger = new Fixture(CONFIG, StoreLimits.DEFAULT);
                SharedMemory memory = t.engine.newSharedMemory(type(1, 4))) {
            assertThatThrownBy(() -> t.engine.newSharedMemory(MemoryType.of(Limits.between(1, 2))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> t.store.newMemory(MemoryType.of(Limits.between(1, 2))).shared())
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> memory.in(stranger.store)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> stranger.engine.newLinker().define("m", "memory", memory))
                    .isInstanceOf(IllegalArgumentException.class);
            Linker linker = t.engine.newLinker().define("m", "memory", memory);
            Module unshared = t.compile("(module (import \"m\" \"memory\" (memory 1 4)))");
            assertThatThrownBy(() -> linker.link(unshared))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("min 1 max 4 pages of 65536 bytes shared");
        }
    }

    @Test
    void anEngineThatIsClosedTakesItAlong() {
        Fixture t = new Fixture(CONFIG, StoreLimits.DEFAULT);
        SharedMemory memory = t.engine.newSharedMemory(type(1, 4));
        Memory view = memory.in(t.store);
        t.close();
        assertThatThrownBy(() -> view.getInt(0)).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> t.engine.newSharedMemory(type(1, 4))).isInstanceOf(StoreClosedException.class);
        memory.close();
    }

    @Test
    void hostThreadsUseItWhileTheGuestRuns() throws Exception {
        try (Fixture t = new Fixture(CONFIG, StoreLimits.DEFAULT)) {
            Instance guest = t.instantiate("""
                    (module (memory (export "memory") 1 1 shared)
                      (func (export "spin") (result i32)
                        (loop $l (br_if $l (i32.eqz (i32.load (i32.const 0)))))
                        (i32.load (i32.const 4)))
                      (func (export "spinAtomically") (result i32)
                        (loop $l (br_if $l (i32.eqz (i32.atomic.load (i32.const 0)))))
                        (i32.load (i32.const 4))))""");
            Memory memory = guest.memory("memory");
            for (String name : List.of("spin", "spinAtomically")) {
                memory.setInt(0, 0);
                Thread writer = Thread.ofVirtual().start(() -> {
                    memory.setInt(4, 42);
                    assertThat(memory.compareAndExchangeInt(0, 0, 1)).isZero();
                });
                assertThat(guest.func(name).call()).containsExactly(42);
                writer.join();
            }
            assertThat(memory.getAndAddLong(8, 5)).isZero();
            assertThat(memory.getLongVolatile(8)).isEqualTo(5);
            assertThatThrownBy(() -> memory.getIntVolatile(2)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> memory.getAndAddLong(65536, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void unsharedMemoriesHaveAtomicAccessToo() throws Exception {
        try (Fixture t = new Fixture(CONFIG, StoreLimits.DEFAULT)) {
            Memory memory = t.store.newMemory(MemoryType.of(Limits.between(1, 2)));
            memory.setIntVolatile(4, 7);
            assertThat(memory.getAndAddInt(4, 3)).isEqualTo(7);
            assertThat(memory.compareAndExchangeInt(4, 10, 11)).isEqualTo(10);
            assertThat(memory.compareAndExchangeLong(0, 1, 2)).isEqualTo(11L << 32);
            assertThat(memory.notify(4, 1)).isZero();
            assertThatThrownBy(() -> memory.waitOnInt(4, 11, Duration.ZERO)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void hostWaitsAndNotifies() throws Exception {
        try (Fixture t = new Fixture(CONFIG, StoreLimits.DEFAULT)) {
            Memory memory = t.store.newMemory(type(1, 1));
            assertThat(memory.waitOnInt(0, 1, Duration.ofSeconds(10))).isEqualTo(Waited.NOT_EQUAL);
            assertThat(memory.waitOnLong(0, 0, Duration.ofMillis(5))).isEqualTo(Waited.TIMED_OUT);
            Thread me = Thread.currentThread();
            Thread waker = Thread.ofPlatform().start(() -> {
                while (memory.notify(16, -1) == 0) {
                    Thread.onSpinWait();
                }
            });
            assertThat(memory.waitOnInt(16, 0, Duration.ofSeconds(-1))).isEqualTo(Waited.NOTIFIED);
            waker.join();
            Thread.ofPlatform().start(() -> {
                while (me.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                me.interrupt();
            });
            assertThatThrownBy(() -> memory.waitOnInt(16, 0, Duration.ofSeconds(-1))).isInstanceOf(InterruptedException.class);
            assertThat(memory.notify(16, 1)).isZero();
        }
    }

    @Test
    void closingEndsAWaitOfTheHost() throws Exception {
        try (Fixture t = new Fixture(CONFIG, StoreLimits.DEFAULT)) {
            Memory memory = t.store.newMemory(type(1, 1));
            Thread me = Thread.currentThread();
            Thread closer = Thread.ofPlatform().start(() -> {
                while (me.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                t.store.close();
            });
            assertThatThrownBy(() -> memory.waitOnInt(16, 0, Duration.ofSeconds(-1))).isInstanceOf(StoreClosedException.class);
            closer.join();
        }
    }

    /** The expected value is wrapped to the width of the access (threads proposal, overview); what was there is zero-extended. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void narrowExchangesCompareWhatTheyAccess(boolean optimize) {
        Config config = CONFIG.withCompile(CONFIG.compile().withOptimize(optimize));
        try (Fixture t = new Fixture(config, StoreLimits.DEFAULT)) {
            Instance i = t.instantiate("""
                    (module (memory 1 1 shared)
                      (func (export "read") (param i32) (result i64) (i64.load (local.get 0)))
                      (func (export "set") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
                      (func (export "8") (param i32 i64) (result i64)
                        (i64.atomic.rmw8.cmpxchg_u (local.get 0) (local.get 1) (i64.const -1)))
                      (func (export "16") (param i32 i64) (result i64)
                        (i64.atomic.rmw16.cmpxchg_u (local.get 0) (local.get 1) (i64.const -1)))
                      (func (export "32") (param i32 i64) (result i64)
                        (i64.atomic.rmw32.cmpxchg_u (local.get 0) (local.get 1) (i64.const -1)))
                      (func (export "at") (param i32) (result i32)
                        (i32.atomic.rmw8.cmpxchg_u (local.get 0) (local.get 0) (i32.const 0x77))))
                    """);
            for (int bits = 8; bits <= 32; bits *= 2) {
                long mask = (1L << bits) - 1;
                for (boolean equal : new boolean[] {true, false}) {
                    i.func("set").call(8, 0x9999_9999_9999_9999L);
                    long expected = 0x1234_5678_9999_9999L + (equal ? 0 : 1);
                    assertThat(i.func("" + bits).call(8, expected)).containsExactly(0x9999_9999L & mask);
                    assertThat(i.func("read").call(8))
                            .containsExactly(equal ? 0x9999_9999_9999_9999L | mask : 0x9999_9999_9999_9999L);
                }
            }
            i.func("set").call(0x1238, 0x38L);
            assertThat(i.func("at").call(0x1238)).containsExactly(0x38);
            assertThat(i.func("read").call(0x1238)).containsExactly(0x77L);
        }
    }
}
