/* reorder: holds records until they can leave in the order of the input */
#include "reorder.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
	HELD_MAX = 256 << 20, /* bytes of lines held at most, about */
	KEEP = 32 * 1024, /* bytes of a line that its slot keeps for the next */
};

void
reorder_init(struct reorder *w, size_t size, int unordered)
{
	*w = (struct reorder){ .size = size };
	if (!unordered)
		w->ring = mem_new(size * sizeof *w->ring);
}

void
reorder_free(struct reorder *w)
{
	struct slot *p;

	while ((p = w->all) != NULL) {
		w->all = p->older;
		rec_free(&p->rec);
		buf_free(&p->line);
		free(p);
	}
	while (w->ring != NULL && w->count-- > 0)
		free(w->ring[w->head++ % w->size].line);
	free(w->ring);
	buf_free(&w->scratch);
}

int
reorder_full(const struct reorder *w)
{
	return w->count == w->size || w->held > HELD_MAX;
}

struct slot *
reorder_read(struct reorder *w, struct span line, const char **why)
{
	struct slot *p = w->spare;

	if (p == NULL) {
		p = w->spare = mem_new(sizeof *p);
		p->older = w->all;
		w->all = p;
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

static struct turn *
take_turn(struct reorder *w, size_t bytes)
{
	size_t i = w->count++;

	w->held += bytes;
	return w->ring ? &w->ring[(w->head + i) % w->size] : NULL;
}

void
reorder_hold(struct reorder *w, struct slot *p)
{
	struct turn *t = take_turn(w, p->line.n);

	w->spare = p->next;
	if (t == NULL)
		return;
	t->waits = p;
	p->turn = (size_t)(t - w->ring);
}

void
reorder_pass(struct reorder *w, struct span line, struct buf *out)
{
	struct turn *t;

	if (w->ring == NULL || w->count == 0) {
		buf_addspan(out, line);
		return;
	}
	t = take_turn(w, line.n);
	t->line = mem_dup(line.p, line.n);
	t->n = line.n;
}

/* Remove the front. */
static void
advance(struct reorder *w)
{
	w->head = (w->head + 1) % w->size;
	w->count--;
}

/* Keep a slot for another record, but free its large parts. */
static void
set_aside(struct reorder *w, struct slot *p)
{
	w->held -= p->line.n;
	arena_free(&p->rec.mem);
	if (p->line.cap > KEEP)
		rec_free(&p->rec);
	p->next = w->spare;
	w->spare = p;
}

void
reorder_done(struct reorder *w, struct slot *p, struct buf *out)
{
	struct turn *t;

	if (w->ring == NULL) {
		rec_write(&p->rec, out);
		w->count--;
	} else if (p->turn == w->head) {
		rec_write(&p->rec, out);
		w->ring[w->head].waits = NULL;
		advance(w);
	} else {
		rec_write(&p->rec, &w->scratch);
		t = &w->ring[p->turn];
		t->waits = NULL;
		t->n = w->scratch.n;
		t->line = mem_dup(w->scratch.p, t->n);
		w->held += t->n;
		buf_clear(&w->scratch);
	}
	set_aside(w, p);
}

int
reorder_ready(const struct reorder *w)
{
	return w->ring != NULL && w->count > 0 &&
	       w->ring[w->head].waits == NULL;
}

void
reorder_emit(struct reorder *w, struct buf *out)
{
	struct turn *t = &w->ring[w->head];

	buf_add(out, t->line, t->n);
	w->held -= t->n;
	free(t->line);
	t->line = NULL;
	advance(w);
}
