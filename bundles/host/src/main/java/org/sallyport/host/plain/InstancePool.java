package org.sallyport.host.plain;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.core.CallPool;
import org.sallyport.spi.ConfigValues;

/**
 * Instances of one linked module, each in a store of its own, and calls of them from any number of threads. An instance whose
 * call did not return normally is closed, never used again. Thread-safe.
 *
 * <pre>{@code
 * try (InstancePool pool = InstancePool.builder(engine, linked).size(8).timeout(Duration.ofMillis(50)).build()) {
 *     Discount discount = pool.as(Discount.class);           // each call takes an instance and gives it back
 *     String text = pool.use(instance -> ...);                // several calls of one instance
 * }
 * }</pre>
 */
public final class InstancePool implements AutoCloseable {
    private final CallPool pool;

    private InstancePool(CallPool pool) {
        this.pool = pool;
    }

    /** @param linked may be instantiated in any store of the engine */
    public static Builder builder(Engine engine, LinkedModule linked) {
        return new Builder(engine, linked);
    }

    /**
     * What a pool is to be like. At first: {@link EntryPolicy#POOLED}, two instances, nothing limited but waiting. Not
     * thread-safe.
     */
    public static final class Builder {
        private static final Set<String> KEYS = Set.of(
                "pool", "policy", "timeout", "fuel", "memory", "exceptions", "waitMillis", "waitingCalls", "startMillis");

        private final Engine engine;
        private final LinkedModule linked;
        private EntryPolicy policy = EntryPolicy.POOLED;
        private int size = 2;
        private StoreLimits limits;
        private @Nullable Duration timeout;
        private long fuel = -1;
        private int waiting = 256;
        private Duration patience = Duration.ofSeconds(10);
        private Duration start = Duration.ofSeconds(10);
        private Consumer<Store> stores = _ -> {};
        private Consumer<Instance> instances = _ -> {};

        private Builder(Engine engine, LinkedModule linked) {
            this.engine = engine;
            this.linked = linked;
            this.limits = engine.config().defaultLimits();
        }

        /** How calls enter: {@link EntryPolicy#FRESH} has each call find what nobody was in before. */
        public Builder policy(EntryPolicy policy) {
            this.policy = policy;
            return this;
        }

        /** @param size instances at most, from 1 */
        public Builder size(int size) {
            this.size = Math.toIntExact(ConfigValues.number("pool", size, 1, Integer.MAX_VALUE));
            return this;
        }

        /** Of each instance's store; at first the engine's. */
        public Builder limits(StoreLimits limits) {
            this.limits = limits;
            return this;
        }

        /** Longest time of one call, without the wait for an instance; nobody waits longer for one, either. */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /** @param fuel instructions of one call; the engine must count them */
        public Builder fuel(long fuel) {
            this.fuel = fuel;
            return this;
        }

        /**
         * How calls wait that find no instance.
         *
         * @param calls that wait at most, others are refused at once
         * @param patience longest time of a wait
         */
        public Builder waiting(int calls, Duration patience) {
            this.waiting = calls;
            this.patience = patience;
            return this;
        }

        /** Longest time of making an instance, with its start function, {@code _initialize} and what is done to it then. */
        public Builder start(Duration start) {
            this.start = start;
            return this;
        }

        /** What is done to the store of an instance before that is made: things are attached to it, for instance. */
        public Builder onStore(Consumer<Store> action) {
            this.stores = action;
            return this;
        }

        /** What is done to an instance before its first call, after {@code _initialize}. */
        public Builder onInstance(Consumer<Instance> action) {
            this.instances = action;
            return this;
        }

