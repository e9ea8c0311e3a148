package org.sallyport;

import java.util.List;

/**
 * A host function threw while a guest called it: the guest's call was abandoned. The cause is what it threw. Failures
 * of this package ({@link SallyportException}) and {@link Error}s pass through without being wrapped.
 */
public final class HostFunctionException extends GuestException {
    private static final long serialVersionUID = 1;

    public HostFunctionException(String function, Throwable cause, List<GuestFrame> frames) {
        super("host function " + function + " failed: " + cause, cause, frames);
    }
}
