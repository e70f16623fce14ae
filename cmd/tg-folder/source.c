/* source: one file of a folder, from its name to its records */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "io/io.h"
#include "kinds.h"
#include "lex/alike.h"
#include "lex/functions.h"
#include "notebook.h"
#include "task/language.h"
#include "walk.h"

enum { NOTEBOOK_TIMES = 16 /* outputs make a notebook larger than its code */ };

/* A code language: its key, and its lexer. */
struct language {
	const char *key;
	const struct lex_language *lex;
};

static bool
is_notebook(const char *path)
{
	size_t n = strlen(path);

	return n >= 6 && strcasecmp(path + n - 6, ".ipynb") == 0;
}

/* Return whether a text is UTF-8 without NUL bytes. */
static bool
is_text(struct span s)
{
	const char *p = s.p, *end = span_end(s);
	size_t n;

	for (; p < end; p += n)
		if (*p == '\0' || (n = text_utf8(p, end)) == 0)
			return false;
	return true;
}

/* Return the text from its first byte that is no white space. */
static struct span
without_blanks(struct span text)
{
	struct span s = text_trim(text);

	return (struct span){ s.p, s.n };
}

static bool
begins(struct span s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && memcmp(s.p, with, n) == 0;
}

/*
 * Read a file into s->file. Return LEFT_NOT, or why it is not read.
 */
static enum left
read_file(struct sources *s, const char *path)
{
	size_t max = (size_t)s->opts->max_bytes;
	int fd = walk_open(s->fd, path, O_RDONLY);
	enum left left = LEFT_UNFIT;
	struct stat st;
	ssize_t got;

	if (fd == -1)
		return errno == ELOOP ? LEFT_LINK : LEFT_UNFIT;
	max *= is_notebook(path) ? NOTEBOOK_TIMES : 1;
	buf_clear(&s->file);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size <= (off_t)max) {
		/* the file may grow meanwhile */
		buf_need(&s->file, (size_t)st.st_size + 1);
		got = log_read_at(fd, s->file.p, (size_t)st.st_size, 0);
		s->file.n = got > 0 ? (size_t)got : 0;
		left = got > 0 ? LEFT_NOT : LEFT_UNFIT;
	}
	close(fd);
	return left;
}

/* Return what a name says: LEFT_NOT if the file is to be read. */
static enum left
judge_name(
    struct sources *s, const char *path, const char *language, const char **why)
{
	int fd = walk_open(s->fd, path, O_PATH);
	bool named = language != NULL && folder_wants(s->opts, language);
	struct stat st;
	int failed = fd == -1 || fstat(fd, &st) == -1;

	if (failed && fd == -1 && errno == ELOOP)
		return LEFT_LINK;
	if (fd != -1)
		close(fd);
	if (failed || S_ISDIR(st.st_mode))
		return LEFT_GONE;
	if (S_ISLNK(st.st_mode))
		return LEFT_LINK;
	if (!named && !is_notebook(path))
		return LEFT_OTHER;
	if (!is_text(span_of(path)))
		return LEFT_NAME;
	if (!s->opts->keep[LEFT_VENDORED] &&
	    (*why = kinds_vendored(path)) != NULL)
		return LEFT_VENDORED;
	if (s->opts->no_tests && (*why = kinds_test(path)) != NULL)
		return LEFT_TEST;
	return S_ISREG(st.st_mode) ? LEFT_NOT : LEFT_UNFIT;
}

/* Return what the text of a file says; LEFT_NOT if it is code. */
static enum left
judge_text(struct sources *s, const char *path, const struct lex_language *lex,
    struct span text, const char **why)
{
	const bool *keep = s->opts->keep;
	struct span code = without_blanks(text);

	if (!is_text(text) || code.n == 0)
		return LEFT_NOT_TEXT;
	if (begins(code, "<?xml"))
		return LEFT_XML;
	if (begins(text, "version https://git-lfs.github.com/spec/"))
		return LEFT_LFS;
	if (is_notebook(path))
		return LEFT_NOT;
	if (!keep[LEFT_GENERATED] &&
	    (*why = kinds_generated(path, lex, text)) != NULL)
		return LEFT_GENERATED;
	/* data in long lines is not minified as well */
	if ((*why = kinds_encoded(text)) != NULL)
		return keep[LEFT_ENCODED] ? LEFT_NOT : LEFT_ENCODED;
	if (!keep[LEFT_MINIFIED] && (*why = kinds_minified(text)) != NULL)
		return LEFT_MINIFIED;
	return LEFT_NOT;
}

