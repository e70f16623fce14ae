/* window: records on their way through tg-llm, in the order they came */
#include "window.h"

#include <stdlib.h>

#include "mem.h"

enum { HELD_MAX = 256 << 20 }; /* bytes of lines, about */

void
window_init(struct window *w, size_t size, int unordered)
{
	size_t i;

	*w = (struct window){ .size = size, .unordered = unordered };
	w->ring = mem_new(size * sizeof *w->ring);
	if (!unordered)
		return;
	w->spare = mem_new(size * sizeof(struct place *));
	for (i = 0; i < size; i++)
		w->spare[i] = &w->ring[i];
}

void
window_free(struct window *w)
{
	size_t i;

	for (i = 0; i < w->size; i++) {
		rec_free(&w->ring[i].rec);
		buf_free(&w->ring[i].line);
	}
	free(w->ring);
	free(w->spare);
}

int
window_full(const struct window *w)
{
	return w->count == w->size || w->held > HELD_MAX;
}

static struct place *
take(struct window *w)
{
	size_t i = w->count++;

	return w->unordered ? w->spare[w->size - 1 - i]
			    : &w->ring[(w->head + i) % w->size];
}

struct place *
window_add(struct window *w, struct span line, const char **why)
{
	struct place *p = take(w);

	buf_addspan(&p->line, line);
	if (rec_read(&p->rec, buf_span(&p->line), why) == -1) {
		buf_clear(&p->line);
		w->count--;
		return NULL;
	}
	p->done = 0;
	w->held += p->line.n;
	return p;
}

void
window_pass(struct window *w, struct span line, struct buf *out)
{
	struct place *p;

	if (w->unordered || w->count == 0) {
		buf_addspan(out, line);
		return;
	}
	p = take(w);
	buf_addspan(&p->line, line);
	p->done = 1;
	w->held += p->line.n;
}

void
window_done(struct window *w, struct place *p, struct buf *out)
{
	struct buf line = { 0 };

	rec_write(&p->rec, w->unordered ? out : &line);
	rec_free(&p->rec);
	w->held -= p->line.n;
	buf_free(&p->line);
	if (w->unordered) {
		w->spare[w->size - w->count--] = p;
		return;
	}
	p->line = line;
	p->done = 1;
	w->held += line.n;
}

int
window_ready(const struct window *w)
{
	return w->count > 0 && !w->unordered && w->ring[w->head].done;
}

void
window_emit(struct window *w, struct buf *out)
{
	struct place *p = &w->ring[w->head];

	buf_addspan(out, buf_span(&p->line));
	w->held -= p->line.n;
	buf_free(&p->line);
	p->done = 0;
	w->head = (w->head + 1) % w->size;
	w->count--;
}
