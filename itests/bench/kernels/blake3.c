// 32-bit adds, xors and rotations on 16 state and 16 message words, all unrolled: BLAKE3's compression over blocks of 64 bytes.
// More values than registers: what a register allocator does when it has too few.
#include "kernel.h"
static const uint32_t iv[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
static uint32_t message[64 * 16];
static inline uint32_t rotr(uint32_t x, int k) { return x >> k | x << (32 - k); }
#define G(a, b, c, d, x, y)                                     \
    a += b + x, d = rotr(d ^ a, 16), c += d, b = rotr(b ^ c, 12), \
    a += b + y, d = rotr(d ^ a, 8), c += d, b = rotr(b ^ c, 7)
#define ROUND(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                                              \
    G(s0, s4, s8, s12, w##a, w##b), G(s1, s5, s9, s13, w##c, w##d), G(s2, s6, s10, s14, w##e, w##f),       \
    G(s3, s7, s11, s15, w##g, w##h), G(s0, s5, s10, s15, w##i, w##j), G(s1, s6, s11, s12, w##k, w##l),     \
    G(s2, s7, s8, s13, w##m, w##n), G(s3, s4, s9, s14, w##o, w##p)
static NOINLINE void compress(uint32_t *cv, const uint32_t *m, uint32_t count, uint32_t flags) {
    uint32_t w0 = m[0], w1 = m[1], w2 = m[2], w3 = m[3], w4 = m[4], w5 = m[5], w6 = m[6], w7 = m[7];
    uint32_t w8 = m[8], w9 = m[9], w10 = m[10], w11 = m[11], w12 = m[12], w13 = m[13], w14 = m[14], w15 = m[15];
    uint32_t s0 = cv[0], s1 = cv[1], s2 = cv[2], s3 = cv[3], s4 = cv[4], s5 = cv[5], s6 = cv[6], s7 = cv[7];
    uint32_t s8 = iv[0], s9 = iv[1], s10 = iv[2], s11 = iv[3], s12 = count, s13 = 0, s14 = 64, s15 = flags;
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    ROUND(2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8);
    ROUND(3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1);
    ROUND(10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6);
    ROUND(12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4);
    ROUND(9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7);
    ROUND(11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13);
    cv[0] = s0 ^ s8, cv[1] = s1 ^ s9, cv[2] = s2 ^ s10, cv[3] = s3 ^ s11;
    cv[4] = s4 ^ s12, cv[5] = s5 ^ s13, cv[6] = s6 ^ s14, cv[7] = s7 ^ s15;
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 1;
    uint32_t cv[8];
    for (int i = 0; i < 64 * 16; i++) message[i] = next_random(&seed);
    for (int i = 0; i < 8; i++) cv[i] = iv[i];
    for (int32_t round = 0; round < n; round++) {
        for (int i = 0; i < 64; i++) compress(cv, message + 16 * i, i, 1);
    }
    return (int64_t)cv[0] << 32 | cv[7];
}
