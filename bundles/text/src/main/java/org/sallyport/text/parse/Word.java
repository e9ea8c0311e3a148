package org.sallyport.text.parse;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.VecType;

/** The keywords that are no instructions. The text is the name in lower case unless said otherwise. */
public enum Word {
    // Modules and their fields (6.6)
    MODULE, DEFINITION, INSTANCE, BINARY, QUOTE,
    TYPE, REC, SUB, FINAL, PARAM, RESULT, FIELD, MUT,
    IMPORT, EXPORT, TABLE, MEMORY, GLOBAL, TAG, LOCAL, START, ELEM, DATA, OFFSET, ITEM, DECLARE, SHARED, PAGESIZE,

    // Types (6.4)
    I8(PackedType.I8), I16(PackedType.I16),
    I32(NumType.I32), I64(NumType.I64), F32(NumType.F32), F64(NumType.F64), V128(VecType.V128),
    REF, NULL,
    ANY(HeapType.Abstract.ANY), EQ(HeapType.Abstract.EQ), I31(HeapType.Abstract.I31),
    STRUCT(HeapType.Abstract.STRUCT), ARRAY(HeapType.Abstract.ARRAY), NONE(HeapType.Abstract.NONE),
    FUNC(HeapType.Abstract.FUNC), NOFUNC(HeapType.Abstract.NOFUNC),
    EXTERN(HeapType.Abstract.EXTERN), NOEXTERN(HeapType.Abstract.NOEXTERN),
    EXN(HeapType.Abstract.EXN), NOEXN(HeapType.Abstract.NOEXN),
    ANYREF, EQREF, I31REF, STRUCTREF, ARRAYREF, NULLREF,
    FUNCREF, NULLFUNCREF, EXTERNREF, NULLEXTERNREF, EXNREF, NULLEXNREF,

    // Instructions (6.5)
    THEN, DO, CATCH_REF, CATCH_ALL_REF,
    I8X16, I16X8, I32X4, I64X2, F32X4, F64X2,
    /** {@code offset=} with its number. */
    OFFSET_EQ("offset="),
    /** {@code align=} with its number. */
    ALIGN_EQ("align="),

    // Scripts
    REGISTER, INVOKE, GET, EITHER, THREAD, WAIT,
    ASSERT_RETURN, ASSERT_TRAP, ASSERT_EXHAUSTION, ASSERT_EXCEPTION, ASSERT_SUSPENSION,
    ASSERT_MALFORMED, ASSERT_MALFORMED_CUSTOM, ASSERT_INVALID, ASSERT_INVALID_CUSTOM, ASSERT_UNLINKABLE,
    NAN_CANONICAL("nan:canonical"), NAN_ARITHMETIC("nan:arithmetic"),
    REF_EXTERN("ref.extern"), REF_HOST("ref.host"), REF_STRUCT("ref.struct"), REF_ARRAY("ref.array"),
    REF_ANY("ref.any"), REF_EXN("ref.exn");

    private final String text;
    final @Nullable StorageType storage;
    final HeapType.@Nullable Abstract heap;

    Word() {
        text = name().toLowerCase(Locale.ROOT);
        storage = null;
        heap = null;
    }

    Word(String text) {
        this.text = text;
        storage = null;
        heap = null;
    }

    Word(StorageType storage) {
        text = name().toLowerCase(Locale.ROOT);
        this.storage = storage;
        heap = null;
    }

    Word(HeapType.Abstract heap) {
        text = name().toLowerCase(Locale.ROOT);
        storage = null;
        this.heap = heap;
    }

    /** The abstract heap type of that name, or null. */
    public HeapType.@Nullable Abstract heapType() {
        return heap;
    }

    /** As it stands in a text. */
    public String text() {
        return text;
    }
}
