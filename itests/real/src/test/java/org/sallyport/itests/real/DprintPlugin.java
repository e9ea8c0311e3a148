package org.sallyport.itests.real;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import org.sallyport.Caller;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;

/**
 * A formatter plugin of dprint, ABI version 4, in a store of its own. Text goes in through a buffer that the plugin
 * names after {@code clear_shared_bytes(length)}, and comes out of the buffer at {@code get_shared_bytes_ptr()};
 * numbers are i32. One thread at a time.
 */
final class DprintPlugin {
    private static final int CONFIG = 1;

    /** The plugin's exports, as far as they are used here. */
    public interface Exports {
        int dprint_plugin_version_4();

        int clear_shared_bytes(int length);

        int get_shared_bytes_ptr();

        void register_config(int id);

        int get_config_diagnostics(int id);

        int get_plugin_info();

        void set_file_path();

        int format(int config);

        int get_formatted_text();

        int get_error_text();
    }

    /** What a call of {@code format} came to. */
    enum Outcome {
        UNCHANGED,
        CHANGED,
        ERROR
    }

    /** @param text the formatted text, the unchanged text or the message */
    record Formatted(Outcome outcome, String text) {}

    private final Exports exports;
    private final Memory memory;

    DprintPlugin(Instance instance) {
        this(instance, "{}");
    }

    /** @param config a JSON object of the plugin's own settings */
    DprintPlugin(Instance instance, String config) {
        exports = instance.bind(Exports.class);
        memory = instance.memory("memory");
        if (exports.dprint_plugin_version_4() != 4) {
            throw new IllegalStateException("not a plugin of version 4");
        }
        send("{\"plugin\":" + config + ",\"global\":{}}");
        exports.register_config(CONFIG);
    }

    /** Complaints about the configuration, a JSON array. */
    String diagnostics() {
        return receive(exports.get_config_diagnostics(CONFIG));
    }

    /** A JSON object. */
    String info() {
        return receive(exports.get_plugin_info());
    }

    Formatted format(String path, String text) {
        send(path);
        exports.set_file_path();
        send(text);
        return switch (exports.format(CONFIG)) {
            case 0 -> new Formatted(Outcome.UNCHANGED, text);
            case 1 -> new Formatted(Outcome.CHANGED, receive(exports.get_formatted_text()));
            case 2 -> new Formatted(Outcome.ERROR, receive(exports.get_error_text()));
            default -> throw new IllegalStateException("an answer that ABI version 4 does not have");
        };
    }

    private void send(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int address = exports.clear_shared_bytes(bytes.length);
        memory.writeBytes(Integer.toUnsignedLong(address), bytes);
    }

    private String receive(int length) {
        return memory.readString(Integer.toUnsignedLong(exports.get_shared_bytes_ptr()), length);
    }

    /** What the Markdown plugin imports: a host that formats the code blocks in a text. */
    static final class Host {
        private final DprintPlugin json;
        private byte[] pending = {};

        /** @param json formats blocks of JSON; all others stay as they are */
        Host(DprintPlugin json) {
            this.json = json;
        }

        void addTo(Linker linker) {
            define(linker, "host_format", "format", MethodType.methodType(
                    int.class, Caller.class, int.class, int.class, int.class, int.class, int.class, int.class,
                    int.class, int.class));
            define(linker, "host_get_formatted_text", "pendingLength", MethodType.methodType(int.class));
            define(linker, "host_get_error_text", "pendingLength", MethodType.methodType(int.class));
            define(linker, "host_write_buffer", "writePending", MethodType.methodType(
                    void.class, Caller.class, int.class));
        }

        private void define(Linker linker, String name, String method, MethodType type) {
            try {
                linker.define(
                        "dprint", name, MethodHandles.lookup().findVirtual(Host.class, method, type).bindTo(this));
            } catch (ReflectiveOperationException e) {
                throw new AssertionError("BUG: own method " + method, e);
            }
        }

        int format(
                Caller caller, int path, int pathLength, int rangeStart, int rangeEnd, int settings, int settingsLength,
                int text, int textLength) {
            Memory memory = caller.memory();
            String name = memory.readString(Integer.toUnsignedLong(path), pathLength);
            if (!name.endsWith(".json")) {
                return Outcome.UNCHANGED.ordinal();
            }
            Formatted formatted = json.format(name, memory.readString(Integer.toUnsignedLong(text), textLength));
            pending = formatted.text().getBytes(StandardCharsets.UTF_8);
            return formatted.outcome().ordinal();
        }

        int pendingLength() {
            return pending.length;
        }

        void writePending(Caller caller, int address) {
            caller.memory().writeBytes(Integer.toUnsignedLong(address), pending);
        }
    }

    /** An instance without imports in this store. */
    static DprintPlugin in(Store store, Module module) {
        return new DprintPlugin(store.engine().newLinker().link(module).instantiate(store));
    }
}
