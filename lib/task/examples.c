/* examples: the few-shot pool, and the drawing from it */
#include "task/examples.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "lex/lex.h"
#include "task/language.h"
#include "task/origin.h"
#include "task/rows.h"

#include "task/pools.inc" /* embedded_pools */

/* An example with all that the pool says of it. */
struct entry {
	struct example shown;
	struct span raw[2];        /* texts of input and output */
	struct span task;          /* name of its task; p NULL: any task */
	const char *language;      /* key; NULL: any */
	const char *code_language; /* key; NULL: any */
	const char *target;        /* key; NULL: any */
	struct span ids[4];        /* ids of what it was made of */
	struct span paths[2];      /* paths of the same */
	struct origin *pieces;     /* texts in it, owned; NULL: not yet read */
	size_t npieces;
	const struct lex_language *as; /* language that pieces are read as */
};

struct examples {
	json_t *rows; /* array of the examples, which spans point into */
	struct arena mem;
	struct entry *v;
	size_t n;
	int built_in;
	char sha[SHA256_HEX];
	struct origin document; /* text of the last document */
};

static struct span
text_of(const json_t *v)
{
	return (struct span){ json_string_value(v), json_string_length(v) };
}

/* Add a text to those hashed, if it is there, behind a letter that tells it. */
static void
hash_more(struct buf *all, const char *letter, const char *text)
{
	if (text == NULL)
		return;
	buf_adds(all, letter);
	buf_add0(all, span_of(text));
}

/* Append what decides which prompts show an example, and what they show. */
static void
hash_entry(struct buf *all, const struct entry *x)
{
	buf_add0(all, x->raw[0]);
	buf_add0(all, x->raw[1]);
	buf_add0(all, x->task);
	hash_more(all, "l", x->language);
	hash_more(all, "c", x->code_language);
	hash_more(all, "t", x->target);
}

/* Take what the members of row, or of its object meta, say of the source. */
static void
take_source(struct entry *x, const json_t *row)
{
	const json_t *meta = json_object_get(row, "meta");

	x->ids[0] = text_of(json_object_get(row, "id"));
	x->ids[1] = text_of(json_object_get(row, "docid"));
	x->ids[2] = text_of(json_object_get(meta, "id"));
	x->ids[3] = text_of(json_object_get(meta, "docid"));
	x->paths[0] = text_of(json_object_get(row, "path"));
	x->paths[1] = text_of(json_object_get(meta, "path"));
}

/* Return the key that find gives for member name of row; NULL: none. */
static const char *
key_of(const json_t *row, const char *name, const char *(*find)(struct span))
{
	struct span word = text_of(json_object_get(row, name));

	return word.n > 0 ? find(word) : NULL;
}

/* Add an example to e; return what is wrong with it, or NULL. */
static const char *
add_example(struct examples *e, json_t *row)
{
	json_t *input = json_object_get(row, "input");
	json_t *output = json_object_get(row, "output");
	json_t *task = json_object_get(row, "task");
	struct entry *x = &e->v[e->n];

	if (task != NULL && !json_is_string(task) && !json_is_null(task))
		return "\"task\" is not a text";
	if (text_of(input).n == 0 || text_of(output).n == 0)
		return "needs the texts \"input\" and \"output\"";
	*x = (struct entry){
		.shown = { rows_escaped(input, &e->mem),
		    rows_escaped(output, &e->mem) },
		.raw = { text_of(input), text_of(output) },
		.task = text_of(task),
		.language = key_of(row, "language", language_key),
		.code_language =
		    key_of(row, "code_language", language_code_key),
		.target = key_of(row, "tgt_code_language", language_code_key),
	};
	take_source(x, row);
	e->n++;
	return NULL;
}

struct examples *
examples_new(const char *file, const char **why)
{
	static const struct span built_in = { embedded_pools,
		sizeof embedded_pools - 1 };
	static char wrong[512];
	int own = strcmp(file, "builtin") == 0;
	json_t *rows =
	    own ? rows_parse("the built-in examples", built_in, 0, why)
		: rows_read(file, JSON_ALLOW_NUL, why);
	json_t *row;
	struct examples *e;
	const char *what = NULL;
	struct buf all = { 0 };
	size_t i;

	if (rows == NULL)
		return NULL;
	e = mem_new(sizeof *e);
	e->rows = rows;
	e->built_in = own;
	e->v = mem_array(NULL, json_array_size(rows), sizeof *e->v);
	/* a text by which this version draws otherwise than those before it */
	buf_add0(&all, span_of("examples-2"));
	json_array_foreach (rows, i, row) {
		if ((what = add_example(e, row)) != NULL)
			break;
		hash_entry(&all, &e->v[i]);
	}
	hash_sha256(buf_span(&all), e->sha);
	buf_free(&all);
	if (what == NULL && e->n > 0)
		return e;
	if (what != NULL)
		snprintf(wrong, sizeof wrong, "%s: example %zu: %s", file,
		    e->n + 1, what);
	else
		snprintf(wrong, sizeof wrong, "%s: holds no examples", file);
	*why = wrong;
	examples_free(e);
	errno = 0;
	return NULL;
}

static void
free_pieces(struct entry *x)
{
	while (x->npieces > 0)
		origin_free(&x->pieces[--x->npieces]);
	free(x->pieces);
	x->pieces = NULL;
}

void
examples_free(struct examples *e)
{
	size_t i;

	if (e == NULL)
		return;
	for (i = 0; i < e->n; i++)
		free_pieces(&e->v[i]);
	origin_free(&e->document);
	json_decref(e->rows);
	arena_free(&e->mem);
	free(e->v);
	free(e);
}

