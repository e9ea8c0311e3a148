// Turns text into capital letters, and tells the host's log about it: the one thing that it asks for.
#include "sallyport.h"

IMPORT("log", "info") void log_info(const char *text, uint32_t length);

EXPORT("shout") uint64_t shout(const char *text, uint32_t length) {
    char *out = sallyport_alloc(length + 1);
    if (!out) {
        __builtin_trap();
    }
    for (uint32_t i = 0; i < length; i++) {
        char c = text[i];
        out[i] = c >= 'a' && c <= 'z' ? c - 32 : c;
    }
    out[length] = '!';
    log_info(text, length);
    return result(out, length + 1);
}
