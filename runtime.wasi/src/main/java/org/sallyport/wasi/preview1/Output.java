package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.StandardStream;

/**
 * Where a guest's output goes, and whether as it is or without {@linkplain ControlFilter control characters}. Used by
 * any number of processes.
 */
public final class Output {
    /** Throws everything away. */
    public static final Output NOWHERE = new Output(new Sink() {
        @Override
        long write(ByteBuffer[] pieces, @Nullable ControlFilter filter) {
            return IoVectors.remaining(pieces);
        }

        @Override
        void put(ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }
    }, false, null);

    private final Sink sink;
    private final boolean terminal;
    private final @Nullable ControlFilter filter;

    private Output(Sink sink, boolean terminal, @Nullable ControlFilter filter) {
        this.sink = sink;
        this.terminal = terminal;
        this.filter = filter;
    }

    /** @param terminal whether guests are told that it is a terminal */
    public static Output of(WritableByteChannel out, boolean terminal) {
        return new Output(StreamSink.of(out), terminal, null);
    }

    public static Output of(OutputStream out, boolean terminal) {
        return new Output(StreamSink.of(out), terminal, null);
    }

    public static Output of(StandardStream out, boolean terminal) {
        return new Output(new DescriptorSink(out), terminal, null);
    }

    /** The same without {@linkplain ControlFilter control characters}. */
    public Output withoutControls() {
        return filter != null ? this : new Output(sink, terminal, new ControlFilter());
    }

    boolean isTerminal() {
        return terminal;
    }

    /**
     * Writes all bytes; small pieces go out in one write, so that lines of several guests do not mix.
     *
     * @return bytes written, fewer than there are only after a failure, which comes with the next write
     */
    long write(ByteBuffer[] pieces) throws IOException {
        return sink.write(pieces, filter);
    }
}
