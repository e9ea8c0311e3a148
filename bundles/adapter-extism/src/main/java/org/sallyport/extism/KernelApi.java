package org.sallyport.extism;

import org.sallyport.Caller;

/**
 * The kernel's functions, module {@code extism:host/env}, as the kits import them. Addresses and lengths are of the kernel's
 * memory, which is none of the plug-in's; address 0 stands for nothing. See <a
 * href="https://extism.org/docs/concepts/pdk">the kits' documentation</a>.
 */
public interface KernelApi {
    long alloc(Caller caller, long length);

    void free(Caller caller, long address);

    long length(Caller caller, long address);

    long length_unsafe(Caller caller, long address);

    int load_u8(Caller caller, long address);

    long load_u64(Caller caller, long address);

    void store_u8(Caller caller, long address, int value);

    void store_u64(Caller caller, long address, long value);

    long input_length(Caller caller);

    long input_offset(Caller caller);

    int input_load_u8(Caller caller, long offset);

    long input_load_u64(Caller caller, long offset);

    void output_set(Caller caller, long address, long length);

    void error_set(Caller caller, long address);

    long error_get(Caller caller);

    long config_get(Caller caller, long key);

    long var_get(Caller caller, long key);

    void var_set(Caller caller, long key, long value);

    long http_request(Caller caller, long request, long body);

    int http_status_code(Caller caller);

    long http_headers(Caller caller);

    int get_log_level(Caller caller);

    void log_trace(Caller caller, long message);

    void log_debug(Caller caller, long message);

    void log_info(Caller caller, long message);

    void log_warn(Caller caller, long message);

    void log_error(Caller caller, long message);
}
