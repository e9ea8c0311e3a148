// Calls through a comparator: heap sort and binary search of records.
#include "kernel.h"
#define COUNT 2000
typedef struct { uint32_t key; uint32_t rank; double weight; } record;
typedef int (*comparator)(const record *, const record *);
static record records[COUNT];
static int by_key(const record *a, const record *b) { return a->key < b->key ? -1 : a->key > b->key; }
static int by_weight(const record *a, const record *b) { return a->weight < b->weight ? -1 : a->weight > b->weight; }
static const comparator comparators[2] = {by_key, by_weight};
static void sift(record *list, int at, int count, comparator compare) {
    record moved = list[at];
    for (int child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && compare(&list[child], &list[child + 1]) < 0) child++;
        if (compare(&moved, &list[child]) >= 0) break;
        list[at] = list[child];
    }
    list[at] = moved;
}
static NOINLINE void sort(record *list, int count, comparator compare) {
    for (int i = count / 2; i-- > 0;) sift(list, i, count, compare);
    for (int i = count; --i > 0;) {
        record last = list[i];
        list[i] = list[0];
        list[0] = last;
        sift(list, 0, i, compare);
    }
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 5, sum = 0;
    for (int32_t round = 0; round < n; round++) {
        for (int i = 0; i < COUNT; i++) {
            records[i].key = next_random(&seed) % 100000;
            records[i].rank = i;
            records[i].weight = (double)(next_random(&seed) % 100000) / 7;
        }
        comparator compare = comparators[round & 1];
        sort(records, COUNT, compare);
        for (int i = 0; i < 200; i++) {
            record wanted = {next_random(&seed) % 100000, 0, (double)(next_random(&seed) % 100000) / 7};
            int low = 0, high = COUNT;
            while (low < high) {
                int middle = (low + high) / 2;
                if (compare(&records[middle], &wanted) < 0) low = middle + 1; else high = middle;
            }
            sum = sum * 31 + low + (low < COUNT ? records[low].rank : 0);
        }
    }
    return (int64_t)sum;
}
