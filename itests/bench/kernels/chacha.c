// 32-bit adds, xors and rotations on 16 local variables in a loop: ChaCha20 (RFC 8439) over a buffer of 4 KiB.
// `cipher` has the same on an array.
#include "kernel.h"
#define WORDS 1024
static uint32_t buffer[WORDS], state[16];
static inline uint32_t rotl(uint32_t x, int k) { return x << k | x >> (32 - k); }
#define Q(a, b, c, d)                                      \
    a += b, d = rotl(d ^ a, 16), c += d, b = rotl(b ^ c, 12), \
    a += b, d = rotl(d ^ a, 8), c += d, b = rotl(b ^ c, 7)
static NOINLINE void next_block(uint32_t *out) {
    uint32_t x0 = state[0], x1 = state[1], x2 = state[2], x3 = state[3], x4 = state[4], x5 = state[5], x6 = state[6];
    uint32_t x7 = state[7], x8 = state[8], x9 = state[9], x10 = state[10], x11 = state[11], x12 = state[12];
    uint32_t x13 = state[13], x14 = state[14], x15 = state[15];
    for (int i = 0; i < 10; i++) {
        Q(x0, x4, x8, x12), Q(x1, x5, x9, x13), Q(x2, x6, x10, x14), Q(x3, x7, x11, x15);
        Q(x0, x5, x10, x15), Q(x1, x6, x11, x12), Q(x2, x7, x8, x13), Q(x3, x4, x9, x14);
    }
    out[0] ^= x0 + state[0], out[1] ^= x1 + state[1], out[2] ^= x2 + state[2], out[3] ^= x3 + state[3];
    out[4] ^= x4 + state[4], out[5] ^= x5 + state[5], out[6] ^= x6 + state[6], out[7] ^= x7 + state[7];
    out[8] ^= x8 + state[8], out[9] ^= x9 + state[9], out[10] ^= x10 + state[10], out[11] ^= x11 + state[11];
    out[12] ^= x12 + state[12], out[13] ^= x13 + state[13], out[14] ^= x14 + state[14], out[15] ^= x15 + state[15];
    state[12]++;
}
EXPORT("run") int64_t run(int32_t n) {
    static const uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    for (int i = 0; i < 16; i++) state[i] = i < 4 ? constants[i] : i * 0x01010101u;
    for (int i = 0; i < WORDS; i++) buffer[i] = 0;
    for (int32_t round = 0; round < n; round++) {
        for (int i = 0; i < WORDS; i += 16) next_block(buffer + i);
    }
    uint32_t sum = 0;
    for (int i = 0; i < WORDS; i++) sum = rotl(sum, 3) + buffer[i];
    return sum;
}
