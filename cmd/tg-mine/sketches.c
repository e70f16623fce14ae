/* sketches: sketches of an index's documents, shared by threads */
#include "sketches.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"

enum { NOT_MADE, BEING_MADE, MADE };

struct entry {
	_Atomic unsigned char state;
	const struct lex_language *language; /* language it is read in */
	struct near_sketch sketch;
};

struct sketches {
	const struct index *ix;
	struct entry *of; /* one a document; untouched pages take no memory */
};

struct sketches *
sketches_new(const struct index *ix)
{
	struct sketches *s = mem_new(sizeof *s);

	s->ix = ix;
	s->of = mem_new((size_t)(ix->documents + 1) * sizeof *s->of);
	return s;
}

void
sketches_free(struct sketches *s)
{
	if (s == NULL)
		return;
	free(s->of);
	free(s);
}

const struct near_sketch *
sketches_find(struct sketches *s, uint64_t doc,
    const struct lex_language *language, struct near *scratch)
{
	struct entry *e = &s->of[doc];
	unsigned char not_made = NOT_MADE;

	if (atomic_load_explicit(&e->state, memory_order_acquire) == MADE &&
	    e->language == language)
		return &e->sketch;
	near_read(scratch, language, index_text(s->ix, doc));
	if (atomic_compare_exchange_strong(&e->state, &not_made, BEING_MADE)) {
		e->language = language;
		e->sketch = scratch->sketch;
		atomic_store_explicit(&e->state, MADE, memory_order_release);
	}
	return &scratch->sketch;
}
