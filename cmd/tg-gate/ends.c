/* ends: how code ends, whether it stops in the middle */
#include "ends.h"

#include <stdint.h>
#include <strings.h>

#include "base/text.h"

enum { OPEN_MAX = 512 }; /* brackets that are followed, at most */

/* Comments that may have several lines, by their start, and how they end. */
static const char *const comments[][2] = {
	{ "/*", "*/" },
	{ "{-", "-}" },
	{ "<#", "#>" },
	{ "=begin", "=end" },
	{ "--[[", "]]" },
	{ "<!--", "-->" },
};

/* Words that no code ends with, of any language. */
static const char unfinished[] =
    "if|elif|elsif|elseif|and|or|not|in|def|function|new|import|from|class|"
    "while|for|switch|case|unless|func|fn|lambda|where|select|set|of|let|const|"
    "struct|interface|extends|implements|throws|when|join|on|by|with|as|is";

/* Words that open a block, and those that close one, in languages with such. */
static const struct {
	const char *language, *open, *close;
} blocks[] = {
	{ "lua", "function|do|if|repeat", "end|until" },
	{ "shell", "if|case|do", "fi|esac|done" },
	{ "ruby", "def|class|module|begin|case", "end" },
};

/*
 * Operators that want more behind them in languages whose others may end. Those
 * that begin with a bar always do in them.
 */
static const struct {
	const char *language, *operators;
} infix[] = {
	{ "haskell", "=|->|<-|=>|$|++|&&|>>=|>>|<$>|<*>|<>|+|-|*|::|,|==|/=|<=|"
		     ">=|(|[|:|." },
	{ "shell", "&&" },
	{ "perl", "=|&&|+|-|.|,|=>|==|!=|.=|+=|-=|=~|->|(|[|{|?|<=|>=" },
};

/* The tokens of code up to its end. */
struct ends {
	const struct lex_language *lex;
	struct span text;
	struct lex_token last;   /* last token, blanks and comments aside */
	struct lex_token before; /* the one before `last` */
	struct lex_token tail;   /* last token that is not blank */
	int any;                 /* flag: there is a `last` */
	char open[OPEN_MAX];     /* brackets that are open */
	size_t depth;
	int blocks;            /* blocks that are open */
	int closes;            /* closing words that were seen */
	struct lex_token head; /* first token of a statement of lines */
	int fresh;             /* flag: the next token is a `head` */
	int colon;             /* flag: a colon is behind `head` */
	int defines;           /* flag: this statement began with def */
	int skipped;           /* levels of #else that are not followed */
};

static struct span
text_of(const struct ends *e, const struct lex_token *t)
{
	return (struct span){ e->text.p + t->start, t->end - t->start };
}

static int
is_language(const struct ends *e, const char *keys)
{
	return text_is_one_of(span_of(lex_name(e->lex)), span_of(keys));
}

static void
follow_bracket(struct ends *e, char c)
{
	static const char pairs[] = "()[]{}";
	const char *p = strchr(pairs, c);

	if (p == NULL || c == '\0')
		return;
	if ((p - pairs) % 2 == 0) {
		if (e->depth < OPEN_MAX)
			e->open[e->depth++] = c;
	} else if (e->depth > 0 && e->open[e->depth - 1] == p[-1]) {
		e->depth--;
	}
}

static void
follow_word(struct ends *e, struct span word, size_t start)
{
	size_t i;

	for (i = 0; i < sizeof blocks / sizeof *blocks; i++) {
		if (!is_language(e, blocks[i].language))
			continue;
		/* a method of that name, or a key, is no block */
		if (e->any && e->last.end == start &&
		    strchr(".:", e->text.p[start - 1]) != NULL)
			return;
		e->blocks += text_is_one_of(word, span_of(blocks[i].open));
		e->defines |= is_language(e, "ruby") && span_is(word, "def");
		if (text_is_one_of(word, span_of(blocks[i].close))) {
			e->blocks--;
			e->closes++;
		}
	}
}

/* Follow #if to #endif: of their branches only the first is read. */
static int
is_skipped(struct ends *e, const struct lex_token *t)
{
	struct span s = text_of(e, t);
	static const char *const words[] = { "else", "elif", "endif" };
	size_t i;

	if (t->kind != LEX_DIRECTIVE)
		return e->skipped;
	while (s.n > 0 && strchr("# \t", *s.p) != NULL && *s.p != '\0')
		s = span_skip(s, 1);
	for (i = 0; i < 3; i++)
		if (s.n >= strlen(words[i]) &&
		    memcmp(s.p, words[i], strlen(words[i])) == 0)
			e->skipped = i < 2;
	return 1;
}

