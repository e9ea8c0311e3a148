// 64-bit adds, logic and rotations on eight local variables and a schedule of sixteen, eighty rounds in groups of sixteen:
// SHA-512's compression over 4 KiB. The constants of the rounds are random ones.
#include "kernel.h"
static uint64_t constants[80], message[32 * 16];
static inline uint64_t rotr(uint64_t x, int k) { return x >> k | x << (64 - k); }
#define STEP(a, b, c, d, e, f, g, h, i)                                                                            \
    t = h + (rotr(e, 14) ^ rotr(e, 18) ^ rotr(e, 41)) + ((e & f) ^ (~e & g)) + constants[j + i] + w[i], d += t,     \
    h = t + (rotr(a, 28) ^ rotr(a, 34) ^ rotr(a, 39)) + ((a & b) ^ (a & c) ^ (b & c))
#define EIGHT(i)                                                                                                   \
    STEP(a, b, c, d, e, f, g, h, i), STEP(h, a, b, c, d, e, f, g, i + 1), STEP(g, h, a, b, c, d, e, f, i + 2),      \
    STEP(f, g, h, a, b, c, d, e, i + 3), STEP(e, f, g, h, a, b, c, d, i + 4), STEP(d, e, f, g, h, a, b, c, i + 5),   \
    STEP(c, d, e, f, g, h, a, b, i + 6), STEP(b, c, d, e, f, g, h, a, i + 7)
static NOINLINE void compress(uint64_t *s, const uint64_t *m) {
    uint64_t w[16], a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7], t;
    for (int i = 0; i < 16; i++) w[i] = m[i];
    for (int j = 0; j < 80; j += 16) {
        EIGHT(0), EIGHT(8);
        for (int i = 0; i < 16; i++) {
            uint64_t x = w[(i + 1) & 15], y = w[(i + 14) & 15];
            w[i] += w[(i + 9) & 15] + (rotr(x, 1) ^ rotr(x, 8) ^ x >> 7) + (rotr(y, 19) ^ rotr(y, 61) ^ y >> 6);
        }
    }
    s[0] += a, s[1] += b, s[2] += c, s[3] += d, s[4] += e, s[5] += f, s[6] += g, s[7] += h;
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 5, s[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (int i = 0; i < 80; i++) constants[i] = (uint64_t)next_random(&seed) << 32 | next_random(&seed);
    for (int i = 0; i < 32 * 16; i++) message[i] = (uint64_t)next_random(&seed) << 32 | next_random(&seed);
    for (int32_t round = 0; round < n; round++) {
        for (int i = 0; i < 32; i++) compress(s, message + 16 * i);
    }
    return s[0] ^ s[7];
}
