package org.sallyport.host.impl;

import org.jspecify.annotations.Nullable;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.NoSuchExportException;
import org.sallyport.Store;

/** One live instance of a plugin in a store of its own, with what calls need of it. Used by one thread at a time. */
final class GuestInstance {
    private final Store store;
    private final Instance instance;

    GuestInstance(Store store, Instance instance) {
        this.store = store;
        this.instance = instance;
    }

    Store store() {
        return store;
    }

    Func func(String name) {
        return instance.func(name);
    }

    /** The function by which the guest takes back a buffer, or null when it does not want to. */
    @Nullable Func free() {
        return instance.export(Abi.FREE).orElse(null) instanceof Func func ? func : null;
    }

    Func alloc() {
        return instance.func(Abi.ALLOC);
    }

    /** The export {@code memory}, else the only exported memory. */
    Memory memory() {
        if (instance.export("memory").orElse(null) instanceof Memory memory) {
            return memory;
        }
        Memory only = null;
        for (String name : instance.exportNames()) {
            Extern export = instance.export(name).orElseThrow();
            if (export instanceof Memory memory) {
                if (only != null) {
                    throw new NoSuchExportException("several memories are exported and none is called \"memory\"");
                }
                only = memory;
            }
        }
        if (only == null) {
            throw new NoSuchExportException("strings and byte arrays need an exported memory");
        }
        return only;
    }

    void close() {
        store.close();
    }
}
