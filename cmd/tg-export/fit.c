/* fit: texts that are longer than a trainer will read */
#include "fit.h"

#include "lex/tokens.h"

static int
is_long(struct span text, const struct options *o)
{
	/* a token has a byte at least, so most texts need not be looked at */
	return (long long)text.n > o->max_tokens &&
	       (long long)tokens_estimate(text) > o->max_tokens;
}

/* Leave out the passages that are too long, and return how many they were. */
static size_t
drop_long(struct passages *p, const struct options *o)
{
	size_t i, n = 0, all = p->n;

	for (i = 0; i < all; i++)
		if (!is_long(p->v[i].text, o))
			p->v[n++] = p->v[i];
	p->n = n;
	return all - n;
}

static int
any_long(const struct passages *p, const struct options *o)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (is_long(p->v[i].text, o))
			return 1;
	return 0;
}

static int
long_query(
    const struct example *e, const struct format *f, const struct options *o)
{
	struct buf query = { 0 };
	int is;

	format_query(&query, f, e);
	is = is_long(buf_span(&query), o);
	buf_free(&query);
	return is;
}

enum fit
fit_example(struct example *e, const struct format *f, const struct options *o)
{
	if (o->max_tokens == 0)
		return FIT_ALL;
	if (o->cut == CUT_APART)
		return any_long(&e->pos, o) || any_long(&e->neg, o) ||
			       long_query(e, f, o)
			   ? FIT_CUT
			   : FIT_ALL;
	drop_long(&e->pos, o);
	e->dropped_long = drop_long(&e->neg, o);
	return e->pos.n == 0 || long_query(e, f, o) ? FIT_NOT : FIT_ALL;
}
