package org.sallyport.contract;

import java.util.function.UnaryOperator;
import org.sallyport.Caller;
import org.sallyport.LimitExceededException;
import org.sallyport.Store;
import org.sallyport.ValueLimits;

/**
 * Counts what comes from a guest's memory to the Java heap against {@link ValueLimits}. Attached to the store; used by the
 * thread inside of it.
 */
public final class Transfers {
    private final ValueLimits limits;
    private final UnaryOperator<String> settings;
    private int depth;
    private long moved;

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
        if (depth++ == 0) {
            moved = 0;
        }
    }

    public void end() {
        depth--;
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
        if (depth > 0) {
            check(moved + bytes, limits.callBytes(), "bytes of all values from a guest in one call", "callBytes");
            moved += bytes;
        }
        return value + bytes;
    }

    private void check(long asked, long allowed, String what, String component) {
        if (asked > allowed) {
            throw new LimitExceededException(what, asked, allowed, settings.apply(component));
        }
    }
}
