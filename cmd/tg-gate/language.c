/* language: an answer is in another language than was asked for */
#include "base/text.h"
#include "gate.h"
#include "program.h"
#include "sentences.h"
#include "signs.h"
#include "task/language.h"
#include "words.h"

enum {
	FOREIGN_MIN = 8,   /* letters of another script that tell enough */
	STOPS_MIN = 3,     /* stop words of another language that do */
	SAID_MIN = 4,      /* words beside a log that tell a language */
	QUERY_WORDS = 6,   /* Latin words that a query of another script has */
	LONG_STRING = 8,   /* bytes of a string whose text may look like code */
	SQL_MIN = 60,      /* bytes in which SQL shows itself */
	ENGLISH_MIN = 50,  /* letters of whole English sentences */
	ENGLISH_STOPS = 3, /* stop words of one */
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

/* Count the stop words of a text that language a has and b has not. */
static size_t
count_only(const struct words *w, int a, int b)
{
	size_t n = 0, i;

	for (i = 0; i < w->nstop; i++)
		n += (w->stop[i] >> a & 1) != 0 && (w->stop[i] >> b & 1) == 0;
	return n;
}

/*
 * Return the language whose stop words show that it is not own; NULL: none.
 * Those that both have do not tell.
 */
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
	if (most < STOPS_MIN || most * 6 < w->n)
		return NULL;
	return most > 2 * mine + 1 ||
		       (own >= 0 && count_only(w, own, best) == 0 &&
			   count_only(w, best, own) >= STOPS_MIN) ||
		       (own >= 0 &&
			   count_only(w, best, own) >
			       3 * count_only(w, own, best) &&
			   count_only(w, best, own) > STOPS_MIN)
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

/* Return whether what a text says outside of logs is English. */
static int
is_english(struct span text, enum words_script own)
{
	struct buf said = { 0 };
	struct words w;

	program_add_said(&said, text);
	words_count(&w, buf_span(&said));
	buf_free(&said);
	return w.script[own] * 12 < w.script[SCRIPT_LATIN] &&
	       w.stops[words_language("en")] >= STOPS_MIN;
}

/* Letters that one of two languages has which share a script, and the other
 * not.
 */
static const struct {
	const char *key, *own, *other;
} letters[] = {
	{ "fa", "پچژگکی", "ةكيىإ" },
	{ "ar", "ةكيىإأ", "پچژگکیےںٹ" },
	{ "ru", "ыэъё", "іїєґўјљњћђџ" },
};

/* Count the letters of a text that are among those of a list, each of two
 * bytes.
 */
static size_t
count_letters(struct span s, const char *list)
{
	size_t n = 0, i;

	for (i = 0; i + 1 < s.n; i++)
		if (((unsigned char)s.p[i] & 0xe0) == 0xc0)
			n += memmem(list, strlen(list), s.p + i, 2) != NULL;
	return n;
}

/* Return whether a text has the letters of a language with the same script. */
static int
has_other_letters(struct span text, const char *language)
{
	size_t i;

	for (i = 0; i < sizeof letters / sizeof *letters; i++)
		if (strcmp(letters[i].key, language) == 0)
			return count_letters(text, letters[i].own) == 0 &&
			       count_letters(text, letters[i].other) >= 2;
	return 0;
}

/*
 * Return whether whole sentences in English, logs and quotations aside, are
 * more than half of a text that should be in another language.
 */
static int
has_english(struct span s, const struct words *all, const char *language)
{
	int en = words_language("en"), own = words_language(language);
	size_t letters_of_en = 0;
	struct span from = s, one;
	struct words w;
	int more = 1;

	if (all->stops[en] < ENGLISH_STOPS)
		return 0;
	while (more) {
		more = sentences_next(&s);
		one = text_trim((struct span){
		    from.p, (size_t)((more ? s.p : span_end(s)) - from.p) });
		from = s;
		if (one.n == 0 || program_is_log(one) ||
		    strchr("\"'`>", *one.p) != NULL)
			continue;
		words_count(&w, one);
		if (w.stops[en] >= ENGLISH_STOPS && w.stops[en] * 4 >= w.n &&
		    w.letters == w.script[SCRIPT_LATIN] &&
		    (own < 0 || own == en || w.stops[own] == 0))
			letters_of_en += w.letters;
	}
	return letters_of_en >= ENGLISH_MIN && letters_of_en * 2 > all->letters;
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
	/* Korean and Japanese may lack Han letters, but not their own */
	if (s != with && w->script[s] == 0 && own >= FOREIGN_MIN)
		return 1;
	if (has_other_letters(text, own_scripts[i].key))
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

	if (strcmp(language, "en") != 0 && has_english(text, w, language))
		return 1;
	for (i = 0; i < sizeof own_scripts / sizeof *own_scripts; i++)
		if (strcmp(own_scripts[i].key, language) == 0)
			return is_not_own(text, w, i);
	return is_not_latin(w, language);
}

static const char *
language_of_text(struct gates *g, const struct part *p)
{
	struct buf said = { 0 };
	struct span text;
	struct words w;
	int is_other;
	const char *language = g->pair.language;

	if ((g->pair.task->allows & ALLOWS_CODE) == 0 &&
	    program_is_all(p->text, language))
		return gate_why(
		    g, "the %s is code where text is asked", p->name);
	if (strcmp(p->name, "query") == 0 && program_has_error(p->text))
		program_add_said(&said, p->text);
	text = said.n > 0 ? buf_span(&said) : p->text;
	words_count(&w, text);
	is_other = (text.p == p->text.p || w.n >= SAID_MIN) &&
		   is_other_natural(text, &w, language);
	buf_free(&said);
	return is_other ? gate_why(g, "the %s is not in %s", p->name,
			      language_name(language))
			: NULL;
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

/*
 * Return code with its strings emptied, so that their text is no sign, and in
 * languages of like comments without these.
 */
static struct buf
without_strings(const struct lex_language *lex, struct span code)
{
	int noted = text_is_one_of(span_of(lex_name(lex)),
	    span_of("java|csharp|javascript|cplusplus|php"));
	struct buf b = { 0 };
	struct lex_token t;
	struct lexer lx;
	size_t n;

	lexer_start(&lx, lex, code);
	while (lexer_next(&lx, &t)) {
		n = t.end - t.start;
		if (t.kind == LEX_COMMENT && noted)
			continue;
		if (t.kind != LEX_STRING || n < LONG_STRING ||
		    memchr(code.p + t.start, '\n', n) == NULL)
			buf_add(&b, code.p + t.start, n);
		else
			buf_adds(&b, "\"\"");
	}
	return b;
}

/*
 * Return whether the path of a diff is of a file in a language. What its hunks
 * show may be text, or code of others, in a string.
 */
static int
is_path_of(const char *code_language, struct span diff)
{
	struct span line = { NULL, 0 };
	const char *key;

	while (diff.n > 0) {
		line = text_trim_end(text_take_line(&diff));
		if (line.n > 4 && memcmp(line.p, "+++ ", 4) == 0)
			break;
	}
	if (diff.n == 0 || (key = language_of_path(span_skip(line, 4))) == NULL)
		return 0;
	return strcmp(key, code_language) == 0 ||
	       (strcmp(key, "c") == 0 &&
		   strcmp(code_language, "cplusplus") == 0);
}

/* Return the language of an answer that is in another than was asked for. */
static const char *
other_code(const struct part *p)
{
	int few = p->is_diff ? SIGNS_DIFF : SIGNS_FEW;
	const char *other;
	struct buf plain;

	if (p->is_diff && is_path_of(p->code_language, p->text))
		return NULL;
	other = signs_other(p->code_language, p->code, few);
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
	const struct answer_lines *l = p->is_diff ? NULL : gate_lines(g, p);
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
