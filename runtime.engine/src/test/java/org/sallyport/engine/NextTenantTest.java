package org.sallyport.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.Caller;
import org.sallyport.Config;
import org.sallyport.Func;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Table;
import org.sallyport.TrapException;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.validator.ModuleValidator;

/**
 * What a store's user left is not there for the next one, though both have the same memory, stack and chunks: they come
 * from a pool that keeps one of each. A tenant here does all the harm that the embedding API and a guest can do.
 */
class NextTenantTest {
    private static final int ROUNDS = 40;
    private static final int SECRET = 0x5EC2E700;
    private static final String DATA = "0123456789abcdef".repeat(8192); // 128 KiB: an image from the second time on

    // @formatter:off
    private static final String WAT = """
            (module
              (import "h" "peek" (func $peek (param i32) (result i32)))
              (type $unary (func (param i32) (result i32)))
              (memory $m (export "memory") 3 64) (memory $second (export "second") 1 8)
              (table $t (export "t") 2000 9000 funcref) (table $x (export "x") 10 20 externref)
              (global $g (export "g") (mut i32) (i32.const 11)) (global $l (export "l") (mut i64) (i64.const 12))
              (global $e (export "e") (mut externref) (ref.null extern))
              (data $active (i32.const 65000) "%s") (data $passive "passive")
              (elem $e0 (table $t) (i32.const 5) func $one $two) (elem $e1 func $two $one)
              (func $one (type $unary) (i32.const 1)) (func $two (type $unary) (i32.const 2))
              (func (export "init") (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 7))
                (table.init $t $e1 (i32.const 100) (i32.const 0) (i32.const 2)))
              (func (export "drop") (data.drop $passive) (elem.drop $e1))
              (func (export "through") (param i32) (result i32)
                (call_indirect $t (type $unary) (i32.const 0) (local.get 0)))
              (func (export "host") (param i32) (result i32) (call $peek (local.get 0)))
              (func (export "spin") (loop (br 0)))
              ;; leaves secrets all over the stack
              (func $deep (export "deep") (param i32) (param i64) (result i64) (local i64 i64 i64)
                (local.set 2 (i64.mul (local.get 1) (i64.const 3))) (local.set 3 (i64.add (local.get 1) (local.get 2)))
                (if (result i64) (local.get 0)
                  (then (i64.add (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 3))
                    (i64.add (local.get 2) (local.get 3))))
                  (else (local.get 1)))))
            """.formatted(DATA);
    // @formatter:on

    private record Badge(String name) {}

    @SuppressWarnings("unused")
    private static int peek(Caller caller, int address) {
        return caller.memory().getInt(address);
    }

    @Test
    void findsNothingOfTheLastOne() throws Throwable {
        PoolingAllocator allocator = new PoolingAllocator(new LinuxMemory(), 2);
        Set<Long> bases = new HashSet<>();
        Set<Long> contexts = new HashSet<>();
        try (EngineImpl engine = Engines.make(
                Config.defaults(), new BinaryLoader(), new ModuleValidator(), new NativeCodeGenerator(), allocator)) {
            Linker linker = engine.newLinker().define("h", "peek", MethodHandles.lookup().findStatic(
                    NextTenantTest.class, "peek", MethodType.methodType(int.class, Caller.class, int.class)));
            LinkedModule linked = linker.link(engine.compile(Wat.compile(WAT.getBytes(UTF_8), "t", WatOptions.DEFAULT)));
            for (int round = 0; round < ROUNDS; round++) {
                // the limits of each are other ones; the pool must not remember them
                StoreLimits limits = StoreLimits.DEFAULT.withMemoryBytes((long) (8 + round % 3) << 16);
                Store store = engine.newStore(limits);
                Instance instance = linked.instantiate(store);
                bases.add(((NativeMemoryImpl) instance.memory("memory")).linear().base());
                contexts.add(Natives.of(store).context);
                assertFresh(store, instance, limits);
                harm(store, instance, round);
                store.close();
            }
        }
        assertThat(bases).as("memories come from the pool").hasSizeLessThanOrEqualTo(3);
        assertThat(contexts).as("chunks come from the pool").hasSizeLessThanOrEqualTo(3);
    }

