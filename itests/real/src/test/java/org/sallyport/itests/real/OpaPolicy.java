package org.sallyport.itests.real;

import java.nio.charset.StandardCharsets;
import org.sallyport.Caller;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;

/**
 * A policy of the Open Policy Agent, compiled to WebAssembly (ABI 1.3): the host makes the memory, JSON goes in through
 * the policy's allocator, results are JSON again. Each evaluation starts from the heap as it was after loading. One
 * thread at a time.
 */
final class OpaPolicy implements AutoCloseable {
    /** The exports that are used here: more than the adapter needs. */
    public interface Exports extends org.sallyport.opa.Exports {
        void opa_free(int address);

        int builtins();
    }

    /** What the policy imports. This one calls no builtins of the host. */
    public interface Imports {
        void opa_abort(Caller caller, int message);

        int opa_builtin0(int id, int context);

        int opa_builtin1(int id, int context, int a);

        int opa_builtin2(int id, int context, int a, int b);

        int opa_builtin3(int id, int context, int a, int b, int c);

        int opa_builtin4(int id, int context, int a, int b, int c, int d);
    }

    private final Store store;
    private final Memory memory;
    private final Exports exports;
    private final int abi;
    private final int base;

    OpaPolicy(Engine engine, Module module) {
        store = engine.newStore();
        memory = store.newMemory(MemoryType.of(Limits.atLeast(2)));
        Linker linker = engine.newLinker()
                .define("env", "memory", memory)
                .define("env", Imports.class, new NoBuiltins());
        Instance instance = linker.link(module).instantiate(store);
        exports = instance.bind(Exports.class);
        abi = (int) instance.global("opa_wasm_abi_version").get() * 100
                + (int) instance.global("opa_wasm_abi_minor_version").get();
        base = exports.opa_heap_ptr_get();
    }

    /** Major version times 100 plus minor version. */
    int abi() {
        return abi;
    }

    String entrypoints() {
        return json(exports.entrypoints());
    }

    String builtins() {
        return json(exports.builtins());
    }

    /** The result set, a JSON array. */
    String evaluate(String data, String input) {
        exports.opa_heap_ptr_set(base);
        int context = exports.opa_eval_ctx_new();
        exports.opa_eval_ctx_set_data(context, parse(data));
        exports.opa_eval_ctx_set_input(context, parse(input));
        exports.opa_eval_ctx_set_entrypoint(context, 0);
        int failure = exports.eval(context);
        if (failure != 0) {
            throw new IllegalStateException("eval returned " + failure);
        }
        return json(exports.opa_eval_ctx_get_result(context));
    }

    private int parse(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        int address = exports.opa_malloc(bytes.length);
        memory.writeBytes(Integer.toUnsignedLong(address), bytes);
        int value = exports.opa_json_parse(address, bytes.length);
        exports.opa_free(address);
        if (value == 0) {
            throw new IllegalArgumentException("the policy cannot read this JSON: " + json);
        }
        return value;
    }

    private String json(int value) {
        return text(memory, exports.opa_json_dump(value));
    }

    private static String text(Memory memory, int address) {
        long start = Integer.toUnsignedLong(address);
        long end = start;
        while (memory.getByte(end) != 0) {
            end++;
        }
        return memory.readString(start, (int) (end - start));
    }

    @Override
    public void close() {
        store.close();
    }

    private final class NoBuiltins implements Imports {
        @Override
        public void opa_abort(Caller caller, int message) {
            throw new IllegalStateException("the policy gave up: " + text(memory, message));
        }

        @Override
        public int opa_builtin0(int id, int context) {
            throw new UnsupportedOperationException("builtin " + id);
        }

        @Override
        public int opa_builtin1(int id, int context, int a) {
            return opa_builtin0(id, context);
        }

        @Override
        public int opa_builtin2(int id, int context, int a, int b) {
            return opa_builtin0(id, context);
        }

        @Override
        public int opa_builtin3(int id, int context, int a, int b, int c) {
            return opa_builtin0(id, context);
        }

        @Override
        public int opa_builtin4(int id, int context, int a, int b, int c, int d) {
            return opa_builtin0(id, context);
        }
    }
}
