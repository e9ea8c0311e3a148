package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.EntityType;
import org.sallyport.Global;
import org.sallyport.Store;
import org.sallyport.wasm.GlobalType;

/** A global as the host sees it. */
public abstract class GlobalImpl implements Global {
    final StoreImpl store;
    private final GlobalType type;

    public GlobalImpl(StoreImpl store, GlobalType type) {
        this.store = store;
        this.type = type;
    }

    /** The value's bits, or the lower half of a vector's. Called by the thread inside the store, as the others here. */
    protected abstract long low();

    protected abstract long high();

    protected abstract void set(long low, long high);

    /** @throws IllegalArgumentException if the value is not of the type or of another store */
    final void write(@Nullable Object value) {
        set(Values.low(store, type.type(), value), Values.high(type.type(), value));
    }

    @Override
    public final Store store() {
        return store;
    }

    @Override
    public final EntityType entityType() {
        return new EntityType.Global(type);
    }

    @Override
    public final GlobalType type() {
        return type;
    }

    @Override
    public final @Nullable Object get() {
        return store.execution().stay(() -> Values.box(store, type.type(), low(), high()));
    }

    @Override
    public final void set(@Nullable Object value) {
        if (!type.mutable()) {
            throw new UnsupportedOperationException("the global is immutable");
        }
        store.execution().stay(() -> {
            write(value);
            return null;
        });
    }

    @Override
    public final String toString() {
        return entityType().toString();
    }
}
