package org.sallyport.wasi.preview1;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Waiting;

/** Random bytes for the guest. The host's secure source is made when the first byte is asked for. */
final class RandomBytes {
    private static final int CHUNK = 1 << 16;

    private @Nullable RandomGenerator source;

    /** @param source null for the host's secure source */
    RandomBytes(@Nullable RandomGenerator source) {
        this.source = source;
    }

    /** Fills the buffer; in pieces, so that a deadline ends even a very long one and little is held on the heap. */
    void fill(ByteBuffer target) {
        RandomGenerator generator = source;
        if (generator == null) {
            generator = new SecureRandom();
            source = generator;
        }
        byte[] chunk = new byte[Math.min(CHUNK, target.remaining())];
        while (target.hasRemaining()) {
            Waiting.check();
            generator.nextBytes(chunk);
            target.put(chunk, 0, Math.min(chunk.length, target.remaining()));
        }
    }
}
