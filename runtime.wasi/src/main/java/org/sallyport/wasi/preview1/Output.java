package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.ReentrantLock;

/** Where a guest's output goes. Used by any number of processes, one write at a time. */
public final class Output {
    /** Throws everything away. */
    public static final Output NOWHERE = of(OutputStream.nullOutputStream(), false);

    private static final int GATHER = 1 << 13;

    private final WritableByteChannel out;
    private final boolean terminal;
    private final ReentrantLock lock = new ReentrantLock();

    private Output(WritableByteChannel out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** @param terminal whether guests are told that it is a terminal */
    public static Output of(WritableByteChannel out, boolean terminal) {
        return new Output(out, terminal);
    }

    public static Output of(OutputStream out, boolean terminal) {
        return new Output(Channels.newChannel(new Flushing(out)), terminal);
    }

    /** The same without {@linkplain ControlFilter control characters}. */
    public Output withoutControls() {
        return new Output(new ControlFilter(out), terminal);
    }

    boolean isTerminal() {
        return terminal;
    }

    /** Writes all bytes; small pieces go out in one write, so that lines of several guests do not mix. */
    void write(ByteBuffer[] pieces) throws IOException {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Waiting.interrupted();
        }
        try {
            writeLocked(pieces);
        } finally {
            lock.unlock();
        }
    }

    private void writeLocked(ByteBuffer[] pieces) throws IOException {
        long total = IoVectors.remaining(pieces);
        if (pieces.length > 1 && total <= GATHER) {
            ByteBuffer gathered = ByteBuffer.allocate((int) total);
            for (ByteBuffer piece : pieces) {
                gathered.put(piece);
            }
            writeAll(gathered.flip());
        } else {
            for (ByteBuffer piece : pieces) {
                writeAll(piece);
            }
        }
    }

    private void writeAll(ByteBuffer piece) throws IOException {
        while (piece.hasRemaining()) {
            out.write(piece);
        }
    }

    /** Flushes after each write: what a guest has written is on its way. */
    private static final class Flushing extends OutputStream {
        private final OutputStream out;

        Flushing(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            out.flush();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            out.flush();
        }
    }
}
