package org.sallyport.spi;

import static org.sallyport.wasm.NumType.I32;
import static org.sallyport.wasm.NumType.I64;

import java.util.List;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.ValType;

/**
 * Runtime functions that compiled code calls by leaving the guest (docs/abi.md). Index parameters (memory, table,
 * segment) are i32 constants; references travel as i64. They trap by not returning.
 */
public enum Builtin {
    // @formatter:off
    /** (memory, pages) -> old pages or -1. */
    MEMORY_GROW (sig(I32, I64), I64),
    /** (memory, segment, destination, source, length). */
    MEMORY_INIT (sig(I32, I32, I64, I32, I32)),
    /** (segment). */
    DATA_DROP   (sig(I32)),
    /** (table, elements, initial value) -> old size or -1. */
    TABLE_GROW  (sig(I32, I64, I64), I64),
    /** (table, start, value, length). */
    TABLE_FILL  (sig(I32, I64, I64, I64)),
    /** (destination table, source table, destination, source, length). */
    TABLE_COPY  (sig(I32, I32, I64, I64, I64)),
    /** (table, segment, destination, source, length). */
    TABLE_INIT  (sig(I32, I32, I64, I32, I32)),
    /** (segment). */
    ELEM_DROP   (sig(I32)),
    /** (function index) -> function reference. */
    REF_FUNC    (sig(I32), I64),
    /** (memory, index, offset, count) -> waiters woken. Index and offset are unsigned and not added yet. */
    MEMORY_NOTIFY(sig(I32, I64, I64, I32), I64),
    /** (memory, index, offset, expected, nanoseconds or negative) -> 0 woken, 1 not expected, 2 timed out. */
    MEMORY_WAIT32(sig(I32, I64, I64, I32, I64), I64),
    MEMORY_WAIT64(sig(I32, I64, I64, I64, I64), I64),
    /** A stub of a {@link LazyCompiler} was called whose function is not compiled yet; not called by compiled code. */
    COMPILE     (sig()),
    /** (tag): throws an exception with the values at {@link StoreContext#EXCEPTION_VALUES}. Does not return. */
    THROW       (sig(I32)),
    /** (exception reference, not null): throws it again. Does not return. */
    THROW_REF   (sig(I64)),
    /** Throws on the exception whose handler has just been entered, as no clause was for it. Does not return. */
    RETHROW     (sig()),
    /** -> reference of the exception whose handler has just been entered. */
    CAUGHT      (sig(), I64),
    /**
     * No function, but where the runtime resumes a guest in a handler: pops the frame pointer and the handler's address,
     * and goes there.
     */
    HANDLE      (sig()),
    /** (type) -> structure, all zero. */
    STRUCT_NEW  (sig(I32), I64),
    /** (type, length) -> array, all zero. */
    ARRAY_NEW   (sig(I32, I32), I64),
    /** (type, segment, start, length) -> array. */
    ARRAY_NEW_DATA(sig(I32, I32, I32, I32), I64),
    /** (type, segment, start, length) -> array. */
    ARRAY_NEW_ELEM(sig(I32, I32, I32, I32), I64),
    /** (array, start, value as two words, length). */
    ARRAY_FILL  (sig(I64, I32, I64, I64, I32)),
    /** (destination, at, source, from, length). */
    ARRAY_COPY  (sig(I64, I32, I64, I32, I32)),
    /** (segment, array, destination, source, length). */
    ARRAY_INIT_DATA(sig(I32, I64, I32, I32, I32)),
    /** (segment, array, destination, source, length). */
    ARRAY_INIT_ELEM(sig(I32, I64, I32, I32, I32));
    // @formatter:on

    private final FuncType type;

    Builtin(ValType[] params, ValType... results) {
        type = new FuncType(List.of(params), List.of(results));
    }

    public FuncType type() {
        return type;
    }

    private static ValType[] sig(ValType... params) {
        return params;
    }
}
