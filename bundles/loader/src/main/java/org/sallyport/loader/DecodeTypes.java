package org.sallyport.loader;

import static org.sallyport.wasm.Malformed.DEFINITION_TYPE;
import static org.sallyport.wasm.Malformed.LEB_TOO_LONG;
import static org.sallyport.wasm.Malformed.LIMITS_FLAGS;
import static org.sallyport.wasm.Malformed.MUTABILITY;
import static org.sallyport.wasm.Malformed.PAGE_SIZE;
import static org.sallyport.wasm.Malformed.STORAGE_TYPE;
import static org.sallyport.wasm.Malformed.TAG_ATTRIBUTE;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.ForeignProposal;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.Malformed;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.Proposal;
import org.sallyport.wasm.RecGroup;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.ValType;

/** Type definitions, and the types of tables, memories, globals and tags (WebAssembly 3.0, 5.3). */
final class DecodeTypes {
    private static final int REC = 0x4E;
    private static final int SUB_FINAL = 0x4F;
    private static final int SUB = 0x50;
    private static final int ARRAY = 0x5E;
    private static final int STRUCT = 0x5F;
    private static final int FUNC = 0x60;
    private static final int I16 = 0x77;
    private static final int I8 = 0x78;

    private static final int HAS_MAX = 1;
    private static final int SHARED = 2;
    private static final int ADDRESS_64 = 4;
    private static final int PAGE_SIZE_GIVEN = 8;

    private final Context context;
    private final ByteReader in;

    /** Definitions so far, and how they group. */
    final List<SubType> types = new ArrayList<>();
    final List<RecGroup> groups = new ArrayList<>();

    DecodeTypes(Context context) {
        this.context = context;
        in = context.in;
    }

    void section() {
        int count = context.count(Limit.TYPES);
        for (int i = 0; i < count; i++) {
            recGroup();
        }
    }

    private void recGroup() {
        int first = types.size();
        int size = 1;
        if (in.peek() == REC && context.has(Feature.GC)) {
            in.u8();
            size = in.count();
        }
        context.check(Limit.TYPES, (long) first + size);
        for (int i = 0; i < size; i++) {
            context.entry(first + i);
            types.add(subType());
        }
        groups.add(new RecGroup(first, size));
    }

    private SubType subType() {
        int at = in.position();
        int code = in.u8();
        if (code != SUB && code != SUB_FINAL || !context.has(Feature.GC)) {
            return SubType.of(composite(code, at));
        }
        int count = in.count();
        List<Integer> supertypes = new ArrayList<>(Math.min(count, 1));
        for (int i = 0; i < count; i++) {
            supertypes.add(in.index());
        }
        at = in.position();
        return new SubType(code == SUB_FINAL, supertypes, composite(in.u8(), at));
    }

    private CompositeType composite(int code, int at) {
        if (code == FUNC) {
            return new FuncType(valTypes(Limit.PARAMS), valTypes(Limit.RESULTS));
        }
        if (context.has(Feature.GC) && code == STRUCT) {
            return new StructType(fields());
        }
        if (context.has(Feature.GC) && code == ARRAY) {
            return new ArrayType(field());
        }
        // The code is a signed LEB128 number of seven bits.
        Malformed fault = code >= 0x80 ? LEB_TOO_LONG : DEFINITION_TYPE;
        throw new MalformedCodeException(fault, at, "0x" + Integer.toHexString(code), proposal(code));
    }

    /** The proposal in which the code begins a definition. */
    private static @Nullable Proposal proposal(int code) {
        return switch (code) {
            case REC, SUB, SUB_FINAL, STRUCT, ARRAY -> Feature.GC;
            default -> ForeignProposal.ofType(code);
        };
    }

