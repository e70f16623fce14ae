/* claims: who is at work on what */
#include "respcache/claims.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

enum { BUCKETS = 4096 };

/* A lock does not keep its own process away: what it has stands here, too. */
struct claim {
	struct claim *next;
	off_t at; /* of the byte that is locked */
};

struct claims {
	int fd; /* -1: there are no locks */
	struct claim *mine[BUCKETS];
};

struct claims *
claims_new(int dir, const char *name)
{
	struct claims *c = mem_new(sizeof *c);

	c->fd = -1;
	if (name != NULL)
		c->fd = openat(dir, name,
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		    0666);
	return c;
}

void
claims_free(struct claims *c)
{
	struct claim *m;
	int i;

	if (c == NULL)
		return;
	for (i = 0; i < BUCKETS; i++)
		while ((m = c->mine[i]) != NULL) {
			c->mine[i] = m->next;
			free(m);
		}
	if (c->fd != -1)
		close(c->fd);
	free(c);
}

/* The byte for a number: an off_t has 63 bits for it. */
static off_t
byte_of(uint64_t number)
{
	return (off_t)(number >> 2);
}

/* Where the claim on a byte stands, or would. */
static struct claim **
find(struct claims *c, off_t at)
{
	struct claim **m = &c->mine[at % BUCKETS];

	while (*m != NULL && (*m)->at != at)
		m = &(*m)->next;
	return m;
}

/* Set a lock, of the open file rather than the process: 0, or -1. */
static int
set_lock(const struct claims *c, off_t at, short type)
{
	struct flock l = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = at,
		.l_len = 1 };
	int status;

	do
		status = fcntl(c->fd, F_OFD_SETLK, &l);
	while (status == -1 && errno == EINTR);
	return status;
}

int
claims_take(struct claims *c, uint64_t number)
{
	off_t at = byte_of(number);
	struct claim **m = find(c, at);

	if (*m != NULL)
		return 0;
	if (c->fd != -1 && set_lock(c, at, F_WRLCK) == -1 &&
	    (errno == EAGAIN || errno == EACCES))
		return 0;
	*m = mem_new(sizeof **m);
	(*m)->at = at;
	return 1;
}

void
claims_drop(struct claims *c, uint64_t number)
{
	off_t at = byte_of(number);
	struct claim **m = find(c, at), *gone = *m;

	if (gone == NULL)
		return;
	*m = gone->next;
	free(gone);
	if (c->fd != -1)
		set_lock(c, at, F_UNLCK);
}
