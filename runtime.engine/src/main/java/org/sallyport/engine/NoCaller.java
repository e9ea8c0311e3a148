package org.sallyport.engine;

import java.util.Optional;

import org.sallyport.Caller;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Memory;
import org.sallyport.NoSuchExportException;

/** The caller of a host function that the host itself calls: it has no exports. */
record NoCaller(StoreImpl store) implements Caller {
    @Override
    public Optional<Extern> export(String name) {
        return Optional.empty();
    }

    @Override
    public Memory memory() {
        throw new NoSuchExportException("the host called this function itself: there is no guest memory");
    }

    @Override
    public void consumeFuel(long fuel) {
        store.consumeFuel(fuel);
    }

    @Override
    public Func func(String name) {
        throw new NoSuchExportException("the host called this function itself: there is no export \"" + name + "\"");
    }
}
