/* template: {name} expansion */
#include "task/template.h"

#include <string.h>

#include "json/escaped.h"

const char *const template_names[VALUES] = { "text", "similar", "out1", "out2",
	"prefix", "suffix", "language", "code_language", "tgt_code_language" };

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

/* Strip what ends in a colon off a name, and return whether it was there. */
static int
strip(struct span *name, const char *prefix)
{
	size_t n = strlen(prefix);

	if (name->n < n || memcmp(name->p, prefix, n) != 0)
		return 0;
	*name = (struct span){ name->p + n, name->n - n };
	return 1;
}

/* Return the value called name; VALUES: there is none. */
static int
value_named(struct span name)
{
	int i;

	for (i = 0; i < VALUES && !span_is(name, template_names[i]); i++)
		;
	return i;
}

/* Return the value that a placeholder names; p NULL: absent or unknown. */
static struct span
value_of(const struct values *v, struct span name)
{
	size_t i;

	if (strip(&name, "vary:")) {
		for (i = 0; i < v->nvary; i++)
			if (span_is(name, v->vary[i].name))
				return v->vary[i].text;
		return (struct span){ NULL, 0 };
	}
	i = (size_t)value_named(name);
	return i < VALUES ? v->of[i] : (struct span){ NULL, 0 };
}

int
template_expand(
    struct buf *b, const char *t, const struct values *v, struct span *bad)
{
	struct span lit, name, value;
	int fenced;

	while (next_name(&t, &lit, &name)) {
		buf_addspan(b, lit);
		*bad = name;
		fenced = strip(&name, "fence:");
		value = value_of(v, name);
		if (value.p == NULL)
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

unsigned
template_uses(const char *t, unsigned allowed, struct span *bad)
{
	struct span lit, name, whole;
	unsigned uses = 0, bits;

	*bad = (struct span){ NULL, 0 };
	while (next_name(&t, &lit, &name)) {
		whole = name;
		bits = strip(&name, "fence:") ? 1u << VALUES_FENCED : 0;
		bits |= 1u << (strip(&name, "vary:") ? (int)VALUES_VARY
						     : value_named(name));
		if (bad->p == NULL && (bits & ~allowed) != 0)
			*bad = whole;
		uses |= bits;
	}
	return uses;
}

int
template_axis(const char **t, struct span *axis)
{
	struct span lit;

	while (next_name(t, &lit, axis))
		if (strip(axis, "vary:"))
			return 1;
	return 0;
}
