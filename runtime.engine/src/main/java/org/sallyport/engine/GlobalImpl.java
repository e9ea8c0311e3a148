package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.EntityType;
import org.sallyport.Global;
import org.sallyport.Store;
import org.sallyport.wasm.GlobalType;

/** A global as the host sees it: a 16-byte slot in native memory. */
final class GlobalImpl implements Global {
    private final StoreImpl store;
    private final GlobalType type;
    private final long slot;

    GlobalImpl(StoreImpl store, GlobalType type, long slot) {
        this.store = store;
        this.type = type;
        this.slot = slot;
    }

    long slot() {
        return slot;
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public EntityType entityType() {
        return new EntityType.Global(type);
    }

    @Override
    public GlobalType type() {
        return type;
    }

    @Override
    public @Nullable Object get() {
        return store.execution().stay(() -> Values.read(store, type.type(), slot));
    }

    @Override
    public void set(@Nullable Object value) {
        if (!type.mutable()) {
            throw new UnsupportedOperationException("the global is immutable");
        }
        store.execution().stay(() -> {
            Values.write(store, type.type(), slot, value);
            return null;
        });
    }

    @Override
    public String toString() {
        return entityType().toString();
    }
}
