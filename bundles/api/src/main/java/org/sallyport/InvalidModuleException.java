package org.sallyport;

import java.util.Objects;

/** The module is well-formed but does not validate (WebAssembly 3.0, 3). Nothing of it is kept. */
public final class InvalidModuleException extends SallyportException {
    private static final long serialVersionUID = 1;

    private final String specText;
    private final transient BinaryPlace place;

    /**
     * @param specText the fault in the wording of the specification's tests
     * @param detail found against expected; may be empty
     * @param advice the next step
     */
    public InvalidModuleException(String specText, String detail, BinaryPlace place, String advice) {
        super(specText + (detail.isEmpty() ? "" : ": " + detail) + "\n  in " + place + "\n  " + advice, null);
        this.specText = specText;
        this.place = Objects.requireNonNull(place);
    }

    /** The fault in the wording of the specification's tests, such as {@code type mismatch}. */
    public String specText() {
        return specText;
    }

    public BinaryPlace place() {
        return place;
    }
}
