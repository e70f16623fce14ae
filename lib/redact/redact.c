/* redact: finds and replaces the secrets of a text */
#include "redact/redact.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "redact/patterns.h"
#include "redact/pem.h"

enum { ROUNDS = 4 }; /* times that a text is redacted at most */

struct redact {
	struct patterns patterns;
	struct redact_found *found; /* secrets of the present text */
	size_t n, cap;
	size_t counts[PATTERNS_MAX]; /* secrets by kind */
	struct buf round;            /* text of the round before */
};

struct redact *
redact_new(void)
{
	struct redact *r = mem_new(sizeof *r);

	patterns_open(&r->patterns);
	return r;
}

void
redact_free(struct redact *r)
{
	if (r == NULL)
		return;
	patterns_close(&r->patterns);
	buf_free(&r->round);
	free(r->found);
	free(r);
}

/* Add a secret; the bytes of a character stay together. */
static void
add_found(struct redact *r, struct span text, size_t start, size_t end,
    const struct candidate *c)
{
	while (end < text.n && (text.p[end] & 0xc0) == 0x80)
		end++;
	start = (size_t)(text_char_start(text.p + start, text.p) - text.p);
	if (r->n == r->cap) {
		r->cap = r->cap > 0 ? 2 * r->cap : 16;
		r->found = mem_array(r->found, r->cap, sizeof *r->found);
	}
	r->found[r->n++] =
	    (struct redact_found){ start, end, c->kind, c->check == VALUE_PEM };
}

/* Add a candidate if it is a secret. */
static void
judge(struct redact *r, struct span text, const struct candidate *c)
{
	struct span value = { text.p + c->start, c->end - c->start };
	struct pem_body body;

	if (c->check == VALUE_PEM) {
		body = pem_find(text, c->end);
		if (body.end > body.start)
			add_found(r, text, body.start, body.end, c);
	} else if (value_is_secret(value, c->check))
		add_found(r, text, c->start, c->end, c);
}

static int
by_start(const void *a, const void *b)
{
	const struct redact_found *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

/* Make one of those that overlap. Kinds of upper rows have smaller numbers. */
static void
merge(struct redact *r)
{
	struct redact_found *last, *next;
	size_t i, n = 0;

	if (r->n < 2)
		return;
	qsort(r->found, r->n, sizeof *r->found, by_start);
	for (i = 0; i < r->n; i++) {
		next = &r->found[i];
		last = n > 0 ? &r->found[n - 1] : NULL;
		if (last == NULL || next->start >= last->end) {
			r->found[n++] = *next;
			continue;
		}
		if (next->kind < last->kind)
			last->kind = next->kind;
		if (next->end > last->end)
			last->end = next->end;
		last->is_body |= next->is_body;
	}
	r->n = n;
}

size_t
redact_find(
    struct redact *r, struct span text, const struct redact_found **found)
{
	const struct keywords *keywords = &r->patterns.keywords;
	const struct keywords_hit *hit;
	struct candidate c;
	uint32_t state = 0;
	size_t at = 0;

	r->n = 0;
	patterns_restart(&r->patterns);
	while ((hit = keywords_next(keywords, text, &at, &state)) != NULL)
		for (; hit != NULL; hit = keywords_more(keywords, hit))
			if (patterns_match(&r->patterns, hit, text, at, &c))
				judge(r, text, &c);
	merge(r);
	*found = r->found;
	return r->n;
}

/* Append a text with the secrets last found in it replaced. */
static void
replace(struct redact *r, struct span text, struct buf *out)
{
	const char *kind;
	size_t i, at = 0;

	for (i = 0; i < r->n; i++) {
		const struct redact_found *f = &r->found[i];

		kind = r->patterns.kinds[f->kind];
		buf_add(out, text.p + at, f->start - at);
		buf_adds(out, "<redacted:");
		buf_adds(out, kind);
		buf_addc(out, '>');
		if (f->is_body)
			pem_leave((struct span){ text.p + f->start,
				      f->end - f->start },
			    out);
		at = f->end;
		r->counts[f->kind]++;
	}
	buf_add(out, text.p + at, text.n - at);
}

size_t
redact_text(struct redact *r, struct span text, struct buf *out)
{
	const struct redact_found *found;
	size_t start = out->n, n = redact_find(r, text, &found), more;
	int round;

	if (n == 0)
		return 0;
	replace(r, text, out);
	/* what stands around a marker may be a secret, now that it ends there
	 */
	for (round = 1; round < ROUNDS; round++) {
		r->round.n = 0;
		buf_add(&r->round, out->p + start, out->n - start);
		more = redact_find(r, buf_span(&r->round), &found);
		if (more == 0)
			break;
		out->n = start;
		replace(r, buf_span(&r->round), out);
		n += more;
	}
	return n;
}

const char *
redact_kind(const struct redact *r, int kind)
{
	return kind < r->patterns.nkinds ? r->patterns.kinds[kind] : NULL;
}

size_t
redact_count(const struct redact *r, int kind)
{
	size_t n = 0;
	int i;

	if (kind >= 0)
		return r->counts[kind];
	for (i = 0; i < r->patterns.nkinds; i++)
		n += r->counts[i];
	return n;
}

/* A kind and its count, for sorting. */
struct tally {
	size_t n;
	const char *kind;
};

static int
by_count(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->kind, y->kind);
}

void
redact_summary(const struct redact *r, const char *did, struct buf *out)
{
	struct tally tally[PATTERNS_MAX];
	size_t all = redact_count(r, -1), n = 0, i;
	int kind;

	if (all == 0 && r->patterns.unsearched == 0)
		return;
	for (kind = 0; kind < r->patterns.nkinds; kind++)
		if (r->counts[kind] > 0)
			tally[n++] = (struct tally){ r->counts[kind],
				r->patterns.kinds[kind] };
	qsort(tally, n, sizeof *tally, by_count);
	buf_fmt(out, "%zu secret%s %s", all, all == 1 ? "" : "s", did);
	for (i = 0; i < n; i++)
		buf_fmt(out, "%s%zu %s", i == 0 ? ": " : ", ", tally[i].n,
		    tally[i].kind);
	if (r->patterns.unsearched > 0)
		buf_fmt(out,
		    "; %zu places were too much work to search for them",
		    r->patterns.unsearched);
}

const char *
redact_check(struct redact *r)
{
	return patterns_check(&r->patterns);
}
