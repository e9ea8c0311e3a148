// Deep and many calls: Takeuchi's function.
#include "kernel.h"
static NOINLINE int32_t tak(int32_t x, int32_t y, int32_t z) {
    return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}
EXPORT("run") int64_t run(int32_t n) {
    int64_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        sum += tak(18, 12, 6 + (i & 1));
    }
    return sum;
}
