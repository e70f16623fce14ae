/* remark: an assistant's words stand around an answer */
#include "base/text.h"
#include "gate.h"

enum {
	TAIL = 700,     /* bytes at the end of a text where remarks are */
	MARKS_MAX = 6,  /* signs before the words of a line */
	STOPS_MAX = 40, /* sentences that are looked at */
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

/*
 * Move *s behind the end of its next sentence or line. Return 0 if it has no
 * further one.
 */
static int
next_sentence(struct span *s)
{
	static const char *const wide[] = { "。", "！", "？", "।" };
	size_t i;

	while (s->n > 1) {
		if (*s->p == '\n' ||
		    (strchr(".!?)", *s->p) != NULL && s->p[1] == ' ')) {
			*s = span_skip(*s, 1);
			return 1;
		}
		for (i = 0; i < sizeof wide / sizeof *wide; i++)
			if (s->n > 3 && memcmp(s->p, wide[i], 3) == 0) {
				*s = span_skip(*s, 3);
				return 1;
			}
		*s = span_skip(*s, 1);
	}
	return 0;
}

/* Return whether a remark is behind the content of a text. */
static int
has_tail(struct gates *g, struct span s)
{
	const char *from = s.p;
	int i;

	if (s.n > TAIL)
		from = text_char_start(s.p + s.n - TAIL, s.p);
	s = span_skip(s, (size_t)(from - s.p));
	for (i = 0; i < STOPS_MAX && next_sentence(&s); i++)
		if (is_phrase(g, "tail", without_marks(s, " \t\n*_>-#([\"")))
			return 1;
	return 0;
}

static const char *
remark_in_text(struct gates *g, const struct part *p)
{
	struct span s = text_trim(p->text);
	struct span bare = without_marks(s, "*_> \"'");

	if (is_phrase(g, "lead", bare) || is_phrase(g, "lead", s) ||
	    is_phrase(g, "label", s))
		return "begins with a remark";
	if (s.n > 2 && *s.p == '{' && s.p[s.n - 1] == '}' &&
	    memmem(s.p, s.n, "\":", 2) != NULL)
		return "is wrapped in JSON";
	return has_tail(g, s) ? "ends with a remark" : NULL;
}

/* Return whether a line is a comment that speaks of the answer. */
static int
is_comment_remark(struct gates *g, const struct line *l)
{
	struct span s;

	if (l == NULL || l->kind != LINE_COMMENT)
		return 0;
	s = without_marks(text_trim(l->s), "#/*-;!\"'%<{ \t");
	return is_phrase(g, "comment", s);
}

/* Return whether a line is a label, such as "Answer:", and nothing else. */
static int
is_label_alone(struct gates *g, struct span line)
{
	size_t end;

	line = text_trim(line);
	return table_starts(g->phrases, "label", line, &end) && end == line.n;
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
		(is_phrase(g, "lead", s) || is_label_alone(g, first->s))))
		return "begins with a remark";
	if (last->kind == LINE_PROSE)
		return "ends with a remark";
	if (is_comment_remark(g, first) || is_comment_remark(g, last))
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

	if (is_phrase(g, "lead", s) || is_phrase(g, "label", s))
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
