package org.sallyport.engine.objectcode;

import org.jspecify.annotations.Nullable;
import org.sallyport.AnyRef;
import org.sallyport.ReferenceException;
import org.sallyport.ReferenceScope;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;

/** A scope of references. Java's collector needs none: what holds is that a reference is not used when its scope is closed. */
final class ViewScope implements ReferenceScope {
    private final ObjectExecution execution;
    final @Nullable ViewScope outer;
    private volatile boolean open = true;

    ViewScope(ObjectExecution execution, @Nullable ViewScope outer) {
        this.execution = execution;
        this.outer = outer;
    }

    boolean isOpen() {
        return open;
    }

    @Override
    public Store store() {
        return execution.store;
    }

    @Override
    public <R extends AnyRef> R keep(R reference) {
        if (!(reference instanceof GuestView view)) {
            return reference;
        }
        @SuppressWarnings("unchecked") // a reference is made again as what it is
        R kept = (R) execution.stay(() -> keep(view));
        return kept;
    }

    private GuestView keep(GuestView view) {
        if (view.execution != execution) {
            throw new ReferenceException(
                    ReferenceException.Reason.OTHER_STORE, "a reference of another store: " + view, null);
        }
        view.object();
        if (execution.scope() != this) {
            throw new IllegalStateException(open ? "a scope was opened in this one" : "the scope is closed");
        }
        return view.scope() == this ? view.in(outer) : view;
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        try {
            execution.stay(() -> {
                if (open) {
                    execution.closeScopes(this);
                }
                return null;
            });
        } catch (StoreClosedException e) {
            open = false; // nothing is kept any more
        }
    }

    /** See {@link ObjectExecution#closeScopes}. */
    void markClosed() {
        open = false;
    }
}
