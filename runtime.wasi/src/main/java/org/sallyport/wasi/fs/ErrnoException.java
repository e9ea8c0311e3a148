package org.sallyport.wasi.fs;

import java.io.IOException;

/** A failure that the guest sees as an {@link Errno}. No stack trace and no text: it is an ordinary answer. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1;

    private final Errno errno;

    ErrnoException(Errno errno) {
        super(errno.name());
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
