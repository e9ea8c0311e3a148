package com.acme.itests;

/** What dprint's plugins export, ABI version 4, as far as it is used here. */
public interface DprintExports {
    int clear_shared_bytes(int length);

    int get_shared_bytes_ptr();

    void register_config(int id);

    void set_file_path();

    int format(int config);

    int get_formatted_text();

    int get_error_text();
}
