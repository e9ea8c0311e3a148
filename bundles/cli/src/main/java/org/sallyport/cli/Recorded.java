package org.sallyport.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keeps what went wrong with a stream, which {@link java.io.PrintStream} does not tell. After a failure nothing is written. */
final class Recorded extends OutputStream {
    private final OutputStream out;
    private @Nullable IOException failure;

    Recorded(OutputStream out) {
        this.out = out;
    }

    /** The first failure, or null. */
    @Nullable IOException failure() {
        return failure;
    }

    /** Whether it failed because nobody reads any more ({@code EPIPE}). */
    boolean isAbandoned() {
        return failure != null && Objects.equals(failure.getMessage(), BrokenPipe.MESSAGE);
    }

    private interface Step {
        void run() throws IOException;
    }

    private void run(Step step) throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            step.run();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public void write(int b) throws IOException {
        run(() -> out.write(b));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        run(() -> out.write(bytes, offset, length));
    }

    @Override
    public void flush() throws IOException {
        run(out::flush);
    }

    /** Java gives no error numbers, but texts, in the language of the locale: the same text for the same error. */
    private static final class BrokenPipe {
        static final @Nullable String MESSAGE = message();

        private static @Nullable String message() {
            try {
                Pipe pipe = Pipe.open();
                pipe.source().close();
                try (Pipe.SinkChannel sink = pipe.sink()) {
                    sink.write(ByteBuffer.allocate(1));
                }
                return null;
            } catch (IOException e) {
                return e.getMessage();
            }
        }
    }
}
