/* strata: records drawn from what a run kept and rejected, by task */
#include "strata.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "each.h"
#include "json/find.h"
#include "json/string.h"
#include "record/calibration.h"
#include "record/triplet.h"

static int
by_draw(const void *a, const void *b)
{
	const struct drawn *x = a, *y = b;

	return (x->draw > y->draw) - (x->draw < y->draw);
}

/* Sort a stratum, and drop the records that are more than most. */
static void
trim(struct stratum *s, size_t most)
{
	if (s->n > 0)
		qsort(s->v, s->n, sizeof *s->v, by_draw);
	while (s->n > most)
		free(s->v[--s->n].line);
	s->full = s->n == most;
	s->bound = s->n > 0 ? s->v[s->n - 1].draw : 0;
}

static struct stratum *
find(struct strata *a, struct span task, enum side side)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->v[i].side == side && span_is(task, a->v[i].task))
			return &a->v[i];
	a->v = mem_array(a->v, a->n + 1, sizeof *a->v);
	a->v[a->n] =
	    (struct stratum){ .task =
				  mem_dup(task.p != NULL ? task.p : "", task.n),
		    .side = side };
	return &a->v[a->n++];
}

static void
add(struct strata *a, struct stratum *s, struct span line)
{
	struct drawn d = { hash_draw(a->seed, line, "calibrate"), NULL,
		line.n };

	s->seen++;
	if (s->n == a->most + a->most / 4 + 16)
		trim(s, a->most);
	if (s->full && d.draw > s->bound)
		return;
	if (s->n == s->cap) {
		s->cap = s->cap > 0 ? 2 * s->cap : 16;
		s->v = mem_array(s->v, s->cap, sizeof *s->v);
	}
	d.line = mem_dup(line.p, line.n);
	s->v[s->n++] = d;
}

/* Set *side to what a judge decided about a record; return 0 if none did. */
static int
decided(struct rec *r, enum side *side)
{
	struct span rejected = rec_tg(r, "rejected"), verdict;
	struct span judge = rec_tg(r, "judge");

	if (!js_is_object(judge))
		judge = js_find(rec_get(r, "meta"), "judge");
	verdict = js_find(judge, "verdict");
	if (js_is_there(rec_tg(r, "error")))
		return 0;
	if (js_is_there(rejected)) {
		*side = REJECTED;
		return span_is(js_find(rejected, "tool"), "\"tg-judge\"");
	}
	*side = span_is(verdict, "0") || span_is(verdict, "2") ||
			span_is(rec_get(r, "rejected"), "true")
		    ? REJECTED
		    : KEPT;
	return 1;
}

static const char *
take(void *ctx, struct rec *r)
{
	struct strata *a = ctx;
	struct triplet t = triplet_of(r);
	struct span task = each_name(r, "task");
	enum side side;

	if (!decided(r, &side) || triplet_wrong(&t) != NULL) {
		a->other++;
		return NULL;
	}
	if (a->n > 2 * CALIBRATION_TASKS)
		return "there are too many tasks, more than 10000";
	add(a, find(a, task, side), r->line);
	return NULL;
}

void
strata_read(struct strata *a, const char *const *files, size_t max_line)
{
	size_t i;

	each_record(files, max_line, take, a);
	for (i = 0; i < a->n; i++)
		trim(&a->v[i], a->most);
}

/* Return how many records of a side can be taken yet, and how many strata have
 * them in *strata. */
static size_t
left(const struct strata *a, enum side side, size_t *strata)
{
	size_t i, sum = 0;

	*strata = 0;
	for (i = 0; i < a->n; i++) {
		if (a->v[i].side != side || a->v[i].taken == a->v[i].n)
			continue;
		sum += a->v[i].n - a->v[i].taken;
		++*strata;
	}
	return sum;
}

/* Take n more records of a side, or all; return how many are taken. */
static size_t
take_side(struct strata *a, enum side side, size_t n)
{
	size_t strata, share, got = 0, i, some;

	while (got < n && left(a, side, &strata) > 0) {
		share = (n - got) / strata;
		for (i = 0; i < a->n && got < n; i++) {
			if (a->v[i].side != side)
				continue;
			some = a->v[i].n - a->v[i].taken;
			if (some > share)
				some = share > 0 ? share : 1;
			if (some > n - got)
				some = n - got;
			a->v[i].taken += some;
			got += some;
		}
	}
	return got;
}

size_t
strata_take(struct strata *a, size_t n)
{
	size_t got = take_side(a, REJECTED, n / 2);

	got += take_side(a, KEPT, n - got);
	return got + take_side(a, REJECTED, n - got);
}

double
strata_weight(const struct strata *a, const struct stratum *s)
{
	double seen = 0, taken = 0;
	size_t i;

	for (i = 0; i < a->n; i++) {
		if (a->v[i].taken == 0)
			continue;
		seen += (double)a->v[i].seen;
		taken += (double)a->v[i].taken;
	}
	return (double)s->seen / (double)s->taken * (taken / seen);
}

void
strata_free(struct strata *a)
{
	size_t i, k;

	for (i = 0; i < a->n; i++) {
		for (k = 0; k < a->v[i].n; k++)
			free(a->v[i].v[k].line);
		free(a->v[i].v);
		free(a->v[i].task);
	}
	free(a->v);
}
