package org.sallyport.cli;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sallyport.BackEndKind;
import org.sallyport.Config;
import org.sallyport.wasm.Feature;

/** The options that make the engine's configuration, the same for every subcommand that compiles. */
final class EngineOptions {
    private static final String COUNT_FUEL = "--count-fuel";
    private static final String DETERMINISTIC = "--deterministic-vectors";
    /** Of {@link RunCommand}. */
    static final String FUEL = "--fuel";
    private static final String COMPILE_TIMEOUT = "--compile-timeout";
    private static final String BACK_END = "--back-end";

    private EngineOptions() {}

    /** For subcommands that only check. */
    static void describeFeatures(Syntax syntax) {
        List<String> names = Arrays.stream(Feature.values())
                .map(Feature::text)
                .flatMap(name -> Stream.of(name, "-" + name))
                .toList();
        syntax.often(
                "--feature", "NAME", names, "Allow a proposal that is off at first, or forbid one: --feature=-simd.");
    }

    static void describe(Syntax syntax) {
        ConfigFile.describe(syntax);
        describeFeatures(syntax);
        describeBackEnd(syntax);
        syntax.flag("--explicit-bounds-checks", "Check addresses in the code, not by guard pages.");
        syntax.flag("--no-optimize", "Translate without optimizing.");
        syntax.flag(COUNT_FUEL, "Count what the guest executes, as run --fuel needs it.");
        syntax.flag(DETERMINISTIC, "Have relaxed vector instructions give the same on all machines.");
        syntax.option(COMPILE_TIMEOUT, "TIME", "Give up compiling after this time; a minute, and ten seconds for each MiB,"
                + " without.");
    }

    /** For subcommands that have an engine and compile nothing. */
    static void describeBackEnd(Syntax syntax) {
        syntax.choice(BACK_END, "KIND", List.of("native", "portable"),
                "native: machine code. portable: Java's own, on any JVM and without native access."
                + " Machine code where it can run, without.");
    }

    static Set<Feature> features(Line line) {
        return withFeatures(Config.defaults(), line).features();
    }

    static Config config(Line line) {
        return config(Config.defaults(), line);
    }

    /** What the command line changes in a configuration. */
    static Config config(Config defaults, Line line) {
        Config config = withBackEnd(withCompileTime(withFeatures(defaults, line), line), line);
        return config.withCompile(config.compile()
                .withExplicitBoundsChecks(line.has("--explicit-bounds-checks"))
                .withOptimize(!line.has("--no-optimize"))
                .withFuel(line.has(COUNT_FUEL) || line.has(FUEL))
                .withDeterministicVectors(line.has(DETERMINISTIC)));
    }

    static Config withBackEnd(Config config, Line line) {
        return line.has(BACK_END) ? config.withBackEnd(kind(line.value(BACK_END))) : config;
    }

    private static BackEndKind kind(String name) {
        return switch (name) {
            case "native" -> BackEndKind.NATIVE;
            case "portable" -> BackEndKind.PORTABLE;
            default -> throw new UsageException(
                    BACK_END + ": there is no \"" + HostText.shown(name) + "\"; there are native and portable");
        };
    }

    private static Config withCompileTime(Config config, Line line) {
        if (!line.has(COMPILE_TIMEOUT)) {
            return config;
        }
        Duration time = Quantity.duration(COMPILE_TIMEOUT, line);
        if (time.isZero()) {
            throw new UsageException(COMPILE_TIMEOUT + ": no time is not enough to compile anything");
        }
        return config.withCompileLimits(config.compileLimits().withTime(time));
    }

    private static Config withFeatures(Config defaults, Line line) {
        Config config = defaults;
        for (String name : line.all("--feature")) {
            config = name.startsWith("-")
                    ? config.withoutFeature(feature(name.substring(1)))
                    : config.withFeature(feature(name.startsWith("+") ? name.substring(1) : name));
        }
        return config;
    }

    private static Feature feature(String name) {
        for (Feature feature : Feature.values()) {
            if (feature.text().equals(name.toLowerCase(Locale.ROOT))) {
                return feature;
            }
        }
        throw new UsageException("there is no feature \"" + HostText.shown(name) + "\"; there are: "
                + Arrays.stream(Feature.values()).map(Feature::text).collect(Collectors.joining(", ")));
    }
}
