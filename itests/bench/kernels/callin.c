// Calls into the guest: the host calls inc n times.
#include "kernel.h"
EXPORT("inc") NOINLINE int32_t inc(int32_t x) { return x + 1; }
EXPORT("run") int64_t run(int32_t n) { return n; }
