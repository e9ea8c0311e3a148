// Looks for a counter-example to Collatz for as long as it is let.
#include "sallyport.h"

EXPORT("search") uint32_t search(uint32_t from) {
    volatile uint64_t n = from;
    for (;;) {
        n = n % 2 ? 3 * n + 1 : n / 2;
    }
}
