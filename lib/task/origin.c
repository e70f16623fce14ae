/* origin: tells whether one text is, or was made of, another one */
#include "task/origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * Shorter lines, such as a bracket or "else", say nothing of their origin, nor
 * do fewer lines than these.
 */
enum { LINE_MIN = 6, LINES_MIN = 3, PER_CENT = 60 };

/* Hash the bytes of s that are not white space, with FNV-1a, and count them. */
static uint64_t
hash_dense(struct span s, size_t *count)
{
	uint64_t h = 14695981039346656037u;
	size_t i;

	for (*count = i = 0; i < s.n; i++) {
		if (strchr(" \t\r\n\f\v", s.p[i]) != NULL && s.p[i] != '\0')
			continue;
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
		++*count;
	}
	return h;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Collect the hashes of the lines of a text, each different one once. */
static void
read_lines(struct origin *o, struct span text)
{
	const char *p = text.p, *end = span_end(text), *nl;
	size_t n = 1, i, count;
	uint64_t h;

	for (i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	o->lines = mem_array(o->lines, n, sizeof *o->lines);
	for (n = 0; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		h = hash_dense((struct span){ p, (size_t)(nl - p) }, &count);
		if (count >= LINE_MIN)
			o->lines[n++] = h;
	}
	qsort(o->lines, n, sizeof *o->lines, compare);
	for (o->nlines = i = 0; i < n; i++)
		if (i == 0 || o->lines[i] != o->lines[i - 1])
			o->lines[o->nlines++] = o->lines[i];
}

void
origin_read(
    struct origin *o, const struct lex_language *language, struct span text)
{
	size_t count;

	o->exact = hash_dense(text, &count);
	alike_digest(language, text, o->alike);
	read_lines(o, text);
}

void
origin_free(struct origin *o)
{
	free(o->lines);
	*o = (struct origin){ 0 };
}

/* Return the number of lines that two texts have in common. */
static size_t
common_lines(const struct origin *a, const struct origin *b)
{
	size_t i = 0, j = 0, n = 0;

	while (i < a->nlines && j < b->nlines) {
		if (a->lines[i] == b->lines[j]) {
			n++, i++, j++;
		} else if (a->lines[i] < b->lines[j]) {
			i++;
		} else {
			j++;
		}
	}
	return n;
}

int
origin_is_shared(const struct origin *a, const struct origin *b)
{
	size_t shorter = a->nlines < b->nlines ? a->nlines : b->nlines;

	if (a->exact == b->exact ||
	    memcmp(a->alike, b->alike, ALIKE_BYTES) == 0)
		return 1;
	return shorter >= LINES_MIN &&
	       common_lines(a, b) * 100 >= shorter * PER_CENT;
}
