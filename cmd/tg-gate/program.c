/* program: whether a text is program code */
#include "program.h"

#include "base/text.h"
#include "blocks.h"
#include "signs.h"
#include "words.h"

enum {
	CODE_SIGNS = 4,     /* weight of the signs of code in place of text */
	LINE_SIGNS = 2,     /* and of those of one line */
	PROGRAM_SIGNS = 10, /* and of those of a program with much text in it */
	PLACE = 60,         /* bytes of a line that name a place in a file */
	SENTENCE = 4,       /* words of one, at least */
};

/* Return whether a text ends with the word of an error. */
static int
names_error(struct span s)
{
	static const char *const ends[] = { "Error", "error", "Exception",
		"panic" };
	const char *open;
	size_t i, n;

	while (s.n > 0 && s.p[s.n - 1] == ':')
		s.n--;
	/* a number behind the word, as in error[E0525] */
	open = s.n > 0 && s.p[s.n - 1] == ']' ? memchr(s.p, '[', s.n) : NULL;
	if (open != NULL)
		s.n = (size_t)(open - s.p);
	for (i = 0; i < sizeof ends / sizeof *ends; i++) {
		n = strlen(ends[i]);
		if (s.n >= n && memcmp(span_end(s) - n, ends[i], n) == 0)
			return 1;
	}
	return 0;
}

/* Return whether a line names a place in a file near its start, as in a.lua:4:.
 */
static int
names_place(struct span line)
{
	size_t most = line.n < PLACE ? line.n : PLACE, i, k;

	for (i = 1; i + 2 < most; i++) {
		if (line.p[i] != ':' || !text_is_word_char(line.p[i - 1]))
			continue;
		for (k = i + 1;
		     k < most && line.p[k] >= '0' && line.p[k] <= '9';)
			k++;
		if (k > i + 1 && k < line.n && line.p[k] == ':')
			return 1;
	}
	return 0;
}

/* Return the first word of a line. */
static struct span
first_word(struct span line)
{
	const char *end = memchr(line.p, ' ', line.n);

	if (end != NULL)
		line.n = (size_t)(end - line.p);
	return line;
}

/* Return whether a line begins with an error or a place in a file. */
static int
is_error(struct span line)
{
	return names_error(first_word(line)) || names_place(line) ||
	       text_is_one_of(first_word(line), span_of("Traceback"));
}

int
program_is_log(struct span line)
{
	struct span word = first_word(line);

	return is_error(line) || strchr(" \t[>|", *line.p) != NULL ||
	       (*line.p >= '0' && *line.p <= '9') ||
	       text_is_one_of(word, span_of("at"));
}

int
program_has_error(struct span text)
{
	struct span line;

	while (text.n > 0) {
		line = text_take_line(&text);
		if (line.n > 0 && is_error(line))
			return 1;
	}
	return 0;
}

void
program_add_said(struct buf *said, struct span text)
{
	struct span line;

	while (text.n > 0) {
		line = text_take_line(&text);
		if (line.n > 0 && !program_is_log(line))
			buf_addspan(said, line);
		buf_addc(said, '\n');
	}
}

/*
 * Count the bytes of s that code has more of than prose. A mark that is
 * repeated counts once, and an underscore within a name does not.
 */
static size_t
count_marks(struct span s)
{
	static const char marks[256] = { [';'] = 1,
		['{'] = 1,
		['}'] = 1,
		['='] = 1,
		['<'] = 1,
		['>'] = 1,
		['['] = 1,
		[']'] = 1,
		['$'] = 1,
		['&'] = 1,
		['|'] = 1,
		['\\'] = 1,
		['@'] = 1,
		['('] = 1,
		[')'] = 1 };
	size_t n = 0, i;

	for (i = 0; i < s.n; i++)
		n += marks[(unsigned char)s.p[i]] &&
		     (i == 0 || s.p[i - 1] != s.p[i]);
	return n;
}

/* Return whether a text ends as a statement or block does. */
static int
is_ended(struct span s)
{
	return s.n > 0 && strchr(";}", s.p[s.n - 1]) != NULL;
}

/* Return whether a line is a comment of any code language. */
static int
is_comment(struct span line)
{
	static const char *const starts[] = { "#", "//", "--", "/*", "*", "%",
		"\"\"\"" };
	size_t i, n;

	for (i = 0; i < sizeof starts / sizeof *starts; i++) {
		n = strlen(starts[i]);
		if (line.n >= n && memcmp(line.p, starts[i], n) == 0)
			return 1;
	}
	return 0;
}

/* Count the stop words of English and of a text's own language. */
static size_t
count_stops(const struct words *w, const char *language)
{
	int own = words_language(language), en = words_language("en");

	return w->stops[en] + (own >= 0 && own != en ? w->stops[own] : 0);
}

/* Return whether a line is a sentence, or reads like part of one. */
static int
is_prose(struct span line, const char *language)
{
	struct words w;
	int ends = strchr(".!?", line.p[line.n - 1]) != NULL;

	words_count(&w, line);
	/* a sentence may hold some code */
	if (ends && *line.p >= 'A' && *line.p <= 'Z' && w.n >= SENTENCE)
		return 1;
	if (count_marks(line) > 0 || strchr(":,", line.p[line.n - 1]) != NULL)
		return 0;
	return w.n >= 2 && (ends || count_stops(&w, language) * 4 >= w.n) &&
	       signs_best(line, NULL).weight < LINE_SIGNS;
}

