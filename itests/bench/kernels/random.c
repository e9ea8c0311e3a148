// Random memory: a hash table with open addressing and a walk along a shuffled ring.
#include "kernel.h"
#define SLOTS (1 << 15)
#define RING (1 << 14)
typedef struct { uint32_t key, count; } slot;
static slot slots[SLOTS];
typedef struct cell { struct cell *next; uint32_t value; } cell;
static cell ring[RING];
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 99, sum = 0;
    static uint32_t order[RING];
    for (uint32_t i = 0; i < RING; i++) {
        uint32_t j = next_random(&seed) % (i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (uint32_t i = 0; i < RING; i++) {
        ring[order[i]].next = &ring[order[(i + 1) % RING]];
        ring[order[i]].value = i;
    }
    for (int i = 0; i < SLOTS; i++) {
        slots[i].key = slots[i].count = 0;
    }
    cell *at = ring;
    for (int32_t i = 0; i < n; i++) {
        uint32_t key = next_random(&seed) % (SLOTS / 2) + 1;
        uint32_t h = key * 2654435761u >> 17;
        while (slots[h].key && slots[h].key != key) {
            h = (h + 1) % SLOTS;
        }
        slots[h].key = key;
        slots[h].count++;
        at = at->next;
        sum += slots[h].count ^ at->value;
    }
    return (int64_t)sum;
}
