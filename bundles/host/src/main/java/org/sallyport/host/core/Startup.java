package org.sallyport.host.core;

import java.util.Collection;
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
    /** Makes service objects of the interfaces of these names. */
    interface Implementer {
        /**
         * @throws org.sallyport.BindException if the exports do not fit
         * @throws ContractNotSeenException if an interface is not there
         */
        Map<String, Object> implement(Collection<String> names);
    }

    private final Generation generation;
    private final int instances;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable Thread thread;
    private volatile Map<String, Object> services = Map.of();
    private volatile @Nullable String problem;
    private volatile @Nullable Throwable cause;

    /** @param instances that are made, if there is place for them; one must be */
    Startup(Generation generation, int instances) {
        this.generation = generation;
        this.instances = instances;
    }

    boolean isFor(Generation other) {
        return generation == other;
    }

    /** Implements the interfaces that it may offer, has their calls rehearsed, and makes the first instances. */
    void run(Module module, Implementer implementer, GuestPool pool, HostSettings settings) {
        thread = Thread.currentThread();
        try {
            if (generation.rights().timeout() != null) {
                // also where functions are compiled when they are called: not in the caller's time
                CallContext.withTimeout(settings.compile(), () -> {
                    module.compileAll();
                    return null;
                });
            }
            services = implementer.implement(generation.rights().offer().services());
            pool.prepare(instances);
            generation.setReady();
        } catch (ContractNotSeenException | org.sallyport.BindException e) {
            cause = e;
            problem = e.getMessage();
        } catch (SallyportException | PluginUnavailableException e) {
            cause = e;
            problem = "it could not be started: " + e.getMessage();
        } catch (RuntimeException | Error e) {
            cause = e;
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

    @Nullable Throwable cause() {
        return cause;
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
