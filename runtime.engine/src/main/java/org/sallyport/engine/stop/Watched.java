package org.sallyport.engine.stop;

import org.sallyport.engine.process.ProcessBarrier;

/**
 * What the {@link Watchdog} looks at: a store. Looking is done in two steps with a {@linkplain ProcessBarrier barrier}
 * before each of them, which many stores share. Both are called by the watchdog only; they do not block, allocate
 * nothing, and run nothing that a tenant controls.
 */
public interface Watched {
    /** Instead of a time: not before somebody asks. */
    long NEVER = Long.MIN_VALUE;

    /**
     * Marks what must stop because its time has come.
     *
     * @return whether a barrier is needed before {@link #act}
     */
    boolean mark(long now);

    /**
     * Makes stop what must.
     *
     * @return when to look again, at the latest; or {@link #NEVER}
     */
    long act(long now);

    /** When to look, at the latest, as things are now; or {@link #NEVER}. */
    long nextLook(long now);
}
