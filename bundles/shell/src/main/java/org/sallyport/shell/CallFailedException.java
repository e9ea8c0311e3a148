package org.sallyport.shell;

import org.sallyport.GuestException;

/** A call that an operator made ended in the guest; the message has the guest's backtrace. */
final class CallFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int FRAMES = 16;

    CallFailedException(GuestException failure) {
        super(failure.getMessage() + String.join("", failure.backtrace(FRAMES).stream().map(line -> "\n  " + line).toList()),
                failure);
    }
}
