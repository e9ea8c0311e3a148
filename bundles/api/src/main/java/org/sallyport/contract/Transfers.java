package org.sallyport.contract;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.sallyport.Caller;
import org.sallyport.LimitExceededException;
import org.sallyport.Store;
import org.sallyport.ValueLimits;

/**
 * Counts what comes from a guest's memory to the Java heap against {@link ValueLimits}. Attached to the store. Calls begin
 * before the store is entered, which it may refuse while another thread is inside: each thread counts for itself.
 */
public final class Transfers {
    private final ValueLimits limits;
    private final UnaryOperator<String> settings;
    /** Of threads that call. */
    private final Map<Thread, Count> counts = new ConcurrentHashMap<>(2);

    /** Of one thread's outermost call and what it leads to. */
    private static final class Count {
        int depth;
        long moved;
    }

    /** @param settings names the setting of a component of the limits, for messages */
    public Transfers(ValueLimits limits, UnaryOperator<String> settings) {
        this.limits = limits;
        this.settings = settings;
    }

    private Transfers(ValueLimits limits) {
        this(limits, component -> "ValueLimits." + component);
    }

    /** Those of the store, made when they are first asked for. */
    public static Transfers of(Store store) {
        Transfers known = store.attachment(Transfers.class);
        if (known == null) {
            ValueLimits limits = store.attachment(ValueLimits.class);
            known = new Transfers(limits == null ? ValueLimits.DEFAULT : limits);
            store.attach(Transfers.class, known);
        }
        return known;
    }

    /** For the guest that calls a host function. */
    static Transfers of(Caller caller) {
        Transfers known = caller.attachment(Transfers.class);
        if (known != null) {
            return known;
        }
        ValueLimits limits = caller.attachment(ValueLimits.class);
        return new Transfers(limits == null ? ValueLimits.DEFAULT : limits);
    }

    /** A call begins, perhaps inside of another one. To be followed by {@link #end}. */
    public void begin() {
        Thread me = Thread.currentThread();
        Count count = counts.get(me);
        if (count == null) {
            count = new Count();
            counts.put(me, count);
        }
        count.depth++;
    }

    public void end() {
        Thread me = Thread.currentThread();
        Count count = counts.get(me);
        if (count != null && --count.depth == 0) {
            counts.remove(me);
        }
    }

    /**
     * Before so many bytes are taken.
     *
     * @param value what the value has taken already
     * @return what it has taken then
     * @throws LimitExceededException if it is more than allowed
     */
    long take(long value, long bytes) {
        check(value + bytes, limits.valueBytes(), "bytes of a value from a guest", "valueBytes");
        Count count = counts.get(Thread.currentThread());
        if (count != null) {
            check(count.moved + bytes, limits.callBytes(), "bytes of all values from a guest in one call", "callBytes");
            count.moved += bytes;
        }
        return value + bytes;
    }

    private void check(long asked, long allowed, String what, String component) {
        if (asked > allowed) {
            throw new LimitExceededException(what, asked, allowed, settings.apply(component));
        }
    }
}
