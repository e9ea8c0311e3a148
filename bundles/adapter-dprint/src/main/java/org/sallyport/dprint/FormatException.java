package org.sallyport.dprint;

/** A formatter cannot read a text. The message is the plugin's. */
public final class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FormatException(String message) {
        super(message);
    }
}
