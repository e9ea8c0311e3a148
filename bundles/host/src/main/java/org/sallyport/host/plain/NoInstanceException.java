package org.sallyport.host.plain;

import org.jspecify.annotations.Nullable;

/**
 * A call got no instance of a pool: none became free in time, too many calls wait already, one was not made in time, the pool
 * is closed, or the call comes from inside of one that has the only instance. The message says which.
 */
public final class NoInstanceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NoInstanceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
