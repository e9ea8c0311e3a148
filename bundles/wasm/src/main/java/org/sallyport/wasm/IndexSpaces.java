package org.sallyport.wasm;

import java.util.ArrayList;
import java.util.List;

/**
 * The index spaces of a module with imports first (WebAssembly 3.0, 2.5.1), computed once. Methods that take an index
 * throw {@link IndexOutOfBoundsException} where it is outside; ask the counts first when the module is not validated.
 * Immutable.
 */
public final class IndexSpaces {
    private final WasmModule module;
    private final int[] functions;
    private final List<TableType> tables = new ArrayList<>();
    private final List<MemoryType> memories = new ArrayList<>();
    private final List<GlobalType> globals = new ArrayList<>();
    private final int[] tags;
    private final int importedFuncs;
    private final int importedTables;
    private final int importedMemories;
    private final int importedGlobals;
    private final int importedTags;

    public IndexSpaces(WasmModule module) {
        this.module = module;
        importedFuncs = module.importCount(ExternKind.FUNC);
        importedTags = module.importCount(ExternKind.TAG);
        functions = new int[importedFuncs + module.functions().length];
        tags = new int[importedTags + module.tags().size()];
        addImports();
        importedTables = tables.size();
        importedMemories = memories.size();
        importedGlobals = globals.size();
        addDefinitions();
    }

    private void addImports() {
        int function = 0;
        int tag = 0;
        for (WasmModule.Import i : module.imports()) {
            switch (i.type()) {
                case ExternType.Func(int type) -> functions[function++] = type;
                case ExternType.Table(TableType type) -> tables.add(type);
                case ExternType.Memory(MemoryType type) -> memories.add(type);
                case ExternType.Global(GlobalType type) -> globals.add(type);
                case ExternType.Tag(int type) -> tags[tag++] = type;
            }
        }
    }

    private void addDefinitions() {
        System.arraycopy(module.functions(), 0, functions, importedFuncs, module.functions().length);
        module.tables().forEach(t -> tables.add(t.type()));
        memories.addAll(module.memories());
        module.globals().forEach(g -> globals.add(g.type()));
        int tag = importedTags;
        for (int type : module.tags()) {
            tags[tag++] = type;
        }
    }

    public WasmModule module() {
        return module;
    }

    public int funcCount() {
        return functions.length;
    }

    public int tableCount() {
        return tables.size();
    }

    public int memoryCount() {
        return memories.size();
    }

    public int globalCount() {
        return globals.size();
    }

    public int tagCount() {
        return tags.length;
    }

    public int importedFuncs() {
        return importedFuncs;
    }

    public int importedTables() {
        return importedTables;
    }

    public int importedMemories() {
        return importedMemories;
    }

    public int importedGlobals() {
        return importedGlobals;
    }

    public int importedTags() {
        return importedTags;
    }

    /** Number of entries of the index space of the kind. */
    public int count(ExternKind kind) {
        return switch (kind) {
            case FUNC -> funcCount();
            case TABLE -> tableCount();
            case MEMORY -> memoryCount();
            case GLOBAL -> globalCount();
            case TAG -> tagCount();
        };
    }

    /** Whether entry {@code index} of the index space is an import. */
    public boolean isImported(ExternKind kind, int index) {
        return index < switch (kind) {
            case FUNC -> importedFuncs;
            case TABLE -> importedTables;
            case MEMORY -> importedMemories;
            case GLOBAL -> importedGlobals;
            case TAG -> importedTags;
        };
    }

    public int funcTypeIndex(int func) {
        return functions[func];
    }

    /** @throws ClassCastException if the type is no function type (impossible once validated) */
    public FuncType funcType(int func) {
        return (FuncType) module.types().get(functions[func]).composite();
    }

    /** The body of a function that is not imported. */
    public WasmModule.Body body(int func) {
        return module.bodies().get(func - importedFuncs);
    }

    /** The function whose body (local declarations included) holds the byte at an offset of the binary, or -1. */
    public int functionAt(int offset) {
        List<WasmModule.Body> bodies = module.bodies();
        int low = 0;
        int high = bodies.size() - 1;
        while (low <= high) { // bodies stand in the binary in the order of their functions
            int middle = low + high >>> 1;
            WasmModule.Body body = bodies.get(middle);
            if (offset < body.start()) {
                high = middle - 1;
            } else if (offset >= body.end()) {
                low = middle + 1;
            } else {
                return importedFuncs + middle;
            }
        }
        return -1;
    }

    public TableType table(int table) {
        return tables.get(table);
    }

    public MemoryType memory(int memory) {
        return memories.get(memory);
    }

    public GlobalType global(int global) {
        return globals.get(global);
    }

    public int tagTypeIndex(int tag) {
        return tags[tag];
    }

    /** @throws ClassCastException if the type is no function type (impossible once validated) */
    public FuncType tagType(int tag) {
        return (FuncType) module.types().get(tags[tag]).composite();
    }

    /** The type of entry {@code index} of the index space of the kind: what an export has. */
    public ExternType externType(ExternKind kind, int index) {
        return switch (kind) {
            case FUNC -> new ExternType.Func(funcTypeIndex(index));
            case TABLE -> new ExternType.Table(table(index));
            case MEMORY -> new ExternType.Memory(memory(index));
            case GLOBAL -> new ExternType.Global(global(index));
            case TAG -> new ExternType.Tag(tagTypeIndex(index));
        };
    }
}
