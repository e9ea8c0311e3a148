// Signed bytes multiplied into 32-bit sums: a 64x64 matrix of int8 times another one that is stored by columns.
#include "kernel.h"
#define SIZE 64
typedef int8_t bytes __attribute__((vector_size(16)));
typedef int16_t shorts __attribute__((vector_size(16)));
typedef int32_t words __attribute__((vector_size(16)));
static int8_t left[SIZE][SIZE], right[SIZE][SIZE];
static int32_t product[SIZE][SIZE];
#define LOW(v) __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7), shorts)
#define HIGH(v) __builtin_convertvector(__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15), shorts)
static inline bytes load(const int8_t *p) {
    bytes v;
    __builtin_memcpy(&v, p, 16);
    return v;
}
/** Sums of products of neighbours. */
static inline words dot(shorts a, shorts b) {
#ifdef __wasm__
    return __builtin_wasm_dot_s_i32x4_i16x8(a, b);
#else
    return __builtin_ia32_pmaddwd128(a, b);
#endif
}
static NOINLINE void multiply(void) {
    for (int i = 0; i < SIZE; i++) {
        for (int k = 0; k < SIZE; k += 2) {
            words a = {0, 0, 0, 0}, b = {0, 0, 0, 0};
            for (int x = 0; x < SIZE; x += 16) {
                bytes l = load(left[i] + x), r = load(right[k] + x), s = load(right[k + 1] + x);
                a += dot(LOW(l), LOW(r)) + dot(HIGH(l), HIGH(r));
                b += dot(LOW(l), LOW(s)) + dot(HIGH(l), HIGH(s));
            }
            product[i][k] += a[0] + a[1] + a[2] + a[3];
            product[i][k + 1] += b[0] + b[1] + b[2] + b[3];
        }
    }
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 4;
    int64_t sum = 0;
    for (int i = 0; i < SIZE; i++) {
        for (int k = 0; k < SIZE; k++) left[i][k] = next_random(&seed), right[i][k] = next_random(&seed), product[i][k] = 0;
    }
    for (int32_t round = 0; round < n; round++) multiply(), left[round & 63][7] ^= round;
    for (int i = 0; i < SIZE; i++) {
        for (int k = 0; k < SIZE; k++) sum = sum * 3 + product[i][k];
    }
    return sum;
}
