package org.sallyport.host.core;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.OutOfFuelException;
import org.sallyport.SallyportException;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.Budget;
import org.sallyport.host.BudgetExceededException;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;

/**
 * The way of calls into a plugin and out again: who may enter, who waits for what, and what a failure says about the
 * plugin. What changes the plugin meanwhile is its {@link Lifecycle}'s.
 */
final class PluginGate implements PluginCalls.Gate {
    /** How long a call waits for an update that is on its way, if its timeout is not shorter. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Lifecycle plugin;
    private final Failures failures;
    private final Meter meter;
    private final ProcessorWatch processors;
    private final HostSettings settings;
    private final Function<Edition, GuestPool> pools;

    /** @param pools where calls take their instances from */
    PluginGate(
            Lifecycle plugin,
            Failures failures,
            Meter meter,
            PluginImpl.Hosting host,
            Function<Edition, GuestPool> pools) {
        this.pools = pools;
        this.plugin = plugin;
        this.failures = failures;
        this.meter = meter;
        this.processors = host.processors();
        this.settings = host.settings();
    }

    @Override
    public @Nullable Duration timeout() {
        Generation now = plugin.current();
        return now == null ? null : now.rights().timeout();
    }

    @Override
    public long fuel() {
        Generation now = plugin.current();
        return now == null ? -1 : now.rights().fuel();
    }

    @Override
    public GuestInstance enter() {
        Edition now = plugin.edition();
        while (true) {
            try {
                return enter(now);
            } catch (SallyportException | PluginUnavailableException failure) {
                Edition next = plugin.edition();
                if (next == now) {
                    throw counted(failure);
                }
                now = next; // an update has come meanwhile, and the old edition lends nothing any more
            }
        }
    }

    private GuestInstance enter(Edition edition) {
        Generation now = edition.current();
        if (now != null && now.isCutOff()) {
            awaitUpdate(this::isCutOff);
        }
        if (plugin.state() == PluginState.STARTING) {
            awaitStartup();
        }
        if (plugin.state() != PluginState.ACTIVE) {
            throw plugin.unavailable();
        }
        Budget budget = budget(edition);
        if (budget != Budget.NONE) {
            meter.begin(budget, edition.pool()::drain); // sessions keep what they have
        }
        GuestInstance guest = pools.apply(edition).take(timeout());
        try {
            if (budget.isOnTime()) {
                guest.watch(processors.begin(
                        guest.store(),
                        budget.enforced() ? meter.timeOfCall(budget) : Long.MAX_VALUE,
                        nanos -> meter.charge(budget, nanos)));
            }
            guest.clock(now != null && now.isMeasured());
            guest.transfers().begin();
            guest.begin(null, -1);
            return guest;
        } catch (Throwable t) { // no heap, no thread
            Objects.requireNonNull(guest.home).give(guest, false);
            throw t;
        }
    }

    private static Budget budget(Edition edition) {
        Generation now = edition.current();
        return now == null ? Budget.NONE : now.rights().budget();
    }

    private RuntimeException counted(RuntimeException failure) {
        if (failure instanceof SallyportException) {
            count(failure, false);
        } else if (failure.getCause() != null) { // its start function did not end within its own time
            count(failure.getCause(), true);
        }
        return failure;
    }

    @Override
    public void leave(@Nullable Throwable failure, GuestInstance instance) {
        instance.transfers().end();
        ProcessorWatch.Call watched = instance.watched();
        try {
            measure(instance, watched);
        } finally {
            Objects.requireNonNull(instance.home).give(instance, failure == null);
        }
        if (failure == null) {
            return;
        }
        if (failure instanceof HostFunctionException wrapper
                && wrapper.getCause() instanceof RuntimeException refusal
                && (refusal instanceof AccessDeniedException || refusal instanceof BudgetExceededException)) {
            refusal.addSuppressed(wrapper);
            throw refusal;
        }
        if (watched != null && watched.isOver() && failure instanceof GuestInterruptedException) {
            throw meter.stopped(budget(plugin.edition()), watched.used(), failure);
        }
        count(failure, failure instanceof OutOfFuelException ? instance.isOnOwnFuel() : instance.isInOwnTime());
    }

    private void measure(GuestInstance instance, ProcessorWatch.@Nullable Call watched) {
        if (instance.begun() != 0) {
            meter.took(System.nanoTime() - instance.begun());
        }
        if (watched != null) {
            processors.end(watched);
            instance.watch(null);
            meter.end(budget(plugin.edition()), watched.used());
        }
    }

    private void count(Throwable failure, boolean ownLimit) {
        int faults = failures.count(failure, ownLimit);
        Generation now = plugin.current();
        if (faults != 0 && now != null && faults == now.rights().maxTraps()) {
            plugin.quarantine("it failed " + faults + " times, last: " + failure.getMessage());
        }
    }

    /** An instance is taken and given back outside of the timeout, which is for what the caller does with it. */
    <R, X extends Throwable> R use(Plugin.Use<R, X> use) throws X {
        GuestInstance guest = enter();
        R result;
        try {
            Duration limit = timeout();
            long fuel = fuel();
            guest.begin(limit, fuel);
            result = PluginCalls.within(limit, fuel, () -> use.apply(guest.instance()));
        } catch (Throwable failure) {
            leave(failure, guest);
            throw failure;
        }
        leave(null, guest);
        return result;
    }

    /** Whoever calls a plugin that starts waits for it. */
    void awaitStartup() {
        Startup now = plugin.startup();
        if (now != null && !plugin.isUpdatedHere()) {
            now.await(settings);
            awaitUpdate(() -> plugin.state() == PluginState.STARTING && plugin.startup() == now && now.isDone());
        }
    }

    private boolean isCutOff() {
        Generation now = plugin.current();
        return now != null && now.isCutOff() && plugin.state() == PluginState.ACTIVE;
    }

    /** A call that comes while the plugin is changed is made when that is done. @param due whether it is not yet */
    private void awaitUpdate(BooleanSupplier due) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        CallContext call = CallContext.current();
        while (due.getAsBoolean()
                && !plugin.isUpdatedHere()
                && !Thread.currentThread().isInterrupted()
                && System.nanoTime() < end
                && (call == null || call.remainingNanos() > 0)) {
            LockSupport.parkNanos(100_000);
        }
    }
}
