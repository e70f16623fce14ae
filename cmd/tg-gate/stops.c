/* stops: the full stops of prose, and whether its last sentence lacks one */
#include "stops.h"

#include "base/text.h"
#include "blocks.h"
#include "dialogue.h"

enum {
	WORDS_LEFT = 1,   /* words of a sentence without its full stop */
	WORDS_ONE = 3,    /* and of one behind a single sentence */
	BYTES_TWO = 85,   /* bytes of these two */
	BYTES_LONG = 120, /* and of two of which the second is a word or two */
	LABEL = 24,       /* bytes of a label and its colon */
	WORDS_ADDED = 6,  /* words of a paragraph behind a code block */
	WORDS_ITEM = 3,   /* words of a paragraph or line behind others */
	ITEMS_MIN = 3,    /* items that end in a full stop before one that lacks
			   * it */
	ENDED_ALL = 3,    /* sentences that show that all have full stops */
	ENDED_ASKED = 4,  /* sentences of a question that had full stops */
	WRITTEN = 70,     /* bytes of a query that is written with care */
	BYTES_HAN = 24,   /* bytes of a sentence in Han without its stop */
	BYTES_WIDE = 9,   /* and of one behind two others */
};

static int
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Return whether a sentence may end in a character, or begin with one. */
static int
is_side(char c, const char *marks)
{
	return c != '\0' &&
	       ((unsigned char)c >= 0x80 || strchr(marks, c) != NULL);
}

/* Return whether a number is before i in s, behind a word: it counts no items.
 */
static int
is_number(struct span s, size_t i)
{
	size_t n = i;

	while (n > 0 && s.p[n - 1] >= '0' && s.p[n - 1] <= '9')
		n--;
	return n < i && n > 1 && s.p[n - 1] == ' ' && is_letter(s.p[n - 2]);
}

/* Return whether a letter that names a value is before i in s, and behind it a
 * word that begins a sentence. */
static int
is_value(struct span s, size_t i)
{
	struct span rest = span_skip(s, i + 1), word;
	enum words_script script;

	return s.p[i - 1] >= 'A' && s.p[i - 1] <= 'Z' && s.p[i - 2] == ' ' &&
	       words_next(&rest, &word, &script) && words_is_stop(word) != 0;
}

/* Return whether the full stop at i of s ends a sentence, others following. */
static int
is_stop(struct span s, size_t i)
{
	char before = s.p[i > 0 ? i - 1 : 0], behind;

	if (i < 2 || i + 2 >= s.n || strchr(".!?", s.p[i]) == NULL ||
	    s.p[i] == '\0' || s.p[i + 1] != ' ')
		return 0;
	behind = s.p[i + 2];
	return ((is_letter(before) && is_letter(s.p[i - 2])) ||
		   is_side(before, ")`\"']") || is_number(s, i) ||
		   is_value(s, i)) &&
	       ((behind >= 'A' && behind <= 'Z') || is_side(behind, "`\"'(*["));
}

size_t
stops_count(struct span s, struct span *rest)
{
	static const char *const wide[] = { "。", "！", "？", "।" };
	size_t i, k, n = 0;

	*rest = s;
	for (i = 0; i < s.n; i++) {
		if (is_stop(s, i)) {
			*rest = span_skip(s, i + 2);
			n++;
		}
		for (k = 0; k < sizeof wide / sizeof *wide; k++)
			if (i + 3 < s.n && memcmp(s.p + i, wide[k], 3) == 0) {
				*rest = span_skip(s, i + 3);
				n++;
			}
	}
	return n;
}

struct span
stops_paragraph(struct span s)
{
	size_t i = s.n;

	while (i > 1 && !(s.p[i - 1] == '\n' && s.p[i - 2] == '\n'))
		i--;
	return i > 1 ? span_skip(s, i) : s;
}

struct span
stops_line(struct span s)
{
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] != '\n')
		i--;
	return span_skip(s, i);
}

/* Count the words of a text; *script: that of the last one. */
static size_t
count_words(struct span s, enum words_script *script)
{
	enum words_script next;
	struct span word;
	size_t n = 0;

	*script = SCRIPTS;
	while (words_next(&s, &word, &next)) {
		*script = next;
		n++;
	}
	return n;
}

