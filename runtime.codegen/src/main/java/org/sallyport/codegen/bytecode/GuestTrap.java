package org.sallyport.codegen.bytecode;

import org.sallyport.TrapCode;

/** A trap on its way out of generated code, which has nobody to ask for the embedder's exception. Its stack trace counts. */
public final class GuestTrap extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final TrapCode code;

    private GuestTrap(TrapCode code) {
        super(code.text());
        this.code = code;
    }

    /** Called by generated code. @param code ordinal of a {@link TrapCode} */
    public static GuestTrap of(int code) {
        return new GuestTrap(TrapCode.values()[code]);
    }

    static GuestTrap of(TrapCode code) {
        return new GuestTrap(code);
    }

    TrapCode code() {
        return code;
    }
}
