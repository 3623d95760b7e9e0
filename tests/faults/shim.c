/* Stands between a program and its system: stops it, or fails a call, at the Nth change that reaches the disk; and turns
 * back its clock, and says which addresses a name has. Settings, all optional: SHIM_AT=N, SHIM_SIGNAL=9 (default: fail with SHIM_ERRNO), SHIM_ERRNO=5,
 * SHIM_COUNT=FILE (how many such calls there were is written there at the end), SHIM_CLOCK=SECONDS (added to the time),
 * SHIM_NAMES=A,B (what names below rebind.example are the first time, and ever after). */
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
