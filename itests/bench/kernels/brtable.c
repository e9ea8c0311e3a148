// A switch in a loop: a stack machine that computes greatest common divisors.
#include "kernel.h"
enum { PUSH, LOAD, STORE, ADD, SUB, REM, LESS, JUMP, JUMPZ, DUP, SWAP, DROP, MUL, AND, HALT };
static int32_t execute(int32_t x, int32_t y) {
    static const int32_t code[] = {
        LOAD, 0, STORE, 3, LOAD, 1, STORE, 4,
        LOAD, 4, JUMPZ, 25,
        LOAD, 3, LOAD, 4, REM, LOAD, 4, STORE, 3, STORE, 4, JUMP, 8,
        LOAD, 3, DUP, MUL, PUSH, 1023, AND, HALT,
    };
    int32_t stack[16], local[8] = {x, y};
    int32_t *sp = stack;
    const int32_t *pc = code;
    for (;;) {
        switch (*pc++) {
            case PUSH: *sp++ = *pc++; break;
            case LOAD: *sp++ = local[*pc++]; break;
            case STORE: local[*pc++] = *--sp; break;
            case ADD: sp--; sp[-1] += sp[0]; break;
            case SUB: sp--; sp[-1] -= sp[0]; break;
            case MUL: sp--; sp[-1] *= sp[0]; break;
            case AND: sp--; sp[-1] &= sp[0]; break;
            case REM: sp--; sp[-1] = (int32_t)((uint32_t)sp[-1] % (uint32_t)sp[0]); break;
            case LESS: sp--; sp[-1] = sp[-1] < sp[0]; break;
            case JUMP: pc = code + *pc; break;
            case JUMPZ: pc = *--sp ? pc + 1 : code + *pc; break;
            case DUP: sp[0] = sp[-1]; sp++; break;
            case SWAP: { int32_t t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; break; }
            case DROP: sp--; break;
            default: return sp[-1];
        }
    }
}
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 3, sum = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t x = next_random(&seed) & 0xffff, y = (next_random(&seed) & 0xffff) + 1;
        sum = sum * 7 + execute(x, y);
    }
    return (int64_t)sum;
}
