// Every kernel exports int64_t run(int32_t n): n rounds of its work, a checksum as the result. The same source is compiled to wasm and natively.
#ifndef KERNEL_H
#define KERNEL_H
#include <stdint.h>
#define NOINLINE __attribute__((noinline))
#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#else
#define EXPORT(name)
#define IMPORT(module, name)
#endif

// A linear congruential generator (multiplier of Knuth's MMIX), the same numbers everywhere.
static inline uint32_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}
#endif
