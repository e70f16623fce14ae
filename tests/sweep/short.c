/*
 * short: preloaded into a program, lets every third call of read and write be
 * interrupted, and the others move only a few bytes.
 */
#include <dlfcn.h>
#include <errno.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST = 7 };

/* Return whether a call is interrupted; else shorten its *n bytes. */
static int
interrupts(size_t *n)
{
	static unsigned calls;

	if (++calls % 3 == 0) {
		errno = EINTR;
		return 1;
	}
	if (*n > MOST)
		*n = 1 + calls % MOST;
	return 0;
}

ssize_t
read(int fd, void *p, size_t n)
{
	static ssize_t (*next)(int, void *, size_t);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "read");
	return interrupts(&n) ? -1 : next(fd, p, n);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	static ssize_t (*next)(int, const void *, size_t);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "write");
	return interrupts(&n) ? -1 : next(fd, p, n);
}

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	static ssize_t (*next)(int, void *, size_t, off_t);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "pread");
	return interrupts(&n) ? -1 : next(fd, p, n, at);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	static ssize_t (*next)(int, const void *, size_t, off_t);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "pwrite");
	return interrupts(&n) ? -1 : next(fd, p, n, at);
}
