/* merge: tg-mine merge makes one index of parts */
#include <stdlib.h>

#include "base/mem.h"
#include "index/build.h"
#include "io/io.h"
#include "mine.h"

/* Sort parts by their numbers; whole indexes stay in the order given. */
static int
compare_parts(const void *x, const void *y)
{
	const struct index *const *a = x, *const *b = y;

	if ((*a)->part != (*b)->part)
		return (*a)->part < (*b)->part ? -1 : 1;
	return *a < *b ? -1 : *a > *b;
}

int
mine_merge(struct mine *m, char **files)
{
	const struct index **parts;
	struct index *ix;
	const char *why;
	size_t i, n = 0;
	int got;

	if (m->o.output == NULL || files[0] == NULL)
		options_refuse("merge: name the file to make with -o, and "
			       "the parts");
	filter_output("-o", m->o.output, (const char *const *)files);
	while (files[n] != NULL)
		n++;
	ix = mem_array(NULL, n, sizeof *ix);
	parts = mem_array(NULL, n, sizeof *parts);
	for (i = 0; i < n; i++) {
		if (index_open(&ix[i], files[i], &why) == -1) {
			io_warn("%s: %s", files[i], why);
			exit(TG_EX_IO);
		}
		parts[i] = &ix[i];
	}
	qsort(parts, n, sizeof *parts, compare_parts);
	got =
	    build_merge(m->o.output, parts, n, (size_t)m->o.memory << 20, &why);
	if (got == -1)
		io_warn("%s", why);
	for (i = 0; i < n; i++)
		index_close(&ix[i]);
	free(ix);
	free(parts);
	return got == -1 ? TG_EX_IO : TG_EX_OK;
}
