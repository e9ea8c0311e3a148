package org.sallyport.wasi.preview1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.sallyport.wasi.fs.StandardStream;

/** Where a guest's input comes from. Used by any number of processes. Thread-safe. */
public abstract class Input {
    /** No bytes at all. */
    public static final Input EMPTY = of(new ByteArrayInputStream(new byte[0]), false);

    private final boolean terminal;

    Input(boolean terminal) {
        this.terminal = terminal;
    }

    /** @param terminal whether guests are told that it is a terminal */
    public static Input of(InputStream in, boolean terminal) {
        return new StreamInput(in, terminal);
    }

    public static Input of(StandardStream in, boolean terminal) {
        return new DescriptorInput(in, terminal);
    }

    final boolean isTerminal() {
        return terminal;
    }

    /**
     * Reads what is there, at least one byte; waits for it.
     *
     * @return number of bytes, or -1 at the end
     */
    abstract int read(ByteBuffer target) throws IOException;

    /**
     * Bytes that can be read without waiting, at least 1 also at the end or after a failure; 0 if a read would wait.
     */
    abstract long ready() throws IOException;

    /** Whether it is known that there are no more bytes. */
    abstract boolean isAtEnd();

    /** Waits until a read would not wait, at most {@code nanos}; whether it is so. */
    abstract boolean awaitReady(long nanos) throws IOException;
}
