package org.sallyport.wasm;

/**
 * Bytes do not follow the binary grammar. Thrown by the readers of this package; the loader and the validator turn it
 * into the embedder's exception, which knows the module. Carries no stack trace.
 */
public final class MalformedCodeException extends RuntimeException {
    private final Malformed fault;
    private final String specText;
    private final int offset;
    private final String detail;

    public MalformedCodeException(Malformed fault, int offset) {
        this(fault, fault.specText(), "", offset);
    }

    /** @param detail what was found against what was expected; may be empty */
    public MalformedCodeException(Malformed fault, int offset, String detail) {
        this(fault, fault.specText(), detail, offset);
    }

    private MalformedCodeException(Malformed fault, String specText, String detail, int offset) {
        super(text(specText, detail, offset), null, false, false);
        this.fault = fault;
        this.specText = specText;
        this.offset = offset;
        this.detail = detail;
    }

    private static String text(String specText, String detail, int offset) {
        return specText + (detail.isEmpty() ? "" : ": " + detail) + " at 0x" + Integer.toHexString(offset);
    }

    static MalformedCodeException illegalOpcode(String bytes, int offset) {
        Malformed fault = Malformed.ILLEGAL_OPCODE;
        return new MalformedCodeException(fault, fault.specText() + " " + bytes, "", offset);
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
}