        /**
         * As by the methods above, with the keys of manifests and of the plugin host: {@code pool}, {@code policy}, {@code
         * timeout}, {@code fuel}, {@code memory}, {@code exceptions}, {@code waitMillis}, {@code waitingCalls}, {@code
         * startMillis}.
         *
         * @throws IllegalArgumentException if a key is unknown, or a value makes no sense
         */
        public Builder settings(Map<?, ?> properties) {
            for (Object key : new TreeSet<>(properties.keySet())) {
                String fault = ConfigValues.keyFault(String.valueOf(key), KEYS);
                if (fault != null) {
                    throw new IllegalArgumentException(fault);
                }
            }
            size = (int) number(properties, "pool", size, 1, Integer.MAX_VALUE);
            waiting = (int) number(properties, "waitingCalls", waiting, 0, Integer.MAX_VALUE);
            patience = millis(properties, "waitMillis", patience);
            start = millis(properties, "startMillis", start);
            limits = limits.withMemoryBytes(number(properties, "memory", limits.memoryBytes(), 0, Long.MAX_VALUE))
                    .withExceptionBytes(number(properties, "exceptions", limits.exceptionBytes(), 0, Long.MAX_VALUE));
            long time = number(properties, "timeout", timeout == null ? 0 : timeout.toMillis(), 0, ConfigValues.LONGEST_MILLIS);
            timeout = time == 0 ? null : Duration.ofMillis(time);
            long units = number(properties, "fuel", Math.max(0, fuel), 0, Long.MAX_VALUE);
            fuel = units == 0 ? -1 : units;
            if (properties.containsKey("policy")) {
                policy = policy(ConfigValues.text("policy", properties.get("policy")));
            }
            return this;
        }

        private static long number(Map<?, ?> properties, String key, long otherwise, long least, long most) {
            return properties.containsKey(key) ? ConfigValues.number(key, properties.get(key), least, most) : otherwise;
        }

        private static Duration millis(Map<?, ?> properties, String key, Duration otherwise) {
            return Duration.ofMillis(number(properties, key, otherwise.toMillis(), 1, ConfigValues.LONGEST_MILLIS));
        }

        private static EntryPolicy policy(String text) {
            for (EntryPolicy policy : EntryPolicy.values()) {
                if (policy.name().equals(text.toUpperCase(Locale.ROOT))) {
                    return policy;
                }
            }
            throw new IllegalArgumentException("policy must be confined, serialized, pooled or fresh, found \"" + text + "\"");
        }

        /** Makes no instance yet; {@link InstancePool#prepare} does. */
        public InstancePool build() {
            CallPool.Terms terms = new CallPool.Terms(
                    "pool of " + linked.module().name(), policy, size, timeout, fuel, waiting, patience, start,
                    setting -> "InstancePool.Builder, " + setting, NoInstanceException::new);
            LinkedModule own = linked;
            StoreLimits most = limits;
            Consumer<Store> attach = stores;
            Consumer<Instance> ready = instances;
            return new InstancePool(new CallPool(own.module(), terms, () -> engine.newStore(most), store -> {
                attach.accept(store);
                Instance instance = own.instantiate(store);
                if (instance.export("_initialize").isPresent()) {
                    instance.func("_initialize").call();
                }
                ready.accept(instance);
                return instance;
            }));
        }
    }

    /**
     * An implementation of the interface by the module's exports (docs/plugin-abi.md). Each call takes an instance by the
     * policy and throws {@link NoInstanceException} when it gets none.
     *
     * @throws org.sallyport.BindException lists every method without a fitting export
     */
    public <T> T as(Class<T> contract) {
        return pool.as(contract);
    }

    /**
     * Lends one instance for calls that belong together: as one call.
     *
     * @throws NoInstanceException if there is none
     * @throws X what {@code use} throws; the instance is given up then, as after a trap
     */
    public <R, X extends Throwable> R use(Plugin.Use<R, X> use) throws X {
        return pool.use(use);
    }

    /** Makes an instance ahead, so that the next call finds one; does nothing if there is one. */
    public void prepare() {
        pool.prepare();
    }

    /** From now on calls find fresh instances; those in use are closed when their calls return. */
    public void reset() {
        pool.reset();
    }

    /** Live instances. */
    public int size() {
        return pool.size();
    }

    /** Finished calls, failed ones included. */
    public long calls() {
        return pool.calls();
    }

    /** Calls that wait for an instance. */
    public int waiting() {
        return pool.waiting();
    }

    /** Lends nothing any more; calls in flight get a second, then are ended. Idempotent. */
    @Override
    public void close() {
        pool.close();
    }
}
