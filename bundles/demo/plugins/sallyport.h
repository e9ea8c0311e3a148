// What a plugin in C needs to speak docs/plugin-abi.md: an allocator that the host may call, and strings as results.
#ifndef SALLYPORT_H
#define SALLYPORT_H
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define NOINLINE __attribute__((noinline))
#define PAGE 65536u

extern unsigned char __heap_base;

// First fit over a list of free blocks; each block is preceded by its size. Returns 0 when memory.grow is refused.
struct block {
    uint32_t size;
    struct block *next;
};
static struct block *free_list;
static uint32_t heap_top;

static struct block *more(uint32_t size) {
    if (heap_top == 0) {
        heap_top = ((uint32_t)&__heap_base + 15) & ~15u;
    }
    uint32_t end = __builtin_wasm_memory_size(0) * PAGE;
    if (size > end - heap_top) {
        uint32_t pages = (size - (end - heap_top) + PAGE - 1) / PAGE;
        if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) {
            return 0;
        }
    }
    struct block *b = (struct block *)heap_top;
    heap_top += size;
    b->size = size;
    return b;
}

EXPORT("sallyport_alloc") void *sallyport_alloc(uint32_t size) {
    if (size > 0x7fffffe0u) {
        return 0;
    }
    uint32_t need = ((size + 15) & ~15u) + 16;
    struct block **link = &free_list;
    while (*link && (*link)->size < need) {
        link = &(*link)->next;
    }
    struct block *b = *link;
    if (b) {
        *link = b->next;
    } else {
        b = more(need);
    }
    return b ? (char *)b + 16 : 0;
}

EXPORT("sallyport_free") void sallyport_free(void *address, uint32_t size) {
    (void)size;
    struct block *b = (struct block *)((char *)address - 16);
    b->next = free_list;
    free_list = b;
}

// A string or byte array as a result: the host copies it and gives it back to sallyport_free.
static inline uint64_t result(const void *bytes, uint32_t length) {
    return (uint64_t)(uintptr_t)bytes << 32 | length;
}
#endif
