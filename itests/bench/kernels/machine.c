// A big switch in a loop with twenty local variables: a register machine whose sixteen registers are locals runs a program.
#include "kernel.h"
#define LENGTH 512
static uint8_t program[LENGTH];
static NOINLINE uint32_t execute(uint32_t seed) {
    uint32_t a = seed, b = 1, c = 2, d = 3, e = 4, f = 5, g = 6, h = 7, i = 8, j = 9, k = 10, l = 11, m = 12, n = 13, o = 14;
    uint32_t p = 15, carry = 0, steps = 0, sum = 0;
    for (uint32_t pc = 0; pc < LENGTH; pc++, steps++) {
        switch (program[pc]) {
            case 0: a += b; break;
            case 1: b ^= c; break;
            case 2: c = c * 5 + 1; break;
            case 3: d -= e; break;
            case 4: e = e << 3 | e >> 29; break;
            case 5: f += g ^ h; break;
            case 6: g = f + carry; carry = g < f; break;
            case 7: h |= a >> 3; break;
            case 8: i += j; sum += i; break;
            case 9: j ^= k + l; break;
            case 10: k = l - m; break;
            case 11: l += n & o; break;
            case 12: m = p ^ a; break;
            case 13: n = n >> 1 ^ (n & 1 ? 0xEDB88320 : 0); break;
            case 14: o += steps; break;
            case 15: p = a + c + e; break;
            case 16: a = p; p = b; break;
            case 17: b = o - d; break;
            case 18: if (a & 1) pc++; break;
            case 19: if (c > d) carry ^= 1; break;
            case 20: sum = sum * 31 + a; break;
            case 21: sum ^= b + j; break;
            case 22: d = k & 15 ? d : sum; break;
            default: e += f * g; break;
        }
    }
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i ^ j ^ k ^ l ^ m ^ n ^ o ^ p ^ carry ^ steps ^ sum;
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 21;
    uint32_t sum = 0;
    for (int i = 0; i < LENGTH; i++) program[i] = next_random(&seed) % 24;
    for (int32_t round = 0; round < n; round++) sum = sum * 7 + execute(sum);
    return sum;
}
