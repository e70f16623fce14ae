/* dedupe: the set of what has been seen */
#include "dedupe.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "mem.h"

enum { CAP_MIN = 1024 };

struct dedupe_key
dedupe_key(struct span scope, char what, struct span text)
{
	unsigned char raw[HASH_TABLE];
	struct dedupe_key k;

	hash_table(scope, what, text, raw);
	memcpy(&k.a, raw, sizeof k.a);
	memcpy(&k.b, raw + sizeof k.a, sizeof k.b);
	if (k.a == 0 && k.b == 0)
		k.b = 1;
	return k;
}

/* Where k is, or the free place where it belongs. */
static size_t
find(const struct dedupe *d, const struct dedupe_key *k)
{
	size_t i = k->a & (d->cap - 1);

	while ((d->v[i].a != k->a || d->v[i].b != k->b) &&
	       (d->v[i].a != 0 || d->v[i].b != 0))
		i = (i + 1) & (d->cap - 1);
	return i;
}

static void
grow(struct dedupe *d)
{
	struct dedupe big = { .n = d->n };
	size_t i;

	big.cap = d->cap ? d->cap * 2 : CAP_MIN;
	big.v = mem_array(NULL, big.cap, sizeof *big.v);
	memset(big.v, 0, big.cap * sizeof *big.v);
	for (i = 0; i < d->cap; i++)
		if (d->v[i].a != 0 || d->v[i].b != 0)
			big.v[find(&big, &d->v[i])] = d->v[i];
	free(d->v);
	*d = big;
}

int
dedupe_has(const struct dedupe *d, const struct dedupe_key *k)
{
	size_t i;

	if (d->cap == 0)
		return 0;
	i = find(d, k);
	return d->v[i].a != 0 || d->v[i].b != 0;
}

int
dedupe_add(struct dedupe *d, const struct dedupe_key *k)
{
	if (dedupe_has(d, k))
		return 0;
	if (d->n >= d->cap / 4 * 3)
		grow(d);
	d->v[find(d, k)] = *k;
	d->n++;
	return 1;
}

void
dedupe_free(struct dedupe *d)
{
	free(d->v);
	*d = (struct dedupe){ 0 };
}
