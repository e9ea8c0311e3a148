package org.sallyport.codegen.bytecode;

import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;
import org.sallyport.TrapCode;
import org.sallyport.spi.GuestFunction;

/** A function of an instance. */
final class BytecodeFunction implements GuestFunction {
    private final Context context;
    private final int index;
    private @Nullable MethodHandle enter;
    private @Nullable MethodHandle code;

    /** @param index among those that the module defines */
    BytecodeFunction(Context context, int index) {
        this.context = context;
        this.index = index;
    }

    /** @param typeId of its type in the store */
    Target target(int typeId) {
        context.prepare();
        ModuleCode module = context.module();
        return new Target(module.code(index), module.body(index), module.entry(index), context, typeId);
    }

    @Override
    public void call(long[] slots) {
        MethodHandle by = enter;
        MethodHandle what = code;
        if (by == null || what == null) {
            context.prepare();
            by = context.module().entry(index);
            what = context.module().code(index);
            code = what;
            enter = by;
        }
        try {
            by.invokeExact(what, slots, context);
        } catch (GuestTrap e) {
            throw context.trap(e.code(), e);
        } catch (IndexOutOfBoundsException e) {
            throw context.trap(TrapCode.MEMORY_OUT_OF_BOUNDS, e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("BUG: generated code throws " + e, e);
        }
    }
}
