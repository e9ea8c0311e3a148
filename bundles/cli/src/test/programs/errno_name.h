/* Names of error numbers, which are the same everywhere while the numbers and the messages are not. */
#include <errno.h>
static const char *errno_name(int e) {
    switch (e) {
        case 0: return "ok";
        case ENOENT: return "ENOENT";
        case EEXIST: return "EEXIST";
        case ENOTDIR: return "ENOTDIR";
        case EISDIR: return "EISDIR";
        case ENOTEMPTY: return "ENOTEMPTY";
        case EBADF: return "EBADF";
        case EINVAL: return "EINVAL";
        case ELOOP: return "ELOOP";
        case EACCES: return "EACCES";
        case EPERM: return "EPERM";
        case EROFS: return "EROFS";
        case ESPIPE: return "ESPIPE";
        case ENAMETOOLONG: return "ENAMETOOLONG";
        case EILSEQ: return "EILSEQ";
        case ENOTSUP: return "ENOTSUP";
        case EXDEV: return "EXDEV";
        case EFAULT: return "EFAULT";
#ifdef ENOTCAPABLE
        case ENOTCAPABLE: return "ENOTCAPABLE";
#endif
        default: return "another";
    }
}
