/* names: a table of names that many lines share */
#include "record/names.h"

#include <stdlib.h>

#include "base/mem.h"

uint32_t
names_add(struct names *names, struct span name)
{
	uint64_t *id;

	names->ids.value = sizeof *id;
	id = keyset_add(&names->ids, keyset_key(span_of(""), 'n', name));
	if (*id == 0) {
		names->v = mem_array(names->v, names->n + 1, sizeof *names->v);
		names->v[names->n] = mem_dup(name.p, name.n);
		*id = ++names->n;
	}
	return (uint32_t)(*id - 1);
}

void
names_free(struct names *names)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	keyset_free(&names->ids);
}
