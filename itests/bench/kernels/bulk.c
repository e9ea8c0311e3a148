// Bulk memory: fills and overlapping copies of many sizes (memory.fill and memory.copy in wasm).
#include "kernel.h"
static unsigned char area[1 << 18];
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 11, sum = 0;
    __builtin_memset(area, 1, sizeof area);
    for (int32_t i = 0; i < n; i++) {
        uint32_t size = 16u << (next_random(&seed) % 10);
        uint32_t from = next_random(&seed) % (sizeof area - size), to = next_random(&seed) % (sizeof area - size);
        __builtin_memset(area + from, i, size / 2);
        __builtin_memmove(area + to, area + from, size);
        sum += area[to + size / 3] + area[from];
    }
    return (int64_t)sum;
}
