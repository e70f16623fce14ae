/* tally: what is taken from a folder, and what is left out and why */
#include "tally.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "io/io.h"
#include "task/language.h"

enum { MOST_ENDINGS = 3 };

static const struct {
	const char *word; /* word in the lines of --explain */
	const char *said; /* words behind the number in the message */
	int keep;         /* 1: --keep takes these */
} reasons[LEFT_REASONS] = {
	[LEFT_OTHER] = { "other language", "of other languages", 0 },
	[LEFT_UNTRACKED] = { "untracked", "untracked (--all takes them)", 0 },
	[LEFT_IGNORED] = { "ignored", "ignored by git (--all takes them)", 0 },
	[LEFT_SUBMODULE] = { "submodule", "git submodules (name their folders)",
	    0 },
	[LEFT_LINK] = { "link", "symbolic links", 0 },
	[LEFT_GONE] = { "missing", "that git tracks but are not there", 0 },
	[LEFT_CLOSED] = { "closed", "folders that cannot be read", 0 },
	[LEFT_UNFIT] = { "unfit", "empty, too large or unreadable", 0 },
	[LEFT_NOT_TEXT] = { "not text", "not text", 0 },
	[LEFT_XML] = { "xml", "XML whatever their names", 0 },
	[LEFT_LFS] = { "lfs", "in Git LFS (git lfs pull)", 0 },
	[LEFT_NAME] = { "name", "whose names are not UTF-8", 0 },
	[LEFT_NOTEBOOK] = { "notebook", "notebooks that cannot be read", 0 },
	[LEFT_VENDORED] = { "vendored", "vendored (--keep vendored)", 1 },
	[LEFT_GENERATED] = { "generated", "generated (--keep generated)", 1 },
	[LEFT_MINIFIED] = { "minified", "minified (--keep minified)", 1 },
	[LEFT_ENCODED] = { "encoded", "of encoded data (--keep encoded)", 1 },
	[LEFT_COPIES] = { "copies", "near copies of others (--keep copies)",
	    1 },
	[LEFT_TEST] = { "test", "tests", 0 },
	[LEFT_BARE] = { "no function", "without any", 0 },
};

enum left
tally_keep(struct span word)
{
	enum left i;

	for (i = LEFT_NOT; i < LEFT_REASONS; i++)
		if (reasons[i].keep && span_is(word, reasons[i].word))
			return i;
	return LEFT_NOT;
}

void
tally_keep_words(struct buf *b)
{
	size_t i;

	for (i = 0; i < LEFT_REASONS; i++)
		if (reasons[i].keep)
			buf_fmt(
			    b, "%s%s", b->n > 0 ? " " : "", reasons[i].word);
}

/* Count a name in a table that has room for max of them. */
static void
count_name(struct tally_name *names, size_t *n, size_t max, struct span name)
{
	size_t i;

	for (i = 0; i < *n && !span_is(name, names[i].name); i++)
		continue;
	if (i == *n && i < max)
		names[(*n)++] =
		    (struct tally_name){ mem_dup(name.p, name.n), 0 };
	if (i < max)
		names[i].n++;
}

/* Return the ending of a path's last part, "no ending" if there is none. */
static struct span
ending_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot;

	dot = strrchr(slash != NULL ? slash : path, '.');
	return span_of(dot != NULL ? dot : "no ending");
}

void
tally_leave(
    struct tally *t, enum left reason, const char *path, const char *why)
{
	t->left[reason]++;
	if (reason == LEFT_OTHER)
		count_name(
		    t->ending, &t->endings, TALLY_ENDINGS, ending_of(path));
	if (t->explain)
		io_warn("%s%s: %s%s%s", t->prefix, path, reasons[reason].word,
		    *why != '\0' ? ": " : "", why);
}

void
tally_take(
    struct tally *t, const char *language, const char *path, const char *what)
{
	t->files++;
	count_name(
	    t->language, &t->languages, TALLY_LANGUAGES, span_of(language));
	if (t->explain)
		io_warn("%s%s: kept: %s", t->prefix, path, what);
}

