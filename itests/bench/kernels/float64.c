// Double precision: a Lorenz attractor by Runge-Kutta, and a polynomial.
#include "kernel.h"
typedef struct { double x, y, z; } point;
static inline point slope(point p) {
    point d = {10.0 * (p.y - p.x), p.x * (28.0 - p.z) - p.y, p.x * p.y - 8.0 / 3.0 * p.z};
    return d;
}
static inline point step(point p, point d, double h) {
    point r = {p.x + d.x * h, p.y + d.y * h, p.z + d.z * h};
    return r;
}
EXPORT("run") int64_t run(int32_t n) {
    point p = {1.0, 1.0, 1.0};
    double sum = 0, h = 0.001;
    for (int32_t i = 0; i < n; i++) {
        point a = slope(p), b = slope(step(p, a, h / 2)), c = slope(step(p, b, h / 2)), d = slope(step(p, c, h));
        p.x += h / 6 * (a.x + 2 * b.x + 2 * c.x + d.x);
        p.y += h / 6 * (a.y + 2 * b.y + 2 * c.y + d.y);
        p.z += h / 6 * (a.z + 2 * b.z + 2 * c.z + d.z);
        sum += p.x > 0 ? __builtin_sqrt(p.x) : p.y / (1.0 + p.z * p.z);
    }
    return (int64_t)(sum * 1e6);
}
