// Byte memory: text is made, words are counted, encoded and checked, a byte at a time.
#include "kernel.h"
#define SIZE 8192
static unsigned char text[SIZE], out[SIZE * 4 / 3 + 4];
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 7, sum = 0;
    for (int i = 0; i < SIZE; i++) {
        uint32_t r = next_random(&seed) % 32;
        text[i] = r < 26 ? 'a' + r : ' ';
    }
    for (int32_t round = 0; round < n; round++) {
        int words = 0, inside = 0;
        for (int i = 0; i < SIZE; i++) {
            int letter = text[i] != ' ';
            words += letter & !inside;
            inside = letter;
        }
        int o = 0;
        for (int i = 0; i + 2 < SIZE; i += 3) {
            uint32_t v = text[i] << 16 | text[i + 1] << 8 | text[i + 2];
            out[o++] = digits[v >> 18];
            out[o++] = digits[v >> 12 & 63];
            out[o++] = digits[v >> 6 & 63];
            out[o++] = digits[v & 63];
        }
        uint32_t a = 1, b = 0;
        for (int i = 0; i < o; i++) {
            a += out[i];
            b += a;
            if (b > 1u << 24) { a %= 65521; b %= 65521; }
        }
        text[round % SIZE] ^= 1;
        sum = sum * 31 + words + (b << 8 ^ a);
    }
    return (int64_t)sum;
}
