/* Fails in different ways, deep in calls that the backtrace names. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noinline)) static int innermost(const char *how) {
    volatile int zero = 0, one = 1;
    if (!strcmp(how, "abort")) abort();
    if (!strcmp(how, "divide")) return one / zero;
    if (!strcmp(how, "memory")) return *(volatile int *)0xFFFFFFF0u;
    if (!strcmp(how, "call")) return ((int (*)(void))(uintptr_t)0x12345)();
    if (!strcmp(how, "loop")) for (;;) zero++;
    return zero;
}

__attribute__((noinline)) static int middle(const char *how) { return innermost(how) + 1; }

int main(int argc, char **argv) {
    puts("about to fail");
    return middle(argv[1]);
}
