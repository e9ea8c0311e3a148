package org.sallyport.proxywasm;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.Caller;
import org.sallyport.host.PluginIdentity;
import org.sallyport.proxywasm.HttpMessage.Header;
import org.sallyport.wasm.Printable;

/** The host's functions for whichever instance calls them. Addresses that are not in the memory end the call. */
final class ProxyFunctions implements ProxyApi {
    static final int OK = 0;
    static final int NOT_FOUND = 1;
    static final int BAD_ARGUMENT = 2;
    static final int UNIMPLEMENTED = 12;

    private static final int REQUEST_BODY = 0;
    private static final int RESPONSE_BODY = 1;
    private static final int VM_CONFIGURATION = 6;
    private static final int PLUGIN_CONFIGURATION = 7;
    private static final int REQUEST_HEADERS = 0;
    private static final int RESPONSE_HEADERS = 2;
    private static final int INFO = 2;
    private static final int MESSAGE = 4_096;
    private static final int MOST_BYTES = 16 << 20;
    private static final System.Logger LOG = System.getLogger("org.sallyport.proxywasm");
    private static final List<System.Logger.Level> LEVELS = List.of(
            System.Logger.Level.TRACE, System.Logger.Level.DEBUG, System.Logger.Level.INFO, System.Logger.Level.WARNING,
            System.Logger.Level.ERROR, System.Logger.Level.ERROR);

    private static @Nullable Session session(Caller caller) {
        return caller.store().attachment(Session.class);
    }

    private static byte[] bytes(Caller caller, int address, int length) {
        if (length < 0 || length > MOST_BYTES) {
            throw new ProxyException("the filter hands over " + Integer.toUnsignedLong(length) + " bytes, at most " + MOST_BYTES
                    + " are taken");
        }
        return caller.memory().readBytes(Integer.toUnsignedLong(address), length);
    }

    private static String text(Caller caller, int address, int length) {
        return new String(bytes(caller, address, length), StandardCharsets.UTF_8);
    }

    private static int number(Caller caller, int address, int value) {
        caller.memory().setInt(Integer.toUnsignedLong(address), value);
        return OK;
    }

    /** Hands bytes over in memory of the guest's. */
    private static int give(Caller caller, byte[] bytes, int address, int length) {
        Session session = session(caller);
        int at = session == null || bytes.length == 0 ? 0 : session.allocate(bytes.length);
        if (at == 0 && bytes.length > 0) {
            return BAD_ARGUMENT;
        }
        caller.memory().writeBytes(Integer.toUnsignedLong(at), bytes);
        number(caller, address, at);
        return number(caller, length, bytes.length);
    }

    private static @Nullable HttpMessage message(Caller caller, boolean request, boolean response) {
        Session session = session(caller);
        Stream stream = session == null ? null : session.current();
        if (stream == null) {
            return null;
        }
        return request ? stream.request : response ? stream.response : null;
    }

    private static @Nullable HttpMessage map(Caller caller, int map) {
        return message(caller, map == REQUEST_HEADERS, map == RESPONSE_HEADERS);
    }

    // ---- itself

    @Override
    public int proxy_log(Caller caller, int level, int message, int length) {
        if (level < 0 || level >= LEVELS.size()) {
            return BAD_ARGUMENT;
        }
        PluginIdentity plugin = caller.attachment(PluginIdentity.class);
        String text = Printable.text(text(caller, message, Math.min(length, MESSAGE)), MESSAGE);
        LOG.log(LEVELS.get(level), "plugin " + (plugin == null ? "?" : plugin.id()) + ": " + text);
        return OK;
    }

    @Override
    public int proxy_get_log_level(Caller caller, int result) {
        return number(caller, result, INFO);
    }

    @Override
    public int proxy_get_current_time_nanoseconds(Caller caller, int result) {
        caller.memory().setLong(Integer.toUnsignedLong(result), System.currentTimeMillis() * 1_000_000);
        return OK;
    }

    /** There are no ticks here. */
    @Override
    public int proxy_set_tick_period_milliseconds(Caller caller, int millis) {
        return millis == 0 ? OK : UNIMPLEMENTED;
    }

    @Override
    public int proxy_set_effective_context(Caller caller, int context) {
        Session session = session(caller);
        return session != null && session.select(context) ? OK : BAD_ARGUMENT;
    }

    @Override
    public int proxy_done(Caller caller) {
        return OK;
    }

    @Override
    public int proxy_get_property(Caller caller, int path, int pathLength, int value, int valueLength) {
        return NOT_FOUND;
    }

    @Override
    public int proxy_set_property(Caller caller, int path, int pathLength, int value, int valueLength) {
        return UNIMPLEMENTED;
    }

    // ---- bodies and configurations

    @Override
    public int proxy_get_buffer_bytes(Caller caller, int buffer, int from, int most, int bytes, int length) {
        byte[] all = buffer(caller, buffer);
        if (all == null) {
            return NOT_FOUND;
        }
        if (from < 0 || from > all.length || most < 0) {
            return BAD_ARGUMENT;
        }
        return give(caller, Arrays.copyOfRange(all, from, from + Math.min(most, all.length - from)), bytes, length);
    }

