/* remark: an assistant's words stand around an answer */
#include <string.h>

#include "base/text.h"
#include "blocks.h"
#include "dialogue.h"
#include "gate.h"
#include "sentences.h"

enum {
	TAIL = 700,      /* bytes at the end of a text where remarks are */
	LABEL_MAX = 200, /* bytes of a label, at most */
	MARKS_MAX = 6,   /* signs before the words of a line */
	STOPS_MAX = 40,  /* sentences that are looked at */
};

static int
is_phrase(struct gates *g, const char *kind, struct span s)
{
	size_t end;

	return table_starts(g->phrases, kind, s, &end);
}

/* Return s without the marks of lists, headings and quotes before it. */
static struct span
without_marks(struct span s, const char *marks)
{
	int i;

	for (i = 0; i < MARKS_MAX && s.n > 0 && *s.p != '\0' &&
		    strchr(marks, *s.p) != NULL;
	     i++)
		s = span_skip(s, 1);
	return s;
}

/* Return whether a text has a code block, a heading or a list, so that what
 * follows may explain it. */
static int
is_section(struct span s)
{
	struct span line;
	int bare;

	while (s.n > 0) {
		line = text_take_line(&s);
		if (line.n > 2 &&
		    (blocks_fence(line, &bare) > 0 || *line.p == '#' ||
			memcmp(line.p, "- ", 2) == 0 ||
			memcmp(line.p, "* ", 2) == 0))
			return 1;
	}
	return 0;
}

/* Return whether a place of a text is in a code block. */
static int
is_in_block(struct span s, const char *at)
{
	struct blocks b = { .rest = s };

	while (blocks_next(&b))
		if (at >= b.body.p && at < span_end(b.body))
			return 1;
	return 0;
}

/*
 * Return whether a remark is behind the content of a text. A user who asks, or
 * the speakers of a dialogue, are the first person of their text.
 */
static int
has_tail(struct gates *g, const struct part *p, struct span s)
{
	const char *start = s.p, *from = s.p;
	struct span all = s;
	struct span at = { NULL, 0 };
	int asks = strcmp(p->name, "query") == 0;
	int talks = dialogue_is(s), did = !asks && !talks;
	int i;

	if (s.n > TAIL)
		from = text_char_start(s.p + s.n - TAIL, s.p);
	s = span_skip(s, (size_t)(from - s.p));
	for (i = 0; i < STOPS_MAX && sentences_next(&s); i++) {
		at = without_marks(s, " \t\n*_>-#([\"");
		if ((is_phrase(g, "tail", at) || is_phrase(g, "hope", at) ||
			(did && is_phrase(g, "did", at)) ||
			(is_phrase(g, "note", at) &&
			    (asks || !is_section((struct span){
					 start, (size_t)(at.p - start) })))) &&
		    !is_in_block(all, at.p))
			return 1;
	}
	return at.n > 0 && !talks && gate_begins(g, "wish", at) &&
	       !is_in_block(all, at.p);
}

/* Return whether a text begins with a label. Most labels end in a colon, a wide
 * one of which the first byte is looked for. */
static int
has_label(struct gates *g, struct span s)
{
	struct span rest = s, head = text_take_line(&rest);

	if (head.n > LABEL_MAX)
		head.n = LABEL_MAX;
	return (memchr(head.p, ':', head.n) != NULL ||
		   memchr(head.p, 0xef, head.n) != NULL ||
		   (s.n > 0 && strchr("*_", *s.p) != NULL)) &&
	       gate_begins(g, "label", s);
}

static const char *
remark_in_text(struct gates *g, const struct part *p)
{
	struct span s = text_trim(p->text);
	struct span bare = without_marks(s, "*_> \"'");

	if (is_phrase(g, "lead", bare) ||
	    (bare.p != s.p && is_phrase(g, "lead", s)) || has_label(g, s) ||
	    is_phrase(g, "hope", bare) ||
	    (strcmp(p->name, "query") != 0 && !dialogue_is(s) &&
		gate_begins(g, "made", bare)))
		return "begins with a remark";
	if (s.n > 2 && *s.p == '{' && s.p[s.n - 1] == '}' &&
	    memmem(s.p, s.n, "\":", 2) != NULL)
		return "is wrapped in JSON";
	return has_tail(g, p, s) ? "ends with a remark" : NULL;
}

/* Return the text of a line that is a comment; p NULL: it is none. */
static struct span
comment_of(const struct line *l)
{
	if (l == NULL || l->kind != LINE_COMMENT)
		return (struct span){ NULL, 0 };
	return without_marks(text_trim(l->s), "#/*-;!\"'%<{ \t");
}

/* Return whether a line is a comment whose text is of a kind. */
static int
is_comment_of(struct gates *g, const struct line *l, const char *kind)
{
	struct span text = comment_of(l);

	return text.p != NULL && is_phrase(g, kind, text);
}

/* Return whether a line is a comment that speaks of the answer as a whole. */
static int
speaks_of_answer(struct gates *g, const struct line *l)
{
	struct span text = comment_of(l);

	return text.p != NULL &&
	       (is_phrase(g, "comment", text) || is_phrase(g, "hope", text) ||
		   gate_begins(g, "wish", text));
}

