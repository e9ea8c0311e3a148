package org.sallyport;

import java.util.List;

/**
 * A guest ended itself, as WASI's {@code proc_exit} does. Thrown by host functions; passes through guests unchanged.
 */
public final class GuestExitException extends GuestException {
    private static final long serialVersionUID = 1;

    private final int status;

    public GuestExitException(int status) {
        super("the guest ended with status " + status, null, List.of());
        this.status = status;
    }

    public int status() {
        return status;
    }
}