    private static void assertFresh(Store store, Instance instance, StoreLimits limits) throws Throwable {
        assertThat(store.poisonedBecause()).isNull();
        assertThat(store.attachment(Badge.class)).isNull();
        assertThat(store.memoryBytes()).isEqualTo(4 << 16);
        assertContents(instance.memory("memory"));
        assertThat(instance.memory("second").readBytes(0, 1 << 16)).containsOnly(0);
        assertThat(instance.global("g").get()).isEqualTo(11);
        assertThat(instance.global("l").get()).isEqualTo(12L);
        assertThat(instance.global("e").get()).isNull();
        assertTables(instance);
        assertStackIsEmpty((StoreImpl) store);

        instance.func("init").call(); // nothing was dropped
        assertThat(instance.memory("memory").readString(0, 7)).isEqualTo("passive");
        assertThat(instance.func("through").call(100)[0]).isEqualTo(2);
        assertThat(instance.func("host").call(0)[0]).isEqualTo(0x73736170); // this instance's memory
        long room = limits.memoryBytes() / 65536 - 4;
        assertThatThrownBy(() -> instance.memory("memory").grow(room + 1)).isInstanceOf(LimitExceededException.class);
        assertThat(instance.memory("memory").grow(room)).isEqualTo(3);
        assertThat(instance.memory("memory").readBytes(3 << 16, (int) room << 16)).containsOnly(0);
    }

    private static void assertContents(Memory memory) {
        assertThat(memory.byteSize()).isEqualTo(3 << 16);
        byte[] expected = new byte[3 << 16];
        System.arraycopy(DATA.getBytes(UTF_8), 0, expected, 65000, DATA.length());
        assertThat(Arrays.equals(memory.readBytes(0, expected.length), expected)).isTrue();
    }

    private static void assertTables(Instance instance) {
        Table table = instance.table("t");
        assertThat(table.size()).isEqualTo(2000);
        for (int i = 0; i < 2000; i++) {
            assertThat(table.get(i) != null).as("element %d", i).isEqualTo(i == 5 || i == 6);
        }
        assertThat(((Func) table.get(6)).call(0)[0]).isEqualTo(2);
        Table hosts = instance.table("x");
        assertThat(hosts.size()).isEqualTo(10);
        for (int i = 0; i < 10; i++) {
            assertThat(hosts.get(i)).isNull();
        }
        assertThatThrownBy(() -> instance.func("through").call(7)).isInstanceOf(TrapException.class);
    }

    /** Below what the calls of this test have used themselves. */
    private static void assertStackIsEmpty(StoreImpl store) {
        for (long at = Natives.of(store).memory.stackEnd(); at < Natives.of(store).memory.stackTop() - 8192; at += 8) {
            if (org.sallyport.spi.NativeMemory.getLong(at) != 0) {
                throw new AssertionError("the stack holds something at " + (Natives.of(store).memory.stackTop() - at));
            }
        }
    }

    private static void harm(Store store, Instance instance, int round) throws Throwable {
        store.attach(Badge.class, new Badge("tenant " + round));
        Memory memory = instance.memory("memory");
        byte[] secret = new byte[Math.toIntExact(memory.byteSize())];
        Arrays.fill(secret, 0, secret.length, (byte) 0x5E);
        memory.writeBytes(0, secret);
        instance.memory("second").writeBytes(0, Arrays.copyOf(secret, 1 << 16));
        instance.global("g").set(SECRET);
        instance.global("l").set(0x5EC2E75EC2E7L);
        instance.global("e").set(new Badge("global"));
        Table table = instance.table("t");
        table.grow(7000, instance.func("host"));
        for (int i = 0; i < 9000; i++) {
            table.set(i, instance.func("deep"));
        }
        instance.table("x").grow(10, new Badge("grown"));
        for (int i = 0; i < 20; i++) {
            instance.table("x").set(i, new Badge("element"));
        }
        instance.func("deep").call(2000, 0x5EC2E75EC2E7L);
        instance.func("drop").call();
        switch (round % 3) {
            case 0 -> assertThatThrownBy(() -> CallContext.withTimeout(
                            Duration.ofMillis(5), () -> instance.func("spin").call()))
                    .isInstanceOf(GuestInterruptedException.class);
            case 1 -> assertThatThrownBy(() -> instance.func("deep").call(100_000_000, 1L))
                    .isInstanceOf(TrapException.class);
            default -> assertThatThrownBy(() -> instance.func("through").call(1 << 30)).isInstanceOf(TrapException.class);
        }
    }
}
