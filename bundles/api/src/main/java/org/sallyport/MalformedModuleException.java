package org.sallyport;

import java.util.Objects;

/** The bytes do not follow the binary grammar (WebAssembly 3.0, 5). Nothing of the module is kept. */
public final class MalformedModuleException extends SallyportException {
    private static final long serialVersionUID = 1;

    private final String specText;
    private final transient BinaryPlace place;

    /**
     * @param specText the fault in the wording of the specification's tests
     * @param detail found against expected; may be empty
     * @param advice the next step
     */
    public MalformedModuleException(String specText, String detail, BinaryPlace place, String advice) {
        super(specText + (detail.isEmpty() ? "" : ": " + detail) + "\n  in " + place + "\n  " + advice, null);
        this.specText = specText;
        this.place = Objects.requireNonNull(place);
    }

    /** The fault in the wording of the specification's tests, such as {@code unexpected end}. */
    public String specText() {
        return specText;
    }

    public BinaryPlace place() {
        return place;
    }
}
