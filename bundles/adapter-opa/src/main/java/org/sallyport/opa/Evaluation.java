package org.sallyport.opa;

import java.nio.charset.StandardCharsets;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Store;

/**
 * One instance of a policy, used by one thread at a time: JSON goes in through the policy's allocator, results are JSON again.
 * Each evaluation starts from the heap as it was after loading.
 */
final class Evaluation {
    private static final int ABI = 1;

    /** @param failure why there is no result, or empty */
    record Outcome(String result, String failure) {}

    private final Exports exports;
    private final Memory memory;
    private final int base;

    private Evaluation(Instance instance) {
        int abi = (int) instance.global("opa_wasm_abi_version").get();
        if (abi != ABI) {
            throw new PolicyException("a policy of ABI " + abi + ", known is " + ABI);
        }
        exports = instance.bind(Exports.class);
        memory = instance.memory("memory");
        base = exports.opa_heap_ptr_get();
    }

    static Evaluation of(Instance instance) {
        Store store = instance.store();
        Evaluation known = store.attachment(Evaluation.class);
        if (known == null) {
            known = new Evaluation(instance);
            store.attach(Evaluation.class, known);
        }
        return known;
    }

    String entrypoints() {
        return json(exports.entrypoints());
    }

    Outcome evaluate(int entrypoint, String input, String data) {
        exports.opa_heap_ptr_set(base);
        int known = parse(data);
        int asked = parse(input);
        if (known == 0 || asked == 0) {
            return new Outcome("", (known == 0 ? "data" : "input") + " is no JSON that it can read");
        }
        int context = exports.opa_eval_ctx_new();
        exports.opa_eval_ctx_set_data(context, known);
        exports.opa_eval_ctx_set_input(context, asked);
        exports.opa_eval_ctx_set_entrypoint(context, entrypoint);
        int failure = exports.eval(context);
        return failure == 0
                ? new Outcome(json(exports.opa_eval_ctx_get_result(context)), "")
                : new Outcome("", "eval returned " + failure);
    }

    private int parse(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        int address = exports.opa_malloc(bytes.length);
        memory.writeBytes(Integer.toUnsignedLong(address), bytes);
        return exports.opa_json_parse(address, bytes.length);
    }

    private String json(int value) {
        return text(memory, exports.opa_json_dump(value));
    }

    /** Up to the NUL byte at its end. @throws IndexOutOfBoundsException if there is none in the memory */
    static String text(Memory memory, int address) {
        long start = Integer.toUnsignedLong(address);
        long end = start;
        while (memory.getByte(end) != 0) {
            end++;
        }
        return memory.readString(start, Math.toIntExact(end - start));
    }
}
