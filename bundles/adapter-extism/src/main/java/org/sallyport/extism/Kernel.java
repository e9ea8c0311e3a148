package org.sallyport.extism;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.Store;
import org.sallyport.host.PluginIdentity;
import org.sallyport.spi.ConfigValues;
import org.sallyport.wasm.Printable;

/** What the host has for one instance of a plug-in: its memory, input and output, its variables. Used by one thread at a time. */
final class Kernel {
    static final String MEMORY = "extism.memory";
    static final String VARIABLES = "extism.vars";
    static final String CONFIG = "extism.config.";
    private static final int MEMORY_BYTES = 16 << 20;
    private static final int VARIABLE_BYTES = 1 << 20;
    private static final int MESSAGE = 10_000;

    final KernelMemory memory;
    private final Map<String, ?> attributes;
    private final Map<String, byte[]> variables = new HashMap<>();
    private final int mostVariables;
    private int variableBytes;
    private long input;
    private long output;
    private long outputLength;
    private long error;

    private Kernel(Map<String, ?> attributes) {
        this.attributes = attributes;
        memory = new KernelMemory(number(attributes, MEMORY, MEMORY_BYTES));
        mostVariables = number(attributes, VARIABLES, VARIABLE_BYTES);
    }

    /** @throws IllegalArgumentException names the attribute that makes no sense */
    static void check(Map<String, ?> attributes) {
        number(attributes, MEMORY, 0);
        number(attributes, VARIABLES, 0);
    }

    private static int number(Map<String, ?> attributes, String key, int otherwise) {
        return attributes.containsKey(key)
                ? (int) ConfigValues.number(key, attributes.get(key), 1, Integer.MAX_VALUE - 64)
                : otherwise;
    }

    /** The instance's own. */
    static Kernel of(Store store) {
        Kernel known = store.attachment(Kernel.class);
        if (known == null) {
            PluginIdentity identity = store.attachment(PluginIdentity.class);
            known = new Kernel(identity == null ? Map.of() : identity.attributes());
            store.attach(Kernel.class, known);
        }
        return known;
    }

    // ---- a call

    void begin(byte[] bytes) {
        memory.reset();
        output = 0;
        outputLength = 0;
        error = 0;
        input = memory.alloc(bytes);
    }

    byte[] output() {
        return memory.read(output, outputLength);
    }

    /** The plug-in's message, or null. */
    @Nullable String message() {
        return error == 0 ? null : Printable.text(text(error), MESSAGE);
    }

    long input() {
        return input;
    }

    void setOutput(long address, long length) {
        memory.read(address, length);
        output = address;
        outputLength = length;
    }

    long error() {
        return error;
    }

    void setError(long address) {
        error = address;
    }

    String text(long address) {
        return new String(memory.block(address), StandardCharsets.UTF_8);
    }

    // ---- what lasts as long as the instance

    /** The grant's {@code attribute.extism.config.NAME}; address 0 if there is none. */
    long config(String name) {
        Object value = attributes.get(CONFIG + name);
        return value == null ? 0 : memory.alloc(String.valueOf(value).getBytes(StandardCharsets.UTF_8));
    }

    long variable(String name) {
        byte[] value = variables.get(name);
        return value == null ? 0 : memory.alloc(value);
    }

    /** @param value null takes it away */
    void setVariable(String name, byte @Nullable [] value) {
        byte[] before = variables.get(name);
        long bytes = variableBytes - (before == null ? 0 : size(name, before)) + (value == null ? 0 : size(name, value));
        if (bytes > mostVariables) {
            throw new LimitExceededException(
                    "bytes of an Extism plug-in's variables", bytes, mostVariables, "attribute." + VARIABLES);
        }
        variableBytes = (int) bytes;
        if (value == null) {
            variables.remove(name);
        } else {
            variables.put(name, value);
        }
    }

    private static long size(String name, byte[] value) {
        return 64L + 2L * name.length() + value.length;
    }
}
