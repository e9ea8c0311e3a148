package org.sallyport.opa;

/** A policy could not be evaluated. */
public final class PolicyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PolicyException(String message) {
        super(message);
    }
}
