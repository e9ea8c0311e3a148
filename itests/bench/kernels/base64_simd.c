// Shuffles, shifts and compares of byte lanes: base64 (RFC 4648) of 3 KiB, twelve bytes to sixteen characters at a time.
#include "kernel.h"
#define LENGTH 3072
typedef uint8_t bytes __attribute__((vector_size(16)));
typedef uint16_t shorts __attribute__((vector_size(16)));
typedef uint32_t words __attribute__((vector_size(16)));
static uint8_t input[LENGTH + 4], output[LENGTH / 3 * 4];
static NOINLINE void encode(const uint8_t *from, uint8_t *to) {
    for (int i = 0; i < LENGTH; i += 12, to += 16) {
        bytes v;
        __builtin_memcpy(&v, from + i, 16);
        // b c a of each group of three: the 24 bits of its four characters in one word
        words w = (words)__builtin_shufflevector(v, v, 2, 1, 0, 0, 5, 4, 3, 3, 8, 7, 6, 6, 11, 10, 9, 9);
        bytes c = (bytes)((w >> 18 & 0x3F) | (w >> 4 & 0x3F00) | (w << 10 & 0x3F0000) | (w << 24 & 0x3F000000));
        bytes letters = c + 'A';
        letters += (bytes)(c > 25) & (uint8_t)('a' - 'A' - 26);
        letters -= (bytes)(c > 51) & (uint8_t)('a' - '0' + 26);
        letters -= (bytes)(c > 61) & (uint8_t)('0' + 10 - '+');
        letters += (bytes)(c > 62) & (uint8_t)('/' - '+' - 1);
        __builtin_memcpy(to, &letters, 16);
    }
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 6, sum = 0;
    for (int i = 0; i < LENGTH; i++) input[i] = next_random(&seed);
    for (int32_t round = 0; round < n; round++) encode(input, output), input[round % LENGTH] ^= output[round & 4095];
    for (int i = 0; i < LENGTH / 3 * 4; i++) sum = sum * 31 + output[i];
    return sum;
}
