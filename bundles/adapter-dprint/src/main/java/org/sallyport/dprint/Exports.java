package org.sallyport.dprint;

/** The exports of ABI version 4, as far as they are used here. Lengths in bytes of UTF-8. */
public interface Exports {
    int dprint_plugin_version_4();

    int clear_shared_bytes(int length);

    int get_shared_bytes_ptr();

    void register_config(int id);

    void release_config(int id);

    int get_config_diagnostics(int id);

    int get_plugin_info();

    void set_file_path();

    int format(int config);

    int get_formatted_text();

    int get_error_text();
}
