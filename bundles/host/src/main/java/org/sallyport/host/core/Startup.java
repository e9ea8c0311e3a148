package org.sallyport.host.core;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.host.PluginUnavailableException;

/**
 * Makes one generation of a plugin ready to be called, in a thread of its own: guest code may run in it, which no thread
 * of the framework's must wait for. When it is done, its services can be registered, and their first calls cost what
 * later ones do.
 */
final class Startup {
    private final Generation generation;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable Thread thread;
    private volatile Map<String, Object> services = Map.of();
    private volatile @Nullable String problem;

    Startup(Generation generation) {
        this.generation = generation;
    }

    boolean isFor(Generation other) {
        return generation == other;
    }

    /** Implements the interfaces that it may offer, has their calls rehearsed, and makes the first instance. */
    void run(Module module, Offers offers, GuestPool pool, HostSettings settings) {
        thread = Thread.currentThread();
        try {
            if (generation.rights().timeout() != null) {
                // also where functions are compiled when they are called: not in the caller's time
                CallContext.withTimeout(settings.compile(), module::compiledModule);
            }
            services = offers.implement(generation.rights().offer().services());
            pool.prepare();
            generation.setReady();
        } catch (ContractNotSeenException | org.sallyport.BindException e) {
            problem = e.getMessage();
        } catch (SallyportException | PluginUnavailableException e) {
            problem = "it could not be started: " + e.getMessage();
        } catch (RuntimeException | Error e) {
            problem = "it could not be started: " + e;
        } finally {
            thread = null;
            done.countDown();
        }
    }

    /** Why it could not be made ready, or null. */
    @Nullable String problem() {
        return problem;
    }

    /** The implementations, by interface. */
    Map<String, Object> services() {
        return services;
    }

    /** Whether it has ended, well or not. The plugin's state follows with the next update. */
    boolean isDone() {
        return done.getCount() == 0;
    }

    /** Waits until it is done, as long as the current call may take; the thread that does it does not wait. */
    void await(HostSettings settings) {
        if (thread == Thread.currentThread()) {
            return;
        }
        long nanos = settings.compile().plus(settings.start()).plus(settings.start()).toNanos();
        CallContext call = CallContext.current();
        try {
            var _ = done.await(call == null ? nanos : Math.min(nanos, call.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
