package org.sallyport.proxywasm;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.Store;
import org.sallyport.host.PluginIdentity;

/**
 * One instance of a filter, and its contexts: the root context, and one for each exchange. Callbacks that a filter does not
 * export are left out, as the ABI has it. Used by one thread at a time.
 */
final class Session {
    static final String CONFIGURATION = "proxywasm.configuration";
    static final String VM_CONFIGURATION = "proxywasm.vm-configuration";
    private static final int ROOT = 1;
    private static final int CONTINUE = 0;

    private final Instance instance;
    private final Map<String, ?> attributes;
    private final Map<Integer, Stream> streams = new HashMap<>();
    private int next = ROOT + 1;
    private @Nullable Stream current;

    private Session(Instance instance) {
        this.instance = instance;
        PluginIdentity identity = instance.store().attachment(PluginIdentity.class);
        attributes = identity == null ? Map.of() : identity.attributes();
    }

    /** The instance's own; begins the root context when it is asked first. */
    static Session of(Instance instance) {
        Store store = instance.store();
        Session known = store.attachment(Session.class);
        if (known == null) {
            known = new Session(instance);
            store.attach(Session.class, known);
            known.start();
        }
        return known;
    }

    private void start() {
        call("_start");
        call("proxy_on_context_create", ROOT, 0);
        if (call("proxy_on_vm_start", ROOT, configuration(VM_CONFIGURATION).length) == 0
                || call("proxy_on_configure", ROOT, configuration(CONFIGURATION).length) == 0) {
            instance.store().attach(Session.class, null);
            throw new ProxyException("the filter does not accept its configuration");
        }
    }

    byte[] configuration(String key) {
        Object text = attributes.get(key);
        return text == null ? new byte[0] : String.valueOf(text).getBytes(StandardCharsets.UTF_8);
    }

    /** The exchange whose callback runs, or null. */
    @Nullable Stream current() {
        return current;
    }

    /** {@code proxy_set_effective_context}. @return whether there is such a context */
    boolean select(int id) {
        Stream found = streams.get(id);
        current = found;
        return found != null || id == ROOT;
    }

    /** Memory of the guest's for what the host hands over; 0 if it has none. */
    int allocate(int length) {
        Func allocator = func("proxy_on_memory_allocate");
        if (allocator == null) {
            allocator = func("malloc");
        }
        return allocator == null ? 0 : (int) allocator.call(length)[0];
    }

    private @Nullable Func func(String name) {
        Extern found = instance.export(name).orElse(null);
        return found instanceof Func func ? func : null;
    }

    /** @return 1 where there is no such callback, or no result */
    private int call(String name, Object... args) {
        Func callback = func(name);
        if (callback == null) {
            return 1;
        }
        Object[] results = callback.call(args);
        return results.length == 0 ? 1 : (int) results[0];
    }

    // ---- exchanges

    Stream open() {
        Stream stream = new Stream(next++);
        streams.put(stream.id, stream);
        call("proxy_on_context_create", stream.id, ROOT);
        return stream;
    }

    boolean has(Stream stream) {
        return streams.get(stream.id) == stream;
    }

    @Nullable HttpMessage request(Stream stream, HttpMessage request) {
        stream.request = request;
        return message(stream, request, "request");
    }

    @Nullable HttpMessage response(Stream stream, HttpMessage response) {
        stream.response = response;
        return message(stream, response, "response");
    }

    /** @return what the filter answers itself */
    private @Nullable HttpMessage message(Stream stream, HttpMessage message, String what) {
        current = stream;
        stream.local = null;
        try {
            boolean ends = message.length() == 0;
            boolean paused = action("proxy_on_" + what + "_headers", stream.id, message.headers().size(), ends ? 1 : 0);
            if (!ends && stream.local == null) {
                paused = action("proxy_on_" + what + "_body", stream.id, message.length(), 1);
            }
            if (paused && stream.local == null) {
                throw new ProxyException("the filter pauses a " + what + " that has come whole: nothing resumes it");
            }
            return stream.local;
        } finally {
            current = null;
        }
    }

    private boolean action(String callback, Object... args) {
        return func(callback) != null && call(callback, args) != CONTINUE;
    }

    void close(Stream stream) {
        if (!has(stream)) {
            return;
        }
        current = stream;
        try {
            call("proxy_on_done", stream.id);
            call("proxy_on_log", stream.id);
            call("proxy_on_delete", stream.id);
        } finally {
            current = null;
            streams.remove(stream.id);
        }
    }
}
