// Follows a pointer that leads out of its memory.
#include "sallyport.h"

struct node {
    uint32_t value;
    struct node *next;
};

static NOINLINE uint32_t sum_list(const volatile struct node *list) {
    uint32_t sum = 0;
    while (list) {
        sum += list->value;
        list = list->next;
    }
    return sum + 1;
}

static NOINLINE uint32_t walk(uint32_t start) {
    return sum_list((struct node *)start) * 3;
}

EXPORT("total") uint32_t total(uint32_t start) {
    return walk(start) + 1;
}
