/* meeting: a file that processes map, and in which each has a place */
#include "io/meeting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/mem.h"

enum { MUTEX = 0 }; /* byte that is locked for changes; place i locks 1 + i */

/* Map the locked file: 0, or -1 with errno. */
static int
map_file(struct meeting *m)
{
	/* a full disk is reported now, not by a signal later */
	int error = posix_fallocate(m->fd, 0, (off_t)m->size);
	void *p;

	if (error != 0) {
		errno = error;
		return -1;
	}
	p = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	if (p == MAP_FAILED)
		return -1;
	m->p = p;
	return 0;
}

int
meeting_open(struct meeting *m, int fd, size_t size, int places)
{
	int error;

	*m = (struct meeting){ .fd = fd, .size = size, .places = places };
	if (fd == -1) {
		m->p = mem_new(size);
		return 0;
	}
	if (meeting_lock(m) == 0 && map_file(m) == 0)
		return 0;
	error = errno;
	meeting_close(m);
	errno = error;
	return -1;
}

void
meeting_close(struct meeting *m)
{
	if (m->size == 0)
		return;
	if (m->fd == -1) {
		free(m->p);
	} else {
		if (m->p != NULL)
			munmap(m->p, m->size);
		close(m->fd); /* and with it all locks */
	}
	*m = (struct meeting){ .fd = -1 };
}

int
meeting_lock(const struct meeting *m)
{
	return m->fd == -1 ? 0 : lock_wait(m->fd, MUTEX);
}

void
meeting_unlock(const struct meeting *m)
{
	if (m->fd != -1)
		lock_drop(m->fd, MUTEX);
}

int
meeting_is_used(const struct meeting *m)
{
	/* one whose lock cannot be asked for may live */
	return m->fd != -1 && lock_held(m->fd, 1, m->places) != 0;
}

int
meeting_take(const struct meeting *m)
{
	int i;

	if (m->fd == -1)
		return 0;
	for (i = 0; lock_try(m->fd, 1 + i) == -1; i++)
		if (errno != EAGAIN || i == m->places - 1)
			return -1;
	return i;
}

int
meeting_is_free(const struct meeting *m, int place)
{
	return m->fd != -1 && lock_held(m->fd, 1 + place, 1) == 0;
}
