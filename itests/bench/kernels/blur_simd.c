// Bytes widened to 16-bit lanes, and saturated back: a 3x3 binomial blur of a picture of 256 by 64 grey pixels.
#include "kernel.h"
#define WIDTH 256
#define HEIGHT 64
typedef uint8_t bytes __attribute__((vector_size(16)));
typedef uint8_t half __attribute__((vector_size(8)));
typedef uint16_t wide __attribute__((vector_size(16)));
static uint8_t picture[(HEIGHT + 2) * WIDTH + 32], blurred[(HEIGHT + 2) * WIDTH + 32];
static inline bytes load(const uint8_t *p) {
    bytes v;
    __builtin_memcpy(&v, p, 16);
    return v;
}
#define LOW(v) __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7), wide)
#define HIGH(v) __builtin_convertvector(__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15), wide)
#define COLUMN(part) (part(above) + part(here) * 2 + part(below))
static NOINLINE void blur(const uint8_t *from, uint8_t *to) {
    for (int y = 1; y <= HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x += 16) {
            const uint8_t *p = from + y * WIDTH + x;
            wide low = {0}, high = {0};
            for (int k = 0; k < 3; k++) {
                bytes above = load(p + k - WIDTH), here = load(p + k), below = load(p + k + WIDTH);
                wide l = COLUMN(LOW), h = COLUMN(HIGH);
                low += k == 1 ? l * 2 : l, high += k == 1 ? h * 2 : h;
            }
            half a = __builtin_convertvector((low + 8) >> 4, half), b = __builtin_convertvector((high + 8) >> 4, half);
            bytes result = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            __builtin_memcpy(to + y * WIDTH + x, &result, 16);
        }
    }
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 8, sum = 0;
    for (uint32_t i = 0; i < sizeof picture; i++) picture[i] = next_random(&seed);
    for (int32_t round = 0; round < n; round++) blur(picture, blurred), blur(blurred, picture);
    for (uint32_t i = 0; i < sizeof picture; i++) sum = sum * 31 + picture[i];
    return sum;
}
