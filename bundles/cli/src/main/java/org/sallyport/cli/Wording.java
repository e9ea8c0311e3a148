package org.sallyport.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Messages of the engine are written for those who program it, and name the method that changes a setting; here they
 * name the option, or say that there is none.
 */
final class Wording {
    /** By what the engine says; what contains another comes before it. */
    private static final Map<String, String> OPTIONS = new LinkedHashMap<>();

    static {
        OPTIONS.put("Config.withFeature", "--feature");
        OPTIONS.put("CompileLimits.time, or the CallContext's timeout", "--timeout");
        OPTIONS.put("CallContext.withTimeout", "--timeout");
        OPTIONS.put("StoreLimits.memoryBytes", "--max-memory");
        OPTIONS.put("StoreLimits.stackBytes", "--max-stack");
        OPTIONS.put("CompileLimits.memoryBytes", "Java's largest heap: SALLYPORT_JVM_ARGS=-Xmx…");
    }

    private Wording() {}

    static String ofCommandLine(String message) {
        String text = message;
        for (Map.Entry<String, String> option : OPTIONS.entrySet()) {
            text = text.replace(option.getKey(), option.getValue());
        }
        return text;
    }
}
