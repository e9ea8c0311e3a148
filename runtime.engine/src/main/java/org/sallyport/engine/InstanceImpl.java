package org.sallyport.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.sallyport.Caller;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Global;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.NoSuchExportException;
import org.sallyport.Store;
import org.sallyport.Table;
import org.sallyport.engine.heap.ObjectCollector;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.WasmModule.Export;

/** An instance: the index spaces of its module, filled. {@link Instantiation} fills them. */
public abstract class InstanceImpl implements Instance, ObjectCollector.Segments {
    /** Not the object itself, which embedders could lock. */
    private final Object lock = new Object();
    private final StoreImpl store;
    private final ModuleImpl module;

    /** By function index; imported ones are there from the start, others are made when somebody asks. */
    private final @Nullable FuncImpl[] functions;
    final TableImpl[] tables;
    public final MemoryImpl[] memories;
    public final GlobalImpl[] globals;
    public final TagImpl[] tags;
    /** References of each element segment; null when dropped. */
    public final long @Nullable [][] elements;
    public final boolean[] dataDropped;

    private final InstanceCaller caller;
    private @Nullable Memory callerMemory;
    private final Map<String, Extern> exports = new HashMap<>();

    @SuppressWarnings("this-escape") // the caller only keeps it
    public InstanceImpl(StoreImpl store, ModuleImpl module) {
        this.store = store;
        this.module = module;
        var spaces = module.spaces();
        functions = new FuncImpl[spaces.funcCount()];
        tables = new TableImpl[spaces.tableCount()];
        memories = new MemoryImpl[spaces.memoryCount()];
        globals = new GlobalImpl[spaces.globalCount()];
        tags = new TagImpl[spaces.tagCount()];
        elements = new long[module.wasm().elements().size()][];
        dataDropped = new boolean[module.wasm().data().size()];
        caller = new InstanceCaller(this);
    }

    ModuleImpl moduleImpl() {
        return module;
    }

    public StoreImpl storeImpl() {
        return store;
    }

    public Caller caller() {
        return caller;
    }

    void setImport(int index, FuncImpl function) {
        functions[index] = function;
    }

    public FuncImpl function(int index) {
        synchronized (lock) {
            FuncImpl known = functions[index];
            if (known == null) {
                known = newFunction(index);
                functions[index] = known;
            }
            return known;
        }
    }

    /** A function that the module defines. Called once for each. */
    protected abstract FuncImpl newFunction(int index);

    /** {@code ref.func}: what guests see of a function. */
    protected abstract long functionReference(int function);

    /** How many functions have numbers that were reserved for the instance. */
    protected abstract int escapingFunctions();

    /** The {@code i}th of them. */
    protected abstract FuncImpl escapingFunction(int i);

    @Override
    public int segments() {
        return elements.length;
    }

    @Override
    public long @Nullable [] collected(int segment) {
        long[] references = elements[segment];
        return references != null && module.isCollected(segment) ? references : null;
    }

    /** {@code elem.drop}. */
    void dropElements(int segment) {
        long[] dropped = elements[segment];
        if (dropped != null) {
            elements[segment] = null;
            store.resources().giveBack(Kind.HEAP, HeapUse.ofElements(dropped.length));
        }
    }

    public ReferenceTable references(int index) {
        return tables[index].references();
    }

    // ---- the embedder's view

    @Override
    public Module module() {
        return module;
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public List<Memory> memories() {
        return List.of(memories);
    }

    @Override
    public List<Global> globals() {
        return List.of(globals);
    }

    @Override
    public List<String> exportNames() {
        return module.exportNames();
    }

    @Override
    public Optional<Extern> export(String name) {
        Export export = module.export(name);
        return export == null ? Optional.empty() : Optional.of(extern(export));
    }

    private Extern extern(Export export) {
        synchronized (lock) {
            return exports.computeIfAbsent(export.name(), _ -> switch (export.kind()) {
                case FUNC -> function(export.index());
                case TABLE -> tables[export.index()];
                case MEMORY -> memories[export.index()];
                case GLOBAL -> globals[export.index()];
                case TAG -> tags[export.index()];
            });
        }
    }

    @Override
    public Func func(String name) {
        return exported(Func.class, "function", name);
    }

    @Override
    public Memory memory(String name) {
        return exported(Memory.class, "memory", name);
    }

    @Override
    public Table table(String name) {
        return exported(Table.class, "table", name);
    }

    @Override
    public Global global(String name) {
        return exported(Global.class, "global", name);
    }

    private <T extends Extern> T exported(Class<T> kind, String what, String name) {
        Export export = module.export(name);
        if (export != null) {
            Extern extern = extern(export);
            if (kind.isInstance(extern)) {
                return kind.cast(extern);
            }
            throw new NoSuchExportException(
                    "export \"" + Printable.name(name) + "\" of " + module.name() + " is no " + what + " but a " + export.kind());
        }
        throw new NoSuchExportException(
                module.name() + " exports no " + what + " \"" + Printable.name(name) + "\""
                        + new Suggestion().from(name, exportNames()));
    }

    /** For {@link Caller}: the memory called {@code memory}, else the only exported one. */
    Memory callerMemory() {
        Memory known = callerMemory;
        if (known == null) {
            known = findMemory();
            callerMemory = known;
        }
        return known;
    }

    private Memory findMemory() {
        List<Export> memories = module.wasm().exports().stream()
                .filter(e -> e.kind() == ExternKind.MEMORY)
                .toList();
        for (Export export : memories) {
            if (export.name().equals("memory") || memories.size() == 1) {
                return (Memory) extern(export);
            }
        }
        throw new NoSuchExportException(module.name()
                + (memories.isEmpty() ? " exports no memory" : " exports several memories, none called \"memory\""));
    }

    @Override
    public <T> T bind(Class<T> contract) {
        return BindInterface.bind(this, contract);
    }

    @Override
    public String toString() {
        return "instance of " + module.name();
    }
}
