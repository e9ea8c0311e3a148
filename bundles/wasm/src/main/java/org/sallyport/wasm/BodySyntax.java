package org.sallyport.wasm;

import static org.sallyport.wasm.Malformed.DATA_COUNT_REQUIRED;
import static org.sallyport.wasm.Malformed.END_EXPECTED;
import static org.sallyport.wasm.Malformed.SECTION_SIZE;

import java.util.BitSet;
import org.sallyport.wasm.WasmModule.Body;

/**
 * The grammar of function bodies alone, without types (WebAssembly 3.0, 5.4 and 5.5.13). The validator checks it on its way; this
 * class serves where something else is already known to be wrong, to tell malformed from invalid and to find the first fault.
 */
public final class BodySyntax {
    private final byte[] binary;
    private final CodeReader code;
    private final boolean hasDataCount;

    /** @param hasDataCount whether the module has a data count section, without which no body may name a data segment */
    public BodySyntax(byte[] binary, boolean hasDataCount) {
        code = new CodeReader(binary, 0, 0);
        this.hasDataCount = hasDataCount;
        this.binary = binary;
    }

    /**
     * Reads the body to its own end, as the specification does, and compares that with its size.
     *
     * @throws MalformedCodeException at the first fault
     */
    public void check(Body body) {
        code.reset(body.code(), binary.length);
        BitSet elseAllowed = new BitSet();
        int depth = 1;
        while (depth > 0) {
            Opcode op = code.next();
            switch (op) {
                case BLOCK, LOOP, TRY_TABLE -> elseAllowed.clear(depth++);
                case IF -> elseAllowed.set(depth++);
                case ELSE -> {
                    if (depth == 1 || !elseAllowed.get(depth - 1)) {
                        throw new MalformedCodeException(END_EXPECTED, code.offset(), "found else");
                    }
                    elseAllowed.clear(depth - 1);
                }
                case END -> depth--;
                default -> dataCount(op);
            }
        }
        checkEnd(code.position(), body);
    }

    /** Offset of the instruction read last. */
    public int offset() {
        return code.offset();
    }

    private void dataCount(Opcode op) {
        if (!hasDataCount && namesData(op)) {
            throw new MalformedCodeException(DATA_COUNT_REQUIRED, code.offset(), op.text());
        }
    }

    /** Whether the instruction names a data segment. */
    public static boolean namesData(Opcode op) {
        return switch (op.immediates()) {
            case DATA, DATA_MEMORY, TYPE_DATA -> true;
            default -> false;
        };
    }

    /** @throws MalformedCodeException if the instructions of the body end elsewhere than the body */
    public static void checkEnd(int position, Body body) {
        if (position != body.end()) {
            String found = "the instructions end at 0x" + Integer.toHexString(position) + ", the body at 0x"
                    + Integer.toHexString(body.end());
            throw new MalformedCodeException(SECTION_SIZE, position, found);
        }
    }
}
