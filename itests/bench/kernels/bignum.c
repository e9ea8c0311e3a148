// 64-bit integer arithmetic on arrays: squares and remainders of numbers of 16 limbs of 32 bits, in 64-bit sums.
#include "kernel.h"
#define LIMBS 16
static uint32_t number[LIMBS], product[2 * LIMBS];
static NOINLINE void square(void) {
    for (int i = 0; i < 2 * LIMBS; i++) product[i] = 0;
    for (int i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;
        for (int k = 0; k < LIMBS; k++) {
            carry += (uint64_t)number[i] * number[k] + product[i + k];
            product[i + k] = (uint32_t)carry;
            carry >>= 32;
        }
        product[i + LIMBS] = (uint32_t)carry;
    }
}
// Modulo 2^512 - 569: the high half counts 569 times.
static NOINLINE void reduce(void) {
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += product[i] + (uint64_t)product[i + LIMBS] * 569;
        number[i] = (uint32_t)carry;
        carry >>= 32;
    }
    for (uint64_t top = carry * 569; top != 0; top *= 569) {
        for (int i = 0; i < LIMBS && top != 0; i++) {
            top += number[i];
            number[i] = (uint32_t)top;
            top >>= 32;
        }
    }
}
EXPORT("run") int64_t run(int32_t n) {
    for (int i = 0; i < LIMBS; i++) number[i] = 0x9e3779b9u * (i + 1);
    for (int32_t round = 0; round < n; round++) {
        square();
        reduce();
    }
    uint64_t sum = 0;
    for (int i = 0; i < LIMBS; i++) sum = sum * 31 + number[i];
    return (int64_t)sum;
}
