package org.sallyport.codegen.pipeline;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Type;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.IndexSpaces;

/**
 * What the code of all functions of a module depends on: machine, context layout, signatures. Immutable; any number of threads
 * reads it.
 */
public final class ModuleCode {
    private static final Type[] HELPER_PARAMS = {Type.I64, Type.I64, Type.I64};

    private final ModuleFacts facts;
    private final Isa isa;
    private final VmLayout layout;
    private final CallLayout helper;
    private final IndexSpaces spaces;
    /** By type index: null until somebody asks, since a module may have a million types that no function uses. */
    private final @Nullable CallLayout[] layouts;

    public ModuleCode(ModuleFacts facts, Isa isa) {
        this.facts = facts;
        this.isa = isa;
        layout = new VmLayout(facts.valid().module(), facts.valid().escapingFunctions());
        helper = CallLayout.of(isa.convention(), HELPER_PARAMS, new Type[0]);
        spaces = facts.valid().spaces();
        layouts = new @Nullable CallLayout[facts.valid().module().types().size()];
    }

    Isa isa() {
        return isa;
    }

    ModuleFacts facts() {
        return facts;
    }

    public VmLayout vmLayout() {
        return layout;
    }

    int importedFuncs() {
        return spaces.importedFuncs();
    }

    /** Whether the code counts what it executes. */
    public boolean countsFuel() {
        return facts.options().fuel();
    }

    /** Whether {@link VmLayout#MEMORY0_BASE} is the base of something. */
    public boolean hasMemory() {
        return spaces.memoryCount() > 0 || hasHeapBase();
    }

    /** Whether that is the heap of objects, as there is no memory 0. */
    public boolean hasHeapBase() {
        return spaces.memoryCount() == 0 && facts.valid().features().contains(Feature.GC);
    }

    /** Whether there is such a function, imported or not. */
    public boolean isFunction(long index, boolean isImported) {
        return index >= 0 && index < facts.valid().module().bodies().size() + importedFuncs()
                && index < importedFuncs() == isImported;
    }

    /** Whether there is such a type, of functions. */
    public boolean isFunctionType(long index) {
        return index >= 0 && index < layouts.length
                && facts.valid().module().types().get((int) index).composite() instanceof FuncType;
    }

    /** See {@link ModuleFacts#leavesInstance}. */
    public boolean leavesInstance(int function) {
        return facts.leavesInstance(function);
    }

    public CallLayout typeLayout(int typeIndex) {
        CallLayout layout = layouts[typeIndex];
        if (layout == null) {
            if (!(facts.valid().module().types().get(typeIndex).composite() instanceof FuncType type)) {
                throw new AssertionError("BUG: type " + typeIndex + " is no function type");
            }
            layout = CallLayout.of(isa.convention(), type);
            layouts[typeIndex] = layout; // whoever does the same at the same time makes the same
        }
        return layout;
    }

    public CallLayout functionLayout(int function) {
        return typeLayout(spaces.funcTypeIndex(function));
    }

    /** Memory helpers take three 64-bit integers. */
    public CallLayout helperLayout() {
        return helper;
    }

    public CallLayout builtinLayout(Builtin builtin) {
        return CallLayout.of(isa.convention(), builtin.type());
    }
}
