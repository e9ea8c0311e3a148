package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.sallyport.wasi.fs.StandardStream;
import org.sallyport.wasi.fs.Waiting;

/** Standard input of this process. Reads no more than a guest asks for. */
final class DescriptorInput extends Input {
    private final StandardStream in;
    private volatile boolean ended;

    DescriptorInput(StandardStream in, boolean terminal) {
        super(terminal);
        this.in = in;
    }

    @Override
    int read(ByteBuffer target) throws IOException {
        int limit = target.limit();
        target.limit(target.position() + Math.min(target.remaining(), Waiting.PIECE));
        int n = in.read(target);
        target.limit(limit);
        ended = n == 0;
        return n == 0 ? -1 : n;
    }

    @Override
    long ready() throws IOException {
        return in.awaitReadable(0) ? 1 : 0;
    }

    @Override
    boolean isAtEnd() {
        return ended;
    }

    @Override
    boolean awaitReady(long nanos) throws IOException {
        return in.awaitReadable(nanos);
    }
}
