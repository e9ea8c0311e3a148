package org.sallyport.bench;

import java.time.Duration;
import java.util.Arrays;
import org.sallyport.BackEndKind;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Func;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Module;
import org.sallyport.Store;

/**
 * How late deadlines stop kernels that would run for hours: each stop in a store of its own. Arguments: {@code NATIVE} or {@code
 * PORTABLE}, how many stops (1000), a kernel ({@code cipher}). Prints median, 99 %, 99.9 % and the most, in milliseconds.
 */
public final class Stops {
    private static final Duration TIMEOUT = Duration.ofMillis(5);

    private Stops() {}

    public static void main(String[] args) throws Exception {
        int count = args.length > 1 ? Integer.parseInt(args[1]) : 1000;
        String kernel = args.length > 2 ? args[2] : "cipher";
        Config config = Config.defaults().withBackEnd(BackEndKind.valueOf(args[0]));
        long[] late = new long[count];
        try (Engine engine = Engine.create(config); Module module = engine.compile(Guest.bytes(kernel))) {
            for (int i = -20; i < count; i++) { // the first ones warm up
                late[Math.max(i, 0)] = stop(engine, module);
            }
            Arrays.sort(late);
            System.out.printf("%s, %s, %d stops: late by median %.2f ms, 99 %% %.2f, 99.9 %% %.2f, most %.2f%n",
                    engine.backEnd(), kernel, count, late[count / 2] / 1e6, late[count * 99 / 100] / 1e6,
                    late[count * 999 / 1000] / 1e6, late[count - 1] / 1e6);
        }
    }

    private static long stop(Engine engine, Module module) throws Exception {
        try (Store store = engine.newStore()) {
            Func run = engine.newLinker().link(module).instantiate(store).func("run");
            long start = System.nanoTime();
            try {
                CallContext.withTimeout(TIMEOUT, () -> run.call(Integer.MAX_VALUE));
            } catch (GuestInterruptedException e) {
                return System.nanoTime() - start - TIMEOUT.toNanos();
            }
            throw new AssertionError("the kernel came to its end");
        }
    }
}
