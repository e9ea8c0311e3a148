package org.sallyport.wasm;

import static org.sallyport.wasm.Malformed.*;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the instructions of a function body or constant expression (WebAssembly 3.0, 5.4). {@link #next()}
 * decodes an instruction with all its immediates; the accessors then give the immediates that its {@link Immediates}
 * kind names, until the next call. Checks the grammar of single instructions only; whether blocks nest is the caller's
 * matter. Allocates nothing per instruction but reference types that name a type index. Not thread-safe.
 *
 * <p>Indices are never negative; one beyond the largest int reads as the largest int, which no index space reaches.
 */
public final class CodeReader {
    /** {@link #catchKind(int)}: the clause names a tag and branches with the exception's values. */
    public static final int CATCH = 0;
    /** As {@link #CATCH}, and the exception itself on top. */
    public static final int CATCH_REF = 1;
    /** Every exception, without values. */
    public static final int CATCH_ALL = 2;
    /** Every exception, itself as the only value. */
    public static final int CATCH_ALL_REF = 3;

    private static final int EMPTY_BLOCK = 0x40;
    private static final int MEMORY_INDEX_FLAG = 0x40;

    private final ByteReader in;
    private int offset;
    private @Nullable Opcode opcode;
    private int index;
    private int index2;
    private long bits;
    private long bitsHigh;
    private int alignLog2;
    private boolean memoryGiven;
    private int lane;
    private int blockTypeIndex;
    private @Nullable ValType blockValType;
    private int heap;
    private int heap2;
    private boolean nullable;
    private boolean nullable2;
    private int count;
    private int[] list = new int[16];
    private ValType[] types = new ValType[1];

    public CodeReader(byte[] binary, int start, int end) {
        in = new ByteReader(binary, start, end);
        offset = start;
    }

    /** Goes on with another range of the same binary. */
    public void reset(int start, int end) {
        in.reset(start, end);
        offset = start;
        opcode = null;
    }

    public boolean hasNext() {
        return in.hasNext();
    }

    /** @throws MalformedCodeException if the bytes at {@link #position()} are no instruction, or are cut off */
    public Opcode next() {
        offset = in.position();
        int first = in.u8();
        Opcode op = Opcode.isPrefix(first) ? prefixed(first) : Opcode.plain(first);
        if (op == null) {
            throw illegal(first);
        }
        opcode = op;
        immediates(op);
        return op;
    }

    private @Nullable Opcode prefixed(int prefix) {
        int number = in.index();
        return number > 0xFFFF ? null : Opcode.of(prefix << 16 | number);
    }

    private MalformedCodeException illegal(int first) {
        String hex = Integer.toHexString(first | 0x100).substring(1);
        int prefix = 0;
        int number = first;
        if (Opcode.isPrefix(first)) {
            in.reset(offset + 1, in.end());
            prefix = first;
            number = in.u32();
            hex += " 0x" + Integer.toHexString(number);
        }
        String name = ForeignProposal.nameOfInstruction(prefix, number);
        return MalformedCodeException.illegalOpcode(hex, name, offset, ForeignProposal.ofInstruction(prefix, number));
    }

    private void immediates(Opcode op) {
        switch (op.immediates()) {
            case NONE -> {}
            case LABEL, FUNC, TYPE, LOCAL, GLOBAL, TABLE, TAG, DATA, ELEM, MEMORY -> index = in.index();
            case CONST_I32 -> bits = in.s32();
            case CONST_I64 -> bits = in.s64();
            case CONST_F32 -> bits = in.fixed32();
            case CONST_F64 -> bits = in.fixed64();
            case MEMARG -> memArg();
            case BLOCK_TYPE -> blockType();
            case TYPE_TABLE, DATA_MEMORY, MEMORY_MEMORY, ELEM_TABLE, TABLE_TABLE, TYPE_FIELD, TYPE_COUNT, TYPE_DATA,
                    TYPE_ELEM, TYPE_TYPE -> {
                index = in.index();
                index2 = in.index();
            }
            case LABELS -> labels();
            case MEMARG_LANE -> {
                memArg();
                lane = in.u8();
            }
            case LANE -> lane = in.u8();
            case CONST_V128, SHUFFLE -> {
                bits = in.fixed64();
                bitsHigh = in.fixed64();
            }
            case SELECT_TYPES -> selectTypes();
            case HEAP_TYPE -> {
                heap = in.heapCode();
                nullable = op != Opcode.REF_TEST && op != Opcode.REF_CAST;
            }
            case BR_CAST -> branchOnCast();
            case CATCHES -> tryTable();
            case ZERO -> {
                if (in.u8() != 0) {
                    throw in.fault(ZERO_BYTE);
                }
            }
        }
    }

    private void memArg() {
        int at = in.position();
        int flags = in.index();
        if (flags >= MEMORY_INDEX_FLAG << 1) {
            throw new MalformedCodeException(MEMOP_FLAGS, at, Integer.toUnsignedString(flags));
        }
        alignLog2 = flags & MEMORY_INDEX_FLAG - 1;
        memoryGiven = (flags & MEMORY_INDEX_FLAG) != 0;
        index = memoryGiven ? in.index() : 0;
        bits = in.u64();
    }

    private void blockType() {
        blockTypeIndex = -1;
        blockValType = null;
        int first = in.peek();
        if (first == EMPTY_BLOCK) {
            in.u8();
        } else if (first > EMPTY_BLOCK && first < 0x80) {
            blockValType = in.valType();
        } else {
            int at = in.position();
            long type = in.s33();
            if (type < 0) {
                throw new MalformedCodeException(VALUE_TYPE, at, "block type " + type);
            }
            blockTypeIndex = (int) Math.min(type, Integer.MAX_VALUE);
        }
    }

    private void labels() {
        int n = in.count();
        ensure(n + 1);
        for (int i = 0; i <= n; i++) {
            list[i] = in.index();
        }
        count = n;
    }

    private void selectTypes() {
        int n = in.count();
        if (types.length < n) {
            types = new ValType[n];
        }
        for (int i = 0; i < n; i++) {
            types[i] = in.valType();
        }
        count = n;
    }

    private void branchOnCast() {
        int flags = in.u8();
        if ((flags & ~3) != 0) {
            throw in.fault(CAST_FLAGS);
        }
        index = in.index();
        heap = in.heapCode();
        heap2 = in.heapCode();
        nullable = (flags & 1) != 0;
        nullable2 = (flags & 2) != 0;
    }

    private void tryTable() {
        blockType();
        int n = in.count();
        ensure(3 * n);
        for (int i = 0; i < n; i++) {
            int kind = in.u8();
            if (kind > CATCH_ALL_REF) {
                throw in.fault(CATCH_KIND);
            }
            list[3 * i] = kind;
            list[3 * i + 1] = kind == CATCH || kind == CATCH_REF ? in.index() : -1;
            list[3 * i + 2] = in.index();
        }
        count = n;
    }

    private void ensure(int size) {
        if (list.length < size) {
            list = new int[Math.max(size, list.length * 2)];
        }
    }

    /** Offset in the binary of the current instruction. */
    public int offset() {
        return offset;
    }

    /** Offset in the binary behind the current instruction. */
    public int position() {
        return in.position();
    }

    /** What {@link #next()} returned last. */
    public Opcode opcode() {
        return Objects.requireNonNull(opcode, "no instruction read yet");
    }

    /** The first index immediate: local, global, function, type, label, destination and so on. */
    public int index() {
        return index;
    }

    /**
     * The second index immediate: table of a call, source of a copy, field and so on; or the count of {@code
     * array.new_fixed}.
     */
    public int index2() {
        return index2;
    }

    /** The memory of a memory access. */
    public int memory() {
        return index;
    }

    /** Whether a memory access names its memory; a binary without multiple memories does not. */
    public boolean memoryGiven() {
        return memoryGiven;
    }

    /** The constant offset of a memory access, unsigned. */
    public long memOffset() {
        return bits;
    }

    /** Alignment hint of a memory access: 0 to 63, the exponent of two. */
    public int alignLog2() {
        return alignLog2;
    }

    /** The lane of a lane instruction, 0 to 255. */
    public int lane() {
        return lane;
    }

    /** Lane {@code i}, 0 to 15, of {@code i8x16.shuffle}; the result is 0 to 255. */
    public int lane(int i) {
        return (int) ((i < 8 ? bits : bitsHigh) >>> 8 * (i & 7)) & 0xFF;
    }

    /**
     * Value of a constant: an i32 sign-extended, the raw bits of an f32 (sign-extended) or f64, the low half of a v128.
     */
    public long bits() {
        return bits;
    }

    /** High half of a v128 constant. */
    public long bitsHigh() {
        return bitsHigh;
    }

    /** Number of targets of {@code br_table}, without the default. */
    public int labelCount() {
        return count;
    }

    /** Target {@code i} of {@code br_table}; the default is at {@link #labelCount()}. */
    public int label(int i) {
        return list[Objects.checkIndex(i, count + 1)];
    }

    /** Type index of a block type, or -1 if it is empty or a value type. */
    public int blockTypeIndex() {
        return blockTypeIndex;
    }

    /** The single result of a block type; null if it is empty or a type index. */
    public @Nullable ValType blockValType() {
        return blockValType;
    }

    /** Number of types that {@code select} gives; a valid one gives one. */
    public int typeCount() {
        return count;
    }

    public ValType type(int i) {
        return types[Objects.checkIndex(i, count)];
    }

    /** The heap type immediate; of {@code br_on_cast} the one of the operand. */
    public HeapType heapType() {
        return ByteReader.heapType(heap);
    }

    /** Target heap type of {@code br_on_cast}. */
    public HeapType heapType2() {
        return ByteReader.heapType(heap2);
    }

    /** Whether the reference type of {@link #refType()} may be null. */
    public boolean nullable() {
        return nullable;
    }

    public boolean nullable2() {
        return nullable2;
    }

    /** What {@code ref.null} gives, {@code ref.test} and {@code ref.cast} ask for, {@code br_on_cast} takes. */
    public RefType refType() {
        return ByteReader.refType(nullable, heap);
    }

    /** What {@code br_on_cast} casts to. */
    public RefType refType2() {
        return ByteReader.refType(nullable2, heap2);
    }

    /** Number of clauses of {@code try_table}. */
    public int catchCount() {
        return count;
    }

    /** {@link #CATCH}, {@link #CATCH_REF}, {@link #CATCH_ALL} or {@link #CATCH_ALL_REF}. */
    public int catchKind(int i) {
        return list[3 * Objects.checkIndex(i, count)];
    }

    /** Tag index of the clause, or -1 where it has none. */
    public int catchTag(int i) {
        return list[3 * Objects.checkIndex(i, count) + 1];
    }

    /** Label of the clause, counted from outside the {@code try_table} block. */
    public int catchLabel(int i) {
        return list[3 * Objects.checkIndex(i, count) + 2];
    }

    /** The labels of {@code br_table} with the default, as a copy. */
    public int[] labelArray() {
        return Arrays.copyOf(list, count + 1);
    }
}
