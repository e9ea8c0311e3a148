// 32-bit integer arithmetic on arrays: a stream cipher (ChaCha20, RFC 8439) over a buffer of 4 KiB.
#include "kernel.h"
#define WORDS 1024
static uint32_t buffer[WORDS], state[16], block[16];
static inline uint32_t rot(uint32_t x, int k) { return x << k | x >> (32 - k); }
static inline void quarter(int a, int b, int c, int d) {
    block[a] += block[b]; block[d] = rot(block[d] ^ block[a], 16);
    block[c] += block[d]; block[b] = rot(block[b] ^ block[c], 12);
    block[a] += block[b]; block[d] = rot(block[d] ^ block[a], 8);
    block[c] += block[d]; block[b] = rot(block[b] ^ block[c], 7);
}
static NOINLINE void next_block(void) {
    for (int i = 0; i < 16; i++) block[i] = state[i];
    for (int i = 0; i < 10; i++) {
        for (int k = 0; k < 4; k++) quarter(k, 4 + k, 8 + k, 12 + k);
        for (int k = 0; k < 4; k++) quarter(k, 4 + (k + 1) % 4, 8 + (k + 2) % 4, 12 + (k + 3) % 4);
    }
    for (int i = 0; i < 16; i++) block[i] += state[i];
    state[12]++;
}
EXPORT("run") int64_t run(int32_t n) {
    static const uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    for (int i = 0; i < 16; i++) state[i] = i < 4 ? constants[i] : i * 0x01010101u;
    for (int i = 0; i < WORDS; i++) buffer[i] = 0;
    for (int32_t round = 0; round < n; round++) {
        for (int i = 0; i < WORDS; i += 16) {
            next_block();
            for (int k = 0; k < 16; k++) buffer[i + k] ^= block[k];
        }
    }
    uint32_t sum = 0;
    for (int i = 0; i < WORDS; i++) sum = rot(sum, 3) + buffer[i];
    return sum;
}
