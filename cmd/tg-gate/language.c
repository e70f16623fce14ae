/* language: an answer is in another language than was asked for */
#include "base/text.h"
#include "blocks.h"
#include "gate.h"
#include "signs.h"
#include "task/language.h"
#include "words.h"

enum {
	FOREIGN_MIN = 8, /* letters of another script that tell enough */
	STOPS_MIN = 3,   /* stop words of another language that do */
	QUERY_WORDS = 6, /* Latin words that a query of another script has */
	CODE_SIGNS = 4,  /* weight of the signs of code in place of text */
	LINE_SIGNS = 2,  /* and of those of one line */
	SENTENCE = 4,    /* words of one, at least */
	LONG_STRING = 8, /* bytes of a string whose text may look like code */
	SQL_MIN = 60,    /* bytes in which SQL shows itself */
};

/* The scripts of languages that have one of their own. */
static const struct {
	const char *key;
	enum words_script script, with;
} own_scripts[] = {
	{ "zh", SCRIPT_HAN, SCRIPT_HAN },
	{ "zh_tw", SCRIPT_HAN, SCRIPT_HAN },
	{ "ja", SCRIPT_KANA, SCRIPT_HAN },
	{ "ko", SCRIPT_HANGUL, SCRIPT_HAN },
	{ "ar", SCRIPT_ARABIC, SCRIPT_ARABIC },
	{ "fa", SCRIPT_ARABIC, SCRIPT_ARABIC },
	{ "bn", SCRIPT_BENGALI, SCRIPT_BENGALI },
	{ "hi", SCRIPT_DEVANAGARI, SCRIPT_DEVANAGARI },
	{ "te", SCRIPT_TELUGU, SCRIPT_TELUGU },
	{ "th", SCRIPT_THAI, SCRIPT_THAI },
	{ "ru", SCRIPT_CYRILLIC, SCRIPT_CYRILLIC },
};

/* Return the language whose stop words show that it is not own; NULL: none. */
static const char *
other_by_stops(const struct words *w, int own)
{
	size_t mine = own >= 0 ? w->stops[own] : 0, most = 0;
	int k, best = -1;

	for (k = 0; k < WORDS_LANGUAGES; k++)
		if (k != own && w->stops[k] > most) {
			most = w->stops[k];
			best = k;
		}
	return most >= STOPS_MIN && most > 2 * mine + 1 && most * 6 >= w->n
		   ? words_key(best)
		   : NULL;
}

/* Return whether a text is not in a language that is written in Latin. */
static int
is_not_latin(const struct words *w, const char *language)
{
	size_t foreign = w->letters - w->script[SCRIPT_LATIN];
	int own = words_language(language);

	if (foreign >= FOREIGN_MIN && foreign * 5 >= w->letters)
		return 1;
	return own >= 0 && other_by_stops(w, own) != NULL;
}

/* Return whether Chinese is in the other form of its letters, or Japanese. */
static int
is_other_han(const struct words *w, const char *language)
{
	size_t same = w->simplified, other = w->traditional;

	if (strcmp(language, "ja") == 0)
		return w->script[SCRIPT_KANA] == 0 &&
		       w->script[SCRIPT_HAN] >= FOREIGN_MIN;
	if (strcmp(language, "zh_tw") == 0) {
		same = w->traditional;
		other = w->simplified;
	}
	return w->script[SCRIPT_KANA] * 5 > w->script[SCRIPT_HAN] ||
	       (other >= 2 && other > 2 * same);
}

/* Return whether a text ends with the word of an error. */
static int
names_error(struct span s)
{
	static const char *const ends[] = { "Error", "error", "Exception",
		"panic" };
	size_t i, n;

	while (s.n > 0 && s.p[s.n - 1] == ':')
		s.n--;
	for (i = 0; i < sizeof ends / sizeof *ends; i++) {
		n = strlen(ends[i]);
		if (s.n >= n && memcmp(span_end(s) - n, ends[i], n) == 0)
			return 1;
	}
	return 0;
}

