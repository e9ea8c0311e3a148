// The upper bound: one kernel compiled natively. Prints "nanoseconds-per-run checksum": the median of several runs.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int64_t run(int32_t n);
__attribute__((noinline)) int32_t host_inc(int32_t x) {
    __asm__ volatile("" : "+r"(x));
    return x + 1;
}
#ifdef CALL_IN
int32_t inc(int32_t x);
static int32_t (*volatile target)(int32_t) = inc;
static int64_t work(int32_t n) {
    int32_t x = 0;
    for (int32_t i = 0; i < n; i++) x = target(x);
    return x;
}
#else
#define work run
#endif
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}
static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}
int main(int count, char **args) {
    int32_t n = count > 1 ? atoi(args[1]) : 1;
    double times[15];
    int64_t check = work(n);
    for (int i = 0; i < 15; i++) {
        double start = now();
        int reps = 0;
        do {
            check = work(n);
            reps++;
        } while (now() - start < 1e8);
        times[i] = (now() - start) / reps;
    }
    qsort(times, 15, sizeof *times, ascending);
    printf("%.0f %lld\n", times[7], (long long)check);
}
