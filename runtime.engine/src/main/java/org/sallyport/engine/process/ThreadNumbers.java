package org.sallyport.engine.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.threads.EngineThreads;

/**
 * Where the C library keeps the number that the kernel has for a thread: how many bytes behind the start of the thread's
 * control block. That is the library's own business and differs between libraries; so it is found by looking at the control
 * blocks of two threads whose numbers are known, in {@code /proc/self/mem}, which answers for addresses that are not mapped, too.
 */
public final class ThreadNumbers {
    public static final int UNKNOWN = -1;
    private static final int NOT_ASKED = -2;
    private static final int BYTES = 1024;
    private static final int THREADS = 2;
    private static volatile int offset = NOT_ASKED;

    private ThreadNumbers() {}

    /**
     * Takes a while the first time.
     *
     * @return {@link #UNKNOWN} unless it is one certain place
     */
    public static int offset() {
        int known = offset;
        if (known == NOT_ASKED) {
            known = find();
            offset = known;
        }
        return known;
    }

    /**
     * Bytes from what pthread_self gives to the machine's thread pointer, the same for all threads.
     *
     * @param code address of {@link org.sallyport.spi.GuestBorder#threadPointer}; 0: there is none, and the two are the same
     */
    public static long pointer(long code) {
        if (code == 0) {
            return 0;
        }
        return LinuxProcess.threadPointer(code) - LinuxProcess.Threads.get().self();
    }

    private static int find() {
        BitSet places = new BitSet();
        places.set(0, BYTES / Integer.BYTES);
        CountDownLatch looked = new CountDownLatch(THREADS);
        Looker[] lookers = new Looker[THREADS];
        for (int i = 0; i < THREADS; i++) {
            lookers[i] = new Looker(looked);
            lookers[i].thread.start();
        }
        boolean interrupted = false;
        for (Looker looker : lookers) {
            while (looker.thread.isAlive()) {
                try {
                    looker.thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            BitSet found = looker.found;
            places.and(found == null ? new BitSet() : found);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return places.cardinality() == 1 ? places.nextSetBit(0) * Integer.BYTES : UNKNOWN;
    }

    /** Looks for its own number; stays until all have done so, or two might have the same. */
    private static final class Looker implements Runnable {
        final Thread thread = EngineThreads.unstarted("sallyport-thread-number", this);
        private final CountDownLatch looked;
        volatile @Nullable BitSet found;

        Looker(CountDownLatch looked) {
            this.looked = looked;
        }

        @Override
        public void run() {
            try {
                found = look();
            } catch (IOException e) {
                // there is no such file, or not so much behind the control block
            } finally {
                looked.countDown();
            }
            try {
                looked.await();
            } catch (InterruptedException e) {
                found = null;
            }
        }

        private static BitSet look() throws IOException {
            LinuxProcess.Threads threads = LinuxProcess.Threads.get();
            byte[] block = new byte[BYTES];
            try (RandomAccessFile memory = new RandomAccessFile("/proc/self/mem", "r")) {
                memory.seek(threads.self());
                memory.readFully(block);
            }
            ByteBuffer words = ByteBuffer.wrap(block).order(ByteOrder.nativeOrder());
            long number = threads.number();
            BitSet places = new BitSet();
            for (int at = 0; at < BYTES; at += Integer.BYTES) {
                if (words.getInt(at) == number) {
                    places.set(at / Integer.BYTES);
                }
            }
            return places;
        }
    }
}
