package org.sallyport.loader.dwarf;

/** Debug information that is wrong, of a kind that is not known, or too large. Costs no stack trace. */
final class DwarfException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DwarfException(String message) {
        super(message, null, false, false);
    }
}
