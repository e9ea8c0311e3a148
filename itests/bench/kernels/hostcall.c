// Calls out of the guest: the host adds one.
#include "kernel.h"
IMPORT("env", "inc") int32_t host_inc(int32_t x);
EXPORT("run") int64_t run(int32_t n) {
    int32_t x = 0;
    for (int32_t i = 0; i < n; i++) {
        x = host_inc(x);
    }
    return x;
}
