package org.sallyport.engine.stop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import org.jspecify.annotations.Nullable;

/**
 * A store's place in a {@link DeadlineWheel}, and in the list of those that ask to be looked at. Made once for a store
 * and a watchdog, so that asking allocates nothing.
 */
public final class Watch {
    private static final VarHandle ASKED;

    static {
        try {
            ASKED = MethodHandles.lookup().findVarHandle(Watch.class, "asked", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: asked", e);
        }
    }

    public final Watched store;
    public final Watchdog watchdog;

    /** When the watchdog looks at the store; {@link Watched#NEVER} while that is not settled. Written by the watchdog. */
    volatile long at = Watched.NEVER;

    /** Whether it is in the list of those who ask. */
    private volatile boolean asked;
    /** The next in that list. */
    @Nullable Watch nextAsked;

    // of the wheel
    @Nullable Watch previous;
    @Nullable Watch next;
    /** Where it is in the wheel, or -1. */
    int slot = -1;
    /** The next of those that are due. */
    @Nullable Watch nextDue;

    public Watch(Watched store, Watchdog watchdog) {
        this.store = store;
        this.watchdog = watchdog;
    }

    /** Whether the watchdog looks early enough for that time. */
    public boolean covers(long time) {
        long looks = at;
        return looks != Watched.NEVER && time - looks >= 0;
    }

    /** Whether the watchdog looks at all. */
    public boolean isPlanned() {
        return at != Watched.NEVER;
    }

    /** @return whether it must be put into the list: it was not in it */
    boolean ask() {
        return ASKED.compareAndSet(this, false, true);
    }

    /** It is not in the list any more. */
    void answered() {
        asked = false;
    }
}
