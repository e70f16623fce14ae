/* output: holds records until they can leave, and writes them to stdout */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum {
	HELD_MAX = 96 << 20, /* bytes of lines held, above which none is read */
	KEEP = 32 * 1024, /* bytes of a line that its slot keeps for the next */
	SOME = 32 * 1024, /* bytes of output that are worth a write */
};

/*
 * Open stdout's pipe anew: making that description non-blocking does not change
 * it for the processes that share stdout. Files do not block.
 */
static void
open_stdout(struct output *o)
{
	struct stat st;
	int fd = -1;

	o->fd = STDOUT_FILENO;
	if (fstat(STDOUT_FILENO, &st) == -1)
		return;
	o->socket = S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode))
		fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd != -1)
		o->fd = fd;
}

void
output_init(struct output *o, size_t size, int unordered)
{
	*o = (struct output){ .size = size };
	if (!unordered)
		o->ring = mem_new(size * sizeof *o->ring);
	open_stdout(o);
}

void
output_free(struct output *o)
{
	struct slot *p;

	while ((p = o->all) != NULL) {
		o->all = p->older;
		rec_free(&p->rec);
		buf_free(&p->line);
		free(p);
	}
	while (o->ring != NULL && o->count-- > 0)
		free(o->ring[o->head++ % o->size].line);
	free(o->ring);
	buf_free(&o->scratch);
	buf_free(&o->queue);
}

int
output_full(const struct output *o)
{
	return o->count == o->size || o->held > HELD_MAX;
}

struct slot *
output_read(struct output *o, struct span line, const char **why)
{
	struct slot *p = o->spare;

	if (p == NULL) {
		p = o->spare = mem_new(sizeof *p);
		p->older = o->all;
		o->all = p;
	}
	if (p->line.cap > KEEP)
		buf_free(&p->line);
	p->line.n = 0;
	buf_need(&p->line, line.n + 1);
	buf_addspan(&p->line, line);
	if (rec_read(&p->rec, buf_span(&p->line), why) == -1)
		return NULL;
	/* there is room, so the bytes of the record do not move */
	buf_addc(&p->line, '\n');
	return p;
}

/* Take the next turn, for a line of so many bytes; return its index. */
static size_t
take_turn(struct output *o, size_t bytes)
{
	o->held += bytes;
	return (o->head + o->count++) % o->size;
}

void
output_hold(struct output *o, struct slot *p)
{
	o->spare = p->next;
	p->turn = take_turn(o, p->line.n);
	if (o->ring != NULL)
		o->ring[p->turn].waits = p;
}

void
output_pass(struct output *o, struct span line)
{
	struct turn *t;

	if (o->ring == NULL || o->count == 0) {
		buf_addspan(&o->queue, line);
		return;
	}
	t = &o->ring[take_turn(o, line.n)];
	t->line = mem_dup(line.p, line.n);
	t->n = line.n;
}

/* Keep a slot for another record, but free its large parts. */
static void
set_aside(struct output *o, struct slot *p)
{
	o->held -= p->line.n;
	arena_free(&p->rec.mem);
	if (p->line.cap > KEEP)
		rec_free(&p->rec);
	p->next = o->spare;
	o->spare = p;
}

/* Remove the front of the ring. */
static void
advance(struct output *o)
{
	o->head = (o->head + 1) % o->size;
	o->count--;
}

void
output_done(struct output *o, struct slot *p)
{
	struct turn *t;

	if (o->ring == NULL) {
		rec_write(&p->rec, &o->queue);
		o->count--;
	} else if (p->turn == o->head) {
		rec_write(&p->rec, &o->queue);
		o->ring[o->head].waits = NULL;
		advance(o);
	} else {
		rec_write(&p->rec, &o->scratch);
		t = &o->ring[p->turn];
		t->waits = NULL;
		t->n = o->scratch.n;
		t->line = mem_dup(o->scratch.p, t->n);
		o->held += t->n;
		buf_clear(&o->scratch);
	}
	set_aside(o, p);
}

/* Move finished lines from the front to the queue, until a write is due. */
static void
fill_queue(struct output *o)
{
	struct turn *t;

	while (o->ring != NULL && o->count > 0 && output_left(o) < SOME) {
		t = &o->ring[o->head];
		if (t->waits != NULL)
			return;
		buf_add(&o->queue, t->line, t->n);
		o->held -= t->n;
		free(t->line);
		t->line = NULL;
		advance(o);
	}
}

size_t
output_left(const struct output *o)
{
	return o->queue.n - o->written;
}

/* Note that n more bytes are written; drop them once most are. */
static void
drop_written(struct output *o, size_t n)
{
	size_t left;

	o->written += n;
	left = output_left(o);
	if (o->written < left)
		return;
	memmove(o->queue.p, o->queue.p + o->written, left);
	o->queue.n = left;
	o->written = 0;
	if (left == 0)
		buf_clear(&o->queue);
}

void
output_write(struct output *o)
{
	const char *p;
	ssize_t n;

	for (;;) {
		fill_queue(o);
		if (output_left(o) == 0)
			return;
		p = o->queue.p + o->written;
		n = o->socket ? send(o->fd, p, output_left(o), MSG_DONTWAIT)
			      : write(o->fd, p, output_left(o));
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1 && errno != EINTR) {
			o->broken = 1;
			o->error = errno;
			return;
		}
		if (n > 0)
			drop_written(o, (size_t)n);
	}
}

void
output_close(struct output *o)
{
	if (o->fd != STDOUT_FILENO)
		close(o->fd);
	o->fd = -1;
	if (close(STDOUT_FILENO) == -1 && errno != EINTR) {
		o->broken = 1;
		o->error = errno;
	}
	/* a file that is opened next must not become stdout */
	(void)open("/dev/null", O_WRONLY | O_CLOEXEC);
}
