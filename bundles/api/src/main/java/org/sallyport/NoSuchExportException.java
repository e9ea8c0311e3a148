package org.sallyport;

/** An export that is not there, or is of another kind. */
public final class NoSuchExportException extends SallyportException {
    private static final long serialVersionUID = 1;

    public NoSuchExportException(String message) {
        super(message, null);
    }
}