    private static byte @Nullable [] buffer(Caller caller, int buffer) {
        Session session = session(caller);
        if (session != null && (buffer == VM_CONFIGURATION || buffer == PLUGIN_CONFIGURATION)) {
            return session.configuration(buffer == VM_CONFIGURATION ? Session.VM_CONFIGURATION : Session.CONFIGURATION);
        }
        HttpMessage message = message(caller, buffer == REQUEST_BODY, buffer == RESPONSE_BODY);
        return message == null ? null : message.bytes();
    }

    @Override
    public int proxy_set_buffer_bytes(Caller caller, int buffer, int from, int replaced, int bytes, int length) {
        HttpMessage message = message(caller, buffer == REQUEST_BODY, buffer == RESPONSE_BODY);
        if (message == null) {
            return NOT_FOUND;
        }
        byte[] old = message.bytes();
        if (from < 0 || from > old.length || replaced < 0) {
            return BAD_ARGUMENT;
        }
        byte[] put = bytes(caller, bytes, length);
        int rest = from + Math.min(replaced, old.length - from);
        byte[] changed = Arrays.copyOf(old, from + put.length + old.length - rest);
        System.arraycopy(put, 0, changed, from, put.length);
        System.arraycopy(old, rest, changed, from + put.length, old.length - rest);
        message.setBody(changed);
        return OK;
    }

    // ---- headers

    @Override
    public int proxy_get_header_map_size(Caller caller, int map, int result) {
        HttpMessage message = map(caller, map);
        return message == null ? NOT_FOUND : number(caller, result, Pairs.write(message.headers()).length);
    }

    @Override
    public int proxy_get_header_map_pairs(Caller caller, int map, int bytes, int length) {
        HttpMessage message = map(caller, map);
        return message == null ? NOT_FOUND : give(caller, Pairs.write(message.headers()), bytes, length);
    }

    @Override
    public int proxy_set_header_map_pairs(Caller caller, int map, int bytes, int length) {
        HttpMessage message = map(caller, map);
        if (message == null) {
            return NOT_FOUND;
        }
        try {
            message.setHeaders(Pairs.read(bytes(caller, bytes, length)));
            return OK;
        } catch (IllegalArgumentException e) {
            return BAD_ARGUMENT;
        }
    }

    @Override
    public int proxy_get_header_map_value(Caller caller, int map, int name, int nameLength, int value, int valueLength) {
        HttpMessage message = map(caller, map);
        String found = message == null ? null : message.header(name(caller, name, nameLength));
        return found == null ? NOT_FOUND : give(caller, found.getBytes(StandardCharsets.UTF_8), value, valueLength);
    }

    @Override
    public int proxy_add_header_map_value(Caller caller, int map, int name, int nameLength, int value, int valueLength) {
        String text = text(caller, value, valueLength);
        return change(caller, map, name, nameLength, (message, key) -> message.add(key, text));
    }

    @Override
    public int proxy_replace_header_map_value(
            Caller caller, int map, int name, int nameLength, int value, int valueLength) {
        String text = text(caller, value, valueLength);
        return change(caller, map, name, nameLength, (message, key) -> message.replace(key, text));
    }

    @Override
    public int proxy_remove_header_map_value(Caller caller, int map, int name, int nameLength) {
        return change(caller, map, name, nameLength, HttpMessage::remove);
    }

    private static String name(Caller caller, int address, int length) {
        return text(caller, address, length).toLowerCase(Locale.ROOT);
    }

    private static int change(
            Caller caller, int map, int name, int nameLength, BiConsumer<HttpMessage, String> change) {
        HttpMessage message = map(caller, map);
        if (message == null) {
            return NOT_FOUND;
        }
        change.accept(message, name(caller, name, nameLength));
        return OK;
    }

    // ---- answers

    @Override
    public int proxy_send_local_response(
            Caller caller, int status, int details, int detailsLength, int body, int bodyLength, int headers,
            int headersLength, int grpc) {
        Session session = session(caller);
        Stream stream = session == null ? null : session.current();
        if (stream == null || status < 200 || status > 599) {
            return BAD_ARGUMENT;
        }
        try {
            HttpMessage local = new HttpMessage(List.of(new Header(":status", String.valueOf(status))), new byte[0]);
            Pairs.read(bytes(caller, headers, headersLength)).forEach(header -> local.add(header.name(), header.value()));
            local.setBody(bytes(caller, body, bodyLength));
            stream.local = local;
            return OK;
        } catch (IllegalArgumentException e) {
            return BAD_ARGUMENT;
        }
    }

    /** Messages come whole, so that none waits. */
    @Override
    public int proxy_continue_stream(Caller caller, int stream) {
        return OK;
    }

    @Override
    public int proxy_close_stream(Caller caller, int stream) {
        return UNIMPLEMENTED;
    }
}
