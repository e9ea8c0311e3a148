package org.sallyport.wasm;

import org.jspecify.annotations.Nullable;

/**
 * Bytes do not follow the binary grammar. Thrown by the readers of this package; the loader and the validator turn it
 * into the embedder's exception, which knows the module. Carries no stack trace.
 */
public final class MalformedCodeException extends RuntimeException {
    private final Malformed fault;
    private final String specText;
    private final int offset;
    private final String detail;
    private final @Nullable Proposal proposal;

    public MalformedCodeException(Malformed fault, int offset) {
        this(fault, fault.specText(), "", offset, null);
    }

    /** @param detail what was found against what was expected; may be empty */
    public MalformedCodeException(Malformed fault, int offset, String detail) {
        this(fault, fault.specText(), detail, offset, null);
    }

    /** @param proposal in which the bytes would be right, or null if none is known */
    public MalformedCodeException(Malformed fault, int offset, String detail, @Nullable Proposal proposal) {
        this(fault, fault.specText(), detail, offset, proposal);
    }

    private MalformedCodeException(
            Malformed fault, String specText, String detail, int offset, @Nullable Proposal proposal) {
        super(text(specText, detail, offset), null, false, false);
        this.fault = fault;
        this.specText = specText;
        this.offset = offset;
        this.detail = detail;
        this.proposal = proposal;
    }

    private static String text(String specText, String detail, int offset) {
        return specText + (detail.isEmpty() ? "" : ": " + detail) + " at 0x" + Integer.toHexString(offset);
    }

    static MalformedCodeException illegalOpcode(String bytes, String name, int offset, @Nullable Proposal proposal) {
        Malformed fault = Malformed.ILLEGAL_OPCODE;
        return new MalformedCodeException(fault, fault.specText() + " " + bytes, name, offset, proposal);
    }

    public Malformed fault() {
        return fault;
    }

    /** The wording of the specification's tests; {@code illegal opcode} goes on with the byte. */
    public String specText() {
        return specText;
    }

    /** Offset in the binary of the byte that is wrong. */
    public int offset() {
        return offset;
    }

    public String detail() {
        return detail;
    }

    /** The proposal that the module seems to need, which is off or not known here; null if it is none. */
    public @Nullable Proposal proposal() {
        return proposal;
    }

    /** The next step for whoever meets the fault. */
    public String advice() {
        return proposal == null ? fault.advice() : advice(proposal);
    }

    /** The next step where a proposal is needed that is off, or not known here. */
    public static String advice(Proposal proposal) {
        String state = proposal instanceof Feature feature
                ? " is switched off; Config.withFeature(Feature." + feature.name() + ") allows it. "
                : " is not supported. ";
        return "The proposal \"" + proposal.text() + "\", which the module needs," + state + proposal.remedy();
    }
}
