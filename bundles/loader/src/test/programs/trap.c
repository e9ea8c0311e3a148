#include "trap.h"

int table[4];

static int divide(int a, int b) __attribute__((noinline));
static int divide(int a, int b) {
    return a / b;
}

int outer(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += checked(table,
                       i);
    return sum + divide(n, n - 2);
}
