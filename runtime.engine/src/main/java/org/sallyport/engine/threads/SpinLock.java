package org.sallyport.engine.threads;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock that is held for some instructions only. Whoever holds it calls nothing that blocks, that waits for another
 * lock, or that a tenant controls; a virtual thread is never unmounted with it. So those who wait for it spin.
 *
 * <p>It is released by writing 0 to {@link #taken}, which takes no stack and cannot fail, and wakes nobody.
 */
public final class SpinLock {
    private static final int SPINS = 1_000;
    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(SpinLock.class, "taken", int.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: taken", e);
        }
    }

    public volatile int taken;

    /** Takes the lock unless it is taken. */
    public boolean tryTake() {
        return taken == 0 && TAKEN.compareAndSet(this, 0, 1);
    }

    public void take() {
        for (int i = 0; !tryTake(); i++) {
            pause(i);
        }
    }

    /** For a moment, the {@code i}th time in a row, while another thread does some instructions. */
    public static void pause(int i) {
        if (i < SPINS || Thread.currentThread().isVirtual()) {
            Thread.onSpinWait();
        } else {
            Thread.yield(); // whoever has it waits for a processor
        }
    }
}
