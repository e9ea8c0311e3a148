package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.FileType;
import org.sallyport.wasi.fs.Waiting;

/** Standard output or error, with what the guest may still write to it. */
final class OutputStreamFd extends Descriptor {
    private final Output output;
    /** One thread of the guest writes at a time. */
    private final ReentrantLock lock = new ReentrantLock();
    private long bytesLeft;

    OutputStreamFd(Output output, long maxBytes) {
        super(Rights.OUTPUT, 0, Flags.FD_APPEND);
        this.output = output;
        bytesLeft = maxBytes;
    }

    /** Writes everything, or as much as is still allowed or possible; {@code NOSPC} if nothing is allowed. */
    long write(ByteBuffer[] pieces) throws IOException {
        Waiting.lock(lock);
        try {
            return writeAlone(pieces);
        } finally {
            lock.unlock();
        }
    }

    private long writeAlone(ByteBuffer[] pieces) throws IOException {
        long wanted = IoVectors.remaining(pieces);
        if (wanted > 0 && bytesLeft == 0) {
            throw Errno.NOSPC.exception();
        }
        long allowed = Math.min(wanted, bytesLeft);
        cut(pieces, allowed);
        long written = output.write(pieces);
        bytesLeft -= written;
        return written;
    }

    private static void cut(ByteBuffer[] pieces, long allowed) {
        long left = allowed;
        for (ByteBuffer piece : pieces) {
            piece.limit(piece.position() + (int) Math.min(piece.remaining(), left));
            left -= piece.remaining();
        }
    }

    @Override
    FileType type() {
        return output.isTerminal() ? FileType.CHARACTER_DEVICE : FileType.UNKNOWN;
    }
}
