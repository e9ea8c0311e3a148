package org.sallyport;

/**
 * A compiled artefact that must not be mapped: not made with this key, changed, or for another version, target or CPU.
 */
public final class UntrustedArtefactException extends SallyportException {
    private static final long serialVersionUID = 1;

    public UntrustedArtefactException(String message) {
        super(message, null);
    }
}