/* Return whether a line begins with a label and a colon, quotes aside. */
static int
is_labelled(struct span s)
{
	struct span head = { s.p, s.n < LABEL ? s.n : LABEL };
	const char *colon = memmem(head.p, head.n, ": ", 2);

	if (colon != NULL)
		head.n = (size_t)(colon - head.p);
	return colon != NULL && memchr(head.p, '"', head.n) == NULL &&
	       memchr(head.p, '`', head.n) == NULL;
}

/* Return whether a line is of a list or table, a tag, or holds an address. */
static int
is_listed(struct span line)
{
	struct span s = text_trim(line);

	return s.n == 0 || strchr("@#$*-+|>:=0123456789\\", *s.p) != NULL ||
	       memmem(s.p, s.n, "://", 3) != NULL || is_labelled(s) ||
	       line.p < s.p || memmem(s.p, s.n, "](", 2) != NULL ||
	       (s.p[s.n - 1] >= '0' && s.p[s.n - 1] <= '9');
}

/* Return whether a sentence in Han begins as the last one of a text does. */
static int
concludes(struct span s)
{
	static const char *const words[] = { "最后", "最後", "最终", "最終",
		"总之", "總之", "因此", "所以" };
	size_t i, n;

	for (i = 0; i < sizeof words / sizeof *words; i++) {
		n = strlen(words[i]);
		if (s.n > n + 3 && memcmp(s.p, words[i], n) == 0 &&
		    memcmp(s.p + n, "の", 3) != 0)
			return 1;
	}
	return 0;
}

/* Return whether a sentence in Han has a comma. */
static int
has_comma(struct span s)
{
	return memmem(s.p, s.n, "，", 3) != NULL ||
	       memmem(s.p, s.n, "、", 3) != NULL ||
	       memchr(s.p, ',', s.n) != NULL;
}

/* Return whether a line has a label, a sentence, and one without its stop. */
static int
is_behind_label(struct span line)
{
	struct span rest;
	enum words_script script;

	return is_labelled(line) && stops_count(line, &rest) > 0 &&
	       !is_listed(rest) && count_words(rest, &script) >= WORDS_ITEM &&
	       script == SCRIPT_LATIN;
}

/*
 * Return whether the last sentence of prose lacks the full stop that all the
 * sentences before it have.
 */
static int
of_sentence(struct span s, int asked)
{
	struct span paragraph = stops_paragraph(s), rest, body;
	enum words_script script;
	size_t ended = stops_count(paragraph, &rest);
	size_t n = count_words(rest, &script);

	if (is_behind_label(stops_line(s)))
		return asked ? 0 : STOPS_SOME;
	if (is_listed(stops_line(s)) || is_listed(paragraph))
		return 0;
	if (script == SCRIPT_HAN || script == SCRIPT_KANA)
		return *s.p != '#' && !concludes(rest) &&
			       !blocks_last(s, &body) &&
			       (ended >= 2 ? rest.n >= BYTES_WIDE
					   : ended == 1 && rest.n > BYTES_HAN &&
						 (has_comma(rest) ||
						     rest.n > 2 * BYTES_HAN))
			   ? STOPS_ALL
			   : 0;
	/* a new line may begin what is no sentence */
	if (ended < 2 && memchr(rest.p, '\n', rest.n) != NULL)
		return 0;
	if (ended == 1)
		return !asked && (n >= WORDS_ONE ? paragraph.n >= BYTES_TWO
						 : paragraph.n >= BYTES_LONG)
			   ? STOPS_SOME
			   : 0;
	if (n < WORDS_LEFT || ended < (asked ? ENDED_ASKED : 2))
		return 0;
	return ended >= ENDED_ALL ? STOPS_ALL : STOPS_SOME;
}

/* Return whether a paragraph behind a code block lacks its full stop. */
static int
behind_code(struct span s)
{
	struct blocks b = { .rest = s };
	struct span before = { NULL, 0 }, behind;
	enum words_script script;

	while (blocks_next(&b))
		if (before.p == NULL)
			before = text_trim(b.before);
	behind = text_trim(b.before);
	return before.n > 0 && strchr(".:!?", before.p[before.n - 1]) != NULL &&
	       behind.n > 0 && *behind.p >= 'A' && *behind.p <= 'Z' &&
	       !is_listed(stops_line(s)) &&
	       count_words(stops_paragraph(behind), &script) >= WORDS_ADDED;
}

