package org.sallyport;

import java.util.List;
import org.sallyport.wasm.Printable;

/**
 * A host function threw while a guest called it: the guest's call was abandoned. The cause is what it threw. Failures
 * of this package ({@link SallyportException}) and {@link Error}s pass through without being wrapped.
 */
public final class HostFunctionException extends GuestException {
    private static final long serialVersionUID = 1;
    private static final int MAX_CAUSE = 1000;

    public HostFunctionException(String function, Throwable cause, List<GuestFrame> frames) {
        super("host function " + Printable.name(function) + " failed: "
                + Printable.text(String.valueOf(cause), MAX_CAUSE), cause, frames);
    }
}
