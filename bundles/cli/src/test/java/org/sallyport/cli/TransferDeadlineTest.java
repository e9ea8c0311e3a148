package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.CallContext;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.text.Wat;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;

/** One tenant's transfer of 2 GiB past its deadline, and another tenant's deadlines meanwhile. */
@Timeout(300)
class TransferDeadlineTest {
    private static final long SOON = 10_000_000_000L;

    private static final String WRITER =
            """
            (module
              (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 64) (data (i32.const 0) "a")
              (func (export "write") (result i32) (local $i i32)
                (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 9) (i64.const 0x40)
                  (i64.const 0) (i32.const 0) (i32.const 16)))
                (loop $vectors ;; 1024 times the same 2 MiB
                  (i32.store offset=1024 (i32.shl (local.get $i) (i32.const 3)) (i32.const 65536))
                  (i32.store offset=1028 (i32.shl (local.get $i) (i32.const 3)) (i32.const 0x1fffff))
                  (br_if $vectors (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1024))))
                (call $write (i32.load (i32.const 16)) (i32.const 1024) (i32.const 1024) (i32.const 24))))
            """;
    private static final String SPINNER = "(module (func (export \"spin\") (loop $l (br $l))))";

    @TempDir
    Path temp;

    @Test
    void aLongWriteEndsAndHoldsUpNobody() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong worst = new AtomicLong();
        AtomicLong calls = new AtomicLong();
        try (Engine engine = Engine.create();
                Module writer = engine.compile(Wat.compile(WRITER));
                Module spinner = engine.compile(Wat.compile(SPINNER))) {
            Thread other = Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    try (Store store = engine.newStore()) {
                        Instance instance = engine.newLinker().link(spinner).instantiate(store);
                        worst.accumulateAndGet(ended(Duration.ofMillis(50), instance, "spin"), Math::max);
                        calls.incrementAndGet();
                    }
                }
            });
            Wasi wasi = Wasi.defaults().withPreopen(new Preopen(temp, "/", Preopen.Access.READ_WRITE));
            for (int i = 0; i < 3; i++) {
                try (Store store = engine.newStore();
                        WasiProcess _ = wasi.attachTo(store)) {
                    Instance instance = wasi.addTo(engine.newLinker(), writer).link(writer).instantiate(store);
                    assertThat(ended(Duration.ofMillis(100), instance, "write")).isLessThan(SOON);
                }
            }
            stop.set(true);
            other.join();
        }
        assertThat(Files.size(temp.resolve("a"))).isLessThan(1L << 31);
        assertThat(calls).hasPositiveValue();
        assertThat(worst).hasValueLessThan(SOON);
    }

    /** @return how long the call took that was to end at its deadline, in nanoseconds */
    private static long ended(Duration timeout, Instance instance, String function) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> CallContext.withTimeout(timeout, () -> instance.func(function).call()))
                .isInstanceOf(GuestInterruptedException.class);
        return System.nanoTime() - start;
    }
}
