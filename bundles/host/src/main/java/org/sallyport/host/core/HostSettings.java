package org.sallyport.host.core;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.sallyport.StoreLimits;
import org.sallyport.ValueLimits;
import org.sallyport.contract.Transfers;
import org.sallyport.spi.ConfigValues;

/**
 * What plugins get where no grant says more, and what all of them may take together: read and checked.
 * Immutable.
 *
 * @param memoryBytes of one instance, where no grant names them
 * @param exceptionBytes Java heap for the exceptions that one instance refers to, where no grant names them
 * @param tableElements of one instance
 * @param pool instances of one plugin
 * @param instances live instances of all plugins
 * @param waitingCalls calls of one plugin that wait for an instance
 * @param patience longest time of such a wait
 * @param start longest time of making an instance
 * @param compile longest time of compiling a plugin
 * @param moduleBytes size of a plugin's module
 * @param imports different imports of a plugin
 * @param valueBytes of one string or byte array that comes from a plugin
 * @param callBytes of all of them in one call
 */
public record HostSettings(
        long memoryBytes,
        long exceptionBytes,
        long tableElements,
        int pool,
        int instances,
        int waitingCalls,
        Duration patience,
        Duration start,
        Duration compile,
        int moduleBytes,
        int imports,
        int valueBytes,
        long callBytes) {
    public static final String PID = "org.sallyport.host";

    /** What is in force where nobody says otherwise. */
    public static final HostSettings DEFAULT = new HostSettings(
            64L << 20,
            1 << 20,
            100_000,
            16,
            1024,
            256,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofMinutes(2),
            64 << 20,
            1_000,
            16 << 20,
            256L << 20);

    /** Counts what an instance hands over. */
    Transfers transfers() {
        return new Transfers(new ValueLimits(valueBytes, callBytes), HostSettings::name);
    }

    /** What each key may be: it and all numbers in between. */
    private record Range(long least, long most) {}

    private static final Range BYTES = new Range(0, Long.MAX_VALUE);
    private static final Range FEW = new Range(1, Integer.MAX_VALUE);
    private static final Range COUNT = new Range(0, Integer.MAX_VALUE);
    private static final Range MILLIS = new Range(1, ConfigValues.LONGEST_MILLIS);
    private static final Map<String, Range> RANGES = Map.ofEntries(
            Map.entry("memory", BYTES),
            Map.entry("exceptions", BYTES),
            Map.entry("tableElements", BYTES),
            Map.entry("pool", FEW),
            Map.entry("instances", FEW),
            Map.entry("waitingCalls", COUNT),
            Map.entry("waitMillis", MILLIS),
            Map.entry("startMillis", MILLIS),
            Map.entry("compileMillis", MILLIS),
            Map.entry("moduleBytes", new Range(8, Integer.MAX_VALUE)),
            Map.entry("imports", COUNT),
            Map.entry("valueBytes", COUNT),
            Map.entry("callBytes", BYTES));

    /**
     * Reads a configuration. A value that cannot be read or is out of range must not take all plugins down: it is told
     * of, and its default stays in force; so is a key that nobody knows, which counts for nothing.
     *
     * @param faults is told each of them, for people
     */
    public static HostSettings of(Map<String, ?> config, Consumer<String> faults) {
        for (String key : new TreeSet<>(config.keySet())) {
            String fault = ConfigValues.keyFault(key, RANGES.keySet());
            if (fault != null) {
                faults.accept(fault + "; it counts for nothing");
            }
        }
        Reader from = new Reader(config, faults);
        return new HostSettings(
                from.number("memory", DEFAULT.memoryBytes),
                from.number("exceptions", DEFAULT.exceptionBytes),
                from.number("tableElements", DEFAULT.tableElements),
                (int) from.number("pool", DEFAULT.pool),
                (int) from.number("instances", DEFAULT.instances),
                (int) from.number("waitingCalls", DEFAULT.waitingCalls),
                from.millis("waitMillis", DEFAULT.patience),
                from.millis("startMillis", DEFAULT.start),
                from.millis("compileMillis", DEFAULT.compile),
                (int) from.number("moduleBytes", DEFAULT.moduleBytes),
                (int) from.number("imports", DEFAULT.imports),
                (int) from.number("valueBytes", DEFAULT.valueBytes),
                from.number("callBytes", DEFAULT.callBytes));
    }

    private record Reader(Map<String, ?> config, Consumer<String> faults) {
        long number(String key, long otherwise) {
            Range range = Objects.requireNonNull(RANGES.get(key), key);
            try {
                return config.containsKey(key)
                        ? ConfigValues.number(key, config.get(key), range.least, range.most)
                        : otherwise;
            } catch (IllegalArgumentException e) {
                faults.accept(e.getMessage() + "; the default stays in force: " + otherwise);
                return otherwise;
            }
        }

        Duration millis(String key, Duration otherwise) {
            return Duration.ofMillis(number(key, otherwise.toMillis()));
        }
    }

    /** The engine's limits of a store, made smaller where these settings are. Memory and exceptions are left to the grants. */
    StoreLimits narrow(StoreLimits engine) {
        return engine.withTableElements(Math.min(engine.tableElements(), tableElements));
    }

    /** Names a setting in messages. */
    public static String name(String setting) {
        return setting + " of the configuration " + PID;
    }
}
