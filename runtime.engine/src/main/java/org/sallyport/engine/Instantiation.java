package org.sallyport.engine;

import static org.sallyport.TrapCode.MEMORY_OUT_OF_BOUNDS;
import static org.sallyport.TrapCode.TABLE_OUT_OF_BOUNDS;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.Extern;
import org.sallyport.TrapException;
import org.sallyport.spi.LinearMemory;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.DataSegment;
import org.sallyport.wasm.WasmModule.ElementSegment;
import org.sallyport.wasm.WasmModule.Mode;

/**
 * Makes one instance (WebAssembly 3.0, 4.7.3): binds imports, allocates, evaluates initializers, copies segments, runs
 * the start function. What has been written to shared tables and memories before a trap stays written, as the
 * specification says.
 */
final class Instantiation {
    /** Entries of the module between two looks at the deadline. */
    private static final int BETWEEN_CHECKS = 1024;

    private final StoreImpl store;
    private final NativeExecution execution;
    private final ModuleImpl module;
    private final WasmModule wasm;
    private final IndexSpaces spaces;
    private final VmLayout layout;
    private final InstanceImpl instance;
    /** What memory 0 will hold, or null if its data must be copied. */
    private @Nullable MemoryImage image;
    private final long vmctx;
    private int steps;

    /** Called by the thread inside the store. */
    static InstanceImpl run(StoreImpl store, ModuleImpl module, List<Object> imports) {
        store.use(module);
        Instantiation making = new Instantiation(store, module);
        making.bind(imports);
        making.allocate();
        store.resources().charge(Kind.HEAP, module.initializationHeap());
        try {
            making.initialize();
        } catch (Throwable t) {
            making.withdrawImage();
            throw t;
        } finally {
            store.resources().giveBack(Kind.HEAP, module.initializationHeap());
        }
        making.start();
        return making.instance;
    }

    private Instantiation(StoreImpl store, ModuleImpl module) {
        this.store = store;
        execution = store.execution();
        this.module = module;
        wasm = module.wasm();
        spaces = module.spaces();
        layout = module.layout();
        store.resources().charge(Kind.HEAP, module.instanceHeap());
        vmctx = execution.memory.newInstance(layout);
        instance = new InstanceImpl(store, module, vmctx);
        execution.objects.add(instance);
    }

    /** Called in every loop that the module sizes: now and then looks whether the instantiation must stop. */
    private void step() {
        if (--steps < 0) {
            steps = BETWEEN_CHECKS;
            execution.checkpoint();
        }
    }

    // ---- imports

    /** @param imports in the order of the module: {@link HostEntry} or {@link Extern} of the store */
    private void bind(List<Object> imports) {
        int functions = 0;
        int tables = 0;
        int memories = 0;
        int globals = 0;
        int tags = 0;
        for (Object item : imports) {
            step();
            switch (item) {
                case HostEntry host -> bindFunction(functions++, execution.objects.hostFunction(host, module.trampolines()));
                case FuncImpl function -> bindFunction(functions++, function);
                case TableImpl table -> instance.tables[tables++] = table;
                case MemoryImpl memory -> instance.memories[memories++] = memory;
                case GlobalImpl global -> instance.globals[globals++] = global;
                case TagImpl tag -> instance.tags[tags++] = tag;
                default -> throw new AssertionError("BUG: import " + item);
            }
        }
    }

    private void bindFunction(int index, FuncImpl function) {
        instance.setImport(index, function);
        NativeMemory.putLong(vmctx + layout.importCode(index), function.code());
        NativeMemory.putLong(vmctx + layout.importVmctx(index), function.vmctx());
    }

    // ---- allocation

    private void allocate() {
        image = module.initialMemory().image(this::step);
        for (int i = spaces.importedMemories(); i < spaces.memoryCount(); i++) {
            MemoryImage known = i == 0 ? image : null;
            instance.memories[i] = new MemoryImpl(store, execution.memory.newMemory(spaces.memory(i), known));
        }
        for (int i = 0; i < spaces.memoryCount(); i++) {
            LinearMemory memory = instance.memories[i].linear();
            NativeMemory.putLong(vmctx + layout.memoryBase(i), memory.base());
            NativeMemory.putLong(vmctx + layout.memoryDef(i), memory.definition());
        }
        for (int i = spaces.importedTags(); i < spaces.tagCount(); i++) {
            step();
            int type = spaces.tagTypeIndex(i);
            instance.tags[i] = execution.exceptions.newTag(module.namedType(type), module.typeIds()[type]);
        }
        for (int i = 0; i < spaces.tagCount(); i++) {
            step();
            NativeMemory.putLong(vmctx + layout.tag(i), instance.tags[i].number());
        }
        int[] ids = module.typeIds();
        for (int i = 0; i < ids.length; i++) {
            step();
            NativeMemory.putInt(vmctx + layout.typeId(i), ids[i]);
        }
        writeReferences();
    }

