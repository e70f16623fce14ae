/* table: patterns as data */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "table.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/io.h"

enum {
	KEY_MAX = 24,         /* bytes of a key's name, its NUL included */
	KEYS = 256,           /* keys of a table, at most */
	PLACES = 1024,        /* places of the hash table of keys */
	ROWS = 32,            /* patterns of a key that has weights, at most */
	PATTERN_MAX = 16384,  /* bytes of rows that are compiled as one */
	TIMES = 3,            /* times that a pattern counts */
	MATCH_STEPS = 100000, /* steps of PCRE2 in a search, at most */
	OUT_OF_MEMORY = 121,  /* error of pcre2_compile, ERR21 in its source */
};

struct key {
	char name[KEY_MAX];
	int n; /* patterns that are compiled; 0: none is yet */
	pcre2_code *code[ROWS];
	int weight[ROWS];
};

struct table {
	const char *text;
	int weighted;
	struct key key[KEYS];
	int n;
	int place[PLACES]; /* hash table of keys by their names: index plus 1 */
	pcre2_match_data *match;
	pcre2_match_context *context;
};

/* Take the first piece up to a byte c off *s, which may lack it. */
static struct span
take(struct span *s, char c)
{
	const char *p = s->n > 0 ? memchr(s->p, c, s->n) : NULL;
	struct span piece = { s->p, p != NULL ? (size_t)(p - s->p) : s->n };

	*s = span_skip(*s, piece.n + (p != NULL));
	return piece;
}

struct table *
table_new(const char *text, int weighted)
{
	struct table *t = mem_new(sizeof *t);

	*t = (struct table){ .text = text, .weighted = weighted };
	t->match = pcre2_match_data_create(1, NULL);
	t->context = pcre2_match_context_create(NULL);
	if (t->match == NULL || t->context == NULL)
		mem_fail();
	pcre2_set_match_limit(t->context, MATCH_STEPS);
	return t;
}

void
table_free(struct table *t)
{
	int i, k;

	for (i = 0; i < t->n; i++)
		for (k = 0; k < t->key[i].n; k++)
			pcre2_code_free(t->key[i].code[k]);
	pcre2_match_data_free(t->match);
	pcre2_match_context_free(t->context);
	free(t);
}

/* Append a pattern with each {{name}} in it replaced by the row =name. */
static void
expand(const struct table *t, struct span pattern, struct buf *out)
{
	struct span rest, line, name;
	const char *end;

	while (pattern.n > 0) {
		end = NULL;
		if (pattern.n > 4 && memcmp(pattern.p, "{{", 2) == 0)
			end = memmem(pattern.p, pattern.n, "}}", 2);
		if (end == NULL) {
			buf_addc(out, *pattern.p);
			pattern = span_skip(pattern, 1);
			continue;
		}
		name = (struct span){ pattern.p + 2,
			(size_t)(end - pattern.p) - 2 };
		for (rest = span_of(t->text); rest.n > 0;) {
			line = take(&rest, '\n');
			if (line.n > name.n + 1 && line.p[0] == '=' &&
			    line.p[name.n + 1] == '\t' &&
			    span_eq(
				(struct span){ line.p + 1, name.n }, name)) {
				expand(t, span_skip(line, name.n + 2), out);
				break;
			}
		}
		pattern = span_skip(pattern, name.n + 4);
	}
}

/* Compile the pattern in b, which is emptied, as the next one of a key. */
static void
compile(struct key *k, struct buf *b, int weight, uint32_t options)
{
	PCRE2_SIZE at = 0;
	PCRE2_UCHAR why[200];
	int error = 0;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)buf_cstr(b), b->n,
	    options | PCRE2_UTF, &error, &at, NULL);

	if (code == NULL && error == OUT_OF_MEMORY)
		mem_fail();
	if (code == NULL || k->n == ROWS) {
		pcre2_get_error_message(error, why, sizeof why);
		io_warn("table: %s: byte %zu of %s: %s", k->name, (size_t)at,
		    buf_cstr(b), (char *)why);
		abort();
	}
	/* where the system allows no code to be made, it runs without */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	k->code[k->n] = code;
	k->weight[k->n++] = weight;
	buf_clear(b);
}

/* Compile rows without weights, the alternatives of one pattern; b is emptied.
 */
static void
compile_alternatives(struct key *k, struct buf *b)
{
	if (b->n == 0)
		return;
	buf_addc(b, ')');
	compile(k, b, 1,
	    PCRE2_ANCHORED | PCRE2_CASELESS | PCRE2_UCP |
		PCRE2_NO_START_OPTIMIZE);
}

/*
 * Compile the rows of a key: each by itself or, without weights, as many as one
 * as PCRE2 takes.
 */
static void
fill(const struct table *t, struct key *k)
{
	struct span rest = span_of(t->text), line;
	struct buf b = { 0 }, row = { 0 };
	int weight;

	while (rest.n > 0) {
		line = take(&rest, '\n');
		if (!span_is(take(&line, '\t'), k->name))
			continue;
		if (t->weighted) {
			weight = atoi(take(&line, '\t').p);
			buf_addspan(&b, line);
			compile(k, &b, weight, PCRE2_MULTILINE);
			continue;
		}
		buf_clear(&row);
		expand(t, line, &row);
		buf_adds(&b, b.n > 0 ? "|(?:" : "(?:(?:");
		buf_addspan(&b, buf_span(&row));
		buf_addc(&b, ')');
		if (b.n > PATTERN_MAX)
			compile_alternatives(k, &b);
	}
	compile_alternatives(k, &b);
	buf_free(&b);
	buf_free(&row);
}

static struct key *
find_key(struct table *t, const char *name)
{
	struct key *k;
	const char *p;
	unsigned h = 0, i;

	for (p = name; *p != '\0'; p++)
		h = h * 31 + (unsigned char)*p;
	for (i = h % PLACES; t->place[i] > 0; i = (i + 1) % PLACES)
		if (strcmp(t->key[t->place[i] - 1].name, name) == 0)
			return &t->key[t->place[i] - 1];
	if (t->n == KEYS || strlen(name) >= KEY_MAX)
		abort();
	k = &t->key[t->n++];
	t->place[i] = t->n;
	*k = (struct key){ .n = 0 };
	memcpy(k->name, name, strlen(name) + 1);
	fill(t, k);
	return k;
}

/* Match pattern i of a key in s from an offset; return where it ends, or 0. */
static size_t
match(struct table *t, const struct key *k, int i, struct span s, size_t from)
{
	int found = pcre2_match(k->code[i], (PCRE2_SPTR)s.p, s.n, from,
	    PCRE2_NO_UTF_CHECK, t->match, t->context);

	if (found == PCRE2_ERROR_NOMEMORY)
		mem_fail();
	if (found < 0)
		return 0;
	return pcre2_get_ovector_pointer(t->match)[1];
}

int
table_starts(struct table *t, const char *key, struct span s, size_t *end)
{
	const struct key *k;
	int i;

	*end = 0;
	if (s.n == 0)
		return 0;
	k = find_key(t, key);
	for (i = 0; i < k->n && *end == 0; i++)
		*end = match(t, k, i, s, 0);
	return *end > 0;
}

int
table_score(struct table *t, const char *key, struct span s, int enough)
{
	const struct key *k = find_key(t, key);
	size_t at;
	int i, times, sum = 0;

	for (i = 0; i < k->n && sum < enough; i++) {
		at = 0;
		for (times = 0; times < TIMES && at < s.n; times++) {
			at = match(t, k, i, s, at);
			if (at == 0)
				break;
			sum += k->weight[i];
		}
	}
	return sum;
}
