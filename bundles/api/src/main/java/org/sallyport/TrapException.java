package org.sallyport;

import java.util.List;

/** A guest broke a rule of WebAssembly and was stopped (WebAssembly 3.0, 4.2.14). */
public final class TrapException extends GuestException {
    private static final long serialVersionUID = 1;

    private final TrapCode code;

    public TrapException(TrapCode code, String detail, List<GuestFrame> frames) {
        super(detail.isEmpty() ? code.text() : code.text() + ": " + detail, null, frames);
        this.code = code;
    }

    public TrapCode code() {
        return code;
    }
}
