package org.sallyport.host.core;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.contract.Transfers;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;

/** Instances of a module and calls of them, without a plugin around: what enters how, and within what. Thread-safe. */
public final class CallPool implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(1);

    /**
     * What is said of it.
     *
     * @param name for messages: {@code pool of discount}
     * @param size instances at most
     * @param timeout longest time of one call, or null
     * @param fuel instructions of one call, or -1
     * @param waiting calls that wait for an instance at most
     * @param patience longest time of such a wait
     * @param start longest time of making an instance
     * @param settings names the one or the other for messages: {@code waitingCalls}, {@code startMillis}
     * @param refusal what a call ends with that gets no instance, of a message and perhaps a cause
     */
    public record Terms(
            String name,
            EntryPolicy policy,
            int size,
            @Nullable Duration timeout,
            long fuel,
            int waiting,
            Duration patience,
            Duration start,
            UnaryOperator<String> settings,
            BiFunction<String, @Nullable Throwable, RuntimeException> refusal) {}

    private final Module module;
    private final Terms terms;
    private final GuestPool pool;
    private final Map<String, Integer> exports = new ConcurrentHashMap<>();
    private final Gate gate = new Gate();

    /**
     * @param stores makes a store for an instance
     * @param instances makes an instance in one, ready to be called
     */
    public CallPool(Module module, Terms terms, Supplier<Store> stores, Function<Store, Instance> instances) {
        this.module = module;
        this.terms = terms;
        pool = new GuestPool(
                terms.name(),
                terms.policy(),
                terms.size(),
                new GuestPool.Terms(
                        terms.waiting(), terms.patience(), terms.start(), terms.settings(), "is closed", terms.refusal()),
                new Places(Integer.MAX_VALUE),
                (generation, begun) -> make(generation, begun, stores.get(), instances));
    }

    private GuestInstance make(
            int generation, Consumer<Store> begun, Store store, Function<Store, Instance> instances) {
        boolean done = false;
        try {
            store.setInterruptible(true);
            begun.accept(store);
            GuestInstance made = new GuestInstance(generation, store, instances.apply(store), Transfers.of(store));
            made.link(exports);
            done = true;
            return made;
        } finally {
            if (!done) {
                store.close();
            }
        }
    }

    /**
     * An implementation of the interface by the module's exports; each call takes an instance.
     *
     * @throws org.sallyport.BindException lists every method without a fitting export
     */
    public <T> T as(Class<T> contract) {
        return PluginCalls.implement(contract, module, this::index, gate, terms.name());
    }

    private int index(String export) {
        synchronized (exports) {
            return exports.computeIfAbsent(export, _ -> exports.size());
        }
    }

    /** See {@link Plugin#use}. */
    public <R, X extends Throwable> R use(Plugin.Use<R, X> use) throws X {
        GuestInstance guest = gate.enter();
        R result;
        try {
            result = PluginCalls.within(terms.timeout(), terms.fuel(), () -> use.apply(guest.instance()));
        } catch (Throwable failure) {
            gate.leave(failure, guest);
            throw failure;
        }
        gate.leave(null, guest);
        return result;
    }

    /** Instances that are there now are not used again. */
    public void reset() {
        pool.drain();
    }

    /** Makes an instance ahead, if there is none and there may be one. */
    public void prepare() {
        pool.prepare(1);
    }

    /** Live instances. */
    public int size() {
        return pool.size();
    }

    /** Finished calls, failed ones included. */
    public long calls() {
        return pool.calls();
    }

    /** Threads that wait for an instance. */
    public int waiting() {
        return pool.waiting();
    }

    /** Lends nothing any more; calls in flight get a second, then are ended. Idempotent. */
    @Override
    public void close() {
        pool.close(GRACE.toNanos());
    }

    private final class Gate implements PluginCalls.Gate {
        @Override
        public @Nullable Duration timeout() {
            return terms.timeout();
        }

        @Override
        public long fuel() {
            return terms.fuel();
        }

        @Override
        public GuestInstance enter() {
            GuestInstance guest = pool.take(terms.timeout());
            guest.transfers().begin();
            return guest;
        }

        @Override
        public void leave(@Nullable Throwable failure, GuestInstance instance) {
            instance.transfers().end();
            pool.give(instance, failure == null);
        }
    }
}
