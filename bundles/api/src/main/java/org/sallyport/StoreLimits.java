package org.sallyport;

/**
 * What one store may take. Enforced when things are made and when they grow; a guest's {@code memory.grow} or {@code
 * table.grow} beyond a limit returns -1, a host's throws {@link LimitExceededException}.
 *
 * @param memoryBytes sum over all memories of the store
 * @param tableElements sum over all tables of the store; also the number of host objects that its guests may hold as
 *     references
 * @param instances number of instances
 * @param stackBytes guest stack that calls may use, 64 KiB to 1 GiB
 */
public record StoreLimits(long memoryBytes, long tableElements, int instances, int stackBytes) {
    /** 4 GiB of memory, ten million table elements, 10 000 instances, 1 MiB of stack. */
    public static final StoreLimits DEFAULT = new StoreLimits(4L << 30, 10_000_000, 10_000, 1 << 20);

    public StoreLimits {
        if (memoryBytes < 0 || tableElements < 0 || instances < 0) {
            throw new IllegalArgumentException(
                    "negative limit: " + memoryBytes + ", " + tableElements + ", " + instances);
        }
        if (stackBytes < 1 << 16 || stackBytes > 1 << 30) {
            throw new IllegalArgumentException("stackBytes must be 65536 to 1073741824: " + stackBytes);
        }
    }

    public StoreLimits withMemoryBytes(long memoryBytes) {
        return new StoreLimits(memoryBytes, tableElements, instances, stackBytes);
    }

    public StoreLimits withTableElements(long tableElements) {
        return new StoreLimits(memoryBytes, tableElements, instances, stackBytes);
    }

    public StoreLimits withInstances(int instances) {
        return new StoreLimits(memoryBytes, tableElements, instances, stackBytes);
    }

    public StoreLimits withStackBytes(int stackBytes) {
        return new StoreLimits(memoryBytes, tableElements, instances, stackBytes);
    }
}
