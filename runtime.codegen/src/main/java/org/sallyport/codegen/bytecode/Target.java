package org.sallyport.codegen.bytecode;

import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** A function as calls by reference see it. */
public final class Target {
    /** Takes the arguments and the context, as {@link Shape} says. */
    public final MethodHandle code;

    public final Context context;
    /** Number of the type in the store. */
    public final int typeId;
    /** As {@link #code}, but a tail call at its end is left in the context; null if that is no guest's. */
    private final @Nullable MethodHandle body;

    private final @Nullable MethodHandle entry;

    Target(
            MethodHandle code,
            @Nullable MethodHandle body,
            @Nullable MethodHandle entry,
            Context context,
            int typeId) {
        this.code = code;
        this.body = body;
        this.entry = entry;
        this.context = context;
        this.typeId = typeId;
    }

    /** Runs the body with arguments and results in slots. */
    void enterBody(long[] slots) {
        if (body == null || entry == null) {
            context.callForeign(slots);
            return;
        }
        try {
            entry.invokeExact(body, slots, context);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("BUG: generated code throws " + e, e);
        }
    }
}
