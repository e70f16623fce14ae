/* keymap: where things are, by a key of 64 bits */
#include "base/keymap.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { CAP_MIN = 1024 };

uint64_t
keymap_key(struct span s)
{
	unsigned char raw[HASH_TABLE];
	uint64_t key;

	hash_table(span_of(""), 'm', s, raw);
	memcpy(&key, raw, sizeof key);
	return key ? key : 1;
}

/* Return the place of a key, or the free one where it belongs. */
static struct keymap_entry *
place_of(const struct keymap *m, uint64_t key)
{
	uint64_t i;

	/* Knuth's multiplier spreads keys whose low bits are the same */
	for (i = key * 0x9e3779b97f4a7c15u >> 32;; i++)
		if (m->v[i & (m->cap - 1)].key == key ||
		    m->v[i & (m->cap - 1)].key == 0)
			return &m->v[i & (m->cap - 1)];
}

struct keymap_entry *
keymap_find(const struct keymap *m, uint64_t key)
{
	struct keymap_entry *e;

	if (m->n == 0)
		return NULL;
	e = place_of(m, key ? key : 1);
	return e->key != 0 ? e : NULL;
}

static void
grow(struct keymap *m)
{
	struct keymap big = { .n = m->n };
	size_t i;

	big.cap = m->cap ? m->cap * 2 : CAP_MIN;
	big.v = mem_new(big.cap * sizeof *big.v);
	for (i = 0; i < m->cap; i++)
		if (m->v[i].key != 0)
			*place_of(&big, m->v[i].key) = m->v[i];
	free(m->v);
	*m = big;
}

struct keymap_entry *
keymap_add(struct keymap *m, uint64_t key)
{
	struct keymap_entry *e;

	if (m->n * 4 >= m->cap * 3)
		grow(m);
	e = place_of(m, key ? key : 1);
	m->n += e->key == 0;
	e->key = key ? key : 1;
	return e;
}

void
keymap_free(struct keymap *m)
{
	free(m->v);
	*m = (struct keymap){ 0 };
}
