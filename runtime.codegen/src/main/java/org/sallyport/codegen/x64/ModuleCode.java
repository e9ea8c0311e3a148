package org.sallyport.codegen.x64;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Type;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.IndexSpaces;

/**
 * What the code of all functions of a module depends on: context layout, signatures. Immutable; any number of threads
 * reads it.
 */
final class ModuleCode {
    private final ModuleFacts facts;
    private final IndexSpaces spaces;
    /** By type index: null until somebody asks, since a module may have a million types that no function uses. */
    private final @Nullable CallLayout[] layouts;

    ModuleCode(ModuleFacts facts) {
        this.facts = facts;
        spaces = facts.valid().spaces();
        layouts = new @Nullable CallLayout[facts.valid().module().types().size()];
    }

    ModuleFacts facts() {
        return facts;
    }

    VmLayout vmLayout() {
        return facts.layout();
    }

    int importedFuncs() {
        return spaces.importedFuncs();
    }

    boolean hasMemory() {
        return spaces.memoryCount() > 0;
    }

    CallLayout typeLayout(int typeIndex) {
        CallLayout layout = layouts[typeIndex];
        if (layout == null) {
            if (!(facts.valid().module().types().get(typeIndex).composite() instanceof FuncType type)) {
                throw new AssertionError("BUG: type " + typeIndex + " is no function type");
            }
            layout = CallLayout.of(type);
            layouts[typeIndex] = layout; // whoever does the same at the same time makes the same
        }
        return layout;
    }

    CallLayout functionLayout(int function) {
        return typeLayout(spaces.funcTypeIndex(function));
    }

    /** Memory helpers take three 64-bit integers. */
    static final CallLayout HELPER = CallLayout.of(new Type[] {Type.I64, Type.I64, Type.I64}, new Type[0]);
}
