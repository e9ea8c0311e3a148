package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.EngineLimits;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.SharedLinearMemory;
import org.sallyport.spi.StoreMemory;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;

class SharedMemoryTest {
    private static final int PAGE = 64 << 10;

    private final ResourceAccount process = ResourceAccount.root(Invariants.MUCH);
    private final LinuxMemory virtual = new LinuxMemory(process);
    private final PoolingAllocator allocator = new PoolingAllocator(virtual, 2);
    private final ResourceAccount engine = process.newEngine(EngineLimits.DEFAULT);
    private final ResourceAccount owner = engine.newOwner();
    private final MemoryBudget budget = new MemoryBudget(3 * PAGE, "a test");

    private SharedLinearMemory make(long min, long max, boolean explicitChecks, ResourceAccount account) {
        MemoryType type =
                new MemoryType(AddressType.I32, Limits.between(min, max), true, MemoryType.PAGE_SIZE_LOG2);
        return allocator.newSharedMemory(type, explicitChecks, account, budget);
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(budget.used()).isZero();
        owner.close();
        engine.close();
        allocator.trim();
        Invariants.nothingIsLeft(virtual, process);
    }

    @Test
    void growsWithinItsBudgetAndType() {
        for (boolean explicitChecks : new boolean[] {false, true}) {
            ResourceAccount own = engine.newOwner();
            try (SharedLinearMemory memory = make(1, 4, explicitChecks, own)) {
                NativeMemory.putInt(memory.base() + PAGE - 4, 7);
                assertThat(memory.grow(2)).isEqualTo(1);
                assertThat(memory.byteSize()).isEqualTo(3 * PAGE);
                assertThat(NativeMemory.getLong(memory.definition())).isEqualTo(3 * PAGE);
                NativeMemory.putInt(memory.base() + 3 * PAGE - 4, 8);
                assertThatThrownBy(() -> memory.grow(1))
                        .isInstanceOf(LimitExceededException.class)
                        .hasMessageContaining("a test");
                assertThat(memory.grow(2)).isEqualTo(-1);
                assertThat(budget.used()).isEqualTo(3 * PAGE);
                assertThat(own.used(Kind.COMMITTED)).isEqualTo(3 * PAGE + ChunkPool.CHUNK);
            }
            own.close();
            assertThat(budget.used()).isZero();
        }
    }

    @Test
    void storesThatAdoptItKnowItsGuards() {
        ResourceAccount other = engine.newOwner();
        try (SharedLinearMemory memory = make(1, 1, false, owner);
                StoreMemory store = allocator.open(StoreLimits.DEFAULT.withMemories(1), false, other)) {
            assertThat(store.isGuarded(memory.base() + PAGE)).isFalse();
            store.adopt(memory);
            assertThat(store.isGuarded(memory.base() + PAGE)).isTrue();
            assertThat(store.memoryBytes()).isZero();
            assertThatThrownBy(() -> store.adopt(memory)).isInstanceOf(LimitExceededException.class);
            assertThatThrownBy(() -> store.newMemory(MemoryType.of(Limits.between(0, 1))))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.memories");
        }
        other.close();
    }

    @Test
    void whatCannotBeMadeLeavesNothing() {
        assertThatThrownBy(() -> make(4, 4, false, owner)).isInstanceOf(LimitExceededException.class);
        assertThatThrownBy(() -> allocator.newSharedMemory(MemoryType.of(Limits.between(1, 1)), false, owner, budget))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
