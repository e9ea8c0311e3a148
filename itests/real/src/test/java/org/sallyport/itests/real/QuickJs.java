package org.sallyport.itests.real;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.sallyport.Caller;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;

/**
 * A JavaScript engine as the npm package {@code quickjs-wasi} ships it. Values of JavaScript are addresses of counted
 * cells in the guest's memory, to be given back with {@code qjs_free_value}; functions of the host are called by name
 * through the import {@code env.host_call}. One thread at a time.
 */
final class QuickJs implements AutoCloseable {
    private static final int STACK_BYTES = 256 << 10;

    /** The exports that are used here. */
    public interface Exports {
        void _initialize();

        int qjs_init();

        void qjs_set_max_stack_size(int bytes);

        void qjs_set_interrupt_handler(int on);

        int qjs_eval(int code, int length, int fileName, int flags);

        int qjs_is_exception(int value);

        int qjs_get_exception();

        int qjs_get_string_len(int value, int lengthAddress);

        void qjs_free_cstring(int text);

        int qjs_new_string(int text, int length);

        int qjs_new_error();

        int qjs_throw(int value);

        int qjs_new_host_function(int name, int length, int magic);

        int qjs_set_prop_string(int object, int name, int value);

        int qjs_get_global();

        int qjs_execute_pending_job();

        void qjs_free_value(int value);

        int wasm_malloc(int size);

        void wasm_free(int address);
    }

    /** What the guest imports from {@code env}. */
    public interface Imports {
        int host_call(Caller caller, int name, int nameLength, int self, int argCount, int args);

        int host_interrupt();

        void host_promise_rejection(int promise, int reason, int handled);

        int host_module_normalize(int base, int name);

        int host_module_load(int name, int lengthAddress);

        int host_get_timezone_offset(int high, int low);
    }

    /** JavaScript ended with an exception. */
    static final class JsException extends RuntimeException {
        private static final long serialVersionUID = 1;

        JsException(String message) {
            super(message);
        }
    }

    private final Store store;
    private final WasiProcess process;
    private final Exports exports;
    private final Memory memory;
    private final Map<String, Function<List<String>, String>> functions = new HashMap<>();
    private int interruptChecks;

    QuickJs(Engine engine, Module module, OutputStream out) {
        store = engine.newStore(StoreLimits.DEFAULT.withStackBytes(4 << 20));
        Wasi wasi = Wasi.defaults().withStdout(out).withStderr(out);
        process = wasi.attachTo(store);
        Linker linker = wasi.addTo(engine.newLinker()).define("env", Imports.class, new HostImports());
        Instance instance = linker.link(module).instantiate(store);
        exports = instance.bind(Exports.class);
        memory = instance.memory("memory");
        exports._initialize();
        if (exports.qjs_init() != 0) {
            throw new IllegalStateException("qjs_init failed");
        }
        exports.qjs_set_max_stack_size(STACK_BYTES);
    }

    /** From now on the guest asks the host from time to time whether to go on; the answer is always yes. */
    void countInterruptChecks() {
        exports.qjs_set_interrupt_handler(1);
    }

    int interruptChecks() {
        return interruptChecks;
    }

    /** Makes a Java function of strings a global function of JavaScript. */
    void define(String name, Function<List<String>, String> function) {
        functions.put(name, function);
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        int text = write(name);
        int global = exports.qjs_get_global();
        int value = exports.qjs_new_host_function(text, length, 0);
        exports.qjs_set_prop_string(global, text, value);
        exports.qjs_free_value(value);
        exports.qjs_free_value(global);
        exports.wasm_free(text);
    }

    /**
     * Evaluates a script.
     *
     * @return its completion value, as by {@code String(value)}
     * @throws JsException with the exception as by {@code String(exception)}
     */
    String eval(String code) {
        int text = write(code);
        int file = write("<eval>");
        int result = exports.qjs_eval(text, code.getBytes(StandardCharsets.UTF_8).length, file, 0);
        exports.wasm_free(text);
        exports.wasm_free(file);
        if (exports.qjs_is_exception(result) != 0) {
            exports.qjs_free_value(result);
            throw new JsException(take(exports.qjs_get_exception()));
        }
        return take(result);
    }

    /** Runs what promises have left to do. */
    int runJobs() {
        int count = 0;
        while (exports.qjs_execute_pending_job() > 0) {
            count++;
        }
        return count;
    }

    private String take(int value) {
        String text = string(value);
        exports.qjs_free_value(value);
        return text;
    }

    private String string(int value) {
        int lengthAddress = exports.wasm_malloc(4);
        int text = exports.qjs_get_string_len(value, lengthAddress);
        int length = memory.getInt(Integer.toUnsignedLong(lengthAddress));
        String result = memory.readString(Integer.toUnsignedLong(text), length);
        exports.qjs_free_cstring(text);
        exports.wasm_free(lengthAddress);
        return result;
    }

    /** NUL-terminated, to be freed. */
    private int write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int address = exports.wasm_malloc(bytes.length + 1);
        memory.writeBytes(Integer.toUnsignedLong(address), bytes);
        memory.setByte(Integer.toUnsignedLong(address) + bytes.length, (byte) 0);
        return address;
    }

    private int newString(String text) {
        int address = write(text);
        int value = exports.qjs_new_string(address, text.getBytes(StandardCharsets.UTF_8).length);
        exports.wasm_free(address);
        return value;
    }

    @Override
    public void close() {
        process.close();
        store.close();
    }

    private final class HostImports implements Imports {
        @Override
        public int host_call(Caller caller, int name, int nameLength, int self, int argCount, int args) {
            String called = caller.memory().readString(Integer.toUnsignedLong(name), nameLength);
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < argCount; i++) {
                texts.add(string(memory.getInt(Integer.toUnsignedLong(args) + 4L * i)));
            }
            Function<List<String>, String> function = functions.get(called);
            if (function == null) {
                return fail("no host function " + called);
            }
            try {
                return newString(function.apply(texts));
            } catch (IllegalArgumentException e) {
                return fail(e.getMessage());
            }
        }

        /** Throws inside of JavaScript; the null value tells the guest so. */
        private int fail(String message) {
            int error = exports.qjs_new_error();
            int key = write("message");
            int text = newString(message);
            exports.qjs_set_prop_string(error, key, text);
            exports.qjs_free_value(text);
            exports.wasm_free(key);
            exports.qjs_throw(error);
            exports.qjs_free_value(error);
            return 0;
        }

        @Override
        public int host_interrupt() {
            interruptChecks++;
            return 0;
        }

        @Override
        public void host_promise_rejection(int promise, int reason, int handled) {
            exports.qjs_free_value(promise);
            exports.qjs_free_value(reason);
        }

        @Override
        public int host_module_normalize(int base, int name) {
            return 0;
        }

        @Override
        public int host_module_load(int name, int lengthAddress) {
            return 0;
        }

        @Override
        public int host_get_timezone_offset(int high, int low) {
            return 0;
        }
    }
}
