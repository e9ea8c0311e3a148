package org.sallyport.engine;

import static org.sallyport.TrapCode.MEMORY_OUT_OF_BOUNDS;
import static org.sallyport.TrapCode.TABLE_OUT_OF_BOUNDS;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.Extern;
import org.sallyport.TrapException;
import org.sallyport.spi.LinearMemory;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.DataSegment;
import org.sallyport.wasm.WasmModule.ElementSegment;
import org.sallyport.wasm.WasmModule.Mode;

/**
 * Makes one instance (WebAssembly 3.0, 4.7.3): binds imports, allocates, evaluates initializers, copies segments, runs
 * the start function. What has been written to shared tables and memories before a trap stays written, as the
 * specification says.
 */
public abstract class Instantiation {
    /** Entries of the module between two looks at the deadline. */
    private static final int BETWEEN_CHECKS = 1024;

    final StoreImpl store;
    final Execution execution;
    private final ModuleImpl module;
    final WasmModule wasm;
    public final IndexSpaces spaces;
    private int steps;

    /** Called by the thread inside the store, as {@link #run}. */
    public Instantiation(Execution execution, ModuleImpl module) {
        store = execution.store;
        this.execution = execution;
        this.module = module;
        wasm = module.wasm();
        spaces = module.spaces();
        store.use(module);
        store.resources().charge(Kind.HEAP, module.instanceHeap());
    }

    /** @param imports in the order of the module: {@link HostEntry} or {@link Extern} of the store */
    public final InstanceImpl run(List<Object> imports) {
        InstanceImpl instance = newInstance();
        bind(instance, imports);
        allocate(instance);
        store.resources().charge(Kind.HEAP, module.initializationHeap());
        try {
            initialize(instance);
        } catch (Throwable t) {
            withdraw();
            throw t;
        } finally {
            store.resources().giveBack(Kind.HEAP, module.initializationHeap());
        }
        start(instance);
        return instance;
    }

    // ---- what depends on how guests run

    /** The instance without anything in it. */
    protected abstract InstanceImpl newInstance();

    /** The store's function for a host function that the module imports. */
    protected abstract FuncImpl hostFunction(HostEntry entry);

    /** An imported function is known. */
    protected abstract void bindFunction(int index, FuncImpl function);

    /** Own memories are made, and what imports and memories are is told to the code. */
    protected abstract void allocateMemories();

    /** All tags are there. */
    protected abstract void bindTags();

    /** Function references can be made from now on. */
    protected abstract void prepareReferences();

    /** A global whose initial value is set next. */
    protected abstract GlobalImpl newGlobal(int index, GlobalType type);

    /** An imported global is known. */
    protected abstract void bindGlobal(int index, GlobalImpl global);

    /** All tables are there. */
    protected abstract void bindTables();

    protected abstract long[] functionReferences(int segment, int[] functions);

    /** Gives memory 0 its initial contents at once, if that can be done. */
    protected abstract boolean loadImage();

    /** Functions that are in tables of others by now must not see what was never initialized. */
    protected abstract void withdraw();

    /** Called in every loop that the module sizes: now and then looks whether the instantiation must stop. */
    public final void step() {
        if (--steps < 0) {
            steps = BETWEEN_CHECKS;
            execution.checkpoint();
        }
    }

    // ---- imports

    private void bind(InstanceImpl instance, List<Object> imports) {
        int functions = 0;
        int tables = 0;
        int memories = 0;
        int globals = 0;
        int tags = 0;
        for (Object item : imports) {
            step();
            switch (item) {
                case HostEntry host -> bind(instance, functions++, hostFunction(host));
                case FuncImpl function -> bind(instance, functions++, function);
                case TableImpl table -> instance.tables[tables++] = table;
                case MemoryImpl memory -> instance.memories[memories++] = memory;
                case SharedMemoryImpl memory -> instance.memories[memories++] = execution.use(memory);
                case GlobalImpl global -> instance.globals[globals++] = global;
                case TagImpl tag -> instance.tags[tags++] = tag;
                default -> throw new AssertionError("BUG: import " + item);
            }
        }
    }

    private void bind(InstanceImpl instance, int index, FuncImpl function) {
        instance.setImport(index, function);
        bindFunction(index, function);
    }

    // ---- allocation

    private void allocate(InstanceImpl instance) {
        allocateMemories();
        for (int i = spaces.importedTags(); i < spaces.tagCount(); i++) {
            step();
            int type = spaces.tagTypeIndex(i);
            instance.tags[i] = execution.newTag(module.namedType(type), module.typeIds()[type]);
        }
        bindTags();
        prepareReferences();
    }

