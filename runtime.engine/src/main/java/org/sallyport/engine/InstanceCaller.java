package org.sallyport.engine;

import java.util.Optional;

import org.sallyport.Caller;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Memory;
import org.sallyport.Store;

/**
 * An instance as the host functions it calls see it. One per instance, so that calls do not allocate: it works while
 * such a call is running, and only in its thread.
 */
final class InstanceCaller implements Caller {
    private final InstanceImpl instance;

    InstanceCaller(InstanceImpl instance) {
        this.instance = instance;
    }

    private void check() {
        if (!instance.storeImpl().execution().isCalling(instance)) {
            throw new IllegalStateException("the host function that this caller was given to has returned");
        }
    }

    @Override
    public Store store() {
        check();
        return instance.store();
    }

    @Override
    public Optional<Extern> export(String name) {
        check();
        return instance.export(name);
    }

    @Override
    public Memory memory() {
        check();
        return instance.callerMemory();
    }

    @Override
    public void consumeFuel(long fuel) {
        check();
        instance.storeImpl().consumeFuel(fuel);
    }

    @Override
    public Func func(String name) {
        check();
        return instance.func(name);
    }
}
