package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.sallyport.wasi.fs.StandardStream;

/** Standard output or error of this process. */
final class DescriptorSink extends Sink {
    private final StandardStream out;

    DescriptorSink(StandardStream out) {
        this.out = out;
    }

    @Override
    ByteBuffer newBuffer() {
        return ByteBuffer.allocateDirect(BUFFER);
    }

    @Override
    void put(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
