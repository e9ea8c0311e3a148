package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.EntityType;
import org.sallyport.Func;
import org.sallyport.HostFunctionException;
import org.sallyport.ReferenceException;
import org.sallyport.Store;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.TypeCanon;

/** A function of a store: a guest's, or the host's. */
public abstract class FuncImpl implements Func {
    public final StoreImpl store;
    public final FuncType type;
    private final int typeId;
    private final String name;
    /** The host's function; null for a guest's. */
    private final @Nullable HostEntry host;

    private volatile @Nullable MethodHandle handle;

    public FuncImpl(StoreImpl store, FuncType type, int typeId, String name, @Nullable HostEntry host) {
        this.store = store;
        this.type = type;
        this.typeId = typeId;
        this.name = name;
        this.host = host;
    }

    @Override
    public final Store store() {
        return store;
    }

    @Override
    public final EntityType entityType() {
        return new EntityType.Func(type);
    }

    @Override
    public final FuncType type() {
        return type;
    }

    TypeCanon types() {
        return store.engine.types();
    }

    /** The engine's number of the type. */
    public final int typeId() {
        return typeId;
    }

    @Override
    public final String name() {
        return name;
    }

    public final @Nullable HostEntry host() {
        return host;
    }

    /** What guests see of the function. Called by the thread inside the store. */
    public abstract long reference();

    /** Calls a guest's function. @param args as many as the type has */
    protected abstract Object[] callGuest(@Nullable Object[] args);

    @Override
    public final MethodHandle handle() {
        MethodHandle known = handle;
        if (known == null) {
            known = store.engine.handles().handle(this);
            handle = known;
        }
        return known;
    }

    @Override
    public final @Nullable Object[] call(@Nullable Object... args) {
        int wanted = type.params().size();
        if (args.length != wanted) {
            throw new IllegalArgumentException(name + " wants " + wanted + " arguments, found " + args.length);
        }
        return host == null ? callGuest(args) : callHost(host, args);
    }

    /** @param why names the type and what was found */
    final IllegalArgumentException wrongArgument(int index, IllegalArgumentException why) {
        return placed(name + ", parameter " + index, why);
    }

    /** The same for who gave the value, with its place in front. */
    public static IllegalArgumentException placed(String where, IllegalArgumentException why) {
        String message = where + ": " + why.getMessage();
        return why instanceof ReferenceException typed
                ? new ReferenceException(typed.reason(), message, why)
                : new IllegalArgumentException(message, why);
    }

    /** What a guest could not be given or give, a host is not either. */
    private Object[] callHost(HostEntry function, @Nullable Object[] args) {
        for (int i = 0; i < args.length; i++) {
            try {
                Values.check(store, type.params().get(i), args[i]);
            } catch (IllegalArgumentException e) {
                throw wrongArgument(i, e);
            }
        }
        Object[] results = store.execution().callHost(function, args);
        for (int i = 0; i < results.length; i++) {
            try {
                Values.check(store, type.results().get(i), results[i]);
            } catch (IllegalArgumentException e) {
                throw new HostFunctionException(name, e, List.of());
            }
        }
        return results;
    }

    @Override
    public final String toString() {
        return "func " + name + " " + type;
    }
}
