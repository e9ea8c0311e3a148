// Calls through function pointers: shapes with virtual methods, and a heap sort with a comparison function.
#include "kernel.h"
typedef struct shape { int32_t (*area)(const struct shape *); int32_t a, b; } shape;
static int32_t square(const shape *s) { return s->a * s->a; }
static int32_t rectangle(const shape *s) { return s->a * s->b; }
static int32_t triangle(const shape *s) { return s->a * s->b >> 1; }
static int32_t ring(const shape *s) { return 3 * (s->a * s->a - s->b * s->b); }
static int32_t (*const kinds[])(const shape *) = {square, rectangle, triangle, ring};
static shape shapes[256];
static int ascending(uint32_t x, uint32_t y) { return x < y; }
static int descending(uint32_t x, uint32_t y) { return x > y; }
static uint32_t keys[256];
static NOINLINE void sift(int root, int end, int (*less)(uint32_t, uint32_t)) {
    for (int child; (child = 2 * root + 1) < end; root = child) {
        if (child + 1 < end && less(keys[child], keys[child + 1])) child++;
        if (!less(keys[root], keys[child])) return;
        uint32_t t = keys[root]; keys[root] = keys[child]; keys[child] = t;
    }
}
static NOINLINE void sort(int (*less)(uint32_t, uint32_t)) {
    for (int i = 127; i >= 0; i--) sift(i, 256, less);
    for (int end = 255; end > 0; end--) {
        uint32_t t = keys[0]; keys[0] = keys[end]; keys[end] = t;
        sift(0, end, less);
    }
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 5, sum = 0;
    for (int i = 0; i < 256; i++) {
        shape s = {kinds[next_random(&seed) % 4], next_random(&seed) % 100, next_random(&seed) % 50};
        shapes[i] = s;
    }
    for (int32_t r = 0; r < n; r++) {
        for (int i = 0; i < 256; i++) {
            int32_t area = shapes[i].area(&shapes[i]);
            sum += area;
            keys[i] = (uint32_t)area * 2654435761u + r;
        }
        sort(r & 1 ? ascending : descending);
        sum ^= keys[r & 255];
    }
    return (int64_t)sum;
}
