/* Arguments, environment, standard streams and exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void goodbye(void) { puts("goodbye"); }

int main(int argc, char **argv) {
    atexit(goodbye);
    for (int i = 1; i < argc; i++) printf("argument %s\n", argv[i]);
    const char *greeting = getenv("GREETING");
    printf("GREETING %s\n", greeting ? greeting : "(none)");
    printf("HOME %s\n", getenv("HOME") ? "known" : "(none)");
    char line[200];
    int lines = 0;
    size_t bytes = 0;
    while (fgets(line, sizeof line, stdin)) { lines++; bytes += strlen(line); }
    printf("input: %d lines, %zu bytes\n", lines, bytes);
    fprintf(stderr, "to the error stream\n");
    printf("terminal: %d %d\n", isatty(0), isatty(1));
    exit(argc > 2 ? atoi(argv[2]) : 0);
}
