package org.sallyport.text.wast;

import java.util.Locale;
import org.sallyport.UnsupportedFeatureException;

/** A command that needs something that could not be made for want of support. */
final class NotTriedException extends UnsupportedOperationException {
    private static final long serialVersionUID = 1;

    private final String missing;

    NotTriedException(String message, String missing) {
        super(message);
        this.missing = missing;
    }

    /** What an unsupported command lacks: a feature ({@code tail-calls}), or else an instruction or construct. */
    static String missing(RuntimeException e) {
        return switch (e) {
            case NotTriedException n -> n.missing;
            case UnsupportedFeatureException u when u.feature() != null ->
                u.feature().name().toLowerCase(Locale.ROOT).replace('_', '-');
            case UnsupportedFeatureException u -> u.what();
            default -> String.valueOf(e.getMessage());
        };
    }
}
