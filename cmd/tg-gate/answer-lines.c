/* answer-lines: the lines of an answer that should be code */
#include "answer-lines.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "blocks.h"
#include "words.h"

enum {
	PIECES_MAX = 16, /* blocks that are read by themselves, at most */
	WORDS_MIN = 3,   /* words of a line of prose, at least */
	INDENT = 4,      /* blanks that no line of prose begins with */
};

/* Words that begin lines of code whose text has no quotes around it. */
static const char commands[] =
    "echo|rem|title|print|printf|say|write|warn|die|puts|raise|set|pause|help|"
    "usage|test|it|describe|context|should|expect|example|assert|comment|on|"
    "select|insert|update|delete|create|alter|drop|with|grant|from|where|and|"
    "or|order|group|run|copy|label|maintainer|cmd|entrypoint|description";

/* Count the stop words of a line that are no keywords of the code language. */
static size_t
count_stops(const struct lex_language *lex, uint32_t languages, struct span s)
{
	enum words_script script;
	struct lex_token t;
	struct lexer lx;
	struct span word, rest;
	size_t n = 0;

	lexer_start(&lx, lex, s);
	while (lexer_next(&lx, &t)) {
		rest = (struct span){ s.p + t.start, t.end - t.start };
		if (t.kind == LEX_COMMENT)
			return 0;
		if (t.kind == LEX_STRING && rest.n > 1 &&
		    *rest.p == rest.p[rest.n - 1])
			continue;
		/* the parts of a name such as sum_of_all are no words */
		if (t.kind != LEX_KEYWORD && t.kind != LEX_OPERATOR &&
		    memchr(rest.p, '_', rest.n) == NULL)
			while (words_next(&rest, &word, &script))
				n += (words_is_stop(word) & languages) != 0;
	}
	return n;
}

/* Count the signs of a line, outside of backticks, that prose seldom has. */
static size_t
count_signs(struct span s)
{
	static const char signs[256] = { ['\0'] = 1,
		[';'] = 1,
		['{'] = 1,
		['}'] = 1,
		['='] = 2,
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
		[')'] = 1,
		['_'] = 1,
		['#'] = 1,
		['%'] = 1 };
	size_t n = 0, i;
	int quoted = 0;

	for (i = 0; i < s.n; i++) {
		quoted ^= s.p[i] == '`';
		n += quoted ? 0 : (size_t)signs[(unsigned char)s.p[i]];
	}
	return n;
}

/* Return whether the words of a line are joined by single blanks, as prose. */
static int
reads_on(struct span s, size_t words)
{
	size_t n = 0, i;

	for (i = 1; i + 1 < s.n; i++)
		n += s.p[i] == ' ' && s.p[i - 1] != ' ' && s.p[i + 1] != ' ';
	return n + 1 >= words * 2 / 3;
}

/* Return whether a line begins with a key of a configuration and a colon. */
static int
is_key(struct span s)
{
	size_t i = 0;

	while (i < s.n && ((s.p[i] >= 'a' && s.p[i] <= 'z') ||
			      strchr("_.-", s.p[i]) != NULL))
		i++;
	return i > 0 && i < s.n && s.p[i] == ':';
}

/* Return whether a line is no code but a sentence, or part of one. */
static int
is_prose(const struct lex_language *lex, uint32_t languages, struct span s)
{
	struct span line = text_trim(s), first = line, rest = line;
	enum words_script script;
	struct words w;
	size_t stops, foreign, signs = count_signs(line);

	words_count(&w, line);
	foreign = w.letters - w.script[SCRIPT_LATIN];
	if (foreign >= 4 && foreign * 5 >= w.letters * 2 &&
	    signs <= w.letters / 4)
		return 1;
	if (line.p - s.p >= INDENT || *s.p == '\t' ||
	    strchr(",;{(", line.p[line.n - 1]) != NULL)
		return 0;
	words_next(&rest, &first, &script);
	if (w.n < WORDS_MIN || !reads_on(line, w.n) || signs * 4 > w.n ||
	    (text_is_one_of(first, span_of(commands)) &&
		!span_is(first, "Die")) || /* German's article is none */
	    (line.p < first.p && strchr("@.$-:/\\'\"", *line.p) != NULL &&
		line.p + 2 > first.p))
		return 0;
	if (lex == NULL && is_key(line))
		return 0;
	stops = count_stops(lex, languages, line);
	return stops * 5 >= w.n ||
	       (w.n >= 4 && stops > 0 && signs == 0 &&
		   strchr(".:!?", line.p[line.n - 1]) != NULL);
}

