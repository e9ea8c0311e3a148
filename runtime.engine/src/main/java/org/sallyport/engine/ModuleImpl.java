package org.sallyport.engine;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.ImportType;
import org.sallyport.LimitExceededException;
import org.sallyport.Module;
import org.sallyport.StoreClosedException;
import org.sallyport.engine.cache.Artefact;
import org.sallyport.engine.cache.CompiledForm;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.Export;

/**
 * A module whose code is mapped. Types that it shows name definitions by the engine's numbers ({@link TypeCanon}), so
 * that those of several modules can be compared. The code stays while the module is open or a store uses it.
 */
final class ModuleImpl implements Module {
    /** Not the object itself, which embedders could lock. */
    private final Object lock = new Object();
    private final EngineImpl engine;
    private final long heap;
    private final long instanceHeap;
    private final long initializationHeap;
    private final String name;
    private final ValidModule valid;
    /** Null as long as nobody asks for it in a module that is compiled lazily. */
    private volatile @Nullable CompiledModule compiled;
    private final @Nullable LazyCode lazy;
    private volatile @Nullable BackgroundCompilation background;
    private final VmLayout layout;
    private final int[] typeIds;
    private final FuncType[] funcTypes;
    private final List<ImportType> imports;
    private final Map<String, Export> exports = new HashMap<>();
    private final List<String> exportNames;
    private final InitialMemory initialMemory;
    private final int @Nullable [][] referenceOffsets;
    private final CodeShare share;
    private final Trampolines trampolines;
    private final long base;
    /** By function defined in the module: 0 if nobody has asked yet, else whether it is brief. */
    private final byte[] brevity;
    /** See {@link #exportedAs()}; null until somebody asks. */
    private volatile @Nullable String @Nullable [] exportedAs;

    /** Its monitor is held while the code is unmapped; then it is true. */
    private final boolean[] unmapping = new boolean[1];
    private boolean codeUnmapped;

    // guarded by lock
    private int users = 1;
    private boolean closed;

    /**
     * A module whose code is mapped. What it takes of the Java heap is charged to the engine until nobody uses it.
     *
     * @param compiled or null
     * @param compiler for functions when they are called, if there is no code
     * @param check called every few milliseconds; what it throws ends the making, and nothing of it stays
     * @throws LimitExceededException if there is no place for it
     */
    static ModuleImpl make(
            EngineImpl engine,
            String name,
            ValidModule valid,
            @Nullable CompiledModule compiled,
            @Nullable LazyCompiler compiler,
            Runnable check) {
        long heap = HeapUse.ofModule(valid.module());
        engine.resources().charge(Kind.HEAP, heap);
        try {
            return new ModuleImpl(engine, name, valid, compiled, compiler, check, heap);
        } catch (Throwable t) {
            engine.resources().giveBack(Kind.HEAP, heap);
            throw t;
        }
    }

    private ModuleImpl(
            EngineImpl engine,
            String name,
            ValidModule valid,
            @Nullable CompiledModule compiled,
            @Nullable LazyCompiler compiler,
            Runnable check,
            long heap) {
        this.engine = engine;
        this.heap = heap;
        instanceHeap = HeapUse.ofInstance(valid.module(), valid.spaces());
        initializationHeap = HeapUse.ofInitialization(valid.module());
        this.valid = valid;
        this.compiled = compiled;
        String own = valid.module().names().module();
        this.name = Printable.name(own != null ? own : name);
        layout = new VmLayout(valid.module(), valid.escapingFunctions());
        typeIds = engine.types().register(valid.module(), check);
        funcTypes = new FuncType[typeIds.length];
        brevity = new byte[valid.module().bodies().size()];
        referenceOffsets = new int[valid.module().elements().size()][];
        imports = wasm().imports().stream()
                .map(i -> new ImportType(i.module(), i.name(), entityType(i.type())))
                .toList();
        for (Export export : wasm().exports()) {
            exports.put(export.name(), export);
        }
        boolean ownsMemory0 = spaces().memoryCount() > 0 && spaces().importedMemories() == 0;
        initialMemory = new InitialMemory(
                engine.allocator(),
                engine.holdings(),
                engine.resources(),
                wasm(),
                ownsMemory0 ? spaces().memory(0) : null);
        exportNames = wasm().exports().stream().map(Export::name).toList();
        CodeSpace space = engine.codeSpace();
        share = space.newShare(toString());
        trampolines = new Trampolines(space, share);
        try {
            byte[] more = trampolines.prepare(exportedTypes(), importedTypes(), check);
            if (compiled != null) {
                lazy = null;
                base = space.map(share, compiled.code(), more);
                space.add(new CodeSpace.Mapping(base, compiled.code().length, this, compiled, 0));
                trampolines.place(base + CodeSpace.align(compiled.code().length));
            } else if (compiler != null) {
                int functions = valid.module().bodies().size();
                lazy = new LazyCode(this, space, share, compiler, functions, more);
                base = 0;
                trampolines.place(lazy.behind());
            } else {
                throw new AssertionError("BUG: neither code nor a compiler");
            }
        } catch (Throwable t) {
            trampolines.close();
            engine.types().release(typeIds);
            throw t;
        }
    }

