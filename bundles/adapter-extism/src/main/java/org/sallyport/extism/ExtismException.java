package org.sallyport.extism;

/** A function of a plug-in has failed. The message is the plug-in's. */
public final class ExtismException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;

    ExtismException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** What the function returned: not 0. */
    public int code() {
        return code;
    }
}