static int
by_count(const void *a, const void *b)
{
	const struct tally_name *x = a, *y = b;

	return x->n != y->n ? (x->n < y->n) - (x->n > y->n)
			    : strcmp(x->name, y->name);
}

/*
 * Append " (52 JavaScript, 8 Python)": the commonest names, max of them at
 * most, by the names that languages have.
 */
static void
add_names(struct buf *b, const struct tally_name *names, size_t n, size_t max)
{
	struct tally_name *sorted = mem_array(NULL, n, sizeof *sorted);
	const char *shown;
	size_t i;

	memcpy(sorted, names, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_count);
	for (i = 0; i < n && i < max; i++) {
		shown = language_code_name(sorted[i].name);
		buf_fmt(b, "%s%zu %s", i > 0 ? ", " : " (", sorted[i].n,
		    shown != NULL ? shown : sorted[i].name);
	}
	buf_adds(b, n > 0 ? ")" : "");
	free(sorted);
}

/* Append a number of what is left out, unless it is 0. */
static void
add_left(struct buf *b, size_t n, const char *unit, const char *said)
{
	if (n > 0)
		buf_fmt(
		    b, ", %zu %s%s%s", n, unit, *unit != '\0' ? " " : "", said);
}

/* Append the numbers of what is left out, each with ", " before it. */
static void
add_all_left(struct buf *b, const struct tally *t, const struct tally_words *w)
{
	struct buf unit = { 0 }, said = { 0 };
	size_t i;

	buf_fmt(&unit, "%s%s", w->unit != NULL ? w->unit : "",
	    w->unit != NULL ? "s" : "");
	for (i = 0; i < LEFT_REASONS; i++) {
		said.n = 0;
		buf_adds(&said, reasons[i].said != NULL ? reasons[i].said : "");
		if (i == LEFT_OTHER)
			add_names(&said, t->ending, t->endings, MOST_ENDINGS);
		if (i == LEFT_BARE)
			buf_fmt(
			    &said, " %s", w->unit != NULL ? w->unit : "code");
		add_left(b, t->left[i], "", buf_cstr(&said));
	}
	add_left(b, t->cells, "cells", reasons[LEFT_OTHER].said);
	add_left(b, t->encoded, buf_cstr(&unit), reasons[LEFT_ENCODED].said);
	add_left(
	    b, t->copies, buf_cstr(&unit), "equal to others (--keep copies)");
	said.n = 0;
	buf_fmt(&said, "of fewer than %lld tokens (--min-tokens)", w->min);
	add_left(b, t->short_ones, buf_cstr(&unit), buf_cstr(&said));
	said.n = 0;
	buf_fmt(&said, "of more than %lld tokens (--max-tokens)", w->max);
	add_left(b, t->long_ones, buf_cstr(&unit), buf_cstr(&said));
	buf_free(&unit);
	buf_free(&said);
}

void
tally_say(const struct tally *t, const struct tally_words *w)
{
	struct buf b = { 0 }, left = { 0 };

	buf_fmt(&b, "%s: %zu file%s", w->folder, t->files,
	    t->files == 1 ? "" : "s");
	add_names(&b, t->language, t->languages, TALLY_LANGUAGES);
	if (t->records != t->files || w->unit != NULL)
		buf_fmt(&b, ", %zu %s%s", t->records,
		    w->unit != NULL ? w->unit : "record",
		    t->records == 1 ? "" : "s");
	add_all_left(&left, t, w);
	if (left.n > 0)
		buf_fmt(&b, "; left out: %s", buf_cstr(&left) + 2);
	if (t->files == 0 &&
	    t->left[LEFT_UNTRACKED] + t->left[LEFT_IGNORED] > 0)
		buf_adds(&b, "; tg-folder --all takes what git does not track");
	io_message(io_program, buf_cstr(&b));
	buf_free(&b);
	buf_free(&left);
}

void
tally_free(struct tally *t)
{
	size_t i;

	for (i = 0; i < t->endings; i++)
		free(t->ending[i].name);
	for (i = 0; i < t->languages; i++)
		free(t->language[i].name);
	*t = (struct tally){ 0 };
}