    private List<FuncType> exportedTypes() {
        BitSet types = new BitSet();
        for (Export export : wasm().exports()) {
            if (export.kind() == ExternKind.FUNC) {
                types.set(spaces().funcTypeIndex(export.index()));
            }
        }
        return types(types);
    }

    private List<FuncType> importedTypes() {
        BitSet types = new BitSet();
        for (int i = 0; i < spaces().importedFuncs(); i++) {
            types.set(spaces().funcTypeIndex(i));
        }
        return types(types);
    }

    private List<FuncType> types(BitSet indices) {
        return indices.stream()
                .mapToObj(i -> (FuncType) wasm().types().get(i).composite())
                .toList();
    }

    // ---- for the parts of the runtime

    EngineImpl engine() {
        return engine;
    }

    WasmModule wasm() {
        return valid.module();
    }

    IndexSpaces spaces() {
        return valid.spaces();
    }

    VmLayout layout() {
        return layout;
    }

    /** See {@link HeapUse#ofInstance}. */
    long instanceHeap() {
        return instanceHeap;
    }

    /** See {@link HeapUse#ofInitialization}. */
    long initializationHeap() {
        return initializationHeap;
    }

    /** The engine's number of each type. */
    int[] typeIds() {
        return typeIds;
    }

    /** What the module has of the code space. */
    CodeShare share() {
        return share;
    }

    /** The module's own; they stay as long as its code. */
    Trampolines trampolines() {
        return trampolines;
    }

    int funcTypeId(int function) {
        return typeIds[spaces().funcTypeIndex(function)];
    }

    /** The type of a function, with the engine's numbers. */
    FuncType funcType(int function) {
        return namedType(spaces().funcTypeIndex(function));
    }

    /** A function type of the module, with the engine's numbers. */
    FuncType namedType(int typeIndex) {
        FuncType known = funcTypes[typeIndex];
        if (known == null) {
            known = (FuncType) engine.types().type(typeIds[typeIndex]).composite();
            funcTypes[typeIndex] = known;
        }
        return known;
    }

    /** See {@link Brevity}. */
    boolean isBrief(int function) {
        int defined = function - spaces().importedFuncs();
        if (brevity[defined] == 0) {
            brevity[defined] = (byte) (Brevity.isBrief(valid, function) ? 1 : -1);
        }
        return brevity[defined] > 0;
    }

    InitialMemory initialMemory() {
        return initialMemory;
    }

    /** Address of a function of this module, which is not imported. */
    long codeAddress(int function) {
        int defined = function - spaces().importedFuncs();
        CompiledModule all = compiled;
        return lazy != null || all == null ? lazyCode().address(defined) : base + all.functionStart(defined);
    }

    /** The code of a module that is compiled lazily. */
    LazyCode lazyCode() {
        LazyCode code = lazy;
        if (code == null) {
            throw new AssertionError("BUG: " + this + " is not compiled lazily");
        }
        return code;
    }

    /** Whether functions are compiled when they are called. */
    boolean isLazy() {
        return lazy != null;
    }

    /** Makes the eager form of a lazy module. Set before anybody else knows the module. */
    void setBackground(BackgroundCompilation compilation) {
        background = compilation;
    }

    /**
     * The address of a function's code, for a call in a store.
     *
     * @param function index among those defined in the module
     */
    long compile(int function, StoreImpl store) {
        return lazyCode().code(function, engine.budget(this, store));
    }

    /** For people: from the name section, else that of the first export, else {@code func[i]}. */
    String functionName(int function) {
        String known = wasm().names().functions().get(function);
        if (known == null) {
            known = exportedAs()[function];
        }
        return Printable.name(known != null ? known : wasm().names().function(function));
    }

    /** By function: the name of its first export, or null. */
    private @Nullable String[] exportedAs() {
        @Nullable String[] known = exportedAs;
        if (known == null) {
            known = new String[spaces().funcCount()];
            for (Export export : wasm().exports()) {
                if (export.kind() == ExternKind.FUNC && known[export.index()] == null) {
                    known[export.index()] = export.name();
                }
            }
            exportedAs = known; // whoever does the same at the same time finds the same
        }
        return known;
    }

    @Nullable Export export(String export) {
        return exports.get(export);
    }

    List<String> exportNames() {
        return exportNames;
    }

    EntityType entityType(ExternType type) {
        return switch (type) {
            case ExternType.Func(int index) -> new EntityType.Func(namedType(index));
            case ExternType.Tag(int index) -> new EntityType.Tag(namedType(index));
            case ExternType.Memory(var memory) -> new EntityType.Memory(memory);
            case ExternType.Table(var table) -> new EntityType.Table(rename(table));
            case ExternType.Global(var global) -> new EntityType.Global(rename(global));
        };
    }