/* The lines of a text: those that are not blank, and what they are. */
struct lines {
	size_t n, prose;
	int all_marked;  /* flag: all of them have marks of code */
	struct buf code; /* lines that are no comments */
};

static void
read_lines(struct lines *l, struct span text, const char *language)
{
	struct span line;

	*l = (struct lines){ .all_marked = 1 };
	while (text.n > 0) {
		line = text_trim(text_take_line(&text));
		if (line.n == 0 || is_comment(line))
			continue;
		l->n++;
		l->prose += program_is_log(line) || is_prose(line, language);
		l->all_marked =
		    l->all_marked &&
		    (count_marks(line) > 0 ||
			signs_best(line, NULL).weight >= LINE_SIGNS);
		buf_addspan(&l->code, line);
		buf_addc(&l->code, '\n');
	}
}

/* Return whether a line is a call, or sets a variable. */
static int
is_call(struct span line)
{
	const char *blank = memchr(line.p, ' ', line.n),
		   *open = memchr(line.p, '(', line.n);

	return line.n > 0 && line.p[line.n - 1] == ')' &&
	       (memmem(line.p, line.n, " = ", 3) != NULL ||
		   (open != NULL && (blank == NULL || open < blank)));
}

/* Return whether lines that hold no prose read as code. */
static int
reads_as_code(const struct lines *l, struct span in, const char *language)
{
	struct span code = text_trim(buf_span(&l->code));
	size_t marks = count_marks(code), stops;
	struct words w;
	struct sign best;

	words_count(&w, code);
	stops = count_stops(&w, language);
	if (w.letters - w.script[SCRIPT_LATIN] >= w.letters / 5 ||
	    stops * (marks * 10 > code.n || is_ended(in) ? 3 : 6) > w.n ||
	    marks * 100 < code.n * 4 || memmem(in.p, in.n, ">>> ", 4) != NULL)
		return 0;
	if (marks * 100 >= code.n * 22 && stops == 0 && code.n >= 16 &&
	    (l->n > 1 || is_ended(in)))
		return 1;
	best = signs_best(in, NULL);
	/* key words of a query may be names of a library */
	if (l->n == 1 && !is_ended(in) && !is_call(in))
		return best.weight >= CODE_SIGNS &&
		       strcmp(best.language, "shell") == 0;
	return best.weight >= CODE_SIGNS ||
	       (best.weight >= LINE_SIGNS && l->n > 1 && l->all_marked &&
		   l->prose == 0 && stops * 6 <= w.n);
}

/* Return whether a text begins with the words of a statement that has more of
 * them: of SQL in capitals, or of the shell. */
static int
begins_as_statement(struct span s)
{
	static const char *const words[][2] = { { "SELECT ", "FROM " },
		{ "INSERT INTO ", "VALUES" }, { "UPDATE ", "SET " },
		{ "DELETE FROM ", "WHERE " }, { "CREATE TABLE ", "(" },
		{ "for ", "; done" }, { "while ", "; done" },
		{ "if [", "; fi" }, { "def ", "):\n    return " },
		{ "function ", ") {\n" }, { "#include <", ">\n" },
		{ "public static ", ") {\n" } };
	size_t i, n;

	for (i = 0; i < sizeof words / sizeof *words; i++) {
		n = strlen(words[i][0]);
		if (s.n > n && memcmp(s.p, words[i][0], n) == 0 &&
		    memmem(s.p, s.n, words[i][1], strlen(words[i][1])) != NULL)
			return 1;
	}
	return 0;
}

/* Return whether a text begins with code and has very many signs of it. */
static int
is_marked(const struct lines *l, struct span in)
{
	struct span rest = in, first = text_take_line(&rest);

	return l->n > 3 && l->prose * 6 < l->n && count_marks(first) > 0 &&
	       signs_best(first, NULL).weight >= LINE_SIGNS &&
	       signs_best(in, NULL).weight >= PROGRAM_SIGNS;
}

int
program_is_all(struct span s, const char *language)
{
	struct blocks b = { .rest = s };
	struct span in = text_trim(s);
	struct lines l;
	size_t marks = count_marks(in);
	int is_code;

	if (blocks_next(&b))
		return text_trim(b.before).n == 0 && b.closed &&
		       text_trim(b.rest).n == 0;
	if (in.n > 4 && memcmp(in.p, "#!/", 3) == 0)
		return 1;
	/* a table, or a tag of documentation */
	if (in.n == 0 || strchr("@|", *in.p) != NULL)
		return 0;
	if (marks * 4 >= in.n && in.n >= 24 &&
	    (is_ended(in) || memchr(in.p, '\n', in.n) != NULL))
		return 1;
	if (begins_as_statement(in))
		return 1;
	if (marks * 100 < in.n * 3)
		return 0;
	read_lines(&l, in, language);
	is_code = l.n > 0 && l.prose * 3 < l.n &&
		  (is_marked(&l, in) || reads_as_code(&l, in, language));
	buf_free(&l.code);
	return is_code;
}
