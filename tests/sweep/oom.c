/*
 * oom: preloaded into a program, fails its OOM_AT-th allocation, and with
 * OOM_FOREVER each one after it. The number of allocations goes to the file
 * OOM_COUNT when the program ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static long allocations, at = -1;
static int forever;

/* Count an allocation; return whether it fails. */
static int
fails(void)
{
	const char *s;

	if (at == -1) {
		at = (s = getenv("OOM_AT")) != NULL ? atol(s) : 0;
		forever = getenv("OOM_FOREVER") != NULL;
	}
	allocations++;
	if (at == 0 || (forever ? allocations < at : allocations != at))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

void *
reallocarray(void *p, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, all);
}

__attribute__((destructor)) static void
tell(void)
{
	const char *file = getenv("OOM_COUNT");
	char text[32];
	int n, fd;

	if (file == NULL ||
	    (fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600)) == -1)
		return;
	n = snprintf(text, sizeof text, "%ld\n", allocations);
	if (write(fd, text, (size_t)n) == -1)
		_exit(125);
	close(fd);
}
