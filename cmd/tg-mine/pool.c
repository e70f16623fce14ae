/* pool: the documents of an index that a record's negatives come from */
#include "pool.h"

#include <stdlib.h>

#include "base/keyset.h"
#include "base/mem.h"
#include "documents.h"
#include "task/catalogue.h"

struct pools {
	const struct index *ix;
	bool all;
	const char *code_language;
	struct catalogue *catalogue;
	struct keyset origins; /* number of each origin of the index */
};

static struct keyset_key
origin_key(struct span origin)
{
	return keyset_key((struct span){ "", 0 }, 'o', origin);
}

struct pools *
pools_new(const struct index *ix, bool all, const char *code_language,
    const char *tasks)
{
	struct pools *p = mem_new(sizeof *p);
	struct span s = index_section(ix, INDEX_ORIGINS, NULL), one;
	const char *stop;
	uint64_t n, *number;

	p->ix = ix;
	p->all = all;
	p->code_language = code_language;
	p->catalogue = catalogue_open(tasks);
	p->origins.value = sizeof *number;
	for (n = 0; s.n > 0; n++) {
		stop = memchr(s.p, '\0', s.n);
		one = (struct span){ s.p,
			stop != NULL ? (size_t)(stop - s.p) : s.n };
		number = keyset_add(&p->origins, origin_key(one));
		*number = n;
		s = span_skip(s, stop != NULL ? one.n + 1 : one.n);
	}
	return p;
}

void
pools_free(struct pools *p)
{
	if (p == NULL)
		return;
	catalogue_free(p->catalogue);
	keyset_free(&p->origins);
	free(p);
}

/* Add the documents of a record's own origin, texts or positives. */
static void
add_origin(
    const struct pools *p, struct pool *pool, struct rec *r, bool is_text)
{
	const uint64_t *number = keyset_find(&p->origins,
	    origin_key(documents_origin(r, p->code_language, is_text)));

	if (number != NULL)
		pool->origin[pool->n++] = (uint32_t)*number;
}

/* Return whether the positives of a task are texts of the corpus. */
static bool
takes_texts(const struct task *t)
{
	return t != NULL && (strcmp(t->pos, "{text}") == 0 ||
				strcmp(t->pos, "{similar}") == 0);
}

struct pool
pools_of(const struct pools *p, struct rec *r, int64_t doc)
{
	struct pool pool = { .ix = p->ix, .all = p->all };
	struct span task = documents_member(r, "task");

	if (p->all)
		return pool;
	if (task.p == NULL) {
		pool.all = doc < 0;
		if (doc >= 0)
			pool.origin[pool.n++] = p->ix->doc[doc].origin;
		return pool;
	}
	if (takes_texts(catalogue_find(p->catalogue, task)))
		add_origin(p, &pool, r, true);
	add_origin(p, &pool, r, false);
	return pool;
}

bool
pool_admits(void *ctx, uint64_t doc)
{
	const struct pool *p = ctx;
	uint32_t origin = p->ix->doc[doc].origin;

	return p->all || (p->n > 0 && origin == p->origin[0]) ||
	       (p->n > 1 && origin == p->origin[1]);
}
