package org.sallyport.host.core;

/** An interface that a plugin's manifest names is not there; the message says what is missing. */
public class ContractNotSeenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ContractNotSeenException(String message, ClassNotFoundException cause) {
        super(message, cause);
    }
}
