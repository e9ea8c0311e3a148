package org.sallyport.wasi.preview1;

import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.WasiClock;

/** A {@link org.sallyport.wasi.Wasi} as the processes read it. */
public record Settings(
        List<String> args,
        Map<String, String> env,
        Input stdin,
        Output stdout,
        Output stderr,
        List<Preopen> preopens,
        WasiClock clock,
        @Nullable RandomGenerator random,
        int maxOpenFiles,
        long maxOutputBytes) {}
