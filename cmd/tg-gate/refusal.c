/* refusal: an answer says that there is none */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dialogue.h"
#include "gate.h"
#include "sentences.h"

enum {
	MARKS_MAX = 8,   /* signs before the words of a comment or string */
	TOKENS_MAX = 12, /* tokens of code that prints a refusal */
	TOKENS_NONE = 3, /* tokens beside a comment that refuses */
	LONG = 800,      /* bytes of a text that does so at its start alone */
	FEW = 100,       /* bytes of a text that may say that there is none */
	SHORT = 320,     /* bytes of a text that may be nothing but a plea */
	SENTENCES = 2,   /* sentences in which one is looked for */
	HEAD = 300,      /* bytes at either end of a text where one may ask for
			  * its input */
};

/* Return s without the signs and quotes in front of its words. */
static struct span
without_marks(struct span s)
{
	int i;

	for (i = 0; i < MARKS_MAX && s.n > 0 &&
		    strchr("#/*-;!\"'%<>(:= \t\r\n`_~", *s.p) != NULL && *s.p;
	     i++)
		s = span_skip(s, 1);
	return s;
}

/* Return whether a whole text says that there is no answer. */
static int
is_nothing(struct gates *g, struct span s)
{
	return s.n <= FEW && gate_begins(g, "nothing", s);
}

static int
refuses(struct gates *g, struct span s)
{
	struct span all = text_trim(s);
	size_t end;

	s = without_marks(all);
	/* a word of a name, such as I_cannot_help, is none */
	return table_starts(g->phrases, "refusal", s, &end) ||
	       is_nothing(g, all) ||
	       (s.p != all.p && is_nothing(g, text_trim(s)));
}

/*
 * Return whether a sentence of a text says that there is no input, or asks for
 * it, near one of its ends.
 */
static int
lacks_input(struct gates *g, struct span s)
{
	const char *start = s.p, *tail;

	s = text_trim(s);
	tail = span_end(s) - (s.n < HEAD ? s.n : HEAD);
	do {
		if (gate_begins(g, "lacks", without_marks(s)))
			return 1;
		if (s.p - start > HEAD && span_end(s) - start > LONG)
			return 0;
		if (s.p - start > HEAD && s.p < tail)
			s = span_skip(
			    s, (size_t)(text_char_start(tail, s.p) - s.p));
	} while (sentences_next(&s));
	return 0;
}

/* Return whether a text has one of some pieces; the last one is NULL. */
static int
has_one(struct span s, const char *const *pieces)
{
	for (; *pieces != NULL; pieces++)
		if (memmem(s.p, s.n, *pieces, strlen(*pieces)) != NULL)
			return 1;
	return 0;
}

/* Return whether a sentence begins with a phrase of a kind in the language of
 * the pair or, if it may be in English, in English. */
static int
begins(struct gates *g, const char *kind, struct span s, int english)
{
	char own[16];
	size_t end;

	s = without_marks(s);
	if (english && s.n > 0 && (unsigned char)*s.p < 0xd0)
		return gate_begins(g, kind, s);
	snprintf(own, sizeof own, "%s %.2s", kind, g->pair.language);
	return strcmp(own + strlen(kind) + 1, "en") != 0 &&
	       table_starts(g->phrases, own, s, &end);
}

/*
 * Return whether a short text asks for its input, or says that without it the
 * work cannot be done. asked: it is a person's, who may ask for things. Where a
 * text in English speaks to nobody, only its start is looked at.
 */
static int
pleads(struct gates *g, struct span s, int asked)
{
	static const char *const denials[] = { "not", "n't", "n’t", "nable",
		"mpossib", "othing", "ough", "little", "nsuffic", "Not", "no ",
		"No ", "ithout", "nclear", NULL };
	static const char *const address[] = { "you", "lease", "?", " me", "I ",
		"I'", " here", NULL };
	int n = 0, most = SENTENCES;

	s = text_trim(s);
	if (s.n > SHORT || dialogue_is(s) || memmem(s.p, s.n, "```", 3) != NULL)
		return 0;
	if (begins(g, "unable", s, has_one(s, denials)))
		return 1;
	if (strcmp(g->pair.language, "en") == 0 && !has_one(s, address))
		most = 1;
	do {
		if (begins(g, "plea", s, 1) ||
		    (!asked && most > 1 && begins(g, "begs", s, 1)))
			return 1;
	} while (++n < most && sentences_next(&s));
	return 0;
}

/* Return whether short code refuses in a comment or string. */
static int
code_refuses(struct gates *g, const struct part *p)
{
	struct lex_token t;
	struct lexer lx;
	int tokens = 0, printed = 0, noted = 0, comments = 0;
	struct span s;

	lexer_start(&lx, p->lex, p->text);
	while (tokens <= TOKENS_MAX && lexer_next(&lx, &t)) {
		s = (struct span){ p->text.p + t.start, t.end - t.start };
		if (t.kind == LEX_COMMENT) {
			comments++;
			noted |= refuses(g, s);
		} else if (t.kind == LEX_STRING)
			printed |= refuses(g, s);
		else if (t.kind != LEX_SPACE && t.kind != LEX_NEWLINE)
			tokens++;
	}
	if (tokens == 0 && comments > 0 && p->lex != NULL && p->text.n < LONG)
		return 1;
	return tokens <= (printed ? TOKENS_MAX : noted ? TOKENS_NONE : -1);
}

/* Return whether a text lacks its input, before or behind an apology. */
static int
text_refuses(struct gates *g, struct span s, int asked)
{
	size_t end;

	s = text_trim(s);
	if (lacks_input(g, s) || pleads(g, s, asked))
		return 1;
	if (s.n > LONG || !table_starts(g->phrases, "sorry", s, &end) ||
	    end == s.n)
		return 0;
	s = span_skip(s, end);
	return refuses(g, s) || lacks_input(g, s) || pleads(g, s, asked) ||
	       (s.n <= SHORT && table_starts(g->phrases, "needs", s, &end));
}

const char *
gate_refusal(struct gates *g, const struct part *p)
{
	int asked = strcmp(p->name, "query") == 0;

	if (refuses(g, p->text) ||
	    (p->is_code ? code_refuses(g, p) : text_refuses(g, p->text, asked)))
		return gate_why(g, "the %s is a refusal", p->name);
	return NULL;
}
