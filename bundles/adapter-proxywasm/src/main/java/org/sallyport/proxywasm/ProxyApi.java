package org.sallyport.proxywasm;

import org.sallyport.Caller;

/**
 * The host's functions of the ABI 0.2.1, module {@code env}, as far as this host has them: <a
 * href="https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1">the specification</a> has names and order of
 * parameters. Each returns a status.
 */
public interface ProxyApi {
    int proxy_log(Caller caller, int level, int message, int length);

    int proxy_get_log_level(Caller caller, int result);

    int proxy_get_current_time_nanoseconds(Caller caller, int result);

    int proxy_set_tick_period_milliseconds(Caller caller, int millis);

    int proxy_set_effective_context(Caller caller, int context);

    int proxy_done(Caller caller);

    int proxy_get_property(Caller caller, int path, int pathLength, int value, int valueLength);

    int proxy_set_property(Caller caller, int path, int pathLength, int value, int valueLength);

    int proxy_get_buffer_bytes(Caller caller, int buffer, int from, int most, int bytes, int length);

    int proxy_set_buffer_bytes(Caller caller, int buffer, int from, int replaced, int bytes, int length);

    int proxy_get_header_map_size(Caller caller, int map, int result);

    int proxy_get_header_map_pairs(Caller caller, int map, int bytes, int length);

    int proxy_set_header_map_pairs(Caller caller, int map, int bytes, int length);

    int proxy_get_header_map_value(Caller caller, int map, int name, int nameLength, int value, int valueLength);

    int proxy_add_header_map_value(Caller caller, int map, int name, int nameLength, int value, int valueLength);

    int proxy_replace_header_map_value(Caller caller, int map, int name, int nameLength, int value, int valueLength);

    int proxy_remove_header_map_value(Caller caller, int map, int name, int nameLength);

    int proxy_send_local_response(
            Caller caller, int status, int details, int detailsLength, int body, int bodyLength, int headers,
            int headersLength, int grpc);

    int proxy_continue_stream(Caller caller, int stream);

    int proxy_close_stream(Caller caller, int stream);
}
