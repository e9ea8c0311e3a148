package org.sallyport.text.print;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.WasmModule;

/** Types in the text format (WebAssembly 3.0, 6.4), with the names that the module gives them. */
final class TypeText {
    private final WasmModule module;
    private final NameSection names;
    private final Identifiers types;

    TypeText(WasmModule module, NameSection names) {
        this.module = module;
        this.names = names;
        types = names.of(NameSection.TYPE);
    }

    /** {@code (type $t (;0;) (func ...))}. */
    String definition(int index) {
        return "(type" + types.definition(index) + " (;" + index + ";) " + subType(index) + ")";
    }

    private String subType(int index) {
        SubType type = module.types().get(index);
        String composite = composite(type.composite(), index);
        if (type.isFinal() && type.supertypes().isEmpty()) {
            return composite;
        }
        StringBuilder out = new StringBuilder(type.isFinal() ? "(sub final" : "(sub");
        type.supertypes().forEach(s -> out.append(' ').append(use(s)));
        return out.append(' ').append(composite).append(')').toString();
    }

    private String composite(CompositeType type, int index) {
        return switch (type) {
            case FuncType func -> "(func" + signature(func, new Identifiers(java.util.Map.of())) + ")";
            case StructType(List<FieldType> fields) -> struct(fields, names.of(NameSection.FIELD, index));
            case ArrayType(FieldType element) -> "(array " + field(element) + ")";
        };
    }

    private String struct(List<FieldType> fields, Identifiers ids) {
        StringBuilder out = new StringBuilder("(struct");
        for (int i = 0; i < fields.size(); i++) {
            out.append(" (field").append(ids.definition(i)).append(' ').append(field(fields.get(i))).append(')');
        }
        return out.append(')').toString();
    }

    private String field(FieldType field) {
        String storage = storage(field.storage());
        return field.mutable() ? "(mut " + storage + ")" : storage;
    }

    private String storage(StorageType type) {
        return type instanceof ValType value ? val(value) : type.toString();
    }

    String val(ValType type) {
        return type instanceof RefType ref ? ref(ref) : type.toString();
    }

    String ref(RefType type) {
        if (type.heap() instanceof HeapType.Concrete(int index)) {
            return (type.nullable() ? "(ref null " : "(ref ") + use(index) + ")";
        }
        return type.toString();
    }

    String heap(HeapType type) {
        return type instanceof HeapType.Concrete(int index) ? use(index) : type.toString();
    }

    String use(int index) {
        return types.use(index);
    }

    /** The name of a field of a structure type. */
    String field(int type, int field) {
        return names.of(NameSection.FIELD, type).use(field);
    }

    /** {@code (param ...) (result ...)} with a space before each; parameters with names stand alone. */
    String signature(FuncType type, Identifiers locals) {
        StringBuilder out = new StringBuilder();
        boolean open = false;
        for (int i = 0; i < type.params().size(); i++) {
            boolean named = locals.isNamed(i);
            if (open && named) {
                out.append(')');
                open = false;
            }
            if (named) {
                out.append(" (param").append(locals.definition(i));
                out.append(' ').append(val(type.params().get(i))).append(')');
            } else {
                out.append(open ? " " : " (param ").append(val(type.params().get(i)));
                open = true;
            }
        }
        return out.append(open ? ")" : "").append(results(type.results())).toString();
    }

    String results(List<ValType> types) {
        if (types.isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder(" (result");
        types.forEach(t -> out.append(' ').append(val(t)));
        return out.append(')').toString();
    }

    /** {@code (type 0) (param ...) (result ...)} with a space before each. */
    String typeUse(int index, Identifiers locals) {
        FuncType type = func(index);
        return " (type " + use(index) + ")" + (type == null ? "" : signature(type, locals));
    }

    /** The function type of that index, or null if there is none. */
    @Nullable FuncType func(int index) {
        boolean exists = index >= 0 && index < module.types().size();
        return exists && module.types().get(index).composite() instanceof FuncType type ? type : null;
    }

    String table(TableType type) {
        return address(type.address()) + limits(type.limits()) + " " + ref(type.element());
    }

    String memory(MemoryType type) {
        boolean paged = type.pageSizeLog2() != MemoryType.PAGE_SIZE_LOG2;
        return address(type.address()) + limits(type.limits()) + (type.shared() ? " shared" : "")
                + (paged ? " (pagesize " + Long.toUnsignedString(1L << type.pageSizeLog2()) + ")" : "");
    }

    private static String address(AddressType type) {
        return type == AddressType.I64 ? "i64 " : "";
    }

    private static String limits(Limits limits) {
        return limits.toString();
    }

    String global(GlobalType type) {
        return type.mutable() ? "(mut " + val(type.type()) + ")" : val(type.type());
    }
}