/*
 * Return whether a file is a near copy of one taken before, and *why; note its
 * digest if it is none.
 */
static bool
is_copy(struct sources *s, const char *path, const struct lex_language *lex,
    struct span text, const char **why)
{
	unsigned char digest[ALIKE_BYTES];
	struct keyset_key key;
	struct buf name = { 0 };
	size_t before = s->digests.n;
	const char **first;

	if (s->opts->keep[LEFT_COPIES])
		return false;
	alike_digest(lex, text, digest);
	key = keyset_key((struct span){ "", 0 }, 'd',
	    (struct span){ (const char *)digest, sizeof digest });
	s->digests.value = s->opts->explain ? sizeof *first : 0;
	first = keyset_add(&s->digests, key);
	if (s->digests.n > before) {
		buf_fmt(&name, "%s%s", s->tally.prefix, path);
		if (s->opts->explain)
			*first = arena_dup(&s->paths, name.p, name.n);
		buf_free(&name);
		return false;
	}
	*why = s->opts->explain ? *first : "";
	return true;
}

/* Return whether an equal function was taken before; else note this one. */
static bool
is_repeated(struct sources *s, struct span text)
{
	size_t before = s->digests.n;

	if (s->opts->keep[LEFT_COPIES])
		return false;
	s->digests.value = s->opts->explain ? sizeof(const char *) : 0;
	keyset_add(&s->digests, keyset_key((struct span){ "", 0 }, 'f', text));
	return s->digests.n == before;
}

/* Take the functions of a text. */
static void
take_functions(
    struct sources *s, struct language lang, struct span text, size_t cell)
{
	struct lex_functions functions = { 0 };
	struct record_part part = { .language = lang.key, .cell = cell };
	const struct lex_function *f;
	size_t i;

	functions_find(lang.lex, text, &functions);
	for (i = 0; i < functions.n; i++) {
		f = &functions.v[i];
		part.text =
		    (struct span){ text.p + f->start, f->end - f->start };
		part.first = f->first;
		part.name = f->name;
		if (!record_fits(&s->records, &part))
			continue;
		if (!s->opts->keep[LEFT_ENCODED] &&
		    kinds_encoded(part.text) != NULL)
			s->records.counts.encoded++;
		else if (is_repeated(s, part.text))
			s->records.counts.copies++;
		else
			record_write(&s->records, &part);
	}
	functions_free(&functions);
}

/* Take a file that is no notebook. Return LEFT_NOT, or why it is left out. */
static enum left
take_code(struct sources *s, const char *path, struct language lang,
    struct span text, const char **why)
{
	struct record_part part = { .text = text, .language = lang.key };

	/* a file that is left out for its length is no original of copies */
	if (!s->opts->functions && !record_fits(&s->records, &part))
		return LEFT_NOT;
	if (is_copy(s, path, lang.lex, text, why))
		return LEFT_COPIES;
	if (s->opts->functions)
		take_functions(s, lang, text, 0);
	else
		record_write(&s->records, &part);
	return LEFT_NOT;
}

/* Return the code of a notebook's cells, appended to b. */
static struct span
join_cells(struct span file, struct buf *b)
{
	struct notebook nb;
	struct notebook_cell cell;
	const char *why;

	notebook_start(&nb, file, &why);
	while (notebook_next(&nb, &cell)) {
		buf_addspan(b, cell.text);
		buf_addc(b, '\n');
	}
	notebook_end(&nb);
	return buf_span(b);
}

/* Take the code cells of a notebook that notebook_start has accepted. */
static void
take_cells(struct sources *s, struct notebook *nb)
{
	struct record_part part = { 0 };
	struct notebook_cell cell;
	struct language lang;

	while (notebook_next(nb, &cell)) {
		if (text_trim(cell.text).n == 0)
			continue;
		if (!folder_wants(s->opts, cell.language)) {
			s->tally.cells++;
			continue;
		}
		lang = (struct language){ cell.language,
			lex_find(span_of(cell.language)) };
		part = (struct record_part){ .text = cell.text,
			.language = lang.key,
			.cell = cell.number };
		if (s->opts->functions)
			take_functions(s, lang, cell.text, cell.number);
		else if (record_fits(&s->records, &part))
			record_write(&s->records, &part);
	}
}