    private List<ValType> valTypes(Limit limit) {
        int count = context.count(limit);
        List<ValType> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(in.valType());
        }
        return list;
    }

    private List<FieldType> fields() {
        int count = context.count(Limit.FIELDS);
        List<FieldType> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(field());
        }
        return list;
    }

    private FieldType field() {
        StorageType storage = storage();
        return new FieldType(storage, mutable());
    }

    private StorageType storage() {
        int at = in.position();
        int code = in.peek();
        if (code == I8 || code == I16) {
            in.u8();
            return code == I8 ? PackedType.I8 : PackedType.I16;
        }
        try {
            return in.valType();
        } catch (MalformedCodeException e) {
            if (e.offset() != at || at == in.end()) {
                throw e;
            }
            throw new MalformedCodeException(STORAGE_TYPE, at, e.detail(), e.proposal());
        }
    }

    private boolean mutable() {
        int at = in.position();
        int flag = in.u8();
        if (flag > 1) {
            throw new MalformedCodeException(MUTABILITY, at, "0x" + Integer.toHexString(flag));
        }
        return flag == 1;
    }

    GlobalType global() {
        ValType type = in.valType();
        return new GlobalType(type, mutable());
    }

    TableType table() {
        return table(in.refType());
    }

    TableType table(RefType element) {
        int flags = limitsFlags(HAS_MAX | (context.has(Feature.MEMORY64) ? ADDRESS_64 : 0));
        return new TableType(address(flags), limits(flags), element);
    }

    MemoryType memory() {
        int allowed = HAS_MAX
                | (context.has(Feature.MEMORY64) ? ADDRESS_64 : 0)
                | (context.has(Feature.THREADS) ? SHARED : 0)
                | (context.has(Feature.CUSTOM_PAGE_SIZES) ? PAGE_SIZE_GIVEN : 0);
        int flags = limitsFlags(allowed);
        Limits limits = limits(flags);
        int pageSizeLog2 = (flags & PAGE_SIZE_GIVEN) != 0 ? pageSizeLog2() : MemoryType.PAGE_SIZE_LOG2;
        return new MemoryType(address(flags), limits, (flags & SHARED) != 0, pageSizeLog2);
    }

    /** One byte, although the flags look like a LEB128 number. */
    private int limitsFlags(int allowed) {
        int at = in.position();
        int flags = in.u8();
        if ((flags & ~allowed) != 0) {
            throw new MalformedCodeException(
                    LIMITS_FLAGS, at, "0x" + Integer.toHexString(flags), proposalOfLimits(flags & ~allowed));
        }
        return flags;
    }

    /** The proposal in which the flags that are not allowed would be. */
    private static @Nullable Proposal proposalOfLimits(int flags) {
        if ((flags & ~(SHARED | ADDRESS_64 | PAGE_SIZE_GIVEN)) != 0) {
            return null;
        }
        return (flags & SHARED) != 0
                ? Feature.THREADS
                : (flags & ADDRESS_64) != 0 ? Feature.MEMORY64 : Feature.CUSTOM_PAGE_SIZES;
    }

    private Limits limits(int flags) {
        long min = size();
        return (flags & HAS_MAX) != 0 ? Limits.between(min, size()) : Limits.atLeast(min);
    }

    private long size() {
        return context.has(Feature.MEMORY64) ? in.u64() : Integer.toUnsignedLong(in.u32());
    }

    private int pageSizeLog2() {
        int at = in.position();
        int log2 = in.index();
        if (log2 >= 64) {
            throw new MalformedCodeException(PAGE_SIZE, at, "1 << " + log2);
        }
        return log2;
    }

    private static AddressType address(int flags) {
        return (flags & ADDRESS_64) != 0 ? AddressType.I64 : AddressType.I32;
    }

    /** The type index of a tag. */
    int tag() {
        int at = in.position();
        int attribute = in.u8();
        if (attribute != 0) {
            throw new MalformedCodeException(TAG_ATTRIBUTE, at, "0x" + Integer.toHexString(attribute));
        }
        return in.index();
    }
}
