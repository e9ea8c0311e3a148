package org.sallyport;

/**
 * What one store may take. Enforced when things are made and when they grow; a guest's {@code memory.grow} or {@code
 * table.grow} beyond a limit returns -1, a host's throws {@link LimitExceededException}. What all stores of an engine
 * take together is limited by {@link EngineLimits}.
 *
 * @param memoryBytes sum over all memories of the store
 * @param tableElements sum over all tables of the store; also the number of host objects that its guests may hold as
 *     references
 * @param instances number of instances
 * @param stackBytes guest stack that calls may use, 64 KiB to 1 GiB
 * @param memories number of memories: each takes 8 GiB of address space and 5 of the process's memory mappings
 * @param tables number of tables
 * @param exceptionBytes Java heap for the exceptions that guests have caught and refer to ({@code exnref}), and for their
 *     values
 * @param fuel instructions that the guests may execute ({@link Config#withFuel}), {@link #UNLIMITED_FUEL} for any
 *     number; {@link Store#setFuel} gives more
 * @param sharedMemories how many of its memories may be of a shared type, its own or others' ({@link SharedMemory})
 */
public record StoreLimits(
        long memoryBytes, long tableElements, int instances, int stackBytes, int memories, int tables,
        long exceptionBytes, long fuel, int sharedMemories) {
    /** More than any guest executes. Needs no engine that counts. */
    public static final long UNLIMITED_FUEL = Long.MAX_VALUE;

    /**
     * 4 GiB of memory, ten million table elements, 10 000 instances, 1 MiB of stack, 1 000 memories, 10 000 tables, 16 MiB
     * of exceptions, any amount of fuel, 1 000 shared memories: as much as a 32-bit memory can have, for a program that
     * trusts its modules. Who runs the modules of others sets less; the plugin host does.
     */
    public static final StoreLimits DEFAULT =
            new StoreLimits(4L << 30, 10_000_000, 10_000, 1 << 20, 1_000, 10_000, 16 << 20, UNLIMITED_FUEL,
                    1_000);

    public StoreLimits {
        check("memoryBytes", memoryBytes);
        check("tableElements", tableElements);
        check("instances", instances);
        check("memories", memories);
        check("tables", tables);
        check("exceptionBytes", exceptionBytes);
        check("fuel", fuel);
        check("sharedMemories", sharedMemories);
        if (stackBytes < 1 << 16 || stackBytes > 1 << 30) {
            throw new IllegalArgumentException("stackBytes must be 65536 to 1073741824: " + stackBytes);
        }
    }

    private static void check(String name, long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("negative limit: " + name + " " + limit);
        }
    }

    public StoreLimits withMemoryBytes(long memoryBytes) {
        return new StoreLimits(
                memoryBytes, tableElements, instances, stackBytes, memories, tables, exceptionBytes, fuel,
                sharedMemories);
    }

    public StoreLimits withTableElements(long tableElements) {
        return new StoreLimits(
                memoryBytes, tableElements, instances, stackBytes, memories, tables, exceptionBytes, fuel,
                sharedMemories);
    }

    public StoreLimits withInstances(int instances) {
        return new StoreLimits(
                memoryBytes, tableElements, instances, stackBytes, memories, tables, exceptionBytes, fuel,
                sharedMemories);
    }

    public StoreLimits withStackBytes(int stackBytes) {
        return new StoreLimits(
                memoryBytes, tableElements, instances, stackBytes, memories, tables, exceptionBytes, fuel,
                sharedMemories);
    }

    public StoreLimits withMemories(int memories) {
        return new StoreLimits(
                memoryBytes, tableElements, instances, stackBytes, memories, tables, exceptionBytes, fuel,
                sharedMemories);
    }

    public StoreLimits withTables(int tables) {
        return new StoreLimits(
                memoryBytes, tableElements, instances, stackBytes, memories, tables, exceptionBytes, fuel,
                sharedMemories);
    }

    public StoreLimits withExceptionBytes(long exceptionBytes) {
        return new StoreLimits(
                memoryBytes, tableElements, instances, stackBytes, memories, tables, exceptionBytes, fuel,
                sharedMemories);
    }

    /** @param fuel needs an engine that counts ({@link Config#withFuel}), unless it is {@link #UNLIMITED_FUEL} */
    public StoreLimits withFuel(long fuel) {
        return new StoreLimits(
                memoryBytes, tableElements, instances, stackBytes, memories, tables, exceptionBytes, fuel,
                sharedMemories);
    }

    /** @param sharedMemories 0 for guests that share nothing */
    public StoreLimits withSharedMemories(int sharedMemories) {
        return new StoreLimits(
                memoryBytes, tableElements, instances, stackBytes, memories, tables, exceptionBytes, fuel,
                sharedMemories);
    }
}
