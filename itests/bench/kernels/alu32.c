// 32-bit integer arithmetic in registers: a five-word compression in the manner of SHA-1, the schedule kept in registers too.
#include "kernel.h"
static inline uint32_t rot(uint32_t x, int k) { return x << k | x >> (32 - k); }
EXPORT("run") int64_t run(int32_t n) {
    uint32_t a = 0x67452301, b = 0xefcdab89, c = 0x98badcfe, d = 0x10325476, e = 0xc3d2e1f0, w = 1;
    for (int32_t i = 0; i < n; i++) {
        uint32_t f = i & 1 ? (b & c) | (~b & d) : b ^ c ^ d;
        uint32_t t = rot(a, 5) + f + e + w + 0x5a827999u;
        e = d;
        d = c;
        c = rot(b, 30);
        b = a;
        a = t;
        w = rot(w ^ t ^ (uint32_t)i, 1) * 0x9e3779b1u;
    }
    return (int64_t)((uint64_t)(a ^ b ^ c) << 32 | (d ^ e ^ w));
}