    // ---- initializers

    private void initialize(InstanceImpl instance) {
        ConstExpr expressions = new ConstExpr(instance, this::step);
        for (int i = 0; i < spaces.globalCount(); i++) {
            step();
            if (i < spaces.importedGlobals()) {
                bindGlobal(i, instance.globals[i]);
            } else {
                instance.globals[i] = newGlobal(i, module.rename(spaces.global(i)));
                expressions.evaluate(wasm.globals().get(i - spaces.importedGlobals()).init(), instance.globals[i]);
            }
        }
        makeTables(instance, expressions);
        for (int i = 0; i < instance.elements.length; i++) {
            step();
            instance.elements[i] = references(expressions, i);
        }
        for (int i = 0; i < instance.elements.length; i++) {
            step();
            copyElements(instance, expressions, i);
        }
        boolean loaded = loadImage();
        for (int i = 0; i < instance.dataDropped.length; i++) {
            step();
            copyData(instance, expressions, i, loaded);
        }
    }

    private void makeTables(InstanceImpl instance, ConstExpr expressions) {
        for (int i = spaces.importedTables(); i < spaces.tableCount(); i++) {
            step();
            WasmModule.@Nullable Expr init =
                    wasm.tables().get(i - spaces.importedTables()).init();
            long initial = init == null ? 0 : expressions.evaluate(init);
            instance.tables[i] = new TableImpl(store, execution.newTable(module.rename(spaces.table(i)), initial));
        }
        bindTables();
    }

    private long[] references(ConstExpr expressions, int index) {
        ElementSegment segment = wasm.elements().get(index);
        if (segment.exprs().isEmpty()) {
            return functionReferences(index, segment.funcs());
        }
        long[] references = new long[segment.size()];
        RefType type = (RefType) module.rename(segment.type());
        for (int i = 0; i < references.length; i++) {
            step();
            references[i] = execution.hold(type, expressions.evaluate(segment.exprs().get(i)));
        }
        return references;
    }

    private void copyElements(InstanceImpl instance, ConstExpr expressions, int segment) {
        switch (wasm.elements().get(segment).mode()) {
            case Mode.Passive() -> {}
            case Mode.Declarative() -> instance.elements[segment] = null;
            case Mode.Active(int table, var offset) -> {
                long[] references = instance.elements[segment];
                long start = expressions.evaluateAddress(offset, spaces.table(table).address());
                if (!copyReferences(references, 0, instance.references(table), start, references.length, execution)) {
                    throw new TrapException(TABLE_OUT_OF_BOUNDS, "element segment " + segment, List.of());
                }
                instance.elements[segment] = null;
            }
        }
    }

    /** {@code table.init}. @return false if a range is not wholly inside; then nothing is written */
    static boolean copyReferences(
            long[] references, long from, ReferenceTable table, long to, long length, Execution execution) {
        if (Builtins.isOutside(from, length, references.length) || Builtins.isOutside(to, length, table.size())) {
            return false;
        }
        for (int done = 0; done < length; done += Builtins.PIECE_ELEMENTS) {
            execution.checkpoint();
            int piece = (int) Math.min(length - done, Builtins.PIECE_ELEMENTS);
            table.write(to + done, references, (int) from + done, piece);
        }
        return true;
    }

    /** @param loaded whether memory 0 has its contents already */
    private void copyData(InstanceImpl instance, ConstExpr expressions, int index, boolean loaded) {
        DataSegment segment = wasm.data().get(index);
        if (segment.mode() instanceof Mode.Active(int memory, var offset)) {
            instance.dataDropped[index] = true;
            if (loaded && memory == 0) {
                return;
            }
            MemoryType type = spaces.memory(memory);
            long start = expressions.evaluateAddress(offset, type.address());
            LinearMemory target = instance.memories[memory].linear();
            int length = segment.bytes().length();
            if (Builtins.isOutside(start, length, target.byteSize())) {
                throw new TrapException(MEMORY_OUT_OF_BOUNDS, "data segment " + index, List.of());
            }
            Builtins.writeMemory(target, start, wasm.binary(), segment.bytes().start(), length, execution);
        }
    }

    // ---- start

    private void start(InstanceImpl instance) {
        if (wasm.start() == WasmModule.NO_START) {
            return;
        }
        instance.function(wasm.start()).call();
    }
}
