/*
 * redact: what is redacted has no secrets, keeps its lines and what stands
 * before the first and behind the last secret, and costs linear time.
 */
#include "redact/redact.h"

#include "fuzz.h"

static size_t
lines(struct span s)
{
	size_t n = 0, i;

	for (i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

static void
look(struct redact *r, struct span text)
{
	const struct redact_found *found;
	size_t n = redact_find(r, text, &found), i, end = 0, first, rest, again;
	struct buf once = { 0 }, twice = { 0 };

	for (i = 0; i < n; i++) {
		CHECK(found[i].start >= end && found[i].start < found[i].end &&
			  found[i].end <= text.n,
		    "secret %zu of %zu is out of place", i, n);
		CHECK(redact_kind(r, found[i].kind) != NULL, "no kind");
		end = found[i].end;
	}
	first = n > 0 ? found[0].start : 0;
	rest = text.n - end;
	again = redact_text(r, text, &once);
	CHECK((n > 0) == (again > 0), "found %zu, redacted %zu", n, again);
	if (n == 0)
		return;
	CHECK(once.n >= first + rest && memcmp(once.p, text.p, first) == 0,
	    "the text before the first secret has changed");
	CHECK(lines(buf_span(&once)) == lines(text), "lines have gone");
	CHECK(redact_text(r, buf_span(&once), &twice) == 0,
	    "a redacted text has secrets");
	buf_free(&once);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct redact *r;

	if (r == NULL)
		r = redact_new();
	look(r, (struct span){ (const char *)data, size });
	return 0;
}
