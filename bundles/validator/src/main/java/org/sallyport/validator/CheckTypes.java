package org.sallyport.validator;

import static org.sallyport.validator.Problem.SUB_TYPE;
import static org.sallyport.validator.Problem.UNKNOWN_TYPE;

import java.util.List;
import java.util.function.IntConsumer;
import org.sallyport.LoadLimits;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.RecGroup;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.WasmModule;

/** The type section (WebAssembly 3.0, 3.2.8-3.2.11): references, subtyping declarations, finality. */
final class CheckTypes {
    private final List<SubType> definitions;
    private final Types types;
    private final Uses uses;
    private final LoadLimits limits;
    /** Number of supertypes above each type. */
    private final int[] depths;

    CheckTypes(WasmModule module, Types types, Uses uses, LoadLimits limits) {
        definitions = module.types();
        this.types = types;
        this.uses = uses;
        this.limits = limits;
        depths = new int[definitions.size()];
    }

    /** @param entry told which type is looked at, for messages */
    void check(List<RecGroup> groups, IntConsumer entry) {
        for (RecGroup group : groups) {
            if (group.size() != 1) {
                uses.need(Feature.GC, "a recursion group");
            }
            int end = group.firstType() + group.size();
            for (int i = group.firstType(); i < end; i++) {
                entry.accept(i);
                references(definitions.get(i), i, end);
            }
            types.define(group);
            for (int i = group.firstType(); i < end; i++) {
                entry.accept(i);
                supertype(definitions.get(i), i);
            }
        }
    }

    private void references(SubType type, int index, int end) {
        if (!type.isFinal() || !type.supertypes().isEmpty()) {
            uses.need(Feature.GC, "a subtype declaration");
        }
        for (int supertype : type.supertypes()) {
            inRange(supertype, index);
        }
        switch (type.composite()) {
            case FuncType(var params, var results) -> {
                params.forEach(t -> reference(t, end));
                results.forEach(t -> reference(t, end));
                if (results.size() > 1) {
                    uses.need(Feature.MULTI_VALUE, "a function with several results");
                }
            }
            case StructType(var fields) -> {
                uses.need(Feature.GC, "a structure type");
                fields.forEach(f -> field(f, end));
            }
            case ArrayType(var element) -> {
                uses.need(Feature.GC, "an array type");
                field(element, end);
            }
        }
    }

    private void field(FieldType field, int end) {
        reference(field.storage(), end);
    }

    private void reference(StorageType type, int end) {
        uses.need(type);
        if (type instanceof RefType(_, HeapType.Concrete(int index))) {
            inRange(index, end);
        }
    }

    private static void inRange(int index, int end) {
        if (index >= end) {
            throw Violation.index(UNKNOWN_TYPE, index, end);
        }
    }

    private void supertype(SubType type, int index) {
        if (type.supertypes().isEmpty()) {
            return;
        }
        int supertype = type.supertypes().getFirst();
        if (type.supertypes().size() > 1) {
            throw Violation.phrase(SUB_TYPE, index + " has more than one super type", type.supertypes().toString());
        }
        SubType above = definitions.get(supertype);
        if (above.isFinal()) {
            throw Violation.phrase(SUB_TYPE, index + " does not match super type " + supertype, "which is final");
        }
        if (!types.isSubtype(type.composite(), above.composite())) {
            throw Violation.phrase(SUB_TYPE, index + " does not match super type " + supertype, "");
        }
        int depth = depths[supertype] + 1;
        limits.check(Limit.SUBTYPE_DEPTH, depth, "type " + index);
        depths[index] = depth;
    }
}
