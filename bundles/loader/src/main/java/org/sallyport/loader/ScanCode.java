package org.sallyport.loader;

import static org.sallyport.wasm.Feature.*;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.StorageType;

/** Which proposals instructions need, those that only their immediates tell included. */
final class ScanCode {
    /** Told what is needed by which instruction or type. */
    interface Sink {
        void need(Feature feature, String what, int offset);
    }

    private final CodeReader code;
    private final Sink sink;

    ScanCode(byte[] binary, Sink sink) {
        code = new CodeReader(binary, 0, 0);
        this.sink = sink;
    }

    /** @throws org.sallyport.wasm.MalformedCodeException at the first bytes that are no instruction */
    void body(int start, int end) {
        code.reset(start, end);
        while (code.hasNext()) {
            instruction();
        }
    }

    /** The same of a constant expression. @param importedGlobals those that WebAssembly 1.0 lets it read */
    void constant(int start, int end, int importedGlobals) {
        code.reset(start, end);
        while (code.hasNext()) {
            Opcode op = instruction();
            switch (op) {
                case I32_ADD, I32_SUB, I32_MUL, I64_ADD, I64_SUB, I64_MUL -> need(EXTENDED_CONST, op);
                case GLOBAL_GET -> need(code.index() >= importedGlobals ? GC : null, op);
                default -> {}
            }
        }
    }

    private Opcode instruction() {
        Opcode op = code.next();
        need(op.feature(), op);
        immediates(op);
        return op;
    }

    private void need(@Nullable Feature feature, Opcode op) {
        if (feature != null) {
            sink.need(feature, op.text(), code.offset());
        }
    }

    private void need(StorageType type) {
        Feature feature = Feature.of(type);
        if (feature != null) {
            sink.need(feature, type.toString(), code.offset());
        }
    }

    private void immediates(Opcode op) {
        switch (op.immediates()) {
            case BLOCK_TYPE, CATCHES -> {
                if (code.blockTypeIndex() >= 0) {
                    need(MULTI_VALUE, op);
                }
                if (code.blockValType() != null) {
                    need(code.blockValType());
                }
            }
            case SELECT_TYPES -> {
                for (int i = 0; i < code.typeCount(); i++) {
                    need(code.type(i));
                }
            }
            case HEAP_TYPE -> need(code.refType());
            case BR_CAST -> {
                need(code.refType());
                need(code.refType2());
            }
            case MEMARG, MEMARG_LANE -> need(code.memoryGiven() ? MULTI_MEMORY : null, op);
            case MEMORY -> need(code.index() != 0 ? MULTI_MEMORY : null, op);
            case DATA_MEMORY -> need(code.index2() != 0 ? MULTI_MEMORY : null, op);
            case MEMORY_MEMORY -> need(code.index() != 0 || code.index2() != 0 ? MULTI_MEMORY : null, op);
            case TYPE_TABLE -> need(code.index2() != 0 ? REFERENCE_TYPES : null, op);
            default -> {}
        }
        if (op == Opcode.RETURN_CALL_REF) {
            need(TAIL_CALLS, op);
        }
    }
}
