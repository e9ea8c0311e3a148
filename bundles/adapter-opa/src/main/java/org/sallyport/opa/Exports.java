package org.sallyport.opa;

/** The exports of ABI 1.2 and later, as far as they are used here: addresses and lengths in bytes. */
public interface Exports {
    int opa_malloc(int size);

    int opa_json_parse(int address, int length);

    int opa_json_dump(int value);

    int opa_heap_ptr_get();

    void opa_heap_ptr_set(int address);

    int opa_eval_ctx_new();

    void opa_eval_ctx_set_input(int context, int value);

    void opa_eval_ctx_set_data(int context, int value);

    void opa_eval_ctx_set_entrypoint(int context, int id);

    int opa_eval_ctx_get_result(int context);

    int eval(int context);

    int entrypoints();
}
