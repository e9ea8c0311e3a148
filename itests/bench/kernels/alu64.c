// 64-bit integer arithmetic: modular exponentiation and a SipHash-like mixing.
#include "kernel.h"
static inline uint64_t rot(uint64_t x, int k) { return x << k | x >> (64 - k); }
EXPORT("run") int64_t run(int32_t n) {
    uint64_t a = 0x736f6d6570736575u, b = 0x646f72616e646f6du, c = 0x6c7967656e657261u, d = 0x7465646279746573u;
    uint64_t power = 3;
    for (int32_t i = 0; i < n; i++) {
        a += b; b = rot(b, 13) ^ a; a = rot(a, 32);
        c += d; d = rot(d, 16) ^ c;
        a += d; d = rot(d, 21) ^ a;
        c += b; b = rot(b, 17) ^ c; c = rot(c, 32);
        power = power * (a | 1) + (b >> 7);
        if ((i & 15) == 0) {
            power %= 0x1fffffffffffff1u;
        }
    }
    return (int64_t)(a ^ b ^ c ^ d ^ power);
}
