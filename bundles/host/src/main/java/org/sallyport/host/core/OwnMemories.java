package org.sallyport.host.core;

import java.util.List;
import java.util.function.Function;
import org.sallyport.EntityType;
import org.sallyport.ImportType;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;

/**
 * Memories that a plugin imports although they are nobody else's: the Open Policy Agent's and Emscripten's modules want their
 * host to make them. Each instance gets one of its own, within its limit, as if its module had declared it: nothing is
 * within reach by it, so no grant is asked. One of a shared type is another thing, and has no such.
 */
final class OwnMemories {
    private OwnMemories() {}

    static boolean isOne(ImportType wanted) {
        return wanted.type() instanceof EntityType.Memory memory && !memory.type().shared();
    }

    /**
     * What makes instances.
     *
     * @param linker with all that the module imports besides; from now on it is this method's
     * @throws org.sallyport.SallyportException if it cannot be linked, and that can be told without an instance
     */
    static Function<Store, Instance> link(Linker linker, Module module) {
        List<ImportType> memories = module.imports().stream().filter(OwnMemories::isOne).toList();
        if (memories.isEmpty()) {
            return linker.link(module)::instantiate;
        }
        return store -> {
            LinkedModule linked;
            synchronized (linker) {
                for (ImportType wanted : memories) {
                    EntityType.Memory memory = (EntityType.Memory) wanted.type();
                    linker.define(wanted.module(), wanted.name(), store.newMemory(memory.type()));
                }
                linked = linker.link(module);
            }
            return linked.instantiate(store);
        };
    }
}
