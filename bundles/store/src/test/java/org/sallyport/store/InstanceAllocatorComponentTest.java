package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InstanceAllocatorComponentTest {
    @Test
    void poolIsANumber() {
        assertThat(InstanceAllocatorComponent.pool(Map.of())).isEqualTo(PoolingAllocator.DEFAULT_POOL);
        assertThat(InstanceAllocatorComponent.pool(Map.of("pool", "7", "service.pid", "x"))).isEqualTo(7);
        assertThat(InstanceAllocatorComponent.pool(Map.of("pool", 0L))).isZero();
    }

    @Test
    void whatCannotBeReadLeavesTheDefault() {
        for (Object value : List.of("", "many", "-1", "1e3", true, new int[] {1}, 1L << 40)) {
            assertThat(InstanceAllocatorComponent.pool(Map.of("pool", value))).isEqualTo(PoolingAllocator.DEFAULT_POOL);
        }
        assertThat(InstanceAllocatorComponent.pool(Map.of("Pool", 5))).isEqualTo(PoolingAllocator.DEFAULT_POOL);
    }
}