/* Return the comment behind code on a line; p NULL: there is none. */
static struct span
behind_code(struct span line)
{
	static const char *const marks[] = { " # ", " // ", " -- ", "/* " };
	const char *at;
	size_t i;

	for (i = 0; i < sizeof marks / sizeof *marks; i++)
		if ((at = memmem(line.p, line.n, marks[i], strlen(marks[i]))) !=
		    NULL)
			return without_marks(
			    span_skip(line, (size_t)(at - line.p)), " #/-*");
	return (struct span){ NULL, 0 };
}

/* Return whether a line stands in the code that the answer is about. */
static int
is_of_input(const struct gates *g, const struct part *p, struct span line)
{
	const struct span in[] = { p->other, g->pair.text };
	size_t i;

	for (i = 0; i < 2; i++)
		if (in[i].p != NULL &&
		    memmem(in[i].p, in[i].n, line.p, line.n) != NULL)
			return 1;
	return 0;
}

/* Return whether a line has a word that speaks of a request. */
static int
names_request(struct span s)
{
	static const char *const words[] = { "request", "sked", "instruct",
		"prompt", "require" };
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (memmem(s.p, s.n, words[i], strlen(words[i])) != NULL)
			return 1;
	return 0;
}

/* Return whether a comment on a line, whole or behind code, speaks of the
 * request. */
static int
tells_of_request(struct gates *g, const struct line *l)
{
	struct span text;

	if (l->kind == LINE_COMMENT)
		return is_comment_of(g, l, "asked");
	text = l->kind == LINE_CODE && names_request(l->s)
		   ? behind_code(l->s)
		   : (struct span){ NULL, 0 };
	return text.p != NULL && is_phrase(g, "asked", text);
}

/* Return whether a comment of code speaks of the answer. */
static int
has_comment_remark(
    struct gates *g, const struct part *p, const struct answer_lines *l)
{
	const struct line *first = answer_lines_first(l),
			  *last = answer_lines_last(l);
	size_t i;
	int names;

	if (speaks_of_answer(g, first) || speaks_of_answer(g, last))
		return 1;
	if (last != first && is_comment_of(g, last, "change") &&
	    !is_of_input(g, p, text_trim(last->s)))
		return 1;
	names = names_request(p->text);
	for (i = 0; i < l->n; i++)
		if ((names || l->v[i].kind == LINE_COMMENT) &&
		    tells_of_request(g, &l->v[i]) &&
		    !is_of_input(g, p, text_trim(l->v[i].s)))
			return 1;
	return 0;
}

/* Return whether a line is a label, such as "Answer:", and nothing else. */
static int
is_label_alone(struct gates *g, struct span line)
{
	size_t end;

	line = text_trim(line);
	return table_starts(g->phrases, "label", line, &end) && end == line.n;
}

/* Return whether a line of words that a colon ends announces code. */
static int
is_heading(const struct part *p, struct span line)
{
	struct span s = text_trim(line), first;
	const char *blank = memchr(s.p, ' ', s.n);
	struct lex_token t;
	struct lexer lx;
	size_t i;

	if (p->lex == NULL || blank == NULL || s.p[s.n - 1] != ':' ||
	    s.p != line.p)
		return 0;
	for (i = 0; i + 1 < s.n; i++)
		if (s.p[i] != ' ' && (unsigned char)s.p[i] < 0x80 &&
		    !text_is_word_char(s.p[i]))
			return 0;
	first = (struct span){ s.p, (size_t)(blank - s.p) };
	lexer_start(&lx, p->lex, s);
	return lexer_next(&lx, &t) && t.kind != LEX_KEYWORD &&
	       !text_is_one_of(first, span_of("match|case|default|type"));
}

static const char *
remark_in_code(struct gates *g, const struct part *p)
{
	const struct answer_lines *l = gate_lines(g, p);
	const struct line *first = answer_lines_first(l),
			  *last = answer_lines_last(l);
	struct span s = text_trim(p->text);
	size_t i;

	if (first == NULL || l->count[LINE_CODE] == 0)
		return NULL;
	if (first->kind == LINE_PROSE ||
	    (first->kind == LINE_CODE &&
		(is_phrase(g, "lead", s) || is_label_alone(g, first->s) ||
		    is_heading(p, first->s))))
		return "begins with a remark";
	if (last->kind == LINE_PROSE)
		return "ends with a remark";
	if (has_comment_remark(g, p, l))
		return "has a comment on itself";
	for (i = 0; i + 1 < l->n; i++)
		if (l->v[i].kind == LINE_FENCE &&
		    l->v[i + 1].kind == LINE_PROSE)
			return "has a remark between its blocks";
	return NULL;
}

/* Return what stands around the lines of a diff. */
static const char *
remark_in_diff(struct gates *g, const struct part *p)
{
	struct span s = text_trim(p->text), line = { NULL, 0 }, rest = s;

	if (is_phrase(g, "lead", s) || has_label(g, s))
		return "begins with a remark";
	while (rest.n > 0)
		line = text_take_line(&rest);
	if (line.n > 0 && strchr(" +-@\\`", *line.p) == NULL &&
	    memmem(p->text.p, p->text.n, "@@ ", 3) != NULL)
		return "ends with a remark";
	return NULL;
}

const char *
gate_remark(struct gates *g, const struct part *p)
{
	const char *what = p->is_diff   ? remark_in_diff(g, p)
			   : p->is_code ? remark_in_code(g, p)
					: remark_in_text(g, p);

	return what != NULL ? gate_why(g, "the %s %s", p->name, what) : NULL;
}
