/* Tries to get out of its directories, and to change one that is read-only. */
#include "errno_name.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void attempt(const char *what, int result) {
    printf("%s: %s\n", what, result < 0 ? errno_name(errno) : "DONE");
}

int main(int argc, char **argv) {
    char path[300];
    for (int i = 1; i < argc; i++) {
        attempt(argv[i], open(argv[i], O_RDONLY));
        attempt(argv[i], open(argv[i], O_RDWR | O_CREAT, 0644));
    }
    attempt("link to the parent", symlink("../secret", "rw/l"));
    attempt("through it", open("rw/l", O_RDONLY));
    attempt("absolute link", symlink("/etc/passwd", "rw/m"));
    attempt("write ro/file", open("ro/file", O_WRONLY));
    attempt("truncate ro/file", open("ro/file", O_RDONLY | O_TRUNC));
    attempt("create ro/new", open("ro/new", O_WRONLY | O_CREAT, 0644));
    attempt("mkdir ro/new", mkdir("ro/new", 0755));
    attempt("unlink ro/file", unlink("ro/file"));
    attempt("rename ro/file", rename("ro/file", "rw/file"));
    attempt("rename into ro", rename("rw/l", "ro/l"));
    attempt("link ro/file", link("ro/file", "rw/hard"));
    int fd = open("ro/file", O_RDONLY);
    memset(path, 0, sizeof path);
    attempt("read ro/file", (int)read(fd, path, sizeof path - 1));
    printf("%s\n", path);
    return 0;
}
