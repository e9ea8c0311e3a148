package org.sallyport.engine;

import org.sallyport.Caller;
import org.sallyport.wasm.FuncType;

/** A host function as the guest calls it. Belongs to no store. */
abstract class HostEntry {
    private final String name;
    private final FuncType type;

    HostEntry(String name, FuncType type) {
        this.name = name;
        this.type = type;
    }

    /** For messages: module and name, or the name alone. */
    final String name() {
        return name;
    }

    final FuncType type() {
        return type;
    }

    /** Reads arguments from 16-byte slots at {@code args}, runs the function and writes its results there. */
    abstract void call(StoreImpl store, long args) throws Throwable;

    /** Runs the function for a host that calls it without a guest between. */
    abstract Object[] callDirectly(Caller caller, Object[] args) throws Throwable;
}
