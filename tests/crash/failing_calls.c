/* Preloaded into a process: the n-th call of the C library that touches a file below one
   directory fails; with n = 0 each is written down instead. Kùzu, libgit2 and DuckDB come by
   here too, which Python cannot reach, and so does a git program that it starts: what is
   asked stands in the environment, and all of them count in one file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char directory[4096];
static atomic_int *count;
static int wanted, failure, said = -1;

/* What is asked: the directory, the number, the error, the file of the count, the report. */
__attribute__((constructor)) void begin(void) {
    char below[4000], counter[4096], report[4096];
    const char *asked = getenv("FAILING_CALLS");
    if (!asked || sscanf(asked, "%3999[^\n]\n%d\n%d\n%4095[^\n]\n%4095[^\n]", below, &wanted,
                         &failure, counter, report) != 5) return;
    int file = open(counter, O_RDWR);
    count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    said = open(report, O_WRONLY | O_APPEND);
    if (file < 0 || count == MAP_FAILED || said < 0) abort();
    close(file);
    snprintf(directory, sizeof directory, "%s/", below);
}

static int pass_by(const char *call, const char *path) {
    if (!directory[0] || strncmp(path, directory, strlen(directory))) return 0;
    int mine = atomic_fetch_add(count, 1) + 1 == wanted;
    if (mine || !wanted) dprintf(said, "%s %s\n", call, path + strlen(directory));
    if (mine) errno = failure;
    return mine;
}

/* The full path of `path`, which is relative to the directory `at`. */
static int by_path(const char *call, int at, const char *path) {
    char full[8192], base[4096];
    if (!directory[0] || !path) return 0;
    if (path[0] == '/') return pass_by(call, path);
    if (at == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return 0;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t size = readlink(link, base, sizeof base - 1);
        if (size < 0) return 0;
        base[size] = 0;
    }
    snprintf(full, sizeof full, "%s/%s", base, path);
    return pass_by(call, full);
}

static int by_descriptor(const char *call, int descriptor) {
    char link[64], path[4096];
    if (!directory[0] || descriptor == said) return 0;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t size = readlink(link, path, sizeof path - 1);
    errno = before;
    if (size < 0) return 0;
    path[size] = 0;
    return pass_by(call, path);
}

#define REAL(type, name, ...)                                        \
    static type (*real)(__VA_ARGS__);                                \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                                   \
    int name(const char *path, int flags, ...) {                     \
        REAL(int, name, const char *, int, ...);                     \
        va_list rest;                                                \
        va_start(rest, flags);                                       \
        mode_t mode = va_arg(rest, mode_t);                          \
        va_end(rest);                                                \
        return by_path("open", AT_FDCWD, path) ? -1 : real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                 \
    int name(int at, const char *path, int flags, ...) {             \
        REAL(int, name, int, const char *, int, ...);                \
        va_list rest;                                                \
        va_start(rest, flags);                                       \
        mode_t mode = va_arg(rest, mode_t);                          \
        va_end(rest);                                                \
        return by_path("open", at, path) ? -1 : real(at, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                  \
    FILE *name(const char *path, const char *mode) {                 \
        REAL(FILE *, name, const char *, const char *);              \
        return by_path("fopen", AT_FDCWD, path) ? NULL : real(path, mode); \
    }
FOPEN(fopen)
FOPEN(fopen64)

#define BY_DESCRIPTOR(type, name, parameters, arguments)             \
    type name parameters {                                           \
        static type (*real) parameters;                              \
        if (!real) real = (type (*) parameters)dlsym(RTLD_NEXT, #name); \
        return by_descriptor(#name, descriptor) ? -1 : real arguments; \
    }
#define DATA int descriptor, const void *data, size_t size
#define ROOM int descriptor, void *data, size_t size
BY_DESCRIPTOR(ssize_t, write, (DATA), (descriptor, data, size))
BY_DESCRIPTOR(ssize_t, pwrite, (DATA, off_t at), (descriptor, data, size, at))
BY_DESCRIPTOR(ssize_t, pwrite64, (DATA, off_t at), (descriptor, data, size, at))
BY_DESCRIPTOR(ssize_t, read, (ROOM), (descriptor, data, size))
BY_DESCRIPTOR(ssize_t, pread, (ROOM, off_t at), (descriptor, data, size, at))
BY_DESCRIPTOR(ssize_t, pread64, (ROOM, off_t at), (descriptor, data, size, at))
BY_DESCRIPTOR(ssize_t, writev, (int descriptor, const struct iovec *parts, int number),
              (descriptor, parts, number))
BY_DESCRIPTOR(int, fsync, (int descriptor), (descriptor))
BY_DESCRIPTOR(int, fdatasync, (int descriptor), (descriptor))
BY_DESCRIPTOR(int, ftruncate, (int descriptor, off_t size), (descriptor, size))
BY_DESCRIPTOR(int, ftruncate64, (int descriptor, off_t size), (descriptor, size))

BY_DESCRIPTOR(ssize_t, sendfile, (int descriptor, int from, off_t *at, size_t size),
              (descriptor, from, at, size))
BY_DESCRIPTOR(ssize_t, sendfile64, (int descriptor, int from, off_t *at, size_t size),
              (descriptor, from, at, size))

#define BY_PATH(name, at, parameters, arguments)                     \
    int name parameters {                                            \
        static int (*real) parameters;                               \
        if (!real) real = (int (*) parameters)dlsym(RTLD_NEXT, #name); \
        return by_path(#name, at, path) ? -1 : real arguments;       \
    }
BY_PATH(mkdir, AT_FDCWD, (const char *path, mode_t mode), (path, mode))
BY_PATH(unlink, AT_FDCWD, (const char *path), (path))
BY_PATH(rename, AT_FDCWD, (const char *path, const char *to), (path, to))
BY_PATH(link, AT_FDCWD, (const char *path, const char *to), (path, to))
BY_PATH(rmdir, AT_FDCWD, (const char *path), (path))
BY_PATH(mkdirat, at, (int at, const char *path, mode_t mode), (at, path, mode))
BY_PATH(renameat, at, (int at, const char *path, int other, const char *to),
        (at, path, other, to))
BY_PATH(linkat, at, (int at, const char *path, int other, const char *to, int flags),
        (at, path, other, to, flags))

#define MAP(name)                                                    \
    void *name(void *address, size_t size, int rights, int flags, int descriptor, off_t at) { \
        static void *(*real)(void *, size_t, int, int, int, off_t);  \
        if (!real) real = (void *(*)(void *, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, #name); \
        if (!(flags & MAP_ANONYMOUS) && by_descriptor("mmap", descriptor)) return MAP_FAILED; \
        return real(address, size, rights, flags, descriptor, at);   \
    }
MAP(mmap)
MAP(mmap64)
