package org.sallyport.engine;

import java.lang.invoke.MethodHandle;

import org.jspecify.annotations.Nullable;
import org.sallyport.Func;
import org.sallyport.Memory;
import org.sallyport.NoSuchExportException;
import org.sallyport.contract.Abi;
import org.sallyport.contract.Guest;
import org.sallyport.contract.Transfers;

/** An instance that strings, lists and records cross into through a bound interface. One for each object that was bound. */
final class BoundGuest implements Guest {
    private final InstanceImpl instance;
    private final Transfers transfers;
    private @Nullable MethodHandle alloc;
    private @Nullable MethodHandle free;
    private boolean lookedForFree;

    BoundGuest(InstanceImpl instance) {
        this.instance = instance;
        this.transfers = Transfers.of(instance.store());
    }

    /** A function of the instance, called with values that cross. */
    record Target(BoundGuest guest, Object function) implements Guest {
        @Override
        public Memory memory() {
            return guest.memory();
        }

        @Override
        public MethodHandle alloc() {
            return guest.alloc();
        }

        @Override
        public @Nullable MethodHandle free() {
            return guest.free();
        }

        @Override
        public Transfers transfers() {
            return guest.transfers;
        }
    }

    @Override
    public Memory memory() {
        return instance.callerMemory();
    }

    @Override
    public MethodHandle alloc() {
        MethodHandle known = alloc;
        if (known == null) {
            known = allocator();
            alloc = known;
        }
        return known;
    }

    private MethodHandle allocator() {
        if (instance.export(Abi.ALLOC).orElse(null) instanceof Func func && func.type().equals(Abi.ALLOC_TYPE)) {
            return func.handle();
        }
        throw new NoSuchExportException(
                instance.module().name() + " exports no " + Abi.ALLOC + " " + Abi.ALLOC_TYPE + " for values");
    }

    @Override
    public @Nullable MethodHandle free() {
        if (!lookedForFree) {
            lookedForFree = true;
            free = instance.export(Abi.FREE).orElse(null) instanceof Func func && func.type().equals(Abi.FREE_TYPE)
                    ? func.handle()
                    : null;
        }
        return free;
    }

    @Override
    public Transfers transfers() {
        return transfers;
    }
}
