/* Files and directories through the C library: prints what each step came to. The output of a native build is the expectation. */
#include "errno_name.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define STEP(call) do { errno = 0; long r = (long)(call); printf("%s: %s\n", #call, r == -1 ? errno_name(errno) : "ok"); } while (0)

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
    char *names[2000];
    int n = 0;
    DIR *dir = opendir(path);
    if (!dir) { printf("list %s: %s\n", path, errno_name(errno)); return; }
    struct dirent *entry;
    while ((entry = readdir(dir)) && n < 2000)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) names[n++] = strdup(entry->d_name);
    closedir(dir);
    qsort(names, n, sizeof *names, by_name);
    printf("list %s: %d", path, n);
    for (int i = 0; i < n && i < 10; i++) printf(" %s", names[i]);
    printf("\n");
    for (int i = 0; i < n; i++) free(names[i]);
}

static void show(const char *path) {
    struct stat s;
    if (lstat(path, &s)) { printf("lstat %s: %s\n", path, errno_name(errno)); return; }
    const char *type = S_ISREG(s.st_mode) ? "file" : S_ISDIR(s.st_mode) ? "directory" : S_ISLNK(s.st_mode) ? "link" : "?";
    if (S_ISREG(s.st_mode)) printf("lstat %s: %s, %lld bytes, %d links\n", path, type, (long long)s.st_size, (int)s.st_nlink);
    else printf("lstat %s: %s\n", path, type);
}

static int touch(const char *path, const char *text, const char *mode) {
    FILE *f = fopen(path, mode);
    if (!f) return -1;
    fputs(text, f);
    return fclose(f);
}

static void streams(void) {
    char line[100];
    FILE *f = fopen("d/stream", "w+");
    for (int i = 0; i < 1000; i++) fprintf(f, "line %d\n", i);
    printf("ftell %ld\n", ftell(f));
    fseek(f, 500, SEEK_SET);
    fgets(line, sizeof line, f);
    fgets(line, sizeof line, f);
    printf("at 500: %s", line);
    fseek(f, -9, SEEK_END);
    fgets(line, sizeof line, f);
    printf("last: %s", line);
    printf("eof: %d %d\n", fgetc(f), feof(f) != 0);
    rewind(f);
    long sum = 0;
    int c;
    while ((c = fgetc(f)) != EOF) sum = sum * 31 % 1000003 + c;
    printf("sum %ld\n", sum);
    fclose(f);
}

static void descriptors(void) {
    char buffer[20] = {0};
    int fd = open("d/raw", O_RDWR | O_CREAT | O_EXCL, 0644);
    STEP(write(fd, "0123456789", 10));
    STEP(pwrite(fd, "AB", 2, 4));
    STEP(pread(fd, buffer, 5, 3));
    printf("pread %s, at %lld\n", buffer, (long long)lseek(fd, 0, SEEK_CUR));
    STEP(ftruncate(fd, 6));
    STEP(ftruncate(fd, 8));
    struct stat s;
    STEP(fstat(fd, &s));
    printf("size %lld\n", (long long)s.st_size);
    STEP(lseek(fd, -1, SEEK_SET));
    STEP(lseek(fd, 0, 77));
    struct timespec times[2] = {{1, 5}, {2000000000, 7}};
    STEP(futimens(fd, times));
    STEP(fstat(fd, &s));
    printf("mtime %lld.%ld\n", (long long)s.st_mtim.tv_sec, (long)s.st_mtim.tv_nsec);
    STEP(fsync(fd));
    STEP(close(fd));
    STEP(close(fd));
    STEP(open("d/raw", O_RDWR | O_CREAT | O_EXCL, 0644));
    fd = open("d/raw", O_RDONLY);
    STEP(write(fd, "x", 1));
    STEP(close(fd));
    fd = open("d/raw", O_WRONLY | O_APPEND);
    STEP(read(fd, buffer, 1));
    STEP(write(fd, "tail", 4));
    STEP(close(fd));
    show("d/raw");
    STEP(open("d/raw", O_RDONLY | O_DIRECTORY));
    STEP(open("d", O_WRONLY));
    STEP(open("d/raw/x", O_RDONLY));
    STEP(open("none", O_RDONLY));
    fd = open("d", O_RDONLY | O_DIRECTORY);
    STEP(read(fd, buffer, 1));
    int inner = openat(fd, "raw", O_RDONLY);
    STEP(read(inner, buffer, 4));
    STEP(close(inner));
    STEP(close(fd));
}

static void names(void) {
    char text[100] = {0};
    STEP(mkdir("d/sub", 0755));
    STEP(mkdir("d/sub", 0755));
    STEP(mkdir("x/y", 0755));
    STEP(touch("d/sub/f", "content", "w"));
    STEP(link("d/sub/f", "d/hard"));
    STEP(link("d/sub", "d/harddir"));
    show("d/hard");
    STEP(symlink("sub/f", "d/soft"));
    STEP(symlink("loop", "d/loop"));
    STEP(readlink("d/soft", text, sizeof text));
    printf("soft -> %s\n", text);
    STEP(readlink("d/hard", text, sizeof text));
    show("d/soft");
    STEP(touch("d/soft", " more", "a"));
    show("d/sub/f");
    STEP(open("d/loop", O_RDONLY));
    STEP(open("d/soft", O_RDONLY | O_NOFOLLOW));
    STEP(access("d/soft", R_OK));
    STEP(access("d/nothing", R_OK));
    STEP(rmdir("d/sub"));
    STEP(rmdir("d/hard"));
    STEP(unlink("d/hard"));
    STEP(unlink("d/none"));
    STEP(rename("d/sub/f", "d/g"));
    STEP(rename("d/g", "d/sub"));
    STEP(rename("d/sub", "d/g"));
    STEP(rename("d/sub", "d/sub2"));
    STEP(rename("d/none", "d/x"));
    STEP(rmdir("d/sub2/"));
    list("d");
}

int main(void) {
    STEP(mkdir("d", 0755));
    STEP(touch("d/a", "hello", "w"));
    STEP(touch("d/a", " world", "a"));
    show("d/a");
    show("d");
    streams();
    descriptors();
    names();
    char name[100];
    STEP(mkdir("many", 0755));
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "many/some-longer-file-name-%04d", i);
        if (touch(name, "", "w")) printf("%s: %s\n", name, errno_name(errno));
    }
    list("many");
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "many/some-longer-file-name-%04d", i);
        if (unlink(name)) printf("%s: %s\n", name, errno_name(errno));
    }
    list("many");
    STEP(rmdir("many"));
    return 0;
}