    TableType rename(TableType type) {
        return new TableType(type.address(), type.limits(), (RefType) rename(type.element()));
    }

    GlobalType rename(GlobalType type) {
        return new GlobalType(rename(type.type()), type.mutable());
    }

    ValType rename(ValType type) {
        return TypeCanon.rename(type, typeIds);
    }

    /** Where the reference records of the functions of an element segment are in the instance context, or -1. */
    int[] referenceOffsets(int segment, Runnable step) {
        int[] known = referenceOffsets[segment];
        if (known == null) {
            int[] functions = wasm().elements().get(segment).funcs();
            known = new int[functions.length];
            for (int i = 0; i < known.length; i++) {
                step.run();
                known[i] = layout.funcRef(functions[i]);
            }
            referenceOffsets[segment] = known; // whoever does the same at the same time finds the same
        }
        return known;
    }

    /** A store begins to use the code. @throws StoreClosedException if the module is closed */
    void retain() {
        synchronized (lock) {
            if (closed) {
                throw new StoreClosedException("module " + name + " is closed");
            }
            users++;
        }
    }

    /** Nothing of the user's runs in the code any more. */
    void release() {
        boolean isUnused;
        synchronized (lock) {
            users--;
            if (users > 0 && (closed || users > 1)) {
                return;
            }
            isUnused = users == 0;
        }
        if (isUnused) {
            unmapOrLater();
        } else {
            discardSuperseded();
        }
    }

    private void unmapOrLater() {
        boolean isUnmapped = false;
        try {
            unmap();
            isUnmapped = true;
        } finally {
            if (!isUnmapped) {
                engine.keeper().finishLater();
            }
        }
    }

    /** What could not be done for want of heap or stack when the last user went. */
    void finishUnmapping() {
        synchronized (lock) {
            if (users > 0) {
                return;
            }
        }
        unmap();
    }

    /** Goes on where it failed before. */
    private void unmap() {
        synchronized (unmapping) {
            if (unmapping[0]) {
                return;
            }
            BackgroundCompilation unwanted = background;
            if (unwanted != null) {
                unwanted.cancel();
            }
            initialMemory.close();
            unmapCode();
            trampolines.close();
            unmapping[0] = true;
            engine.resources().giveBack(Kind.HEAP, heap);
            try {
                engine.types().release(typeIds); // not twice: they may be somebody else's then
            } finally {
                engine.unmapped(this);
            }
        }
    }

    private void unmapCode() {
        if (lazy != null) {
            lazy.unmap();
        } else if (!codeUnmapped) {
            CodeSpace space = engine.codeSpace();
            space.remove(base);
            space.unmap(share, base);
            codeUnmapped = true;
        }
    }

    /** Gives back what was compiled at calls and is reached no more, if no store uses the module. */
    void discardSuperseded() {
        synchronized (lock) {
            if (closed || users > 1) {
                return;
            }
        }
        if (lazy != null) {
            lazy.discardSuperseded();
        }
    }

    // ---- the embedder's view

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ImportType> imports() {
        return imports;
    }

    @Override
    public List<ExportType> exports() {
        return wasm().exports().stream()
                .map(e -> new ExportType(e.name(), entityType(spaces().externType(e.kind(), e.index()))))
                .toList();
    }

    @Override
    public byte @Nullable [] customSection(String section) {
        return wasm().customSections().stream()
                .filter(s -> s.name().equals(section))
                .findFirst()
                .map(s -> Arrays.copyOfRange(
                        wasm().binary(), s.contents().start(), s.contents().end()))
                .orElse(null);
    }

    @Override
    public ValidModule validModule() {
        return valid;
    }

    @Override
    public CompiledModule compiledModule() {
        CompiledModule all = compiled;
        if (all == null) {
            BackgroundCompilation making = background;
            all = making != null
                    ? making.get()
                    : compileAll();
            if (making == null) {
                install(all);
            }
            compiled = all;
        }
        return all;
    }

    private CompiledModule compileAll() {
        CompileBudget budget = engine.begin(wasm().binary().length);
        try {
            return engine.compileAll(valid, budget, engine.executor());
        } finally {
            engine.end(budget);
        }
    }

    /** Calls of a lazy module run the whole from now on, if there is a place for it. */
    private void install(CompiledModule all) {
        LazyCode code = lazy;
        try {
            if (code != null) {
                code.install(all);
            }
        } catch (LimitExceededException e) {
            // it stays lazy
        }
    }

    @Override
    public byte[] serialize(ArtefactKey key) {
        return Artefact.write(name, new CompiledForm(valid, compiledModule()), engine.config(), key);
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        release();
    }

    @Override
    public String toString() {
        return "module " + name;
    }
}
