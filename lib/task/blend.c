/* blend: the right document with the edits of several texts */
#include "task/blend.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/keyset.h"
#include "base/mem.h"
#include "base/text.h"

/* The bound of the parts of each side that are compared. */
enum { PARTS_MAX = 1000 };

/* The parts of a text: its lines, each with its newline, or its tokens. */
struct parts {
	struct span *v;
	size_t n;
};

/* A change: bytes of the right document, and what stands in their place. */
struct hunk {
	size_t from, to; /* offsets of the first and behind the last */
	struct span with;
};

struct edit {
	struct span text;
	struct hunk *v;
	size_t n, bytes; /* hunks; bytes of the right document that they take */
	struct keyset names; /* those of the text */
};

typedef struct span (*next_part)(struct span *text);

/* Take the next line with its newline off *text. */
static struct span
next_line(struct span *text)
{
	struct span line = text_take_line(text);

	line.n = (size_t)(text->p - line.p);
	return line;
}

/* Tell bytes apart that do not stand in one token: 0 is a token by itself. */
static int
token_class(char c)
{
	if (text_is_word_char(c) || (unsigned char)c >= 0x80)
		return 1;
	return c == ' ' || c == '\t' ? 2 : 0;
}

/* Take the next word, run of blanks, or other byte off *text. */
static struct span
next_token(struct span *text)
{
	struct span token = { text->p, 1 };
	int class = token_class(*text->p);

	while (class != 0 && token.n < text->n &&
	       token_class(text->p[token.n]) == class)
		token.n++;
	*text = span_skip(*text, token.n);
	return token;
}

static struct parts
split(struct span text, next_part next)
{
	struct parts l = { NULL, 0 };

	while (text.n > 0) {
		if ((l.n & (l.n - 1)) == 0)
			l.v =
			    mem_array(l.v, l.n > 0 ? 2 * l.n : 1, sizeof *l.v);
		l.v[l.n++] = next(&text);
	}
	return l;
}

/* Add a change behind the others, or to the last one that it continues. */
static void
add_hunk(struct edit *e, struct hunk h)
{
	struct hunk *last = e->n > 0 ? &e->v[e->n - 1] : NULL;

	if (last == NULL || last->to != h.from) {
		if ((e->n & (e->n - 1)) == 0)
			e->v = mem_array(
			    e->v, e->n > 0 ? 2 * e->n : 1, sizeof *e->v);
		last = &e->v[e->n++];
		*last = (struct hunk){ h.from, h.from, { h.with.p, 0 } };
	}
	e->bytes += h.to - h.from;
	last->to = h.to;
	if (last->with.n == 0)
		last->with.p = h.with.p;
	last->with.n += h.with.n;
}

/*
 * Add the changes between parts of the right document and those of a text by
 * their longest common subsequence; at is the offset of the first.
 */
static void
compare(struct edit *e, struct parts a, struct parts b, size_t at)
{
	uint16_t *common = mem_new((a.n + 1) * (b.n + 1) * sizeof *common), *c;
	size_t i, j;

	for (i = a.n; i-- > 0;)
		for (j = b.n; j-- > 0;) {
			c = &common[i * (b.n + 1) + j];
			if (span_eq(a.v[i], b.v[j]))
				*c = (uint16_t)(c[b.n + 2] + 1);
			else
				*c = c[b.n + 1] > c[1] ? c[b.n + 1] : c[1];
		}
	for (i = j = 0; i < a.n || j < b.n;) {
		c = &common[i * (b.n + 1) + j];
		if (i < a.n && j < b.n && span_eq(a.v[i], b.v[j])) {
			at += a.v[i++].n;
			j++;
		} else if (j < b.n && (i == a.n || c[1] > c[b.n + 1])) {
			add_hunk(e, (struct hunk){ at, at, b.v[j++] });
		} else {
			add_hunk(e,
			    (struct hunk){ at, at + a.v[i].n, { NULL, 0 } });
			at += a.v[i++].n;
		}
	}
	free(common);
}

/*
 * Add the changes between right, which stands at an offset of the right
 * document, and a text by the parts of both; return 0 if these are too many.
 */
static int
compare_texts(struct edit *e, struct span right, struct span text, size_t at,
    next_part next)
{
	struct parts a = split(right, next), b = split(text, next);
	struct parts m = a, n = b;
	int few;

	while (m.n > 0 && n.n > 0 && span_eq(*m.v, *n.v)) {
		at += m.v->n;
		m = (struct parts){ m.v + 1, m.n - 1 };
		n = (struct parts){ n.v + 1, n.n - 1 };
	}
	while (m.n > 0 && n.n > 0 && span_eq(m.v[m.n - 1], n.v[n.n - 1])) {
		m.n--;
		n.n--;
	}
	few = m.n <= PARTS_MAX && n.n <= PARTS_MAX;
	if (few)
		compare(e, m, n, at);
	free(a.v);
	free(b.v);
	return few;
}

/* Find the changes that make a text of the right document: first lines, then
 * tokens of lines that changed. None if these are too many. */
static void
find_edit(struct edit *e, struct span right, struct span text)
{
	struct edit lines = { 0 };
	struct span old;
	size_t i;

	*e = (struct edit){ .text = text };
	(void)compare_texts(&lines, right, text, 0, next_line);
	for (i = 0; i < lines.n; i++) {
		old = (struct span){ right.p + lines.v[i].from,
			lines.v[i].to - lines.v[i].from };
		if (!compare_texts(e, old, lines.v[i].with, lines.v[i].from,
			next_token))
			add_hunk(e, lines.v[i]);
	}
	free(lines.v);
}

