package org.sallyport.host.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UpdatesTest {
    private final AtomicInteger done = new AtomicInteger();

    @Test
    void workThatAsksForMoreIsDoneAgainAndNotNested() {
        Updates[] updates = new Updates[1];
        AtomicInteger depth = new AtomicInteger();
        updates[0] = new Updates(() -> {
            assertThat(depth.incrementAndGet()).isEqualTo(1);
            assertThat(updates[0].isWorker()).isTrue();
            if (done.incrementAndGet() < 3) {
                updates[0].request();
            }
            depth.decrementAndGet();
        });
        updates[0].request();

        assertThat(done).hasValue(3);
        assertThat(updates[0].isWorker()).isFalse();
    }

    @Test
    void othersLeaveTheirRequest() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Updates updates = new Updates(() -> {
            done.incrementAndGet();
            inside.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        Thread other = Thread.ofPlatform().start(updates::request);
        inside.await();
        updates.request();
        updates.request();
        goOn.countDown();
        other.join();

        assertThat(done).hasValue(2);
    }

    @Test
    void requestsAreServedWhateverTheWorkThrew() {
        Updates updates = new Updates(() -> {
            if (done.incrementAndGet() < 3) {
                throw new OutOfMemoryError("as if");
            }
        });
        assertThatThrownBy(updates::request).isInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(updates::request).isInstanceOf(OutOfMemoryError.class);
        updates.request();

        assertThat(done).hasValue(3);
    }

    /** Requests from every depth of a stack that ends: after each failure the next request is served. */
    @Test
    void requestsAreServedWhereverTheStackEnded() {
        Updates updates = new Updates(done::incrementAndGet);
        for (int i = 0; i < 50; i++) {
            try {
                fall(updates);
            } catch (StackOverflowError e) {
                // as meant
            }
            int before = done.get();
            updates.request();
            assertThat(done.get()).isGreaterThan(before);
        }
    }

    private static void fall(Updates updates) {
        updates.request();
        fall(updates);
    }

    @Test
    void noRequestIsLostBetweenManyThreads() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        Updates updates = new Updates(() -> seen.set(asked.get()));
        for (int round = 0; round < 200; round++) {
            Thread[] threads = new Thread[4];
            for (int i = 0; i < threads.length; i++) {
                threads[i] = Thread.ofPlatform().start(() -> {
                    for (int n = 0; n < 50; n++) {
                        asked.incrementAndGet();
                        updates.request();
                    }
                });
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(seen).hasValue(asked.get());
        }
    }
}
