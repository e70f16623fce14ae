/* claims: numbers that one process at a time works on */
#include "respcache/claims.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/mem.h"
#include "io/io.h"

enum { BUCKETS = 4096 };

/* The byte for a try at opening: no number has it. */
#define TRIAL ((off_t)1 << 62)

/* A number that this process has claimed; its own locks do not stop it. */
struct claim {
	struct claim *next;
	off_t byte; /* locked for the number */
};

struct claims {
	const char *tool, *path, *name;
	int fd;     /* file of the locks; -1: none */
	int warned; /* whether a lock that failed was told */
	struct claim *own[BUCKETS];
};

/* Say once that claims of other processes go unseen, by errno. */
static void
warn_no_locks(struct claims *c)
{
	if (c->warned++ == 0)
		io_warn(c->tool,
		    "%s/%s: locks fail here (%s): two programs may ask the "
		    "same at one time",
		    c->path, c->name, strerror(errno));
}

/* Lock a byte: 0 if another process has it, else 1, with or without a lock. */
static int
lock_byte(struct claims *c, off_t byte)
{
	if (c->fd == -1 || lock_try(c->fd, byte) == 0)
		return 1;
	if (errno == EAGAIN)
		return 0;
	warn_no_locks(c);
	return 1;
}

struct claims *
claims_new(const char *tool, const char *path, int dir, const char *name)
{
	struct claims *c = mem_new(sizeof *c);

	*c = (struct claims){ .tool = tool, .path = path, .name = name };
	c->fd = -1;
	if (name == NULL)
		return c;
	c->fd = openat(dir, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
	if (c->fd == -1)
		warn_no_locks(c);
	else if (lock_byte(c, TRIAL))
		lock_drop(c->fd, TRIAL);
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
		while ((m = c->own[i]) != NULL) {
			c->own[i] = m->next;
			free(m);
		}
	if (c->fd != -1)
		close(c->fd);
	free(c);
}

/* Return the byte for a number: an off_t has 63 bits for it. */
static off_t
byte_of(uint64_t number)
{
	return (off_t)(number >> 2);
}

/* Return where the claim on a byte is linked, or would be. */
static struct claim **
find_claim(struct claims *c, off_t byte)
{
	struct claim **m = &c->own[byte % BUCKETS];

	while (*m != NULL && (*m)->byte != byte)
		m = &(*m)->next;
	return m;
}

int
claims_take(struct claims *c, uint64_t number)
{
	off_t byte = byte_of(number);
	struct claim **m = find_claim(c, byte);

	if (*m != NULL || !lock_byte(c, byte))
		return 0;
	*m = mem_new(sizeof **m);
	(*m)->byte = byte;
	return 1;
}

void
claims_drop(struct claims *c, uint64_t number)
{
	off_t byte = byte_of(number);
	struct claim **m = find_claim(c, byte), *gone = *m;

	if (gone == NULL)
		return;
	*m = gone->next;
	free(gone);
	if (c->fd != -1)
		lock_drop(c->fd, byte);
}
