package org.sallyport.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.sallyport.wasm.Feature;

/**
 * Messages of the engine are written for those who program it, and name the method that changes a setting; here they
 * name the option, or say that there is none.
 */
final class Wording {
    /** By what the engine says; what contains another comes before it. */
    private static final Map<String, String> OPTIONS = new LinkedHashMap<>();

    static {
        OPTIONS.put(
                "CompileLimits.time, or the CallContext's timeout",
                "--compile-timeout, or by --timeout where functions are compiled during the run");
        OPTIONS.put("StoreLimits.memoryBytes", "--max-memory");
        OPTIONS.put("StoreLimits.stackBytes", "--max-stack");
        OPTIONS.put("StoreLimits.exceptionBytes", "--max-exceptions");
        OPTIONS.put("StoreLimits.fuel or Store.setFuel", "--fuel");
        option("Config.withExplicitBoundsChecks", true, "--explicit-bounds-checks");
        option("CompileOptions.withOptimize", false, "--no-optimize");
        option("Config.withFuel", true, "--count-fuel (--fuel)");
        option("Config.withDeterministicVectors", true, "--deterministic-vectors");
        OPTIONS.put("CompileLimits.memoryBytes", "Java's largest heap: SALLYPORT_JVM_ARGS=-Xmx…");
    }

    private static final Pattern FEATURE = Pattern.compile("Config\\.withFeature\\(Feature\\.(\\w+)\\)");
    private static final Pattern WITHOUT_OPTION = Pattern.compile("set by (Load|Store|Code|Engine)Limits\\.\\w+");

    private Wording() {}

    /** An option without a value, for a setting that is given as {@code with Setter(true)}. */
    private static void option(String setter, boolean on, String option) {
        OPTIONS.put("with " + setter + "(" + on + ")", "with " + option);
        OPTIONS.put("with " + setter + "(" + !on + ")", "without " + option);
    }

    static String ofCommandLine(String message) {
        String text = FEATURE.matcher(message).replaceAll(m -> "--feature=" + Feature.valueOf(m.group(1)).text());
        for (Map.Entry<String, String> option : OPTIONS.entrySet()) {
            text = text.replace(option.getKey(), option.getValue());
        }
        return WITHOUT_OPTION.matcher(text).replaceAll("no option changes it");
    }
}
