package org.sallyport.engine.fuel;

import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.OutOfFuelException.Budget;

/**
 * The fuel of a store whose engine counts (docs/fuel.md). What its guests may use is one word, which their code takes from:
 * {@code FUEL} of the store context, which machine code keeps in a register and the ways out write back; or a Java object's.
 *
 * <p>A call under a {@link CallContext} that limits fuel {@linkplain #share shares}: the word holds no more than the
 * context has, the rest is withheld. Whenever control is with the host again, it is {@linkplain #settle settled}: the
 * context pays what was used, and the word holds all that the store has. So a host function, and the calls that it makes
 * into whatever stores, find the context as it is, and afterwards the guest gets what is left.
 *
 * <p>Used by the thread inside the store. Nothing here allocates, but for the exception.
 */
public abstract class FuelTank {
    public static final String NOT_COUNTED = "this engine does not count fuel; make it with Config.withFuel(true)";

    /** Who pays too for what the word loses; null while it is settled. */
    private @Nullable CallContext payer;
    /** What the store has besides the word. */
    private long withheld;
    /** What was in the word when the sharing began. */
    private long given;
    /** What the store had when nobody was inside any more: for who asks after it was stopped. */
    private long kept;

    /** @param units that {@link #put} is called with next */
    public FuelTank(long units) {
        kept = units;
    }

    /** What the word holds. */
    public abstract long get();

    protected abstract void put(long units);

    /** The same at the end of an outermost call. */
    public void settleForGood() {
        settle();
        kept = left();
    }

    /** What the store had at the end of the last call, 0 and up. */
    public long kept() {
        return kept;
    }

    /** What the store has, 0 and up. */
    public long left() {
        return Math.max(0, get() + withheld);
    }

    public void set(long units) {
        settle();
        put(units);
        kept = units;
    }

    /** From now on the guest may use no more than the context has, which pays. */
    public void share(CallContext call) {
        settle();
        long all = get();
        given = Math.min(all, call.remainingFuel());
        withheld = all - given;
        put(given);
        payer = call;
    }

    /** Has the context pay. @return the context, if there was one, to share with again */
    @Nullable public CallContext settle() {
        CallContext call = payer;
        if (call != null) {
            payer = null;
            long now = get();
            put(now + withheld);
            withheld = 0;
            call.takeFuel(given - now);
        }
        return call;
    }

    /** For a host function, before the guest goes on. @return what is used up, because there was less; else null */
    @Nullable public Budget consume(long units) {
        if (units < 0) {
            throw new IllegalArgumentException("negative fuel: " + units);
        }
        settle();
        CallContext call = CallContext.current();
        long all = left();
        long least = call == null ? all : Math.min(all, call.remainingFuel());
        long taken = Math.min(units, least);
        put(all - taken);
        if (call != null) {
            call.takeFuel(taken);
        }
        if (units <= least) {
            return null;
        }
        return least == all ? Budget.STORE : Budget.CALL;
    }

    /** The guest was stopped because the word was less than nothing. @return what is used up */
    public Budget emptied() {
        put(0);
        return withheld > 0 ? Budget.CALL : Budget.STORE;
    }
}
