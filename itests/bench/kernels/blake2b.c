// 64-bit adds, xors and rotations on 16 state and 16 message words, all unrolled: BLAKE2b's compression (RFC 7693) over 8 KiB.
#include "kernel.h"
static const uint64_t iv[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                               0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
static uint64_t message[64 * 16];
static inline uint64_t rotr(uint64_t x, int k) { return x >> k | x << (64 - k); }
#define G(a, b, c, d, x, y)                                      \
    a += b + x, d = rotr(d ^ a, 32), c += d, b = rotr(b ^ c, 24), \
    a += b + y, d = rotr(d ^ a, 16), c += d, b = rotr(b ^ c, 63)
#define ROUND(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                                              \
    G(s0, s4, s8, s12, w##a, w##b), G(s1, s5, s9, s13, w##c, w##d), G(s2, s6, s10, s14, w##e, w##f),       \
    G(s3, s7, s11, s15, w##g, w##h), G(s0, s5, s10, s15, w##i, w##j), G(s1, s6, s11, s12, w##k, w##l),     \
    G(s2, s7, s8, s13, w##m, w##n), G(s3, s4, s9, s14, w##o, w##p)
static NOINLINE void compress(uint64_t *h, const uint64_t *m, uint64_t count) {
    uint64_t w0 = m[0], w1 = m[1], w2 = m[2], w3 = m[3], w4 = m[4], w5 = m[5], w6 = m[6], w7 = m[7];
    uint64_t w8 = m[8], w9 = m[9], w10 = m[10], w11 = m[11], w12 = m[12], w13 = m[13], w14 = m[14], w15 = m[15];
    uint64_t s0 = h[0], s1 = h[1], s2 = h[2], s3 = h[3], s4 = h[4], s5 = h[5], s6 = h[6], s7 = h[7];
    uint64_t s8 = iv[0], s9 = iv[1], s10 = iv[2], s11 = iv[3], s12 = iv[4] ^ count, s13 = iv[5], s14 = iv[6], s15 = iv[7];
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
    ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4);
    ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8);
    ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13);
    ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9);
    ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11);
    ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10);
    ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5);
    ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0);
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
    h[0] ^= s0 ^ s8, h[1] ^= s1 ^ s9, h[2] ^= s2 ^ s10, h[3] ^= s3 ^ s11;
    h[4] ^= s4 ^ s12, h[5] ^= s5 ^ s13, h[6] ^= s6 ^ s14, h[7] ^= s7 ^ s15;
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 1, h[8];
    for (int i = 0; i < 64 * 16; i++) message[i] = (uint64_t)next_random(&seed) << 32 | next_random(&seed);
    for (int i = 0; i < 8; i++) h[i] = iv[i];
    for (int32_t round = 0; round < n; round++) {
        for (int i = 0; i < 64; i++) compress(h, message + 16 * i, 128 * i);
    }
    return h[0] ^ h[7];
}
