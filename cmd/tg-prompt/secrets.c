/* secrets: takes secrets out of the texts of a record */
#include "secrets.h"

#include "io/io.h"
#include "json/find.h"
#include "json/string.h"

/*
 * Append a value to out with the secrets of its text, or of the texts of its
 * list, replaced. Return how many there were; other values have none.
 */
static size_t
redact_value(
    struct redact *redact, struct span value, struct rec *r, struct buf *out)
{
	struct buf text = { 0 };
	struct span item;
	size_t n, at = 0, done = 0, all = 0;

	if (js_is_string(value)) {
		n = redact_text(redact, js_string(value, &r->mem), &text);
		if (n > 0)
			js_quote(out, buf_span(&text));
		else
			buf_addspan(out, value);
		buf_free(&text);
		return n;
	}
	while (js_next(value, &at, &item)) {
		if (!js_is_string(item))
			continue;
		buf_add(out, value.p + done, (size_t)(item.p - value.p) - done);
		all += redact_value(redact, item, r, out);
		done = (size_t)(span_end(item) - value.p);
	}
	buf_addspan(out, span_skip(value, done));
	return all;
}

int
secrets_serve(struct secrets *s, struct rec *r, const char *field)
{
	const char *const members[] = { field, "similar", "query", "pos",
		"neg" };
	size_t i, n, all = 0;
	struct span value;
	struct buf b = { 0 };

	if (s->what == REDACT_KEEP)
		return 0;
	if (s->redact == NULL)
		s->redact = redact_new();
	for (i = 0; i < sizeof members / sizeof *members; i++) {
		value = rec_get(r, members[i]);
		b.n = 0;
		if (value.p == NULL ||
		    (n = redact_value(s->redact, value, r, &b)) == 0)
			continue;
		all += n;
		if (s->what == REDACT_REPLACE) {
			rec_put(r, members[i], rec_hold(r, &b));
			b = (struct buf){ 0 };
		}
	}
	buf_free(&b);
	if (all == 0 || s->what == REDACT_REPLACE)
		return 0;
	s->dropped++;
	rec_reject(r, "secrets", "the code, or the pair, holds a secret");
	return -1;
}

/* Return the word for what became of the secrets. */
static const char *
done(const struct secrets *s)
{
	return s->what == REDACT_DROP ? "found" : "redacted";
}

void
secrets_say(const struct secrets *s)
{
	struct buf b = { 0 };

	if (s->redact == NULL)
		return;
	redact_summary(s->redact, done(s), &b);
	if (b.n > 0 && s->what == REDACT_DROP)
		buf_fmt(&b, "; %zu record%s rejected", s->dropped,
		    s->dropped == 1 ? "" : "s");
	if (b.n > 0)
		io_warn("%s", buf_cstr(&b));
	buf_free(&b);
}

void
secrets_count(const struct secrets *s, struct buf *out)
{
	const char *before, *kind;
	int i;

	if (s->redact == NULL || redact_count(s->redact, -1) == 0)
		return;
	buf_fmt(out, ",\"secrets_%s\":", done(s));
	before = "{";
	for (i = 0; (kind = redact_kind(s->redact, i)) != NULL; i++) {
		if (redact_count(s->redact, i) == 0)
			continue;
		buf_fmt(out, "%s\"%s\":%zu", before, kind,
		    redact_count(s->redact, i));
		before = ",";
	}
	buf_addc(out, '}');
}
