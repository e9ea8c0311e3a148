package org.sallyport.text.parse;

import java.util.List;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/** Types in the binary format (WebAssembly 3.0, 5.3). */
final class TypeWriter {
    private static final int EMPTY_BLOCK = 0x40;

    private TypeWriter() {}

    static void subType(BinaryWriter out, SubType type) {
        if (!type.isFinal() || !type.supertypes().isEmpty()) {
            out.u8(type.isFinal() ? 0x4F : 0x50).u32(type.supertypes().size());
            type.supertypes().forEach(out::u32);
        }
        composite(out, type.composite());
    }

    private static void composite(BinaryWriter out, CompositeType type) {
        switch (type) {
            case FuncType(List<ValType> params, List<ValType> results) -> {
                out.u8(0x60);
                vector(out, params);
                vector(out, results);
            }
            case StructType(List<FieldType> fields) -> {
                out.u8(0x5F).u32(fields.size());
                fields.forEach(f -> field(out, f));
            }
            case ArrayType(FieldType element) -> field(out.u8(0x5E), element);
        }
    }

    private static void field(BinaryWriter out, FieldType field) {
        storage(out, field.storage());
        out.u8(field.mutable() ? 1 : 0);
    }

    private static void storage(BinaryWriter out, StorageType type) {
        switch (type) {
            case PackedType packed -> out.u8(packed == PackedType.I8 ? 0x78 : 0x77);
            case ValType value -> valType(out, value);
        }
    }

    static void vector(BinaryWriter out, List<ValType> types) {
        out.u32(types.size());
        for (ValType type : types) {
            valType(out, type);
        }
    }

    static void valType(BinaryWriter out, ValType type) {
        switch (type) {
            case NumType number -> out.u8(0x7F - number.ordinal());
            case VecType _ -> out.u8(0x7B);
            case RefType reference -> refType(out, reference);
        }
    }

    static void refType(BinaryWriter out, RefType type) {
        if (!type.nullable()) {
            out.u8(0x64);
        } else if (!(type.heap() instanceof HeapType.Abstract)) {
            out.u8(0x63);
        }
        heapType(out, type.heap());
    }

    static void heapType(BinaryWriter out, HeapType type) {
        switch (type) {
            case HeapType.Abstract kind -> out.u8(kind.code);
            case HeapType.Concrete(int index) -> out.s64(Integer.toUnsignedLong(index));
        }
    }

    /** The short forms of a block type. */
    static void blockType(BinaryWriter out, List<ValType> results) {
        if (results.isEmpty()) {
            out.u8(EMPTY_BLOCK);
        } else {
            valType(out, results.getFirst());
        }
    }

    static void table(BinaryWriter out, TableType type) {
        refType(out, type.element());
        limits(out, type.address(), type.limits(), 0);
    }

    static void memory(BinaryWriter out, MemoryType type) {
        boolean paged = type.pageSizeLog2() != MemoryType.PAGE_SIZE_LOG2;
        limits(out, type.address(), type.limits(), (type.shared() ? 2 : 0) | (paged ? 8 : 0));
        if (paged) {
            out.u32(type.pageSizeLog2());
        }
    }

    private static void limits(BinaryWriter out, AddressType address, Limits limits, int flags) {
        out.u8(flags | (limits.hasMax() ? 1 : 0) | (address == AddressType.I64 ? 4 : 0)).u64(limits.min());
        if (limits.hasMax()) {
            out.u64(limits.max());
        }
    }

    static void global(BinaryWriter out, GlobalType type) {
        valType(out, type.type());
        out.u8(type.mutable() ? 1 : 0);
    }
}
