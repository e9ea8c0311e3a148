package org.sallyport;

/**
 * A Java value could not cross into a guest or out of it (docs/plugin-abi.md): the guest gave no buffer, or one that does not
 * lie inside of its memory. The message says which value, and what was found.
 */
public final class ValueException extends SallyportException {
    private static final long serialVersionUID = 1;

    public ValueException(String message) {
        super(message, null);
    }
}
