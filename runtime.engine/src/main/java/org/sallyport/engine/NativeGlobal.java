package org.sallyport.engine;

import org.sallyport.spi.NativeMemory;
import org.sallyport.wasm.GlobalType;

/** A global in a 16-byte slot of native memory. */
final class NativeGlobal extends GlobalImpl {
    private final long slot;

    NativeGlobal(StoreImpl store, GlobalType type, long slot) {
        super(store, type);
        this.slot = slot;
    }

    /** Its address. */
    long slot() {
        return slot;
    }

    @Override
    protected long low() {
        return NativeMemory.getLong(slot);
    }

    @Override
    protected long high() {
        return NativeMemory.getLong(slot + 8);
    }

    @Override
    protected void set(long low, long high) {
        NativeMemory.putLong(slot, low);
        NativeMemory.putLong(slot + 8, high);
    }
}
