package org.sallyport;

/** A second thread entered a store while a first one was inside. */
public final class ConcurrentEntryException extends SallyportException {
    private static final long serialVersionUID = 1;

    public ConcurrentEntryException(String inside, String entering) {
        super(
                "store is in use by thread \"" + inside + "\"; thread \"" + entering
                        + "\" must wait for it or use a store of its own",
                null);
    }
}
