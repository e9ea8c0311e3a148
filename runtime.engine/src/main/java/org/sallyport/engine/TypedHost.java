package org.sallyport.engine;

import java.lang.invoke.MethodHandle;

import org.jspecify.annotations.Nullable;
import org.sallyport.Caller;
import org.sallyport.engine.types.Shapes;
import org.sallyport.wasm.FuncType;

/**
 * A host function given as a method handle of exact type. {@link SpinHostCalls} makes an {@link Adapter} per type that
 * moves values between slots and the handle without boxing, when the function is called for the first time; most
 * functions of a host module never are.
 */
final class TypedHost extends HostEntry {
    /** Moves arguments and result of one call. */
    abstract static class Adapter {
        final FuncType type;
        final MethodHandle target;

        Adapter(FuncType type, MethodHandle target) {
            this.type = type;
            this.target = target;
        }

        abstract void call(NativeExecution execution, long args) throws Throwable;
    }

    private final MethodHandle target;
    private final boolean wantsCaller;
    private volatile @Nullable Adapter adapter;

    /** @param target of the type's exact Java types, perhaps with a {@link Caller} in front */
    TypedHost(EngineImpl engine, String name, FuncType type, MethodHandle target, boolean wantsCaller) {
        super(engine, name, type);
        this.target = target;
        this.wantsCaller = wantsCaller;
    }

    /**
     * The function for an import of another type.
     *
     * @param other that {@link ReferenceViews#fitsHost}; what the function returns is checked against it
     */
    TypedHost as(FuncType other) {
        return new TypedHost(engine, name(), other, target, wantsCaller);
    }

    @Override
    void call(NativeExecution execution, long args) throws Throwable {
        Adapter known = adapter;
        if (known == null) {
            known = engine.hostCalls().adapter(Shapes.forJava(type(), engine.types()), type(), target, wantsCaller);
            adapter = known;
        }
        known.call(execution, args);
    }

    @Override
    public Object[] callDirectly(Caller caller, Object[] args) throws Throwable {
        MethodHandle bound = wantsCaller ? target.bindTo(caller) : target;
        Object result = bound.invokeWithArguments(args);
        return type().results().isEmpty() ? new Object[0] : new Object[] {result};
    }
}
