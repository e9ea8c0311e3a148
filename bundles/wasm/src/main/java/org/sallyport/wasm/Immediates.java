package org.sallyport.wasm;

/** What follows an opcode in the binary format, and where {@link CodeReader} puts it. */
public enum Immediates {
    NONE,
    /** {@link CodeReader#blockTypeIndex()}, {@link CodeReader#blockValType()}. */
    BLOCK_TYPE,
    /** A block type and catch clauses: {@link CodeReader#catchCount()}. */
    CATCHES,
    /** {@link CodeReader#index()}. */
    LABEL,
    /** {@link CodeReader#label(int)}. */
    LABELS,
    /**
     * {@link CodeReader#index()}, as in all kinds named after one or two index spaces; the second is {@code index2()}.
     */
    FUNC,
    TYPE,
    /** The type comes first, in binary as in text it is the other way round. */
    TYPE_TABLE,
    LOCAL,
    GLOBAL,
    TABLE,
    TAG,
    DATA,
    ELEM,
    MEMORY,
    /** Data segment, then memory. */
    DATA_MEMORY,
    /** Destination, then source. */
    MEMORY_MEMORY,
    /** Element segment, then table. */
    ELEM_TABLE,
    /** Destination, then source. */
    TABLE_TABLE,
    TYPE_FIELD,
    /** {@code index2()} is a number of operands. */
    TYPE_COUNT,
    TYPE_DATA,
    TYPE_ELEM,
    /** Destination, then source. */
    TYPE_TYPE,
    /** {@link CodeReader#memory()}, {@link CodeReader#memOffset()}, {@link CodeReader#alignLog2()}. */
    MEMARG,
    /** A memory argument, then {@link CodeReader#lane()}. */
    MEMARG_LANE,
    /** {@link CodeReader#lane()}. */
    LANE,
    /** Sixteen of {@link CodeReader#lane(int)}. */
    SHUFFLE,
    /** {@link CodeReader#bits()}, as in the other constants. */
    CONST_I32,
    CONST_I64,
    CONST_F32,
    CONST_F64,
    /** {@link CodeReader#bits()} and {@link CodeReader#bitsHigh()}. */
    CONST_V128,
    /** {@link CodeReader#typeCount()}, {@link CodeReader#type(int)}. */
    SELECT_TYPES,
    /** {@link CodeReader#heapType()}. */
    HEAP_TYPE,
    /** A label in {@code index()}, then from {@link CodeReader#refType()} to {@link CodeReader#refType2()}. */
    BR_CAST,
    /** A reserved zero byte. */
    ZERO
}