static void
add(struct answer_lines *l, struct span s, enum line_kind kind)
{
	if (l->n == l->cap) {
		l->cap = l->cap > 0 ? 2 * l->cap : 64;
		l->v = mem_array(l->v, l->cap, sizeof *l->v);
	}
	l->v[l->n++] = (struct line){ s, kind };
	l->count[kind]++;
}

/*
 * Add lines from the start of *rest, up to the end of a block that begins with
 * a fence, and take them off. Return whether there is such a block.
 */
static int
read_piece(struct answer_lines *l, const struct lex_language *lex,
    uint32_t languages, struct span *rest, int fences)
{
	struct lex_token t = { LEX_SPACE, 0, 0 };
	struct span text = *rest, line, in;
	struct lexer lx;
	size_t at;
	int bare, more = 1;

	lexer_start(&lx, lex, text);
	while (rest->n > 0) {
		line = text_take_line(rest);
		in = text_trim(line);
		at = (size_t)(in.p - text.p);
		while (more && t.end <= at)
			more = lexer_next(&lx, &t);
		/* a token that began above this line */
		if (in.n == 0)
			add(l, line, LINE_BLANK);
		else if (more && t.start < (size_t)(line.p - text.p) &&
			 (t.kind == LEX_STRING || t.kind == LEX_COMMENT ||
			     (t.kind == LEX_TEXT &&
				 blocks_fence(line, &bare) == 0)))
			add(l, line, LINE_COMMENT);
		else if (fences && blocks_fence(line, &bare) > 0) {
			*rest = (struct span){ line.p,
				(size_t)(span_end(*rest) - line.p) };
			return 1;
		} else if (more && (t.kind == LEX_COMMENT ||
				       (t.kind == LEX_STRING && t.start == at)))
			add(l, line, LINE_COMMENT);
		else
			add(l, line,
			    is_prose(lex, languages, line) ? LINE_PROSE
							   : LINE_CODE);
	}
	return 0;
}

void
answer_lines_read(struct answer_lines *l, const struct lex_language *lex,
    const char *language, struct span text)
{
	uint32_t languages = 1u << words_language("en");
	int own = words_language(language);
	struct blocks b;

	if (own >= 0)
		languages |= 1u << own;
	l->n = l->blocks = 0;
	l->unclosed = 0;
	memset(l->count, 0, sizeof l->count);
	while (read_piece(l, lex, languages, &text, l->blocks < PIECES_MAX)) {
		b = (struct blocks){ .rest = text };
		blocks_next(&b);
		l->blocks++;
		l->unclosed = !b.closed;
		add(l, (struct span){ text.p, (size_t)(b.body.p - text.p) },
		    LINE_FENCE);
		text = b.body;
		read_piece(l, lex, languages, &text, 0);
		text = b.rest;
		if (b.closed)
			add(l, (struct span){ span_end(b.body), 0 },
			    LINE_FENCE);
	}
}

void
answer_lines_free(struct answer_lines *l)
{
	free(l->v);
	*l = (struct answer_lines){ 0 };
}

const struct line *
answer_lines_first(const struct answer_lines *l)
{
	size_t i = 0;

	while (i < l->n && l->v[i].kind == LINE_BLANK)
		i++;
	return i < l->n ? &l->v[i] : NULL;
}

const struct line *
answer_lines_last(const struct answer_lines *l)
{
	size_t i = l->n;

	while (i > 0 && l->v[i - 1].kind == LINE_BLANK)
		i--;
	return i > 0 ? &l->v[i - 1] : NULL;
}
