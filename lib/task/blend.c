/* blend: negatives that have an edit of the right document in common */
#include "task/blend.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/keyset.h"
#include "base/mem.h"
#include "base/text.h"

enum { LINES_MAX = 1000 };

/* Lines of a text, each with its newline, or the sentences of a line. */
struct lines {
	struct span *v;
	size_t n;
};

/* A change: lines of the right document, and what stands in their place. */
struct hunk {
	size_t from, to; /* first line, and the one behind the last */
	struct span with;
};

struct edit {
	struct span text;
	struct hunk *v;
	size_t n, lines; /* hunks; lines of the right document that they take */
	struct keyset names; /* those of the text */
};

/* Take the next line, or the next sentence within it, off *text. */
static struct span
next_line(struct span *text)
{
	struct span line = { text->p, 0 };
	const char *p = text->p;

	while (line.n < text->n && (line.n == 0 || p[line.n - 1] != '\n')) {
		line.n++;
		if (line.n > 1 && line.n < text->n && p[line.n - 1] == ' ' &&
		    memchr(".!?", p[line.n - 2], 3) != NULL)
			break;
	}
	*text = span_skip(*text, line.n);
	return line;
}

static struct lines
split(struct span text)
{
	struct lines l = { NULL, 0 };

	while (text.n > 0) {
		if ((l.n & (l.n - 1)) == 0)
			l.v =
			    mem_array(l.v, l.n > 0 ? 2 * l.n : 1, sizeof *l.v);
		l.v[l.n++] = next_line(&text);
	}
	return l;
}

/* Add a line of the right document that goes, or of the other that comes. */
static void
add_change(struct edit *e, size_t at, int goes, struct span comes)
{
	struct hunk *last = e->n > 0 ? &e->v[e->n - 1] : NULL;

	if (last == NULL || last->to != at) {
		if ((e->n & (e->n - 1)) == 0)
			e->v = mem_array(
			    e->v, e->n > 0 ? 2 * e->n : 1, sizeof *e->v);
		last = &e->v[e->n++];
		*last = (struct hunk){ at, at, { comes.p, 0 } };
	}
	last->to += (size_t)goes;
	e->lines += (size_t)goes;
	if (last->with.p == NULL)
		last->with.p = comes.p;
	last->with.n += comes.n;
}

/*
 * Note the changes between n lines at a and m at b by their longest common
 * subsequence; at is the number of the first of a.
 */
static void
compare(struct edit *e, const struct span *a, size_t n, const struct span *b,
    size_t m, size_t at)
{
	uint16_t *common = mem_new((n + 1) * (m + 1) * sizeof *common), *c;
	size_t i, j;

	for (i = n; i-- > 0;)
		for (j = m; j-- > 0;) {
			c = &common[i * (m + 1) + j];
			if (span_eq(a[i], b[j]))
				*c = (uint16_t)(c[m + 2] + 1);
			else
				*c = c[m + 1] > c[1] ? c[m + 1] : c[1];
		}
	for (i = j = 0; i < n || j < m;) {
		c = &common[i * (m + 1) + j];
		if (i < n && j < m && span_eq(a[i], b[j])) {
			i++;
			j++;
		} else if (j < m && (i == n || c[1] > c[m + 1])) {
			add_change(e, at + i, 0, b[j++]);
		} else {
			add_change(e, at + i++, 1, (struct span){ NULL, 0 });
		}
	}
	free(common);
}

/* Find the changes that make a text of the right document; none if these are
 * too many. */
static void
find_edit(struct edit *e, const struct lines *right, struct span text)
{
	struct lines l = split(text);
	size_t head = 0, n = right->n, m = l.n;

	*e = (struct edit){ .text = text };
	while (head < n && head < m && span_eq(right->v[head], l.v[head]))
		head++;
	while (n > head && m > head && span_eq(right->v[n - 1], l.v[m - 1])) {
		n--;
		m--;
	}
	if (right->n > 0 && l.n > 0 && n - head <= LINES_MAX &&
	    m - head <= LINES_MAX)
		compare(
		    e, right->v + head, n - head, l.v + head, m - head, head);
	free(l.v);
}

/* Return whether two edits change the same lines, or lines side by side. */
static int
meet(const struct edit *a, const struct edit *b)
{
	size_t i, j;

	for (i = 0; i < a->n; i++)
		for (j = 0; j < b->n; j++)
			if (a->v[i].from <= b->v[j].to &&
			    b->v[j].from <= a->v[i].to)
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
	b->lines = mem_new(sizeof *b->lines);
	b->names = mem_new(sizeof *b->names);
	b->edits = mem_new(n * sizeof *b->edits);
	*b->lines = split(right);
	add_names(b->names, right);
	for (i = 0; i < n; i++) {
		find_edit(&b->edits[i], b->lines, texts[i]);
		add_names(&b->edits[i].names, texts[i]);
	}
}

int
blend_fits(const struct blend *b, size_t one, size_t other)
{
	const struct edit *e = &b->edits[one], *f = &b->edits[other];
	size_t n = e->text.n + f->text.n, right = b->right.n;

	/* n less right is the length with both edits */
	return e->n > 0 && f->n > 0 &&
	       (e->lines + f->lines) * 2 <= b->lines->n &&
	       n * 10 >= right * 19 && n * 10 <= right * 21 && !meet(e, f) &&
	       are_apart(b->names, e, f);
}

void
blend_write(const struct blend *b, size_t one, size_t other, struct buf *to)
{
	const struct edit *e = &b->edits[one], *f = &b->edits[other];
	const struct hunk *h = e->v, *k = f->v, *end = h + e->n;
	const struct hunk *last = k + f->n, *next;
	size_t i = 0;

	while (h < end || k < last) {
		next = k == last || (h < end && h->from < k->from) ? h++ : k++;
		for (; i < next->from; i++)
			buf_addspan(to, b->lines->v[i]);
		buf_addspan(to, next->with);
		i = next->to;
	}
	for (; i < b->lines->n; i++)
		buf_addspan(to, b->lines->v[i]);
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
	free(b->lines->v);
	free(b->lines);
}