/* Return whether a line is of a log or a stack trace, such as an indented one,
 * one that begins with a time, or "ValueError: no such host". */
static int
is_of_log(struct span line)
{
	struct span word = line;
	const char *end = memchr(line.p, ' ', line.n);

	if (end != NULL)
		word.n = (size_t)(end - line.p);
	return strchr(" \t[>|", *line.p) != NULL ||
	       (*line.p >= '0' && *line.p <= '9') ||
	       text_is_one_of(word, span_of("at|Traceback")) ||
	       names_error(word);
}

/* Return whether what a text says outside of logs is English. */
static int
is_english(struct span text, enum words_script own)
{
	struct buf said = { 0 };
	struct span line;
	struct words w;

	while (text.n > 0) {
		line = text_take_line(&text);
		if (line.n > 0 && !is_of_log(line))
			buf_addspan(&said, line);
		buf_addc(&said, '\n');
	}
	words_count(&w, buf_span(&said));
	buf_free(&said);
	return w.script[own] * 12 < w.script[SCRIPT_LATIN] &&
	       w.stops[words_language("en")] >= STOPS_MIN;
}

/* Return whether a text is not in the language with row i of own_scripts. */
static int
is_not_own(struct span text, const struct words *w, size_t i)
{
	enum words_script s = own_scripts[i].script, with = own_scripts[i].with;
	size_t own = w->script[s] + (with != s ? w->script[with] : 0);
	size_t latin = w->script[SCRIPT_LATIN];
	size_t foreign = w->letters - own - latin;
	int en = words_language("en");

	if (foreign > own && foreign >= 4)
		return 1;
	/* a query of key words may be all names of libraries */
	if (own == 0)
		return w->n >= QUERY_WORDS || (w->n >= 4 && w->stops[en] > 0) ||
		       w->stops[en] >= 2;
	if (own * 12 < latin && w->stops[en] >= STOPS_MIN &&
	    is_english(text, with))
		return 1;
	if (s == SCRIPT_HAN || s == SCRIPT_KANA)
		return is_other_han(w, own_scripts[i].key);
	if (s == SCRIPT_ARABIC)
		return other_by_stops(w, words_language(own_scripts[i].key)) !=
		       NULL;
	return 0;
}

static int
is_other_natural(struct span text, const struct words *w, const char *language)
{
	size_t i;

	for (i = 0; i < sizeof own_scripts / sizeof *own_scripts; i++)
		if (strcmp(own_scripts[i].key, language) == 0)
			return is_not_own(text, w, i);
	return is_not_latin(w, language);
}

/*
 * Count the bytes of s that code has more of than prose. A mark that is
 * repeated counts once, and an underscore within a name does not.
 */
static size_t
count_marks(struct span s)
{
	size_t n = 0, i;

	for (i = 0; i < s.n; i++)
		n += s.p[i] != '\0' && strchr(";{}=<>[]$&|\\@()", s.p[i]) &&
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
		l->prose += is_of_log(line) || is_prose(line, language);
		l->all_marked &= count_marks(line) > 0 ||
				 signs_best(line, NULL).weight >= LINE_SIGNS;
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
		       text_is_one_of(
			   span_of(best.language), span_of("sql|shell"));
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
		{ "if [", "; fi" } };
	size_t i, n;

	for (i = 0; i < sizeof words / sizeof *words; i++) {
		n = strlen(words[i][0]);
		if (s.n > n && memcmp(s.p, words[i][0], n) == 0 &&
		    memmem(s.p, s.n, words[i][1], strlen(words[i][1])) != NULL)
			return 1;
	}
	return 0;
}

