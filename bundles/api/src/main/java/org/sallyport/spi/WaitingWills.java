package org.sallyport.spi;

import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Wills for which there is no steward yet. Making him takes a cold JVM some ten milliseconds, which nobody has to wait
 * for: a thread does it a little later, if there is still a will then. So programs that do little and end, or close
 * what they open, never have one. Until then the testators are held.
 */
final class WaitingWills implements Runnable {
    /** After this long there shall be a steward. */
    private static final long DELAY = TimeUnit.SECONDS.toNanos(1);

    private static final List<Waiting> WAITING = new ArrayList<>();
    /** Whether a thread will look; guarded by the list. */
    private static boolean isLookedAfter;

    private final MethodHandle syscall;
    /** Read at once: a moment later the class loader may be closed. */
    private final byte[] archive = Stewards.archive();

    private WaitingWills(MethodHandle syscall) {
        this.syscall = syscall;
    }

    static BooleanSupplier add(MethodHandle syscall, Object testator, Object contents) {
        Waiting fresh = new Waiting(testator, contents);
        synchronized (WAITING) {
            if (!isLookedAfter) {
                Thread thread = Thread.ofPlatform()
                        .daemon()
                        .name("sallyport-wills")
                        .inheritInheritableThreadLocals(false)
                        .unstarted(new WaitingWills(syscall));
                thread.setContextClassLoader(WaitingWills.class.getClassLoader());
                thread.start();
                isLookedAfter = true;
            }
            WAITING.add(fresh);
        }
        return fresh;
    }

    /** Nothing ends it as long as there are wills: it would be missed for ever. */
    @Override
    public void run() {
        boolean goesOn = true;
        while (goesOn) {
            try {
                pause();
                handOver();
                goesOn = !ends();
            } catch (LinkageError e) { // the class loader is closed, and something was missing: keep nobody for it
                synchronized (WAITING) {
                    WAITING.clear();
                }
            } catch (Throwable t) {
                // no memory or no threads; perhaps later
            }
        }
    }

    private static void pause() {
        long end = System.nanoTime() + DELAY;
        for (long rest = DELAY; rest > 0; rest = end - System.nanoTime()) {
            LockSupport.parkNanos(rest);
        }
    }

    private void handOver() {
        List<Waiting> now;
        synchronized (WAITING) {
            removeSettled();
            now = new ArrayList<>(WAITING);
        }
        if (!now.isEmpty()) {
            BiFunction<Object, Object, Object> steward = Stewards.findOrMake(syscall, archive);
            for (Waiting will : now) {
                will.leaveTo(steward);
            }
        }
    }

    /** With the list's monitor. */
    private static void removeSettled() {
        for (int i = WAITING.size() - 1; i >= 0; i--) {
            if (WAITING.get(i).isSettled()) {
                WAITING.remove(i);
            }
        }
    }

    private static boolean ends() {
        synchronized (WAITING) {
            removeSettled();
            isLookedAfter = !WAITING.isEmpty();
            return !isLookedAfter;
        }
    }

    private static final class Waiting implements BooleanSupplier {
        /** Null when it was taken back or handed over. */
        private @Nullable Object testator;
        private @Nullable Object contents;
        private @Nullable BooleanSupplier revocation;

        Waiting(Object testator, Object contents) {
            this.testator = testator;
            this.contents = contents;
        }

        /** Takes it back. */
        @Override
        public synchronized boolean getAsBoolean() {
            if (revocation != null) {
                return revocation.getAsBoolean();
            }
            boolean isMine = testator != null;
            testator = null;
            contents = null;
            return isMine;
        }

        synchronized boolean isSettled() {
            return testator == null;
        }

        synchronized void leaveTo(BiFunction<Object, Object, Object> steward) {
            if (testator != null) {
                revocation = (BooleanSupplier) steward.apply(testator, contents);
                if (revocation != null) { // else he has ended meanwhile
                    testator = null;
                    contents = null;
                }
            }
        }
    }
}
