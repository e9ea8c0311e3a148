/* Time passes, sleeping takes at least as long as asked for, and random numbers differ. */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t now(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t)) abort();
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc > 1) { /* sleep for so many seconds */
        struct timespec t = {atoi(argv[1]), 0};
        nanosleep(&t, NULL);
        return 0;
    }
    int64_t start = now(CLOCK_MONOTONIC);
    struct timespec t = {0, 50000000};
    printf("nanosleep %d\n", nanosleep(&t, NULL));
    printf("slept %s\n", now(CLOCK_MONOTONIC) - start >= 50000000 ? "enough" : "too short");
    printf("year %s\n", now(CLOCK_REALTIME) / 1000000000 > 1700000000 ? "plausible" : "wrong");
    struct timespec resolution;
    printf("resolution %d\n", clock_getres(CLOCK_MONOTONIC, &resolution));
    struct pollfd out = {.fd = 1, .events = POLLOUT};
    printf("poll %d %s\n", poll(&out, 1, 1000), out.revents & POLLOUT ? "ready" : "not ready");
    unsigned char a[32] = {0}, b[32] = {0};
    int equal = 0;
    getentropy(a, sizeof a);
    getentropy(b, sizeof b);
    for (int i = 0; i < 32; i++) equal += a[i] == b[i];
    printf("entropy %s\n", equal < 16 ? "differs" : "is the same");
    return 0;
}