/* Return whether all of a text is code, fenced or not. */
static int
is_all_code(struct span s, const char *language)
{
	struct blocks b = { .rest = s };
	struct span in = text_trim(s);
	struct lines l;
	size_t marks = count_marks(in);
	int is_code;

	if (blocks_next(&b))
		return text_trim(b.before).n == 0 && b.closed &&
		       text_trim(b.rest).n == 0;
	if (marks * 4 >= in.n && in.n >= 24 &&
	    (is_ended(in) || memchr(in.p, '\n', in.n) != NULL))
		return 1;
	if (begins_as_statement(in))
		return 1;
	if (marks * 100 < in.n * 3 || *in.p == '@')
		return 0;
	read_lines(&l, in, language);
	is_code =
	    l.n > 0 && l.prose * 3 < l.n && reads_as_code(&l, in, language);
	buf_free(&l.code);
	return is_code;
}

static const char *
language_of_text(struct gates *g, const struct part *p)
{
	struct words w;
	const char *language = g->pair.language;

	words_count(&w, p->text);
	if ((g->pair.task->allows & ALLOWS_CODE) == 0 &&
	    is_all_code(p->text, language))
		return gate_why(
		    g, "the %s is code where text is asked", p->name);
	if (is_other_natural(p->text, &w, language))
		return gate_why(
		    g, "the %s is not in %s", p->name, language_name(language));
	return NULL;
}

/* Return whether an answer that should be a diff is a text. */
static int
is_text_for_diff(struct span s)
{
	struct words w;
	int en = words_language("en");

	if (memmem(s.p, s.n, "@@", 2) != NULL)
		return 0;
	words_count(&w, s);
	return (w.n >= 5 && w.stops[en] * 5 >= w.n) ||
	       w.letters > 2 * w.script[SCRIPT_LATIN];
}

/* Return code with its strings emptied, so that their text is no sign. */
static struct buf
without_strings(const struct lex_language *lex, struct span code)
{
	struct buf b = { 0 };
	struct lex_token t;
	struct lexer lx;
	size_t n;

	lexer_start(&lx, lex, code);
	while (lexer_next(&lx, &t)) {
		n = t.end - t.start;
		if (t.kind != LEX_STRING || n < LONG_STRING ||
		    memchr(code.p + t.start, '\n', n) == NULL)
			buf_add(&b, code.p + t.start, n);
		else
			buf_adds(&b, "\"\"");
	}
	return b;
}

/* Return the language of an answer that is in another than was asked for. */
static const char *
other_code(const struct part *p)
{
	int few = p->is_diff ? SIGNS_DIFF : SIGNS_FEW;
	const char *other = signs_other(p->code_language, p->code, few);
	struct buf plain;

	if (other != NULL && p->lex != NULL) {
		plain = without_strings(p->lex, p->code);
		other = signs_other(p->code_language, buf_span(&plain), few);
		buf_free(&plain);
	}
	return other;
}

/* Return whether an answer of some length has no word that SQL begins with. */
static int
is_no_sql(const struct part *p)
{
	return strcmp(p->code_language, "sql") == 0 && !p->is_diff &&
	       p->code.n >= SQL_MIN && signs_of("sql", p->code) == 0;
}

static const char *
language_of_code(struct gates *g, const struct part *p)
{
	const struct answer_lines *l = gate_lines(g, p);
	const char *other;

	if (p->is_diff ? is_text_for_diff(p->text)
		       : l->blocks == 0 && l->count[LINE_PROSE] > 0 &&
			     l->count[LINE_CODE] * 2 <= l->count[LINE_PROSE])
		return gate_why(
		    g, "the %s is text where code is asked", p->name);
	if (p->code_language == NULL)
		return NULL;
	other = other_code(p);
	if (other == NULL)
		return is_no_sql(p) ? gate_why(g, "the %s is no SQL", p->name)
				    : NULL;
	return gate_why(g, "the %s is %s where %s is asked", p->name,
	    language_code_name(other), language_code_name(p->code_language));
}

const char *
gate_language(struct gates *g, const struct part *p)
{
	return p->is_code ? language_of_code(g, p) : language_of_text(g, p);
}
