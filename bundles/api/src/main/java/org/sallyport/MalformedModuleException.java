package org.sallyport;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Proposal;

/** The bytes do not follow the binary grammar (WebAssembly 3.0, 5). Nothing of the module is kept. */
public final class MalformedModuleException extends SallyportException {
    private static final long serialVersionUID = 1;

    private final String specText;
    private final transient BinaryPlace place;
    private final transient @Nullable Proposal proposal;

    /**
     * @param specText the fault in the wording of the specification's tests
     * @param detail found against expected; may be empty
     * @param advice the next step
     */
    public MalformedModuleException(String specText, String detail, BinaryPlace place, String advice) {
        this(specText, detail, place, advice, null);
    }

    /** @param proposal see {@link #proposal()} */
    public MalformedModuleException(
            String specText, String detail, BinaryPlace place, String advice, @Nullable Proposal proposal) {
        super(specText + (detail.isEmpty() ? "" : ": " + detail) + "\n  in " + place + "\n  " + advice, null);
        this.specText = specText;
        this.place = Objects.requireNonNull(place);
        this.proposal = proposal;
    }

    /** The fault in the wording of the specification's tests, such as {@code unexpected end}. */
    public String specText() {
        return specText;
    }

    public BinaryPlace place() {
        return place;
    }

    /** The proposal in which the bytes would be right, if one is known that is off or not supported; else null. */
    public @Nullable Proposal proposal() {
        return proposal;
    }
}
