// Takes memory until it gets no more, then tells how many mebibytes it had.
#include "sallyport.h"

EXPORT("eat") uint32_t eat(void) {
    uint32_t mebibytes = 0;
    for (;;) {
        volatile char *p = sallyport_alloc((1u << 20) - 16);
        if (!p) {
            return mebibytes;
        }
        p[0] = 1;
        mebibytes++;
    }
}
