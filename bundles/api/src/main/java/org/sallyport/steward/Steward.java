package org.sallyport.steward;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The thread that carries out last wills. All copies of Sallyport find it by {@link #NAME} among the threads of the root
 * group. It holds what is in the wills and nothing else; so it keeps no class loader but its own, whose parent is the
 * platform's. It ends when it has had no will for some time.
 *
 * <p><b>Contract between versions.</b> {@link #apply} and the contents of a will ({@link Estate}) stay as they are, or
 * the name gets a new number. Versions with different numbers live side by side.
 */
public final class Steward extends Thread implements BiFunction<Object, @Nullable Object[], @Nullable BooleanSupplier> {
    public static final String NAME = "sallyport-steward-2";

    /** Milliseconds without a will after which it ends. */
    private static final long IDLE = 10_000;
    /** Milliseconds after which it tries again what the system refused. */
    private static final long AGAIN = 1000;

    private final ReferenceQueue<Object> gone = new ReferenceQueue<>();
    private final Set<Will> wills = ConcurrentHashMap.newKeySet();
    /** What could not be done yet. Of this thread. */
    private @Nullable Will unfinished;
    /** Guarded by {@link #gone}. */
    private boolean ended;

    /** @param name {@link #NAME}, or another if no other copy of Sallyport is to find it */
    public Steward(String name) {
        super(rootGroup(), null, name, 0, false);
        setDaemon(true);
        setContextClassLoader(ClassLoader.getSystemClassLoader()); // never that of an application
    }

    static ThreadGroup rootGroup() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        ThreadGroup parent = group.getParent();
        while (parent != null) {
            group = parent;
            parent = group.getParent();
        }
        return group;
    }

    /**
     * Takes a will.
     *
     * @param testator when nobody can reach it any more, the will is carried out
     * @param contents see {@link Estate}
     * @return takes the will back; says whether it had not been carried out. Null if this thread has ended: then it
     *     needs a successor
     */
    @Override
    public @Nullable BooleanSupplier apply(Object testator, @Nullable Object[] contents) {
        Will will = new Will(testator, gone, wills, new Estate(contents));
        synchronized (gone) {
            if (ended) {
                return null;
            }
            wills.add(will);
        }
        return will;
    }

    @Override
    public void run() {
        boolean goesOn = true;
        while (goesOn) {
            try {
                Reference<?> next = gone.remove(unfinished == null ? IDLE : AGAIN);
                if (next != null) {
                    carryOut((Will) next);
                } else if (unfinished != null) {
                    tryAgain();
                } else {
                    goesOn = !ends();
                }
            } catch (Throwable t) {
                // no memory, or somebody interrupted it: nothing may end it while it has wills
            }
        }
    }

    private boolean ends() {
        synchronized (gone) {
            ended = wills.isEmpty();
            return ended;
        }
    }

    private void carryOut(Will will) {
        if (wills.contains(will)) {
            will.next = unfinished;
            unfinished = will;
            tryAgain();
        }
    }

    /** What throws is looked at again, too. */
    private void tryAgain() {
        Will will = unfinished;
        Will before = null;
        while (will != null) {
            if (!wills.contains(will) || isDone(will)) {
                if (before == null) {
                    unfinished = will.next;
                } else {
                    before.next = will.next;
                }
            } else {
                before = will;
            }
            will = will.next;
        }
    }

    /** The will is taken out before anything is done, so that it is not both taken back and carried out. */
    private boolean isDone(Will will) {
        if (!will.getAsBoolean()) {
            return true;
        }
        boolean done = false;
        try {
            done = will.estate.settle();
        } catch (Throwable t) {
            // what is missing may be there the next time
        } finally {
            if (!done) {
                wills.add(will);
            }
        }
        return done;
    }
}
