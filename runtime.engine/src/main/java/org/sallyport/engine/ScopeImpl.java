package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.AnyRef;
import org.sallyport.ReferenceScope;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;

/** A scope: the places of its references are those on the collector's stack from some height on, until one further in begins. */
final class ScopeImpl implements ReferenceScope {
    private final StoreImpl store;
    final @Nullable ScopeImpl outer;
    private int start;
    private volatile boolean open = true;

    ScopeImpl(StoreImpl store, @Nullable ScopeImpl outer, int start) {
        this.store = store;
        this.outer = outer;
        this.start = start;
    }

    boolean isOpen() {
        return open;
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public <R extends AnyRef> R keep(R reference) {
        if (!(reference instanceof ObjectReference object)) {
            return reference;
        }
        @SuppressWarnings("unchecked") // a reference is made again as what it is
        R kept = (R) store.execution().stay(() -> keep(object));
        return kept;
    }

    private ObjectReference keep(ObjectReference object) {
        store.references().requireOwn(object);
        long place = object.place();
        if (store.references().scope() != this) {
            throw new IllegalStateException(open ? "a scope was opened in this one" : "the scope is closed");
        }
        if (object.scope() != this) {
            return object;
        }
        NativeExecution machine = store.execution().machine();
        if (outer == null) {
            return machine.collector.hold(object.in(null));
        }
        machine.collector.scoped().insert(start++, place);
        return object.in(outer);
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        try {
            store.execution().stay(() -> {
                if (open) {
                    store.references().closeScopes(this);
                    store.execution().machine().collector.scoped().truncate(start);
                }
                return null;
            });
        } catch (StoreClosedException e) {
            open = false; // nothing is kept any more
        }
    }

    /** See {@link References#closeScopes}. */
    void markClosed() {
        open = false;
    }
}
