package org.sallyport.loader;

import static org.sallyport.wasm.Feature.*;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.BinaryPlace;
import org.sallyport.spi.ModuleDescription.Need;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Proposal;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.Body;
import org.sallyport.wasm.WasmModule.ElementSegment;
import org.sallyport.wasm.WasmModule.Expr;
import org.sallyport.wasm.WasmModule.Mode;

/**
 * Which proposals a decoded module needs, and where first. The validator finds the same for valid modules on its own way
 * (a test compares them); here nothing has to be valid.
 */
final class FindNeeds {
    /** In place of a function's index. */
    static final int OUTSIDE = -1;

    /** A proposal and a function. */
    private record Key(Proposal proposal, int function) {}

    private final BiConsumer<MalformedCodeException, BinaryPlace> faults;
    private final Set<Key> known = new HashSet<>();
    private final List<Need> needs = new ArrayList<>();
    private final ScanCode scan;
    private String section = "";
    private int entry;
    private @Nullable String name;
    private int function = OUTSIDE;
    private int importedGlobals;

    /** @param faults told what is wrong with instructions */
    FindNeeds(byte[] binary, BiConsumer<MalformedCodeException, BinaryPlace> faults) {
        this.faults = faults;
        scan = new ScanCode(binary, this::need);
    }

    List<Need> all() {
        return List.copyOf(needs);
    }

    void need(Proposal proposal, String what, int function, BinaryPlace place) {
        if (known.add(new Key(proposal, function))) {
            needs.add(new Need(proposal, what, function, place));
        }
    }

    void of(WasmModule module) {
        importedGlobals = module.importCount(ExternKind.GLOBAL);
        types(module);
        imports(module);
        definitions(module);
        segments(module);
        bodies(module);
    }

    private void need(@Nullable Feature feature, String what) {
        need(feature, what, -1);
    }

    private void need(@Nullable Feature feature, String what, int offset) {
        if (feature != null) {
            need(feature, what, function, place(offset));
        }
    }

    private BinaryPlace place(int offset) {
        return new BinaryPlace(section, entry, name, offset);
    }

    private void needType(StorageType type, int offset) {
        need(Feature.of(type), type.toString(), offset);
    }

    private void at(String section, int entry) {
        this.section = section;
        this.entry = entry;
    }

    private void types(WasmModule module) {
        module.recGroups().forEach(group -> {
            at("type", group.firstType());
            if (group.size() != 1) {
                need(GC, "a recursion group");
            }
        });
        for (int i = 0; i < module.types().size(); i++) {
            at("type", i);
            type(module.types().get(i));
        }
    }

    private void type(SubType type) {
        if (!type.isFinal() || !type.supertypes().isEmpty()) {
            need(GC, "a subtype declaration");
        }
        switch (type.composite()) {
            case FuncType f -> {
                if (f.results().size() > 1) {
                    need(MULTI_VALUE, "a function with several results");
                }
                f.params().forEach(t -> needType(t, -1));
                f.results().forEach(t -> needType(t, -1));
            }
            case StructType s -> {
                need(GC, "a structure type");
                s.fields().forEach(field -> needType(field.storage(), -1));
            }
            case ArrayType a -> {
                need(GC, "an array type");
                needType(a.element().storage(), -1);
            }
        }
    }

    private void imports(WasmModule module) {
        int tables = 0;
        int memories = 0;
        for (int i = 0; i < module.imports().size(); i++) {
            at("import", i);
            switch (module.imports().get(i).type()) {
                case ExternType.Func _ -> {}
                case ExternType.Table(TableType type) -> table(type, tables++);
                case ExternType.Memory(MemoryType type) -> memory(type, memories++);
                case ExternType.Global(var type) -> {
                    needType(type.type(), -1);
                    if (type.mutable()) {
                        need(MUTABLE_GLOBALS, "a mutable global between modules");
                    }
                }
                case ExternType.Tag _ -> need(EXCEPTIONS, "a tag");
            }
        }
    }

    private void table(TableType type, int index) {
        if (!type.element().equals(RefType.FUNCREF)) {
            needType(type.element(), -1);
        }
        if (index > 0) {
            need(REFERENCE_TYPES, "a second table");
        }
        wide(type.address());
    }

    private void memory(MemoryType type, int index) {
        if (type.shared()) {
            need(THREADS, "a shared memory");
        }
        if (type.pageSizeLog2() != MemoryType.PAGE_SIZE_LOG2) {
            need(CUSTOM_PAGE_SIZES, "a page size");
        }
        if (index > 0) {
            need(MULTI_MEMORY, "a second memory");
        }
        wide(type.address());
    }

    private void wide(AddressType type) {
        if (type == AddressType.I64) {
            need(MEMORY64, "a 64-bit address");
        }
    }

    private void definitions(WasmModule module) {
        for (int i = 0; i < module.tables().size(); i++) {
            int index = module.importCount(ExternKind.TABLE) + i;
            at("table", index);
            table(module.tables().get(i).type(), index);
            if (module.tables().get(i).init() != null) {
                need(FUNCTION_REFERENCES, "a table with an initializer");
                constant(module.tables().get(i).init());
            }
        }
        for (int i = 0; i < module.memories().size(); i++) {
            int index = module.importCount(ExternKind.MEMORY) + i;
            at("memory", index);
            memory(module.memories().get(i), index);
        }
        for (int i = 0; i < module.tags().size(); i++) {
            at("tag", i);
            need(EXCEPTIONS, "a tag");
        }
        for (int i = 0; i < module.globals().size(); i++) {
            at("global", importedGlobals + i);
            needType(module.globals().get(i).type().type(), -1);
            constant(module.globals().get(i).init());
        }
        for (int i = 0; i < module.exports().size(); i++) {
            at("export", i);
            WasmModule.Export export = module.exports().get(i);
            int defined = export.index() - importedGlobals;
            if (export.kind() == ExternKind.GLOBAL && defined >= 0 && defined < module.globals().size()
                    && module.globals().get(defined).type().mutable()) {
                need(MUTABLE_GLOBALS, "a mutable global between modules");
            }
        }
    }

    private void segments(WasmModule module) {
        for (int i = 0; i < module.elements().size(); i++) {
            ElementSegment segment = module.elements().get(i);
            at("element", i);
            if (!segment.type().equals(DecodeSegments.FUNCTIONS)) {
                needType(segment.type(), segment.offset());
            }
            segment(segment.mode(), "a passive or declarative element segment", segment.offset());
            segment.exprs().forEach(this::constant);
        }
        for (int i = 0; i < module.data().size(); i++) {
            at("data", i);
            segment(module.data().get(i).mode(), "a passive data segment", module.data().get(i).offset());
        }
    }

    private void segment(Mode mode, String otherwise, int offset) {
        if (mode instanceof Mode.Active(int _, Expr at)) {
            constant(at);
        } else {
            need(BULK_MEMORY, otherwise, offset);
        }
    }

    private void constant(Expr expr) {
        scan.constant(expr.start(), expr.end(), importedGlobals); // its grammar was checked
    }

    private void bodies(WasmModule module) {
        int imported = module.importCount(ExternKind.FUNC);
        for (int i = 0; i < module.bodies().size(); i++) {
            Body body = module.bodies().get(i);
            function = imported + i;
            at(Section.CODE.text, function);
            name = module.names().functions().get(function);
            body.locals().forEach(run -> needType(run.type(), body.start()));
            try {
                scan.body(body.code(), body.end());
            } catch (MalformedCodeException e) {
                faults.accept(e, place(e.offset()));
            }
        }
        name = null;
        function = OUTSIDE;
    }
}