    private void writeReferences() {
        int first = store.references().reserve(instance, layout.funcRefCount());
        int imported = spaces.importedFuncs();
        for (int i = 0; i < layout.funcRefCount(); i++) {
            step();
            int index = layout.funcRefFunction(i);
            long record = vmctx + layout.funcRefSlot(i);
            if (index < imported) {
                FuncImpl function = instance.function(index);
                FuncImpl.writeReference(record, function.code(), function.vmctx(), function.typeId(), first + i);
            } else {
                FuncImpl.writeReference(
                        record, module.codeAddress(index), vmctx, module.funcTypeId(index), first + i);
            }
        }
    }

    // ---- initializers

    private void initialize() {
        ConstExpr expressions = new ConstExpr(instance, this::step);
        for (int i = 0; i < spaces.globalCount(); i++) {
            step();
            long entry = vmctx + layout.global(i);
            if (i < spaces.importedGlobals()) {
                NativeMemory.putLong(entry, instance.globals[i].slot());
            } else {
                GlobalType type = module.rename(spaces.global(i));
                instance.globals[i] = store.newGlobal(type, entry);
                expressions.evaluate(wasm.globals().get(i - spaces.importedGlobals()).init(), entry);
            }
        }
        makeTables(expressions);
        for (int i = 0; i < instance.elements.length; i++) {
            step();
            instance.elements[i] = references(expressions, i);
        }
        for (int i = 0; i < instance.elements.length; i++) {
            step();
            copyElements(expressions, i);
        }
        boolean loaded = image != null && instance.memories[0].linear().load(image);
        for (int i = 0; i < instance.dataDropped.length; i++) {
            step();
            copyData(expressions, i, loaded);
        }
    }

    /** Functions that are in tables of others by now must not see data that was never written. */
    private void withdrawImage() {
        if (image != null) {
            instance.memories[0].linear().unload();
        }
    }

    private void makeTables(ConstExpr expressions) {
        for (int i = spaces.importedTables(); i < spaces.tableCount(); i++) {
            step();
            WasmModule.@Nullable Expr init =
                    wasm.tables().get(i - spaces.importedTables()).init();
            long initial = init == null ? 0 : expressions.evaluate(init);
            instance.tables[i] =
                    store.newTable(execution.memory.newTable(module.rename(spaces.table(i)), initial));
        }
        for (int i = 0; i < spaces.tableCount(); i++) {
            NativeMemory.putLong(vmctx + layout.table(i), instance.table(i).definition());
        }
    }

    private long[] references(ConstExpr expressions, int index) {
        ElementSegment segment = wasm.elements().get(index);
        if (segment.exprs().isEmpty()) {
            return functionReferences(segment.funcs(), module.referenceOffsets(index, this::step));
        }
        long[] references = new long[segment.size()];
        for (int i = 0; i < references.length; i++) {
            step();
            references[i] = expressions.evaluate(segment.exprs().get(i));
            if (Shapes.isException(segment.type())) {
                execution.exceptions.table().hold(references[i]);
            }
        }
        return references;
    }

    private long[] functionReferences(int[] functions, int[] offsets) {
        long[] references = new long[functions.length];
        for (int i = 0; i < references.length; i++) {
            step();
            references[i] = offsets[i] >= 0 ? vmctx + offsets[i] : instance.functionReference(functions[i]);
        }
        return references;
    }

    private void copyElements(ConstExpr expressions, int segment) {
        switch (wasm.elements().get(segment).mode()) {
            case Mode.Passive() -> {}
            case Mode.Declarative() -> instance.elements[segment] = null;
            case Mode.Active(int table, var offset) -> {
                long[] references = instance.elements[segment];
                long start = expressions.evaluateAddress(offset, spaces.table(table).address());
                if (!copyReferences(references, 0, instance.table(table), start, references.length, execution)) {
                    throw new TrapException(TABLE_OUT_OF_BOUNDS, "element segment " + segment, List.of());
                }
                instance.elements[segment] = null;
            }
        }
    }

    /** {@code table.init}. @return false if a range is not wholly inside; then nothing is written */
    static boolean copyReferences(
            long[] references, long from, ReferenceTable table, long to, long length, NativeExecution execution) {
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
    private void copyData(ConstExpr expressions, int index, boolean loaded) {
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
            Builtins.writeMemory(target.base() + start, wasm.binary(), segment.bytes().start(), length, execution);
        }
    }

    // ---- start

    private void start() {
        if (wasm.start() == WasmModule.NO_START) {
            return;
        }
        instance.function(wasm.start()).call();
    }
}
