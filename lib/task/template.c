/* template: {name} expansion */
#include "task/template.h"

#include <string.h>

#include "json/escaped.h"

/*
 * Find the next placeholder from *t on: set *name to its name and *lit to the
 * text before it, and move *t behind it. Return 0 if only text is left.
 */
static int
next_name(const char **t, struct span *lit, struct span *name)
{
	const char *open, *p;

	for (open = *t; (open = strchr(open, '{')) != NULL; open++) {
		p = open + 1 +
		    strspn(open + 1, "abcdefghijklmnopqrstuvwxyz"
				     "0123456789_:");
		if (*p != '}' || p == open + 1)
			continue;
		*lit = (struct span){ *t, (size_t)(open - *t) };
		*name = (struct span){ open + 1, (size_t)(p - open - 1) };
		*t = p + 1;
		return 1;
	}
	*lit = span_of(*t);
	*t += lit->n;
	return 0;
}

/* Strip "fence:" off a name and say whether it was there. */
static int
unfence(struct span *name)
{
	static const char fence[] = "fence:";
	size_t n = sizeof fence - 1;

	if (name->n < n || memcmp(name->p, fence, n) != 0)
		return 0;
	name->p += n;
	name->n -= n;
	return 1;
}

int
template_expand(struct buf *b, const char *t, template_lookup *lookup,
    void *ctx, struct span *bad)
{
	struct span lit, name, value;
	int fenced;

	while (next_name(&t, &lit, &name)) {
		buf_addspan(b, lit);
		*bad = name;
		fenced = unfence(&name);
		if (lookup(ctx, name, &value) == -1)
			return -1;
		if (fenced)
			esc_fence(b, value);
		else
			buf_addspan(b, value);
		if (value.n == 0 && !fenced && *t == ' ')
			t++;
	}
	buf_addspan(b, lit);
	return 0;
}

int
template_check(
    const char *t, const char *const *names, int fences, struct span *bad)
{
	struct span lit, name;
	const char *const *k;

	while (next_name(&t, &lit, &name)) {
		*bad = name;
		if (unfence(&name) && !fences)
			return -1;
		for (k = names; *k != NULL && !span_is(name, *k); k++)
			;
		if (*k == NULL)
			return -1;
	}
	return 0;
}

int
template_uses(const char *t, const char *wanted)
{
	struct span lit, name;

	while (next_name(&t, &lit, &name)) {
		unfence(&name);
		if (span_is(name, wanted))
			return 1;
	}
	return 0;
}
