package org.sallyport.engine.objectcode;

import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;

/**
 * What a store whose guests run as Java code has taken of its limits. All of it is Java heap, and is charged as such. Used by
 * the thread inside the store.
 */
final class ObjectLimits {
    /** Bytes of a table's element. */
    private static final int ELEMENT = 8;

    private final StoreLimits limits;
    private final ResourceAccount account;
    private int instances;
    private int memories;
    private final MemoryBudget memory;
    private long tableElements;

    ObjectLimits(StoreLimits limits, ResourceAccount account) {
        this.limits = limits;
        this.account = account;
        memory = new MemoryBudget(limits.memoryBytes(), "StoreLimits.memoryBytes");
    }

    /** Of all memories, the shared ones that the store has made among them. */
    MemoryBudget memory() {
        return memory;
    }

    void addInstance() {
        if (instances >= limits.instances()) {
            throw new LimitExceededException("instances", instances + 1L, limits.instances(), "StoreLimits.instances");
        }
        instances++;
    }

    void addMemory() {
        if (memories >= limits.memories()) {
            throw new LimitExceededException("memories", memories + 1L, limits.memories(), "StoreLimits.memories");
        }
        memories++;
    }

    /** @param bytes not negative */
    void takeMemory(long bytes) {
        memory.take(bytes);
        boolean isCharged = false;
        try {
            account.charge(Kind.HEAP, bytes);
            isCharged = true;
        } finally {
            if (!isCharged) {
                memory.giveBack(bytes);
            }
        }
    }

    void giveMemoryBack(long bytes) {
        memory.giveBack(bytes);
        account.giveBack(Kind.HEAP, bytes);
    }

    /** What memories have left. */
    long memoryBytesLeft() {
        return limits.memoryBytes() - memory.used();
    }

    /** Objects of guests: see {@link LiveBytes}. */
    void takeLive(long bytes) {
        account.charge(Kind.HEAP, bytes);
    }

    void giveLiveBack(long bytes) {
        account.giveBack(Kind.HEAP, bytes);
    }

    /** @param elements unsigned */
    void takeElements(long elements) {
        if (Long.compareUnsigned(elements, limits.tableElements() - tableElements) > 0) {
            long asked = elements < 0 ? Long.MAX_VALUE : Math.max(tableElements + elements, elements);
            throw new LimitExceededException("table elements", asked, limits.tableElements(), "StoreLimits.tableElements");
        }
        account.charge(Kind.HEAP, ELEMENT * elements);
        tableElements += elements;
    }

    void giveElementsBack(long elements) {
        tableElements -= elements;
        account.giveBack(Kind.HEAP, ELEMENT * elements);
    }

    long memoryBytes() {
        return memory.used();
    }
}
