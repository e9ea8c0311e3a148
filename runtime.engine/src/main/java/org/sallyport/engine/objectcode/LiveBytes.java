package org.sallyport.engine.objectcode;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.GuestObject;
import org.sallyport.spi.ObjectMeter;

/**
 * About how many bytes of a store's objects are alive, when Java's collector frees them and tells nobody. Points lie on the bytes
 * that are made, at distances of an exponential distribution, so that nobody foresees them; an object on which points lie is
 * referred to weakly, and counts for as many bytes as points stand for until that reference is cleared. So the sum is right on
 * average, whatever is made and dropped. Large objects count for themselves.
 *
 * <p>What is dead counts until a collection has found it. So a limit is exceeded when there is more than it even after a
 * collection, which is asked for when there is more than limit and {@linkplain #SLACK slack}. Used by the thread inside the
 * store.
 */
final class LiveBytes extends ObjectMeter {
    /** Bytes beyond the limit before a collection is asked for: each one costs the whole JVM. */
    private static final long SLACK = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 16);
    /** Less of it is not worth one, however small the limit. */
    private static final long LEAST_SLACK = Math.min(16L << 20, SLACK);
    /** So many times what the last one took must pass before anybody has another: it stands still for all. */
    private static final int BETWEEN_COLLECTIONS = 4;
    private static final long PAUSE_NANOS = 2_000_000;
    /** Objects of so many times what a sample stands for count for themselves. */
    private static final int LARGE = 16;
    /** When somebody may ask for a collection again, on the scale of {@link System#nanoTime}. */
    private static final AtomicLong NEXT_COLLECTION = new AtomicLong(System.nanoTime());

    private static final class Sample extends WeakReference<Object> {
        final long bytes;
        boolean isForgotten;
        @Nullable Sample before;
        @Nullable Sample next;

        Sample(Object object, ReferenceQueue<Object> queue, long bytes) {
            super(object, queue);
            this.bytes = bytes;
        }
    }

    private final String what;
    private final LongSupplier limit;
    private final String setting;
    private final int distance;
    private final ObjectLimits account;
    private final Runnable checkpoint;
    private final ReferenceQueue<Object> queue = new ReferenceQueue<>();
    private @Nullable Sample first;
    private long live;

    /**
     * @param distance mean number of bytes that a sample stands for
     * @param checkpoint throws if the guest must stop
     */
    LiveBytes(
            String what, LongSupplier limit, String setting, int distance, ObjectLimits account, Runnable checkpoint) {
        this.checkpoint = checkpoint;
        this.what = what;
        this.limit = limit;
        this.setting = setting;
        this.distance = distance;
        this.account = account;
        left = nextDistance();
    }

    private long nextDistance() {
        return 1 + (long) (distance * ThreadLocalRandom.current().nextExponential());
    }

    /** Counts an object that has just been made. @throws LimitExceededException if that is too much */
    void add(Object object, long bytes) {
        if (bytes >= largeBytes()) {
            reserve(bytes);
            sample(object, bytes);
            return;
        }
        left -= bytes;
        if (left <= 0) {
            addPoints(object);
        }
    }

    @Override
    public void look(GuestObject object) {
        addPoints(object);
    }

    @Override
    public void addLarge(GuestObject object, long bytes) {
        sample(object, bytes);
    }

    @Override
    public long largeBytes() {
        return (long) LARGE * distance;
    }

    private void addPoints(Object object) {
        long points = 0;
        while (left <= 0) {
            points++;
            left += nextDistance();
        }
        reserve(points * distance);
        sample(object, points * distance);
    }

    @Override
    public void reserve(long bytes) {
        forgetDead();
        long most = limit.getAsLong();
        if (bytes > most || bytes == Long.MAX_VALUE) { // the latter: what Java cannot have at all
            throw exceeded(bytes);
        }
        if (bytes - (most - live) > Math.max(LEAST_SLACK, Math.min(SLACK, most))) {
            collect(bytes);
        }
    }

    /** References are cleared when a collection ends, and queued some time later. */
    private void collect(long more) {
        awaitTurn();
        long begun = System.nanoTime();
        System.gc();
        long end = System.nanoTime();
        NEXT_COLLECTION.set(end + BETWEEN_COLLECTIONS * (end - begun));
        for (Sample sample = first; sample != null; sample = sample.next) {
            if (sample.refersTo(null)) {
                remove(sample);
            }
        }
        if (live + more > limit.getAsLong()) {
            throw exceeded(live + more);
        }
    }

    /** A guest that makes garbage at its limit waits itself, and has nobody else wait for collections all the time. */
    private void awaitTurn() {
        while (NEXT_COLLECTION.get() - System.nanoTime() > 0) {
            checkpoint.run();
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
    }

    private LimitExceededException exceeded(long bytes) {
        return new LimitExceededException(what, bytes, limit.getAsLong(), setting);
    }

    private void sample(Object object, long bytes) {
        account.takeLive(bytes);
        Sample sample = new Sample(object, queue, bytes);
        sample.next = first;
        if (first != null) {
            first.before = sample;
        }
        first = sample;
        live += bytes;
    }

    private void forgetDead() {
        for (Reference<?> dead = queue.poll(); dead != null; dead = queue.poll()) {
            remove((Sample) dead);
        }
    }

    private void remove(Sample sample) {
        if (sample.isForgotten) {
            return;
        }
        sample.isForgotten = true;
        if (sample.before == null) {
            first = sample.next;
        } else {
            sample.before.next = sample.next;
        }
        if (sample.next != null) {
            sample.next.before = sample.before;
        }
        live -= sample.bytes;
        account.giveLiveBack(sample.bytes);
    }

    /** As far as collections have told. */
    long bytes() {
        forgetDead();
        return live;
    }
}
