/* known: the positives of queries, over all rows of the input */
#include "known.h"

#include <stdlib.h>

#include "base/mem.h"

/* Return the key of a query's positive, by what it equals. */
static struct keyset_key
equal_key(struct span scope, const struct near *t)
{
	return keyset_key(scope, 'e',
	    (struct span){ (const char *)&t->equal, sizeof t->equal });
}

/* Return that key by what the positive is alike. */
static struct keyset_key
alike_key(struct span scope, const struct near *t)
{
	return keyset_key(scope, 'a',
	    (struct span){ (const char *)t->alike, sizeof t->alike });
}

void
known_add(struct known *k, struct span scope, const struct near *t)
{
	keyset_add(&k->positives, equal_key(scope, t));
	if (near_has_alike(t))
		keyset_add(&k->positives, alike_key(scope, t));
}

enum near_how
known_find(const struct known *k, struct span scope, const struct near *t)
{
	if (keyset_find(&k->positives, equal_key(scope, t)) != NULL)
		return NEAR_EQUAL;
	if (near_has_alike(t) &&
	    keyset_find(&k->positives, alike_key(scope, t)) != NULL)
		return NEAR_ALIKE;
	return NEAR_NOT;
}

static struct keyset_key
query_key(struct span scope)
{
	return keyset_key(scope, 'q', (struct span){ "", 0 });
}

void
known_count(struct known *k, struct span scope)
{
	struct known_query *q;

	k->queries.value = sizeof *q;
	q = keyset_add(&k->queries, query_key(scope));
	q->rows++;
	k->rows++;
}

bool
known_repeats(const struct known *k)
{
	return k->rows > k->queries.n;
}

struct known_query *
known_query(const struct known *k, struct span scope)
{
	return keyset_find(&k->queries, query_key(scope));
}

void
known_keep(struct known *k, struct span scope, struct near *t)
{
	struct known_query *q = known_query(k, scope);
	enum near_how how = known_find(k, scope, t);

	known_add(k, scope, t);
	if (q == NULL || how != NEAR_NOT)
		return;
	if (q->kept == NULL) {
		q->kept = mem_new(sizeof *q->kept);
		k->kept = mem_array(k->kept, k->n + 1, sizeof(void *));
		k->kept[k->n++] = q->kept;
	}
	if (q->kept->n == KNOWN_KEPT)
		return;
	near_trim(t);
	q->kept->of[q->kept->n++] = *t;
	*t = (struct near){ 0 };
}

void
known_free(struct known *k)
{
	size_t i;

	for (; k->n > 0; free(k->kept[--k->n]))
		for (i = 0; i < k->kept[k->n - 1]->n; i++)
			near_free(&k->kept[k->n - 1]->of[i]);
	free(k->kept);
	keyset_free(&k->positives);
	keyset_free(&k->queries);
}
