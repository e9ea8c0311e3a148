package org.sallyport.store;

import org.sallyport.spi.VmLayout;

/** The globals that a host makes; those of modules lie in their instance contexts. */
final class GlobalManager {
    private final Arena arena;

    GlobalManager(Arena arena) {
        this.arena = arena;
    }

    /** Address of a zeroed slot that instances can point to. */
    long make() {
        return arena.allocate(VmLayout.GLOBAL_ENTRY);
    }
}
