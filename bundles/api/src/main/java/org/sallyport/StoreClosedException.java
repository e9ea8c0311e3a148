package org.sallyport;

/** A store, module or engine was used after it was closed or poisoned. */
public final class StoreClosedException extends SallyportException {
    private static final long serialVersionUID = 1;

    public StoreClosedException(String message) {
        super(message, null);
    }
}
