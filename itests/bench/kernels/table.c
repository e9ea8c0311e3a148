// Random memory through a hash table with open addressing: insert, look up, delete, of 64 Ki slots.
#include "kernel.h"
#define SLOTS 65536
static uint32_t keys[SLOTS], values[SLOTS];
static uint32_t find(uint32_t key) {
    uint32_t at = (key * 0x9e3779b1u) >> 16;
    while (keys[at] != 0 && keys[at] != key) at = (at + 1) & (SLOTS - 1);
    return at;
}
static void delete(uint32_t at) {
    uint32_t hole = at;
    for (uint32_t next = (at + 1) & (SLOTS - 1); keys[next] != 0; next = (next + 1) & (SLOTS - 1)) {
        uint32_t home = (keys[next] * 0x9e3779b1u) >> 16;
        if (((next - home) & (SLOTS - 1)) >= ((next - hole) & (SLOTS - 1))) {
            keys[hole] = keys[next];
            values[hole] = values[next];
            hole = next;
        }
    }
    keys[hole] = 0;
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 11, sum = 0;
    for (int i = 0; i < SLOTS; i++) keys[i] = 0;
    for (int32_t i = 0; i < n; i++) {
        uint32_t key = next_random(&seed) % 40000 + 1, at = find(key);
        if (keys[at] == 0) {
            keys[at] = key;
            values[at] = i;
        } else if (i % 3 == 0) {
            delete(at);
        } else {
            sum += values[at]++;
        }
    }
    return (int64_t)sum;
}
