package org.sallyport.host.impl;

import java.time.Duration;
import org.sallyport.StoreLimits;

/**
 * What plugins get where no grant says more, and what all of them may take together: {@link HostConfig}, checked.
 * Immutable.
 *
 * @param memoryBytes of one instance, where no grant names them
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
record HostSettings(
        long memoryBytes,
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
    static final String PID = "org.sallyport.host";

    /** Those of {@link HostConfig}. */
    static final HostSettings DEFAULT = new HostSettings(
            64L << 20,
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

    HostSettings {
        atLeast(0, memoryBytes, "memory");
        atLeast(0, tableElements, "tableElements");
        atLeast(1, pool, "pool");
        atLeast(1, instances, "instances");
        atLeast(0, waitingCalls, "waitingCalls");
        atLeast(1, patience.toMillis(), "waitMillis");
        atLeast(1, start.toMillis(), "startMillis");
        atLeast(1, compile.toMillis(), "compileMillis");
        atLeast(8, moduleBytes, "moduleBytes");
        atLeast(0, imports, "imports");
        atLeast(0, valueBytes, "valueBytes");
        atLeast(0, callBytes, "callBytes");
    }

    /** @throws IllegalArgumentException names the setting that makes no sense */
    static HostSettings of(HostConfig config) {
        return new HostSettings(
                config.memory(),
                config.tableElements(),
                config.pool(),
                config.instances(),
                config.waitingCalls(),
                Duration.ofMillis(config.waitMillis()),
                Duration.ofMillis(config.startMillis()),
                Duration.ofMillis(config.compileMillis()),
                config.moduleBytes(),
                config.imports(),
                config.valueBytes(),
                config.callBytes());
    }

    private static void atLeast(long least, long value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "configuration " + PID + ": " + name + " must be at least " + least + ", found " + value);
        }
    }

    /** The engine's limits of a store, made smaller where these settings are. Memory is left to the grants. */
    StoreLimits narrow(StoreLimits engine) {
        return engine.withTableElements(Math.min(engine.tableElements(), tableElements));
    }

    /** Names a setting in messages. */
    static String name(String setting) {
        return setting + " of the configuration " + PID;
    }
}
