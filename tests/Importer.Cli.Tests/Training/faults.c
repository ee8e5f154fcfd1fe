// A disk with faults, for a process that loads this before libc (LD_PRELOAD): calls of one kind on paths that contain a text fail, or
// take their time. FAULT_CALL is fsync, write, read or rename; FAULT_PATH the text; from the FAULT_FIRST-th such call on, FAULT_TIMES of
// them fail with FAULT_ERROR, or sleep FAULT_SLEEP seconds.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long reached;

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static int fails(const char *call, const char *path)
{
    const char *wanted = getenv("FAULT_CALL"), *part = getenv("FAULT_PATH");
    if (!wanted || !part || strcmp(call, wanted) != 0 || !strstr(path, part))
        return 0;
    long now = atomic_fetch_add(&reached, 1) + 1, first = number("FAULT_FIRST");
    if (now < first || now >= first + number("FAULT_TIMES"))
        return 0;
    for (unsigned left = (unsigned)number("FAULT_SLEEP"); left > 0;)
        left = sleep(left);
    if (number("FAULT_SLEEP"))
        return 0;
    errno = (int)number("FAULT_ERROR");
    return 1;
}

static int fails_on(const char *call, int file)
{
    char link[64], path[4096];
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length < 0)
        return 0;
    path[length] = 0;
    return fails(call, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int file) { return fails_on("fsync", file) ? -1 : NEXT(fsync)(file); }
int fdatasync(int file) { return fails_on("fsync", file) ? -1 : NEXT(fdatasync)(file); }
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { return fails_on("write", file) ? -1 : NEXT(pwrite)(file, bytes, count, at); }
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) { return fails_on("write", file) ? -1 : NEXT(pwrite64)(file, bytes, count, at); }
ssize_t pread(int file, void *bytes, size_t count, off_t at) { return fails_on("read", file) ? -1 : NEXT(pread)(file, bytes, count, at); }
ssize_t pread64(int file, void *bytes, size_t count, off64_t at) { return fails_on("read", file) ? -1 : NEXT(pread64)(file, bytes, count, at); }
// .NET asks libc itself for the functions that a program imports.
void *dlsym(void *library, const char *name)
{
    static void *(*real)(void *, const char *);
    if (!real && !(real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34")) && !(real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.17")))
        real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
    if (library != RTLD_NEXT && strcmp(name, "fsync") == 0)
        return (void *)fsync;
    return real(library, name);
}

int rename(const char *from, const char *to) { return fails("rename", from) ? -1 : NEXT(rename)(from, to); }
