package org.sallyport.proxywasm;

/** A filter does what cannot be done here. */
public final class ProxyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ProxyException(String message) {
        super(message);
    }
}
