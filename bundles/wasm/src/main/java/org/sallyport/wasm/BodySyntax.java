package org.sallyport.wasm;

import static org.sallyport.wasm.Malformed.DATA_COUNT_REQUIRED;
import static org.sallyport.wasm.Malformed.END_EXPECTED;
import static org.sallyport.wasm.Malformed.SECTION_SIZE;

import java.util.BitSet;
import org.sallyport.wasm.WasmModule.Body;

/**
 * The grammar of instruction sequences alone, without types (WebAssembly 3.0, 5.4 and 5.5.13): where constant
 * expressions end, and whether bodies are well-formed. The validator checks bodies on its own way; it comes here where
 * something else is already known to be wrong, to tell malformed from invalid and to find the first fault. Not
 * thread-safe.
 */
public final class BodySyntax {
    private final byte[] binary;
    private final CodeReader code;
    private final boolean hasDataCount;
    /** The open blocks that may still have an {@code else}, by depth. */
    private final BitSet elseAllowed = new BitSet();
    /** Those that may have a {@code catch} or {@code catch_all}. */
    private final BitSet catchAllowed = new BitSet();
    /** Those that may end with {@code delegate}. */
    private final BitSet delegateAllowed = new BitSet();

    /** @param hasDataCount whether bodies may name data segments: only with a data count section */
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
        checkEnd(skip(body.code()), body);
    }

    /**
     * Reads instructions to the {@code end} that closes the sequence and returns the offset behind it.
     *
     * @throws MalformedCodeException at the first fault
     */
    public int skip(int start) {
        return skip(start, binary.length);
    }

    /** The same, where the bytes from {@code limit} on do not belong to it. */
    public int skip(int start, int limit) {
        code.reset(start, limit);
        int depth = 1;
        while (depth > 0) {
            Opcode op = code.next();
            switch (op) {
                case BLOCK, LOOP, TRY_TABLE, IF, TRY -> open(op, ++depth);
                case ELSE -> {
                    require(op, elseAllowed, depth);
                    elseAllowed.clear(depth);
                }
                case CATCH, CATCH_ALL -> {
                    require(op, catchAllowed, depth);
                    catchAllowed.set(depth, op == Opcode.CATCH);
                    delegateAllowed.clear(depth);
                }
                case DELEGATE -> require(op, delegateAllowed, depth--);
                case END -> depth--;
                default -> dataCount(op);
            }
        }
        return code.position();
    }

    private void open(Opcode op, int depth) {
        elseAllowed.set(depth, op == Opcode.IF);
        catchAllowed.set(depth, op == Opcode.TRY);
        delegateAllowed.set(depth, op == Opcode.TRY);
    }

    private void require(Opcode op, BitSet allowed, int depth) {
        if (depth == 1 || !allowed.get(depth)) {
            throw new MalformedCodeException(END_EXPECTED, code.offset(), "found " + op.text());
        }
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