/* Take a notebook. Return LEFT_NOT, or why it is left out. */
static enum left
take_notebook(struct sources *s, const char *path, struct span text,
    const char **language, const char **why)
{
	struct notebook nb;
	struct buf code = { 0 };
	enum left left = LEFT_NOT;

	if (notebook_start(&nb, text, why) == -1) {
		notebook_end(&nb);
		return LEFT_NOTEBOOK;
	}
	*language = nb.language;
	if (!folder_wants(s->opts, nb.language)) {
		*why = "";
		left = LEFT_OTHER;
	} else if (is_copy(s, path, lex_find(span_of(nb.language)),
		       join_cells(text, &code), why)) {
		left = LEFT_COPIES;
	} else {
		take_cells(s, &nb);
	}
	buf_free(&code);
	notebook_end(&nb);
	return left;
}

/* Return the word for why a file that has parts gave no record. */
static const char *
why_empty(const struct record_counts *c)
{
	return c->dropped > 0     ? "secrets"
	       : c->copies > 0    ? "copies"
	       : c->encoded > 0   ? "encoded"
	       : c->long_ones > 0 ? "long"
				  : "short";
}

/* Count a file whose parts have been taken, and explain it. */
static void
count_file(struct sources *s, const char *path, const char *language)
{
	const struct record_counts *c = &s->records.counts;
	struct tally *t = &s->tally;
	const char *unit = s->opts->functions ? "function" : "record";
	struct buf b = { 0 };

	t->records += c->written;
	t->short_ones += c->short_ones;
	t->long_ones += c->long_ones;
	t->encoded += c->encoded;
	t->copies += c->copies;
	if (c->parts == 1 && c->written <= 1 && !s->opts->functions)
		buf_fmt(&b, "%zu tokens", c->tokens);
	else
		buf_fmt(&b, "%zu %s%s", c->written, unit,
		    c->written == 1 ? "" : "s");
	if (c->parts > 1 && c->short_ones > 0)
		buf_fmt(&b, ", %zu too short", c->short_ones);
	if (c->parts > 1 && c->long_ones > 0)
		buf_fmt(&b, ", %zu too long", c->long_ones);
	if (c->written > 0)
		tally_take(t, language, path, buf_cstr(&b));
	else if (c->parts == 0)
		tally_leave(t, LEFT_BARE, path, "");
	else if (t->explain)
		io_warn("%s%s: %s: %s", t->prefix, path, why_empty(c),
		    buf_cstr(&b));
	buf_free(&b);
}

/* Set up what the records of a file have in common. */
static void
start_file(struct sources *s, const char *path, struct span text)
{
	struct record_file *f = &s->records.file;

	s->records.counts = (struct record_counts){ 0 };
	f->path = path;
	f->license = origin_license(&s->origin, path, text);
	f->repository = f->revision = (struct span){ "", 0 };
	if (!origin_ignored(&s->origin, path)) {
		f->repository = buf_span(&s->origin.repository);
		f->revision = buf_span(&s->origin.revision);
	}
}

void
source_take(struct sources *s, const char *path)
{
	const char *why = NULL, *key = language_of_path(span_of(path));
	enum left left = judge_name(s, path, key, &why);
	struct language lang = { key, NULL };
	struct span text = { 0 };

	if (left == LEFT_NOT)
		left = read_file(s, path);
	if (left == LEFT_NOT) {
		text = text_skip_bom(buf_span(&s->file));
		lang.lex = key != NULL ? lex_find(span_of(key)) : NULL;
		left = judge_text(s, path, lang.lex, text, &why);
	}
	if (left == LEFT_NOT) {
		start_file(s, path, text);
		left = is_notebook(path)
			   ? take_notebook(s, path, text, &lang.key, &why)
			   : take_code(s, path, lang, text, &why);
	}
	if (left == LEFT_NOT)
		count_file(s, path, lang.key);
	else
		tally_leave(&s->tally, left, path, why != NULL ? why : "");
}