/* Return whether a line, trimmed, ends in a full stop or what stands for one.
 */
static int
is_ended(struct span s)
{
	static const char *const wide[] = { "。", "！", "？", "।", "；", "۔" };
	size_t i;

	if (s.n > 0 && strchr(".!?;", s.p[s.n - 1]) != NULL)
		return 1;
	for (i = 0; i < sizeof wide / sizeof *wide; i++)
		if (s.n > 3 && memcmp(span_end(s) - 3, wide[i], 3) == 0)
			return 1;
	return 0;
}

/* Return the text of a list's item that is a line; p NULL: it is none. */
static struct span
item_of(struct span line)
{
	struct span s = text_trim(line);
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	if (n > 0 && n + 1 < s.n && strchr(".)", s.p[n]) != NULL)
		n++;
	else if (n == 0 && s.n > 1 && strchr("-*+", *s.p) != NULL)
		n = 1;
	else
		return (struct span){ NULL, 0 };
	return s.p[n] == ' ' ? text_trim(span_skip(s, n))
			     : (struct span){ NULL, 0 };
}

/* Return whether the last item of a list alone lacks its full stop. */
static int
of_item(struct span s)
{
	struct span last = stops_line(s), item = item_of(last), rest, line;
	enum words_script script;
	size_t items = 0, words, ended;

	if (item.p == NULL)
		return 0;
	words = count_words(item, &script);
	ended = stops_count(item, &rest);
	if (ended > 0 && count_words(rest, &script) >= 2)
		return 1;
	s.n = (size_t)(last.p - s.p);
	while (s.n > 0) {
		line = item_of(text_take_line(&s));
		if (line.p == NULL)
			continue;
		items++;
		if (!is_ended(line))
			return 0;
	}
	return items >= ITEMS_MIN && words > 0;
}

/* Return a paragraph without a heading of Markdown above it. */
static struct span
without_heading(struct span s)
{
	struct span rest = s;

	if (s.n > 0 && *s.p == '#')
		text_take_line(&rest);
	return rest;
}

/* Return whether the last paragraph alone lacks its full stop: it is a line. */
static int
of_paragraph(struct span s)
{
	struct span last = without_heading(stops_paragraph(s)), before, body;
	enum words_script script;
	size_t n = 0, words;

	if (last.n == 0 || last.p == s.p ||
	    memchr(last.p, '\n', last.n) != NULL ||
	    strchr(" \t@#$*-+|>:=0123456789\\", *last.p) != NULL ||
	    memmem(last.p, last.n, "://", 3) != NULL || blocks_last(s, &body))
		return 0;
	s.n = (size_t)(stops_paragraph(s).p - s.p);
	while ((s = text_trim(s)).n > 0) {
		before = stops_paragraph(s);
		if (*before.p == '#' && without_heading(before).n == 0) {
			s.n = (size_t)(before.p - s.p);
			continue;
		}
		if (!is_ended(s) || *before.p == ' ' ||
		    item_of(stops_line(s)).p != NULL)
			return 0;
		s.n = (size_t)(before.p - s.p);
		n++;
	}
	words = count_words(last, &script);
	return n >= 2 && words >= WORDS_ITEM;
}

/* Return whether a query is written with care: in sentences that all begin with
 * a capital letter, and as no question. */
static int
is_written(struct span s)
{
	size_t i;

	if (s.n < WRITTEN || (*s.p >= 'a' && *s.p <= 'z') ||
	    memchr(s.p, '?', s.n) != NULL)
		return 0;
	for (i = 2; i + 2 < s.n; i++)
		if (strchr(".!", s.p[i]) != NULL && s.p[i + 1] == ' ' &&
		    is_letter(s.p[i - 1]) && s.p[i + 2] >= 'a' &&
		    s.p[i + 2] <= 'z')
			return 0;
	return 1;
}

int
stops_is_lacking(struct span s, int asked)
{
	int level;

	asked = asked && !is_written(s);
	level = dialogue_lacks_stop(s) ? STOPS_ALL : of_sentence(s, asked);
	if (asked || level == STOPS_ALL)
		return level;
	if (of_paragraph(s))
		return STOPS_ALL;
	return level == 0 && (behind_code(s) || of_item(s)) ? STOPS_SOME
							    : level;
}
