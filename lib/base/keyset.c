/* keyset: the set of what has been seen */
#include "base/keyset.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { CAP_MIN = 16 };

struct keyset_key
keyset_key(struct span scope, char what, struct span text)
{
	unsigned char raw[HASH_TABLE];
	struct keyset_key k;

	hash_table(scope, what, text, raw);
	memcpy(&k.a, raw, sizeof k.a);
	memcpy(&k.b, raw + sizeof k.a, sizeof k.b);
	if (k.a == 0 && k.b == 0)
		k.b = 1;
	return k;
}

/* Return the place where the search for k starts. */
static size_t
home(const struct keyset_part *d, const struct keyset_key *k)
{
	/* 32 bits of the key as a fraction of an array of any length */
	return (size_t)((k->b >> 32) * d->cap >> 32);
}

/* Return the place of k, or the free one where it belongs. */
static size_t
find(const struct keyset_part *d, const struct keyset_key *k)
{
	size_t i = home(d, k);

	while ((d->v[i].a != k->a || d->v[i].b != k->b) &&
	       (d->v[i].a != 0 || d->v[i].b != 0))
		if (++i == d->cap)
			i = 0;
	return i;
}

static size_t
part_of(const struct keyset_key *k)
{
	return k->a % KEYSET_PARTS;
}

static void
grow(struct keyset_part *d)
{
	struct keyset_part big = { .n = d->n };
	size_t i;

	big.cap = d->cap ? d->cap + d->cap / 4 : CAP_MIN;
	big.v = mem_array(NULL, big.cap, sizeof *big.v);
	memset(big.v, 0, big.cap * sizeof *big.v);
	for (i = 0; i < d->cap; i++)
		if (d->v[i].a != 0 || d->v[i].b != 0)
			big.v[find(&big, &d->v[i])] = d->v[i];
	free(d->v);
	*d = big;
}

void
keyset_soon(const struct keyset *all, const struct keyset_key *k)
{
	const struct keyset_part *d = &all->part[part_of(k)];

	if (d->cap > 0)
		__builtin_prefetch(&d->v[home(d, k)]);
}

int
keyset_has(const struct keyset *all, const struct keyset_key *k)
{
	const struct keyset_part *d = &all->part[part_of(k)];
	size_t i;

	if (d->cap == 0)
		return 0;
	i = find(d, k);
	return d->v[i].a != 0 || d->v[i].b != 0;
}

int
keyset_add(struct keyset *all, const struct keyset_key *k)
{
	struct keyset_part *d = &all->part[part_of(k)];
	size_t i;

	if (d->n >= d->cap / 5 * 4)
		grow(d);
	i = find(d, k);
	if (d->v[i].a != 0 || d->v[i].b != 0)
		return 0;
	d->v[i] = *k;
	d->n++;
	return 1;
}

void
keyset_free(struct keyset *d)
{
	size_t i;

	for (i = 0; i < KEYSET_PARTS; i++)
		free(d->part[i].v);
	*d = (struct keyset){ 0 };
}
