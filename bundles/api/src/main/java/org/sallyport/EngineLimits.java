package org.sallyport;

/**
 * What all modules and stores of one engine may take together of what the process has only so much of. 0 stands for
 * three quarters of what all engines of the process may take, so that one leaves room for others; what that is depends
 * on the machine and on the settings of the operating system (docs/decisions/resource-accounts.md). {@link
 * LimitExceededException} says what was refused.
 *
 * @param mappings the kernel's memory mappings (Linux: {@code vm.max_map_count}); a store takes 4, a linear memory 5
 * @param addressSpace bytes of address space; a 32-bit memory takes 8 GiB unless bounds are checked explicitly
 * @param committed bytes that guests can make resident: linear memories, tables, contexts, guest stacks
 * @param descriptors file descriptors
 * @param threads threads of the engine
 * @param heap bytes of Java heap, where it is counted
 * @param sharedMemory bytes of all memories that {@link Engine#newSharedMemory} makes, which count as committed, too; 0: no
 *     limit of their own
 */
public record EngineLimits(
        long mappings, long addressSpace, long committed, long descriptors, long threads, long heap,
        long sharedMemory) {
    /** Three quarters of everything. */
    public static final EngineLimits DEFAULT = new EngineLimits(0, 0, 0, 0, 0, 0, 0);

    public EngineLimits {
        if (mappings < 0 || addressSpace < 0 || committed < 0 || descriptors < 0 || threads < 0 || heap < 0
                || sharedMemory < 0) {
            throw new IllegalArgumentException("negative limit: " + mappings + ", " + addressSpace + ", " + committed
                    + ", " + descriptors + ", " + threads + ", " + heap + ", " + sharedMemory);
        }
    }

    /** No limit of their own for shared memories. */
    public EngineLimits(
            long mappings, long addressSpace, long committed, long descriptors, long threads, long heap) {
        this(mappings, addressSpace, committed, descriptors, threads, heap, 0);
    }

    public EngineLimits withMappings(long mappings) {
        return new EngineLimits(mappings, addressSpace, committed, descriptors, threads, heap, sharedMemory);
    }

    public EngineLimits withAddressSpace(long addressSpace) {
        return new EngineLimits(mappings, addressSpace, committed, descriptors, threads, heap, sharedMemory);
    }

    public EngineLimits withCommitted(long committed) {
        return new EngineLimits(mappings, addressSpace, committed, descriptors, threads, heap, sharedMemory);
    }

    public EngineLimits withDescriptors(long descriptors) {
        return new EngineLimits(mappings, addressSpace, committed, descriptors, threads, heap, sharedMemory);
    }

    public EngineLimits withThreads(long threads) {
        return new EngineLimits(mappings, addressSpace, committed, descriptors, threads, heap, sharedMemory);
    }

    public EngineLimits withHeap(long heap) {
        return new EngineLimits(mappings, addressSpace, committed, descriptors, threads, heap, sharedMemory);
    }

    public EngineLimits withSharedMemory(long sharedMemory) {
        return new EngineLimits(mappings, addressSpace, committed, descriptors, threads, heap, sharedMemory);
    }

    /**
     * The same with numbers for shares.
     *
     * @param all what all engines may take, without shares
     */
    public EngineLimits orShareOf(EngineLimits all) {
        return new EngineLimits(
                orShare(mappings, all.mappings),
                orShare(addressSpace, all.addressSpace),
                orShare(committed, all.committed),
                orShare(descriptors, all.descriptors),
                orShare(threads, all.threads),
                orShare(heap, all.heap),
                sharedMemory);
    }

    private static long orShare(long own, long all) {
        return own == 0 ? all - all / 4 : own;
    }
}