static void
follow(struct ends *e, const struct lex_token *t)
{
	struct span s = text_of(e, t);

	if (t->kind == LEX_NEWLINE && e->depth == 0)
		e->fresh = 1;
	if (t->kind == LEX_SPACE || t->kind == LEX_NEWLINE)
		return;
	e->tail = *t;
	if (is_skipped(e, t) || t->kind == LEX_COMMENT)
		return;
	if (e->fresh) {
		e->head = *t;
		e->fresh = e->colon = e->defines = 0;
	}
	e->colon |= span_is(s, ":") && e->depth == 0;
	/* "def name(x) = value" has no end; "def name=(x)" has */
	if (e->defines && span_is(s, "=") && e->depth == 0 &&
	    t->start > e->last.end) {
		e->blocks--;
		e->defines = 0;
	}
	if (t->kind == LEX_OPERATOR && s.n == 1)
		follow_bracket(e, *s.p);
	else if (t->kind == LEX_KEYWORD || t->kind == LEX_NAME)
		follow_word(e, s, t->start);
	e->before = e->last;
	e->last = *t;
	e->any = 1;
}

/* Return whether a string has no end. */
static int
is_open_string(const struct ends *e, struct span s)
{
	char quote;
	size_t n = 0, back = 0;

	while (s.n > 0 && (text_is_word_char(*s.p) || *s.p == '@' ||
			      *s.p == '$' || *s.p == '#')) {
		if (*s.p == '@') /* no backslash escapes in it */
			return 0;
		s = span_skip(s, 1);
	}
	if (s.n == 0 || strchr("\"'`", *s.p) == NULL)
		return 0;
	quote = *s.p;
	while (n < s.n && s.p[n] == quote)
		n++;
	if (n >= 3 && is_language(e, "python|java|csharp"))
		return s.n < 6 || memcmp(s.p + s.n - 3, s.p, 3) != 0;
	if (n == 2 && s.n == 2)
		return 0;
	if (s.n == 1 || s.p[s.n - 1] != quote)
		return !is_language(e, "batchfile|rust|haskell|perl|fortran");
	while (back + 1 < s.n && s.p[s.n - 2 - back] == '\\')
		back++;
	return back % 2 == 1 && s.n > 2 &&
	       is_language(e,
		   "python|javascript|typescript|java|c|cplusplus|go|php|ruby");
}

static int
is_open_comment(struct span s)
{
	size_t i, a, z;

	for (i = 0; i < sizeof comments / sizeof *comments; i++) {
		a = strlen(comments[i][0]);
		z = strlen(comments[i][1]);
		if (s.n >= a && memcmp(s.p, comments[i][0], a) == 0)
			return s.n < a + z || memmem(s.p + a, s.n - a,
						  comments[i][1], z) == NULL;
	}
	return 0;
}

/* Return whether the last token wants another behind it. */
static int
is_unfinished(const struct ends *e)
{
	size_t i;
	struct span s = text_of(e, &e->last);
	static const char operators[] =
	    "=|+|/|-|,|&&|\\|\\||==|!=|+=|-=|*=|/=|->|"
	    "=>|:=|<<|&|.|::|<=|>=|<|?|%|(|[|{";

	if (e->last.kind == LEX_KEYWORD)
		return text_is_one_of(s, span_of(unfinished)) &&
		       !is_language(e, "batchfile|fortran|visual_basic");
	if (e->last.kind != LEX_OPERATOR || is_language(e, "batchfile"))
		return 0;
	for (i = 0; i < sizeof infix / sizeof *infix; i++)
		if (is_language(e, infix[i].language))
			return *s.p == '|' ||
			       text_is_one_of(s, span_of(infix[i].operators));
	/* an element of a list or object, whole lines of it */
	if (span_is(s, ",") && e->before.end > 0 &&
	    text_is_one_of(text_of(e, &e->before), span_of("}|)|]|end")))
		return 0;
	if (span_is(s, ":"))
		return is_language(e, "python") && e->depth == 0;
	if (span_is(s, "||"))
		return 1;
	if (span_is(s, "?") && is_language(e, "ruby|rust|csharp|typescript"))
		return 0;
	if (span_is(s, "&") && is_language(e, "rust|cplusplus"))
		return 0;
	return text_is_one_of(s, span_of(operators));
}

