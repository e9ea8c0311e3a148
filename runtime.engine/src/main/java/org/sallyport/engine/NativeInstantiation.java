package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.MachineTable;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.GlobalType;

/** Makes an instance of machine code: writes its context ({@link VmLayout}). */
final class NativeInstantiation extends Instantiation {
    private final NativeExecution execution;
    private final NativeModule module;
    private final VmLayout layout;
    private final NativeInstance instance;
    private final long vmctx;
    /** What memory 0 will hold, or null if its data must be copied. */
    private @Nullable MemoryImage image;

    NativeInstantiation(NativeExecution execution, NativeModule module) {
        super(execution, module);
        this.execution = execution;
        this.module = module;
        layout = module.layout();
        vmctx = execution.memory.newInstance(layout);
        instance = new NativeInstance(execution, module, vmctx);
    }

    @Override
    protected InstanceImpl newInstance() {
        execution.objects.add(instance);
        return instance;
    }

    @Override
    protected FuncImpl hostFunction(HostEntry entry) {
        return execution.objects.hostFunction(entry, module.trampolines());
    }

    @Override
    protected void bindFunction(int index, FuncImpl function) {
        NativeFunc code = (NativeFunc) function;
        NativeMemory.putLong(vmctx + layout.importCode(index), code.code());
        NativeMemory.putLong(vmctx + layout.importVmctx(index), code.vmctx());
    }

    @Override
    protected void allocateMemories() {
        image = module.initialMemory().image(this::step);
        for (int i = spaces.importedMemories(); i < spaces.memoryCount(); i++) {
            MemoryImage known = i == 0 ? image : null;
            instance.memories[i] = execution.newMemory(spaces.memory(i), known);
        }
        for (int i = 0; i < spaces.memoryCount(); i++) {
            MachineMemory memory = memory(i);
            NativeMemory.putLong(vmctx + layout.memoryBase(i), memory.base());
            NativeMemory.putLong(vmctx + layout.memoryDef(i), memory.definition());
        }
    }

    private MachineMemory memory(int index) {
        return ((NativeMemoryImpl) instance.memories[index]).linear();
    }

    @Override
    protected void bindTags() {
        for (int i = 0; i < spaces.tagCount(); i++) {
            step();
            NativeMemory.putLong(vmctx + layout.tag(i), instance.tags[i].number());
        }
    }

    @Override
    protected void prepareReferences() {
        if (module.usesObjects()) {
            execution.heap.open();
            NativeMemory.putLong(vmctx + layout.heapBase(), execution.heap.base());
            if (spaces.memoryCount() == 0) {
                NativeMemory.putLong(vmctx + VmLayout.MEMORY0_BASE, execution.heap.base());
            }
            if (instance.elements.length > 0) {
                execution.collector.watch(instance);
            }
        }
        int[] ids = module.typeIds();
        for (int i = 0; i < ids.length; i++) {
            step();
            NativeMemory.putInt(vmctx + layout.typeId(i), execution.types.number(ids[i]));
        }
        int first = store.references().reserve(instance, layout.funcRefCount());
        int imported = spaces.importedFuncs();
        for (int i = 0; i < layout.funcRefCount(); i++) {
            step();
            int index = layout.funcRefFunction(i);
            long record = vmctx + layout.funcRefSlot(i);
            if (index < imported) {
                NativeFunc function = (NativeFunc) instance.function(index);
                NativeFunc.writeReference(
                        record, function.code(), function.vmctx(), function.typeId(), first + i,
                        execution.types.functionRow(function.typeId()));
            } else {
                int type = module.funcTypeId(index);
                NativeFunc.writeReference(
                        record, module.codeAddress(index), vmctx, type, first + i, execution.types.functionRow(type));
            }
        }
    }

    @Override
    protected GlobalImpl newGlobal(int index, GlobalType type) {
        return execution.newGlobal(type, vmctx + layout.global(index));
    }

    @Override
    protected void bindGlobal(int index, GlobalImpl global) {
        NativeMemory.putLong(vmctx + layout.global(index), ((NativeGlobal) global).slot());
    }

    @Override
    protected void bindTables() {
        for (int i = 0; i < spaces.tableCount(); i++) {
            NativeMemory.putLong(vmctx + layout.table(i), ((MachineTable) instance.references(i)).definition());
        }
    }

    @Override
    protected long[] functionReferences(int segment, int[] functions) {
        int[] offsets = module.referenceOffsets(segment, this::step);
        long[] references = new long[functions.length];
        for (int i = 0; i < references.length; i++) {
            step();
            references[i] = offsets[i] >= 0 ? vmctx + offsets[i] : instance.functionReference(functions[i]);
        }
        return references;
    }

    @Override
    protected boolean loadImage() {
        return image != null && memory(0).load(image);
    }

    @Override
    protected void withdraw() {
        if (image != null) {
            memory(0).unload();
        }
    }
}
