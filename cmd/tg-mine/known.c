/* known: the positives of queries, over all rows of the input */
#include "known.h"

#include <stdlib.h>

#include "base/mem.h"
#include "documents.h"
#include "rows.h"
#include "twice.h"

/* Return the key of a query's positive, by what it equals. */
static struct keyset_key
equal_key(struct span scope, const struct near_sketch *t)
{
	return keyset_key(scope, 'e',
	    (struct span){ (const char *)&t->equal, sizeof t->equal });
}

/* Return that key by what the positive is alike. */
static struct keyset_key
alike_key(struct span scope, const struct near_sketch *t)
{
	return keyset_key(scope, 'a',
	    (struct span){ (const char *)t->alike, sizeof t->alike });
}

void
known_add(struct known *k, struct span scope, const struct near_sketch *t)
{
	keyset_add(&k->positives, equal_key(scope, t));
	if (near_has_alike(t))
		keyset_add(&k->positives, alike_key(scope, t));
}

enum near_how
known_find(
    const struct known *k, struct span scope, const struct near_sketch *t)
{
	if (keyset_find(&k->positives, equal_key(scope, t)) != NULL)
		return NEAR_EQUAL;
	if (near_has_alike(t) &&
	    keyset_find(&k->positives, alike_key(scope, t)) != NULL)
		return NEAR_ALIKE;
	return NEAR_NOT;
}

const struct known_query *
known_query(const struct known *k, struct keyset_key query)
{
	const struct known_query *q = keyset_find(&k->queries, query);

	return q != NULL && q->rows > 1 ? q : NULL;
}

/* Keep a positive of a query for comparison, unless it is known. */
static void
keep(struct known *k, struct known_query *q, struct span scope, struct near *t)
{
	enum near_how how = known_find(k, scope, &t->sketch);

	known_add(k, scope, &t->sketch);
	if (how != NEAR_NOT)
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

/* Data for reading the input. */
struct learning {
	struct known *known;
	const char *code_language;
	struct row row;
	struct near text;
	struct buf scratch;
	size_t rows;
};

/* Count the query of a row. */
static void
count_query(void *ctx, struct rec *r)
{
	struct learning *l = ctx;
	struct known_query *q;

	if (!row_read(&l->row, r))
		return;
	q = keyset_add(
	    &l->known->queries, near_equal_key(l->row.query, &l->scratch));
	q->rows++;
	l->rows++;
}

/* Keep the positives of a row whose query stands in several. */
static void
keep_positives(void *ctx, struct rec *r)
{
	struct learning *l = ctx;
	const struct lex_language *language;
	struct known_query *q;
	struct keyset_key key;
	const char *name;
	size_t i;

	if (!row_read(&l->row, r))
		return;
	key = near_equal_key(l->row.query, &l->scratch);
	q = keyset_find(&l->known->queries, key);
	if (q == NULL || q->rows < 2)
		return;
	language = documents_language(r, l->code_language, &name);
	for (i = 0; i < l->row.pos.n; i++) {
		near_read(&l->text, language, l->row.pos.v[i].text);
		keep(l->known, q, known_scope(&key), &l->text);
	}
}

void
known_learn(
    struct known *k, char **files, size_t max_line, const char *code_language)
{
	struct learning l = { .known = k, .code_language = code_language };
	off_t start = twice_keep(files);

	k->queries.value = sizeof(struct known_query);
	twice_read(files, start, max_line, count_query, &l);
	if (l.rows > k->queries.n)
		twice_read(files, start, max_line, keep_positives, &l);
	row_free(&l.row);
	near_free(&l.text);
	buf_free(&l.scratch);
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
