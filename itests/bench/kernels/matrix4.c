// Single precision in local variables: a 4x4 matrix kept in sixteen of them is multiplied by matrices from memory, and
// transforms points in between.
#include "kernel.h"
#define MATRICES 64
static float matrices[MATRICES][16], points[MATRICES][4];
#define ROW(a, b, c, d)                                                                                         \
    do {                                                                                                        \
        float p = a, q = b, r = c, s = d;                                                                       \
        a = p * m[0] + q * m[4] + r * m[8] + s * m[12], b = p * m[1] + q * m[5] + r * m[9] + s * m[13];           \
        c = p * m[2] + q * m[6] + r * m[10] + s * m[14], d = p * m[3] + q * m[7] + r * m[11] + s * m[15];         \
    } while (0)
static NOINLINE float walk(float *out) {
    float x0 = 1, x1 = 0, x2 = 0, x3 = 0, y0 = 0, y1 = 1, y2 = 0, y3 = 0;
    float z0 = 0, z1 = 0, z2 = 1, z3 = 0, w0 = 0, w1 = 0, w2 = 0, w3 = 1, sum = 0;
    for (int i = 0; i < MATRICES; i++) {
        const float *m = matrices[i], *v = points[i];
        ROW(x0, x1, x2, x3);
        ROW(y0, y1, y2, y3);
        ROW(z0, z1, z2, z3);
        ROW(w0, w1, w2, w3);
        out[i] = v[0] * x0 + v[1] * y0 + v[2] * z0 + v[3] * w0;
        sum += v[0] * (x1 + x2 + x3) + v[1] * (y1 + y2 + y3) + v[2] * (z1 + z2 + z3) + v[3] * (w1 + w2 + w3);
    }
    return sum;
}
EXPORT("run") int64_t run(int32_t n) {
    static float out[MATRICES];
    uint64_t seed = 9;
    for (int i = 0; i < MATRICES; i++) {
        for (int k = 0; k < 16; k++) matrices[i][k] = (k % 5 == 0 ? 1.0f : 0.0f) + (float)(next_random(&seed) % 1000) * 1e-5f;
        for (int k = 0; k < 4; k++) points[i][k] = (float)(next_random(&seed) % 100);
    }
    float sum = 0;
    for (int32_t round = 0; round < n; round++) {
        points[round & 63][round & 3] += 1.0f;
        sum += walk(out) + out[round & 63];
    }
    return (int64_t)sum;
}
