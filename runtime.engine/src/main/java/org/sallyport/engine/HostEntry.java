package org.sallyport.engine;

import org.sallyport.Caller;
import org.sallyport.engine.types.HostTypes;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.Printable;

/** A host function as the guest calls it. Belongs to an engine, and to no store. */
public abstract class HostEntry {
    final EngineImpl engine;
    private final String name;
    private final FuncType type;
    private final int plainId;

    /**
     * @param name made printable
     * @throws IllegalArgumentException if the type names numbers that stand for nothing in this engine
     */
    HostEntry(EngineImpl engine, String name, FuncType type) {
        this.engine = engine;
        this.name = Printable.name(name);
        this.type = type;
        engine.hostTypes().check(this.name, type);
        plainId = engine.hostTypes().plainId(type);
    }

    /** For messages: module and name, or the name alone. */
    public final String name() {
        return name;
    }

    public final FuncType type() {
        return type;
    }

    /**
     * The engine's number of the type now; -1 if nothing open has it. {@link #holdType} keeps it.
     */
    public final int typeId() {
        return isPlain() ? plainId : engine.types().find(type);
    }

    /** Whether the number of the type is the same for as long as the engine lives. */
    public final boolean isPlain() {
        return plainId != HostTypes.NAMES_NUMBERS;
    }

    /** The number of a type that is not {@linkplain #isPlain plain}; the caller releases it. */
    public final int holdType() {
        engine.hostTypes().check(name, type);
        return engine.types().register(type);
    }

    /** Reads arguments from 16-byte slots at {@code args}, runs the function and writes its results there. */
    abstract void call(NativeExecution execution, long args) throws Throwable;

    /** Runs the function for a host that calls it without a guest between. */
    public abstract Object[] callDirectly(Caller caller, Object[] args) throws Throwable;
}