/* Return whether the last statement of Python wants a colon. */
static int
lacks_colon(const struct ends *e)
{
	return is_language(e, "python") && !e->colon &&
	       text_is_one_of(text_of(e, &e->head),
		   span_of("if|elif|else|for|while|try|except|finally|with|def|"
			   "class"));
}

/*
 * Return whether code in a language of lines ends deeper than it begins. A line
 * that closes a block, or goes on with the one before, may be as deep.
 */
static int
ends_deep(struct span text)
{
	struct span line, last = { NULL, 0 }, before = { NULL, 0 };
	size_t first = SIZE_MAX, indent = 0;

	while (text.n > 0) {
		line = text_trim_end(text_take_line(&text));
		if (line.n == 0)
			continue;
		before = last;
		last = line;
		for (indent = 0;
		     line.p[indent] == ' ' || line.p[indent] == '\t';)
			indent++;
		if (first == SIZE_MAX)
			first = indent;
	}
	if (last.p == NULL || indent <= first || first != 0)
		return 0;
	last = span_skip(last, indent);
	return strchr(".&|+", *last.p) == NULL &&
	       (before.p == NULL ||
		   strchr("\\,+-|&.=(", before.p[before.n - 1]) == NULL) &&
	       (last.n < 3 || strncasecmp(last.p, "end", 3) != 0);
}

/*
 * Return whether a condition or call lacks what follows it in a language whose
 * statements end in a mark.
 */
static int
lacks_mark(const struct ends *e, struct span code)
{
	return is_language(e, "c|cplusplus|java|csharp|php") &&
	       e->last.kind == LEX_OPERATOR &&
	       span_is(text_of(e, &e->last), ")") &&
	       memchr(code.p, ';', code.n) != NULL && ends_deep(code);
}

/* Return whether a quote that a line opens is open at its end. */
static int
has_open_quote(struct span line)
{
	size_t i;
	char quote = '\0';

	for (i = 0; i < line.n; i++) {
		if (line.p[i] == '\\') {
			i++;
		} else if (line.p[i] == quote) {
			quote = '\0';
		} else if (quote == '\0' &&
			   (line.p[i] == '"' || line.p[i] == '\'') &&
			   (i == 0 || strchr(" =:[({,", line.p[i - 1]))) {
			quote = line.p[i];
		} else if (quote == '\0' && line.p[i] == '#' &&
			   (i == 0 || line.p[i - 1] == ' ')) {
			return 0;
		}
	}
	return quote != '\0' && span_end(line)[-1] != ' ';
}

const char *
ends_open_config(struct span text)
{
	struct span line, last = { NULL, 0 };
	long depth = 0;

	while (text.n > 0) {
		line = text_trim(text_take_line(&text));
		if (line.n == 0)
			continue;
		last = line;
		if (strchr("#;/", *line.p) != NULL)
			continue;
		depth -= strchr(")]}", *line.p) != NULL;
		depth += strchr("([{", line.p[line.n - 1]) != NULL;
	}
	if (last.p == NULL || strchr("#;/", *last.p) != NULL)
		return NULL;
	if (has_open_quote(last))
		return "a string";
	if (depth > 0)
		return "a bracket";
	if (strchr("\\,", last.p[last.n - 1]) != NULL ||
	    (last.n > 2 && memcmp(span_end(last) - 2, "&&", 2) == 0))
		return "a statement";
	return NULL;
}

const char *
ends_open(const struct lex_language *lex, struct span code)
{
	struct ends e = { .lex = lex, .text = code, .fresh = 1 };
	struct lex_token t;
	struct lexer lx;
	struct span tail;

	if (lex == NULL)
		return NULL;
	lexer_start(&lx, lex, code);
	while (lexer_next(&lx, &t))
		follow(&e, &t);
	tail = text_of(&e, &e.tail);
	if (e.tail.kind == LEX_STRING && is_open_string(&e, tail))
		return "a string";
	if (e.tail.kind == LEX_COMMENT && is_open_comment(tail))
		return "a comment";
	if (!e.any)
		return NULL;
	if (e.depth > 0 && !is_language(&e, "batchfile") &&
	    (!is_language(&e, "perl") || ends_deep(code)))
		return "a bracket";
	if (is_unfinished(&e) || lacks_colon(&e) || lacks_mark(&e, code))
		return "a statement";
	if (e.blocks > 0 || (is_language(&e, "visual_basic|fortran|ruby|lua") &&
				ends_deep(code)))
		return "a block";
	return NULL;
}
