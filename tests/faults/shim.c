/* Stands between a program and its system: stops it, or fails a call, at the Nth change that reaches the disk; lets a file
 * be opened and not read; turns back its clock, and says which addresses a name has. Settings, all optional: SHIM_AT=N,
 * SHIM_SIGNAL=9 (default: fail with SHIM_ERRNO), SHIM_ERRNO=5, SHIM_COUNT=FILE (how many such calls there were is written
 * there at the end), SHIM_UNREADABLE=END (of the file's path), SHIM_CLOCK=SECONDS (added to the time), SHIM_NAMES=A,B
 * (what names below rebind.example are the first time, and ever after). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static atomic_int calls;

static int number(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}

/* Counts a change that is about to be made; 1 when it must fail. */
static int fails(void) {
    int n = atomic_fetch_add(&calls, 1) + 1;
    if (n != number("SHIM_AT", 0)) return 0;
    int sent = number("SHIM_SIGNAL", 0);
    if (!sent) {
        errno = number("SHIM_ERRNO", EIO);
        return 1;
    }
    kill(getpid(), sent);
    /* A kill comes at once; whoever is only asked to end goes on. */
    return 0;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("SHIM_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%d\n", atomic_load(&calls));
    fclose(file);
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int fsync(int file) {
    REAL(fsync);
    return fails() ? -1 : real(file);
}

int fdatasync(int file) {
    REAL(fdatasync);
    return fails() ? -1 : real(file);
}

int rename(const char *from, const char *to) {
    REAL(rename);
    return fails() ? -1 : real(from, to);
}

int unlink(const char *path) {
    REAL(unlink);
    return fails() ? -1 : real(path);
}

/* 1 for a file that must not be read. */
static int unreadable(int file) {
    const char *end = getenv("SHIM_UNREADABLE");
    if (!end) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path);
    ssize_t wanted = strlen(end);
    if (length < wanted || memcmp(path + length - wanted, end, wanted) != 0) return 0;
    errno = EIO;
    return 1;
}

ssize_t read(int file, void *into, size_t most) {
    REAL(read);
    return unreadable(file) ? -1 : real(file, into, most);
}

ssize_t pread64(int file, void *into, size_t most, off64_t from) {
    REAL(pread64);
    return unreadable(file) ? -1 : real(file, into, most, from);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    int result = real(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += number("SHIM_CLOCK", 0);
    return result;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    REAL(getaddrinfo);
    static atomic_int asked;
    const char *names = getenv("SHIM_NAMES");
    if (!names || !name || !strstr(name, "rebind.example")) return real(name, service, hints, found);
    char first[64] = "";
    const char *comma = strchr(names, ',');
    if (!comma || comma - names >= (long)sizeof first) return EAI_FAIL;
    memcpy(first, names, comma - names);
    return real(atomic_fetch_add(&asked, 1) ? comma + 1 : first, service, hints, found);
}
