package org.sallyport.dprint;

import java.nio.charset.StandardCharsets;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Store;

/**
 * One instance of a formatter, used by one thread at a time. Text goes in through a buffer that the plugin names after {@code
 * clear_shared_bytes(length)}, and comes out of the buffer at {@code get_shared_bytes_ptr()}.
 */
final class Session {
    private static final int CONFIG = 1;

    /** @param failed the text is the plugin's message */
    record Outcome(boolean failed, String text) {}

    private final Exports exports;
    private final Memory memory;
    private String settings = "";

    private Session(Instance instance) {
        exports = instance.bind(Exports.class);
        memory = instance.memory("memory");
    }

    /** The instance's own, which it keeps from call to call. */
    static Session of(Instance instance) {
        Store store = instance.store();
        Session known = store.attachment(Session.class);
        if (known == null) {
            known = new Session(instance);
            store.attach(Session.class, known);
        }
        return known;
    }

    String info() {
        return receive(exports.get_plugin_info());
    }

    String diagnostics(String wanted) {
        configure(wanted);
        return receive(exports.get_config_diagnostics(CONFIG));
    }

    Outcome format(String path, String text, String wanted) {
        configure(wanted);
        send(path);
        exports.set_file_path();
        send(text);
        int answer = exports.format(CONFIG);
        return switch (answer) {
            case 0 -> new Outcome(false, text);
            case 1 -> new Outcome(false, receive(exports.get_formatted_text()));
            case 2 -> new Outcome(true, receive(exports.get_error_text()));
            default -> throw new IllegalStateException("format answered " + answer + ", which ABI version 4 does not have");
        };
    }

    private void configure(String wanted) {
        if (!settings.equals(wanted)) {
            if (!settings.isEmpty()) {
                exports.release_config(CONFIG);
            }
            send("{\"plugin\":" + wanted + ",\"global\":{}}");
            exports.register_config(CONFIG);
            settings = wanted;
        }
    }

    private void send(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int address = exports.clear_shared_bytes(bytes.length);
        memory.writeBytes(Integer.toUnsignedLong(address), bytes);
    }

    private String receive(int length) {
        return memory.readString(Integer.toUnsignedLong(exports.get_shared_bytes_ptr()), length);
    }
}
