package org.sallyport.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.sallyport.DebugFiles;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.ImportType;
import org.sallyport.Module;
import org.sallyport.StoreClosedException;
import org.sallyport.engine.code.CodeOwner;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.SourceMap;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.Feature;
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
import org.sallyport.wasm.WasmModule.Import;

/**
 * A module of an engine. Types that it shows name definitions by the engine's numbers ({@link TypeCanon}), so that those of
 * several modules can be compared. Its code stays while the module is open or a store uses it.
 */
public abstract class ModuleImpl implements Module, CodeOwner {
    /** Not the object itself, which embedders could lock. */
    private final Object lock = new Object();
    private final EngineImpl engine;
    private final long heap;
    private final long instanceHeap;
    private final long initializationHeap;
    private final String name;
    private final ValidModule valid;
    private final int[] typeIds;
    private final FuncType[] funcTypes;
    private final List<ImportType> imports;
    private final Map<String, Export> exports = new HashMap<>();
    private final List<String> exportNames;
    /** See {@link #exportedAs()}; null until somebody asks. */
    private volatile @Nullable String @Nullable [] exportedAs;
    private volatile SourceMap sources;

    /** Its monitor is held while the code is unmapped; then it is true. */
    private final boolean[] unmapping = new boolean[1];

    // guarded by lock
    private int users = 1;
    private boolean closed;

    /** @param check called every few milliseconds; what it throws ends the making, and nothing of it stays */
    public ModuleImpl(EngineImpl engine, String name, ValidModule valid, Runnable check, long heap) {
        this.engine = engine;
        this.heap = heap;
        instanceHeap = HeapUse.ofInstance(valid.module(), valid.spaces());
        initializationHeap = HeapUse.ofInitialization(valid.module());
        this.valid = valid;
        sources = engine.loader().sources(valid.module(), DebugFiles.NONE);
        String own = valid.module().names().module();
        this.name = Printable.name(own != null ? own : name);
        typeIds = engine.types().register(valid.module(), check);
        funcTypes = new FuncType[typeIds.length];
        List<ImportType> imported = new ArrayList<>();
        for (Import one : valid.module().imports()) {
            imported.add(new ImportType(one.module(), one.name(), entityType(one.type())));
        }
        imports = List.copyOf(imported);
        for (Export export : valid.module().exports()) {
            exports.put(export.name(), export);
        }
        exportNames = valid.module().exports().stream().map(Export::name).toList();
    }

    /** Where the making fails behind this constructor. */
    final void releaseTypes() {
        engine.types().release(typeIds);
    }

    // ---- its code

    /** Whether functions are compiled when they are called. */
    boolean isLazy() {
        return false;
    }

    /** Nobody uses the code any more. Called again if it fails; then it goes on where it failed. */
    protected abstract void freeCode();

    /** Gives back what was compiled at calls and is reached no more, if no store uses the module. */
    void discardSuperseded() {}

    /** Whether the module is open and no store uses it. */
    final boolean isUnused() {
        synchronized (lock) {
            return !closed && users <= 1;
        }
    }

    // ---- for the parts of the runtime

    public EngineImpl engine() {
        return engine;
    }

    public final WasmModule wasm() {
        return valid.module();
    }

    @Override
    public final IndexSpaces spaces() {
        return valid.spaces();
    }

    /** See {@link HeapUse#ofInstance}. */
    long instanceHeap() {
        return instanceHeap;
    }

    /** See {@link HeapUse#ofInitialization}. */
    long initializationHeap() {
        return initializationHeap;
    }

    /** Whether its code may touch the heap of structures and arrays. */
    boolean usesObjects() {
        return valid.features().contains(Feature.GC);
    }

    /** Whether references of an element segment may be to the heap of structures and arrays. */
    boolean isCollected(int segment) {
        RefType type = wasm().elements().get(segment).type();
        return ObjectLayout.isCollected(type, index -> wasm().types().get(index).composite() instanceof FuncType);
    }

    /** The engine's number of each type. */
    public int[] typeIds() {
        return typeIds;
    }

    public int funcTypeId(int function) {
        return typeIds[spaces().funcTypeIndex(function)];
    }

    /** The type of a function, with the engine's numbers. */
    public FuncType funcType(int function) {
        return namedType(spaces().funcTypeIndex(function));
    }

    /** A function type of the module, with the engine's numbers. */
    final FuncType namedType(int typeIndex) {
        FuncType known = funcTypes[typeIndex];
        if (known == null) {
            known = (FuncType) engine.types().type(typeIds[typeIndex]).composite();
            funcTypes[typeIndex] = known;
        }
        return known;
    }

    @Override
    public final SourceMap sources() {
        return sources;
    }

    @Override
    public final void setDebugFiles(DebugFiles files) {
        sources = engine.loader().sources(wasm(), files);
    }

    /** For people: from the name section, else that of the first export, else {@code func[i]}. */
    @Override
    public final String functionName(int function) {
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

    final EntityType entityType(ExternType type) {
        if (type instanceof ExternType.Func(int index)) { // no switch over the sealed type: see Shapes.letter
            return new EntityType.Func(namedType(index));
        }
        if (type instanceof ExternType.Tag(int index)) {
            return new EntityType.Tag(namedType(index));
        }
        if (type instanceof ExternType.Memory(var memory)) {
            return new EntityType.Memory(memory);
        }
        return type instanceof ExternType.Table(var table)
                ? new EntityType.Table(rename(table))
                : new EntityType.Global(rename(((ExternType.Global) type).type()));
    }

    final TableType rename(TableType type) {
        return new TableType(type.address(), type.limits(), (RefType) rename(type.element()));
    }

    final GlobalType rename(GlobalType type) {
        return new GlobalType(rename(type.type()), type.mutable());
    }

    final ValType rename(ValType type) {
        return TypeCanon.rename(type, typeIds);
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
            freeCode();
            unmapping[0] = true;
            engine.resources().giveBack(Kind.HEAP, heap);
            try {
                engine.types().release(typeIds); // not twice: they may be somebody else's then
            } finally {
                engine.unmapped(this);
            }
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
