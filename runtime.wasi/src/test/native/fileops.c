/* The same file operations as NativeComparisonTest's guest does, by a native program: reads a script, one operation a
   line, does it in the current directory and prints the error number and what there is to tell. Compiled by the test.
   Slots hold descriptors; slot -1 is the directory that the program was started in. A path "%" is the empty one. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLOTS 8
#define CREAT 1
#define DIRECTORY 2
#define EXCL 4
#define TRUNC 8

static int slots[SLOTS + 1]; /* the last is -1 */
static int isdir[SLOTS + 1];
static char buffer[1 << 16];

static int fd(int slot) { return slot < 0 ? slots[SLOTS] : slots[slot]; }

static int directory(int slot) { return slot < 0 ? 1 : isdir[slot]; }

static const char *path(const char *p) { return strcmp(p, "%") ? p : ""; }

static void answer(long result) { printf("%d\n", result < 0 ? errno : 0); }

static void number(long result) {
    if (result < 0) answer(result); else printf("0 %ld\n", result);
}

static void bytes(long n) {
    unsigned hash = 7;
    if (n < 0) { answer(n); return; }
    for (long i = 0; i < n; i++) hash = hash * 31 + (unsigned char) buffer[i];
    printf("0 %ld %u\n", n, hash);
}

static const char *type(mode_t mode) {
    return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "dir" : S_ISLNK(mode) ? "link" : "other";
}

/* Times are told if somebody has set them: those are small. */
static long told(struct timespec t) { return t.tv_sec < 1000000 ? t.tv_sec : -1; }

static void status(int result, struct stat *s) {
    if (result < 0) { answer(result); return; }
    printf("0 %s %ld %ld %ld\n", type(s->st_mode), S_ISDIR(s->st_mode) ? -1 : (long) s->st_nlink,
           S_ISDIR(s->st_mode) ? -1 : (long) s->st_size, told(s->st_mtim));
}

static struct timespec set(long seconds, int given, int now) {
    struct timespec t = {seconds, given ? 0 : now ? UTIME_NOW : UTIME_OMIT};
    return t;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *) a, *(char *const *) b); }

static void list(int directory) {
    static char *names[1 << 14];
    int count = 0;
    long n;
    if (lseek(directory, 0, SEEK_SET) < 0) { answer(-1); return; }
    while ((n = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < n;) {
            char *entry = buffer + at;
            char name[300];
            unsigned char t = entry[18];
            snprintf(name, sizeof name, "%s:%s", entry + 19, t == DT_REG ? "file" : t == DT_DIR ? "dir" : t == DT_LNK ? "link" : "other");
            names[count++] = strdup(name);
            at += *(unsigned short *) (entry + 16);
        }
    }
    if (n < 0) { answer(-1); return; }
    qsort(names, count, sizeof *names, by_name);
    printf("0");
    for (int i = 0; i < count; i++) { printf(" %s", names[i]); free(names[i]); }
    printf("\n");
}

static void openslot(int slot, int dir, int follow, int oflags, int rights, int append, const char *p) {
    struct stat s;
    int flags = rights == 3 ? O_RDWR : rights == 2 ? O_WRONLY : O_RDONLY;
    if (oflags & CREAT) flags |= O_CREAT;
    if (oflags & DIRECTORY) flags |= O_DIRECTORY;
    if (oflags & EXCL) flags |= O_EXCL;
    if (oflags & TRUNC) flags |= O_TRUNC;
    if (append) flags |= O_APPEND;
    if (!follow) flags |= O_NOFOLLOW;
    int opened = openat(dir, p, flags | O_CLOEXEC, 0666);
    if (opened >= 0) {
        if (slots[slot] >= 0) close(slots[slot]);
        slots[slot] = opened;
        fstat(opened, &s);
        isdir[slot] = S_ISDIR(s.st_mode);
        printf("0 %s\n", type(s.st_mode));
    } else {
        answer(-1);
    }
}

int main(int argc, char **argv) {
    FILE *script = fopen(argv[1], "r");
    static char line[20000], op[32], p[9000], q[9000];
    for (int i = 0; i < SLOTS; i++) slots[i] = -1;
    slots[SLOTS] = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    umask(022);
    while (argc > 1 && fgets(line, sizeof line, script)) {
        long n[8] = {0};
        struct stat s;
        *p = *q = 0;
        sscanf(line, "%s %ld %ld %ld %ld %ld %ld %s %s", op, n, n + 1, n + 2, n + 3, n + 4, n + 5, p, q);
        int slot = n[0], f = fd(slot);
        const char *x = path(p), *y = path(q);
        if (f < 0 && strcmp(op, "open")) { printf("none\n"); continue; }
        if (!strcmp(op, "open")) {
            if (fd(n[1]) < 0) printf("none\n"); else openslot(slot, fd(n[1]), n[2], n[3], n[4], n[5], x);
        } else if (!strcmp(op, "close")) {
            answer(close(f));
            slots[slot] = -1;
        } else if (!strcmp(op, "fstat")) status(fstat(f, &s), &s);
        else if (!strcmp(op, "ftimes")) {
            struct timespec t[2] = {set(n[1], n[3] & 1, n[3] & 2), set(n[2], n[3] & 4, n[3] & 8)};
            answer(futimens(f, t));
        } else if (!strcmp(op, "stat")) status(fstatat(f, x, &s, n[1] ? 0 : AT_SYMLINK_NOFOLLOW), &s);
        else if (!strcmp(op, "times")) {
            struct timespec t[2] = {set(n[2], n[4] & 1, n[4] & 2), set(n[3], n[4] & 4, n[4] & 8)};
            answer(utimensat(f, x, t, n[1] ? 0 : AT_SYMLINK_NOFOLLOW));
        } else if (!strcmp(op, "mkdir")) answer(mkdirat(f, x, 0777));
        else if (!strcmp(op, "rmdir")) answer(unlinkat(f, x, AT_REMOVEDIR));
        else if (!strcmp(op, "unlink")) answer(unlinkat(f, x, 0));
        else if (!strcmp(op, "rename")) { if (fd(n[1]) < 0) printf("none\n"); else answer(renameat(f, x, fd(n[1]), y)); }
        else if (!strcmp(op, "link")) { if (fd(n[1]) < 0) printf("none\n"); else answer(linkat(f, x, fd(n[1]), y, 0)); }
        else if (!strcmp(op, "symlink")) answer(symlinkat(x, f, y));
        else if (!strcmp(op, "readlink")) {
            long length = readlinkat(f, x, buffer, sizeof buffer);
            if (length < 0) answer(-1); else printf("0 %.*s\n", (int) length, buffer);
        } else if (!strcmp(op, "readdir")) {
            if (directory(slot)) list(f); else printf("%d\n", ENOTDIR);
        } else if (directory(slot)) printf("dir\n");
        else if (!strcmp(op, "read")) bytes(read(f, buffer, n[1]));
        else if (!strcmp(op, "pread")) bytes(pread(f, buffer, n[1], n[2]));
        else if (!strcmp(op, "write")) { memset(buffer, n[2], n[1]); number(write(f, buffer, n[1])); }
        else if (!strcmp(op, "pwrite")) { memset(buffer, n[2], n[1]); number(pwrite(f, buffer, n[1], n[3])); }
        else if (!strcmp(op, "seek")) number(lseek(f, n[1], n[2]));
        else if (!strcmp(op, "truncate")) answer(ftruncate(f, n[1]));
        else if (!strcmp(op, "append")) answer(fcntl(f, F_SETFL, n[1] ? O_APPEND : 0));
        else printf("?\n");
    }
    return 0;
}
