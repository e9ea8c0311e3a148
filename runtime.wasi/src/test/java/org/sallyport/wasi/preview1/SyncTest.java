package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.HostFile;

/** Bringing a file to the disk takes as long as the disk likes; the guest's call does not. */
@Timeout(60)
class SyncTest {
    private final CountDownLatch disk = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();
    private volatile boolean interrupted;

    /** A file on a disk that takes its time for the first, and is full afterwards. */
    private OpenFile file() {
        HostFile slow = (HostFile) Proxy.newProxyInstance(
                HostFile.class.getClassLoader(), new Class<?>[] {HostFile.class}, (_, method, _) -> {
                    assertThat(method.getName()).isEqualTo("sync");
                    if (begun.incrementAndGet() > 1) {
                        throw Errno.NOSPC.exception();
                    }
                    try {
                        disk.await();
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                    return null;
                });
        return new OpenFile(null, slow, Rights.FILE, 0, 0);
    }

    private static void sync(OpenFile file) throws IOException {
        file.sync(true);
    }

    @Test
    void aSyncEndsForTheGuestAtTheDeadline() throws Exception {
        OpenFile file = file();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), () -> {
                sync(file);
                return 0;
            })).isInstanceOfSatisfying(GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE));
            assertThat(begun).as("one at a time").hasValue(1);
        }
        disk.countDown();
        assertThatThrownBy(() -> sync(file)).isInstanceOfSatisfying(
                ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.NOSPC));
        assertThat(begun).hasValue(2);
    }

    @Test
    void aSyncEndsForTheGuestWhenItsThreadIsInterrupted() throws Exception {
        OpenFile file = file();
        Throwable[] end = new Throwable[1];
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                sync(file);
            } catch (Throwable t) {
                end[0] = t;
            }
        });
        while (begun.get() == 0) {
            Thread.onSpinWait();
        }
        thread.interrupt();
        assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        assertThat(end[0]).isInstanceOfSatisfying(
                GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPT));
        disk.countDown();
        assertThat(interrupted).as("the disk's work is nobody's to interrupt").isFalse();
    }
}