/*
 * Return whether an example may be shown for a document: 1 as one of its code
 * language, 2 as one of another, 0 not at all.
 */
static int
fits(const struct entry *x, const struct example_wish *w)
{
	if (x->task.p != NULL && !span_eq(x->task, w->task))
		return 0;
	if (x->language != NULL && !span_is(w->language, x->language))
		return 0;
	if (x->target != NULL && !span_is(w->target, x->target))
		return 0;
	if (x->code_language == NULL ||
	    span_is(w->code_language, x->code_language))
		return 1;
	return w->is_code && x->target == NULL ? 0 : 2;
}

const char *
examples_sha(struct examples *e, const struct example_wish *w)
{
	struct buf all = { 0 };
	size_t i;

	if (e == NULL)
		return "";
	if (!e->built_in)
		return e->sha;
	for (i = 0; i < e->n; i++)
		if (fits(&e->v[i], w))
			hash_entry(&all, &e->v[i]);
	e->sha[0] = '\0';
	if (all.n > 0)
		hash_sha256(buf_span(&all), e->sha);
	buf_free(&all);
	return e->sha;
}

/* Add a piece of an example: a text that its document may be. */
static void
add_piece(struct entry *x, struct span text)
{
	struct origin *o;

	x->pieces = mem_array(x->pieces, x->npieces + 1, sizeof *x->pieces);
	o = &x->pieces[x->npieces++];
	*o = (struct origin){ 0 };
	origin_read(o, x->as, text);
}

/* Return the line at p without its end. */
static struct span
line_at(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return (struct span){ p, (size_t)((nl != NULL ? nl : end) - p) };
}

/* Add each fenced block of a text as a piece. */
static void
add_blocks(struct entry *x, struct span text)
{
	const char *p = text.p, *end = span_end(text), *begin = NULL;
	size_t ticks = 0, n;
	struct span line;

	for (; p < end; p = span_end(line) + 1) {
		line = line_at(p, end);
		for (n = 0; n < line.n && line.p[n] == '`'; n++)
			;
		if (begin == NULL && n >= 3) {
			ticks = n;
			begin = span_end(line) + 1;
		} else if (begin != NULL && n >= ticks) {
			add_piece(
			    x, (struct span){ begin, (size_t)(p - begin) });
			begin = NULL;
		}
	}
}

/*
 * Read the texts in an example as code of a language: input, output and the
 * fenced blocks of both.
 */
static void
read_pieces(struct entry *x, const struct lex_language *as)
{
	int i;

	if (x->npieces > 0 && x->as == as)
		return;
	free_pieces(x);
	x->as = as;
	for (i = 0; i < 2; i++) {
		add_piece(x, x->raw[i]);
		add_blocks(x, x->raw[i]);
	}
}

/* Return whether one of n spans is s, which is not empty. */
static int
is_among(struct span s, const struct span *v, size_t n)
{
	size_t i;

	for (i = 0; s.n > 0 && i < n; i++)
		if (span_eq(s, v[i]))
			return 1;
	return 0;
}

/* Return whether an example was made of the document, which e has read. */
static int
is_made_of(
    const struct examples *e, struct entry *x, const struct example_wish *w)
{
	size_t i;

	if (is_among(w->id, x->ids, sizeof x->ids / sizeof *x->ids) ||
	    is_among(w->path, x->paths, sizeof x->paths / sizeof *x->paths))
		return 1;
	read_pieces(x, lex_find(w->code_language));
	for (i = 0; i < x->npieces; i++)
		if (origin_is_shared(&e->document, &x->pieces[i]))
			return 1;
	return 0;
}

/* Draw number nth; its purpose is "examples", then "examples.2" and so on. */
static uint64_t
draw(long long seed, struct span id, int nth)
{
	char purpose[32] = "examples";

	if (nth > 0)
		snprintf(purpose, sizeof purpose, "examples.%d", nth + 1);
	return hash_draw(seed, id, purpose);
}

int
examples_draw(struct examples *e, const struct example_wish *w, int k,
    const struct example **out)
{
	struct entry **fit, *x;
	size_t i, j, n;
	int got = 0, nth = 0, rank;

	if (e == NULL || k <= 0)
		return 0;
	if (w->text.p != NULL)
		origin_read(&e->document, lex_find(w->code_language), w->text);
	fit = mem_array(NULL, e->n, sizeof *fit);
	for (rank = 1; rank <= 2 && got < k; rank++) {
		for (n = i = 0; i < e->n; i++)
			if (fits(&e->v[i], w) == rank)
				fit[n++] = &e->v[i];
		/* the first steps of a Fisher-Yates shuffle */
		for (i = 0; i < n && got < k; i++, nth++) {
			j = i + (size_t)(draw(w->seed, w->draw, nth) % (n - i));
			x = fit[j];
			fit[j] = fit[i];
			if (w->text.p == NULL || !is_made_of(e, x, w))
				out[got++] = &x->shown;
		}
	}
	free(fit);
	return got;
}

void
examples_print(const struct examples *e, struct span task, const char *language,
    struct buf *b)
{
	const struct entry *x;
	char *line;
	size_t i;

	for (i = 0; i < e->n; i++) {
		x = &e->v[i];
		if ((task.n > 0 && !span_eq(x->task, task)) ||
		    (x->language != NULL && strcmp(x->language, language) != 0))
			continue;
		line = json_dumps(json_array_get(e->rows, i), JSON_COMPACT);
		if (line == NULL)
			mem_fail();
		buf_adds(b, line);
		buf_addc(b, '\n');
		free(line);
	}
}
