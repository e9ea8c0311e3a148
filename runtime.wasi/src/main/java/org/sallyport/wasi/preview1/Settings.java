package org.sallyport.wasi.preview1;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.WasiClock;

/**
 * A {@link org.sallyport.wasi.Wasi} as the processes read it; a stream that is null is not open for the guest. Nobody
 * writes to the arrays.
 *
 * @param args without the NUL byte at the end
 * @param env {@code name=value}, without the NUL byte at the end
 */
public record Settings(
        List<byte[]> args,
        List<byte[]> env,
        @Nullable Input stdin,
        @Nullable Output stdout,
        @Nullable Output stderr,
        List<Preopen> preopens,
        WasiClock clock,
        @Nullable RandomGenerator random,
        int maxOpenFiles,
        long maxOutputBytes) {}
