package org.sallyport.wasm;

/**
 * Bytes do not follow the binary grammar. Thrown by the readers of this package; the loader and the validator turn it into the
 * embedder's exception, which knows the module. Carries no stack trace.
 */
public final class MalformedCodeException extends RuntimeException {
    private final Malformed fault;
    private final int offset;
    private final String detail;

    public MalformedCodeException(Malformed fault, int offset) {
        this(fault, offset, "");
    }

    /** @param detail what was found against what was expected; may be empty */
    public MalformedCodeException(Malformed fault, int offset, String detail) {
        super(text(fault, detail) + " at 0x" + Integer.toHexString(offset), null, false, false);
        this.fault = fault;
        this.offset = offset;
        this.detail = detail;
    }

    public Malformed fault() {
        return fault;
    }

    /** The wording of the specification's tests, which for {@code illegal opcode} goes on with the byte. */
    public String specText() {
        return fault == Malformed.ILLEGAL_OPCODE ? text(fault, detail) : fault.specText();
    }

    /** Offset in the binary of the byte that is wrong. */
    public int offset() {
        return offset;
    }

    public String detail() {
        return detail;
    }

    private static String text(Malformed fault, String detail) {
        String gap = fault == Malformed.ILLEGAL_OPCODE ? " " : ": ";
        return detail.isEmpty() ? fault.specText() : fault.specText() + gap + detail;
    }
}
