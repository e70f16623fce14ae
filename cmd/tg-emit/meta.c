/* meta: what tg-emit --meta adds to a triplet */
#include "meta.h"

#include "json/find.h"
#include "json/string.h"
#include "task/language.h"

void
meta_member(struct buf *b, struct span key, struct span value)
{
	if (b->p[b->n - 1] != '{')
		buf_addc(b, ',');
	js_quote(b, key);
	buf_addc(b, ':');
	buf_addspan(b, value.p != NULL ? value : span_of("null"));
}

static const char *const members[] = { "id", "task", "language",
	"code_language", "tgt_code_language", "draw", "vary", "model", "judge",
	"judge_first", "mined", "verify", "verified", "mirror", NULL };

static int
is_one_of(struct span s, const char *const *names)
{
	for (; *names != NULL; names++)
		if (span_is(s, *names))
			return 1;
	return 0;
}

/*
 * Return the name of a user's field in meta: key, with a '_' behind it if meta
 * has a member of that name, and further ones while the user has that name,
 * too.
 */
static struct span
meta_key(struct rec *r, struct span key)
{
	struct buf b = { 0 };

	if (!is_one_of(key, members))
		return key;
	buf_addspan(&b, key);
	do
		buf_addc(&b, '_');
	while (rec_get(r, buf_cstr(&b)).p != NULL);
	return rec_hold(r, &b);
}

/*
 * Return whether a user's field says no more than a member of meta does: the
 * code language by another of its names, or the natural language.
 */
static int
is_said(struct rec *r, const struct js_member *m)
{
	struct span word = js_string(m->val, &r->mem);
	const char *key = NULL;

	if (!js_is_string(m->val))
		return 0;
	if (span_is(m->key, "language") && (key = language_key(word)) != NULL &&
	    span_is(rec_tg_str(r, "language"), key))
		return 1;
	if (span_is(m->key, "language") || span_is(m->key, "code_language"))
		key = language_code_key(word);
	return key != NULL && *key != '\0' &&
	       span_is(rec_tg_str(r, "code_language"), key);
}

void
meta_write(struct buf *b, struct rec *r)
{
	static const char *const not_users[] = { "prompt", "query", "pos",
		"neg", "tg", "similar", NULL };
	struct span field = rec_tg_str(r, "field"), value;
	size_t i;

	if (field.p == NULL)
		field = span_of("text");
	buf_adds(b, ",\"meta\":{");
	for (i = 0; members[i] != NULL; i++) {
		value = rec_tg(r, members[i]);
		if (js_is_there(value))
			meta_member(b, span_of(members[i]), value);
	}
	for (i = 0; i < r->top.n; i++) {
		const struct js_member *m = &r->top.v[i];

		if (m->val.p != NULL && !is_one_of(m->key, not_users) &&
		    !span_eq(m->key, field) && !is_said(r, m))
			meta_member(b, meta_key(r, m->key), m->val);
	}
	buf_addc(b, '}');
}