/* Return whether two edits change the same bytes, or begin at the same. */
static int
meet(const struct edit *a, const struct edit *b)
{
	size_t i, j;

	for (i = 0; i < a->n; i++)
		for (j = 0; j < b->n; j++)
			if (a->v[i].from == b->v[j].from ||
			    (a->v[i].from < b->v[j].to &&
				b->v[j].from < a->v[i].to))
				return 1;
	return 0;
}

/* Take the next name, which is no number, off *rest; return 0 at the end. */
static int
next_name(struct span *rest, struct span *name)
{
	size_t i, end;

	do {
		if (rest->n == 0)
			return 0;
		for (i = 0; i < rest->n && !text_is_word_char(rest->p[i]); i++)
			;
		for (end = i; end < rest->n && text_is_word_char(rest->p[end]);
		     end++)
			;
		*name = (struct span){ rest->p + i, end - i };
		*rest = span_skip(*rest, end);
	} while (name->n > 0 && *name->p >= '0' && *name->p <= '9');
	return name->n > 0;
}

static struct keyset_key
key_of(struct span name)
{
	return keyset_key(span_of(""), 'n', name);
}

static void
add_names(struct keyset *k, struct span text)
{
	struct span name;

	while (next_name(&text, &name))
		keyset_add(k, key_of(name));
}

/*
 * Return whether the lines that an edit brings have a name that the right
 * document has and the other edit takes away.
 */
static int
needs_lost(const struct keyset *right, const struct edit *e,
    const struct keyset *other)
{
	struct span rest, name;
	size_t i;

	for (i = 0; i < e->n; i++)
		for (rest = e->v[i].with; next_name(&rest, &name);)
			if (keyset_find(right, key_of(name)) != NULL &&
			    keyset_find(other, key_of(name)) == NULL)
				return 1;
	return 0;
}

/* Return whether an edit brings a name that the other brings as well. */
static int
brings_same(const struct keyset *right, const struct edit *e,
    const struct keyset *other)
{
	struct span rest, name;
	size_t i;

	for (i = 0; i < e->n; i++)
		for (rest = e->v[i].with; next_name(&rest, &name);)
			if (keyset_find(right, key_of(name)) == NULL &&
			    keyset_find(other, key_of(name)) != NULL)
				return 1;
	return 0;
}

/* Return whether two edits need or bring no names of each other. */
static int
are_apart(
    const struct keyset *names, const struct edit *a, const struct edit *b)
{
	return !needs_lost(names, a, &b->names) &&
	       !needs_lost(names, b, &a->names) &&
	       !brings_same(names, a, &b->names);
}

void
blend_begin(
    struct blend *b, struct span right, const struct span *texts, size_t n)
{
	size_t i;

	*b = (struct blend){ .right = right, .n = n };
	b->names = mem_new(sizeof *b->names);
	b->edits = mem_new(n * sizeof *b->edits);
	add_names(b->names, right);
	for (i = 0; i < n; i++) {
		find_edit(&b->edits[i], right, texts[i]);
		add_names(&b->edits[i].names, texts[i]);
	}
}

/* Return whether texts are edits that change little enough together. */
static int
are_small(const struct blend *b, const size_t *texts, size_t n)
{
	size_t i, bytes = 0, length = 0, right = b->right.n;

	for (i = 0; i < n; i++) {
		if (b->edits[texts[i]].n == 0)
			return 0;
		bytes += b->edits[texts[i]].bytes;
		length += b->edits[texts[i]].text.n;
	}
	/* so often is the right document in the sum too much */
	length -= (n - 1) * right;
	return bytes * 2 <= right && length * 4 >= right * 3 &&
	       length * 4 <= right * 5;
}

int
blend_fits(const struct blend *b, const size_t *texts, size_t n)
{
	const struct edit *e, *f;
	size_t i, j;

	if (n == 1)
		return 1;
	if (!are_small(b, texts, n))
		return 0;
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++) {
			e = &b->edits[texts[i]];
			f = &b->edits[texts[j]];
			if (meet(e, f) || !are_apart(b->names, e, f))
				return 0;
		}
	return 1;
}

/* Return the next change of n texts, of which at are done; NULL: none. */
static const struct hunk *
next_hunk(const struct blend *b, const size_t *texts, size_t n, size_t *at)
{
	const struct hunk *h, *next = NULL;
	size_t i, of = 0;

	for (i = 0; i < n; i++) {
		if (at[i] == b->edits[texts[i]].n)
			continue;
		h = &b->edits[texts[i]].v[at[i]];
		if (next == NULL || h->from < next->from) {
			next = h;
			of = i;
		}
	}
	if (next != NULL)
		at[of]++;
	return next;
}

void
blend_write(
    const struct blend *b, const size_t *texts, size_t n, struct buf *to)
{
	size_t *at = mem_new(n * sizeof *at), done = 0;
	const struct hunk *h;

	if (n == 1) {
		buf_addspan(to, b->edits[*texts].text);
		free(at);
		return;
	}
	while ((h = next_hunk(b, texts, n, at)) != NULL) {
		buf_add(to, b->right.p + done, h->from - done);
		buf_addspan(to, h->with);
		done = h->to;
	}
	buf_addspan(to, span_skip(b->right, done));
	free(at);
}

void
blend_free(struct blend *b)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		free(b->edits[i].v);
		keyset_free(&b->edits[i].names);
	}
	free(b->edits);
	keyset_free(b->names);
	free(b->names);
}
