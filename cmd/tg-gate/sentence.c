/* sentence: whether a text in prose stops in the middle of a sentence */
#include "sentence.h"

#include "base/text.h"
#include "blocks.h"
#include "words.h"

enum {
	WORDS_MIN = 5,     /* words before an open end that are no query */
	WORDS_LONG = 12,   /* words after which a preposition ends no query */
	WORDS_LEFT = 4,    /* words of a sentence without its full stop */
	WORDS_ONE = 7,     /* and of one behind a single sentence */
	WORDS_TWO = 16,    /* words of these two */
	LABEL = 24,        /* bytes of a label and its colon */
	WORDS_ADDED = 6,   /* words of a paragraph behind a code block */
	BEFORE = 8,        /* words that may strand a preposition */
	ENDED_ASKED = 4,   /* sentences of a question that had full stops */
	BYTES_HAN = 24,    /* bytes of a sentence in Han without its stop */
	BYTES_CLAUSE = 12, /* bytes of a clause in Han that begins one */
};

/* Words that no English text ends with, however short it is. */
static const char never_last[] =
    "the|a|an|and|or|because|whether|its|their|than|into";

/* Words that may stand at the end where a word of the lists below is before
 * them, the last of a clause that begins with no condition. */
static const char stranded[] =
    "of|is|are|was|be|been|has|to|from|with|by|at|for";
static const char relatives[] =
    "what|which|who|whom|whose|where|how|why|that|than|as|whatever|wherever|"
    "whichever|whoever|everything|anything|something|nothing";
static const char particles[] =
    "up|out|off|down|part|made|composed|full|aware|instead|ahead|rid|capable|"
    "back|away|over|through|along|on|in|logged|looked|asked|waited|cared";
static const char conditions[] =
    "if|when|while|because|since|unless|until|once|and|but|so";
static const char stranding[] = "it|they|we|you|i|he|she|there|used|had|able|"
				"want|wants|need|needs|have|not|supposed|"
				"hard|easy|free|worth|all|way|this|these|those";

/* Adjectives that end no sentence behind an article. */
static const char articles[] = "a|an|the|every|any|each|no|some";
static const char adjectives[] =
    "new|current|single|empty|possible|available|different|specific|certain|"
    "various|several|entire|main|actual|corresponding|following|underlying|"
    "resulting|relevant|appropriate|additional|necessary|separate|internal|"
    "external|temporary|running";

/* Ends of Chinese, Japanese and Korean text that want more behind them. */
static const char *const open_ends[] = { "把", "将", "將", "被", "从", "從",
	"与", "與", "或", "且", "而", "是", "让", "讓", "及", "每", "该", "該",
	"其", "这", "這", "那", "某", "若", "但", "当", "當", "使", "根据",
	"根據", "因为", "因為", "由于", "由於", "如果", "每个", "每個", "某个",
	"某個", "一个", "一個", "所有", "基于", "基於", "关于", "關於", "对于",
	"對於", "作为", "作為", "を", "または", "および", "ならびに", "により",
	"因此", "所以", "但是", "特定的", "相应的", "相應的", "对应的",
	"對應的", "指定的", "当前的", "所有的", "然后", "然後", "并且", "並且",
	"以及", "例如", "比如", "或者", "还有", "還有", "从而", "從而", "此时",
	"此時", " 및", " 또는", " 그리고", "를", NULL };

/* Words that begin a clause of Chinese which another must follow. */
static const char *const clauses[] = { "如果", "当", "當", "若", "因为", "因為",
	"由于", "由於", "虽然", "雖然", "为了", "為了", "一旦", NULL };

static int
ends_with(struct span s, const char *end)
{
	size_t n = strlen(end);

	return s.n >= n && memcmp(span_end(s) - n, end, n) == 0;
}

static int
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Return whether the full stop at i of s ends a sentence, others following. */
static int
is_stop(struct span s, size_t i)
{
	return i >= 2 && i + 2 < s.n && strchr(".!?", s.p[i]) != NULL &&
	       s.p[i] != '\0' && s.p[i + 1] == ' ' && is_letter(s.p[i - 1]) &&
	       is_letter(s.p[i - 2]) &&
	       ((s.p[i + 2] >= 'A' && s.p[i + 2] <= 'Z') ||
		   (unsigned char)s.p[i + 2] >= 0x80);
}

/*
 * Return the number of sentences of a paragraph that have an end within it;
 * *rest: what is behind the last one.
 */
static size_t
count_sentences(struct span s, struct span *rest)
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
sentence_paragraph(struct span s)
{
	size_t i = s.n;

	while (i > 1 && !(s.p[i - 1] == '\n' && s.p[i - 2] == '\n'))
		i--;
	return i > 1 ? span_skip(s, i) : s;
}

static struct span
last_line(struct span s)
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

/* The last words of a text, the last one first. */
struct ending {
	struct span word[BEFORE + 1];
	size_t n; /* words of the text */
	enum words_script script;
};

static void
read_ending(struct ending *e, struct span s)
{
	struct span word;
	enum words_script script;
	size_t i;

	*e = (struct ending){ .n = 0 };
	while (words_next(&s, &word, &script)) {
		for (i = BEFORE; i > 0; i--)
			e->word[i] = e->word[i - 1];
		e->word[0] = word;
		e->script = script;
		e->n++;
	}
}

/* Return whether one of the last n words but the last is on a list. */
static int
has_before(const struct ending *e, size_t n, const char *list)
{
	size_t i;

	for (i = 1; i <= n && i < e->n; i++)
		if (text_is_one_of(e->word[i], span_of(list)))
			return 1;
	return 0;
}

/* Return whether a verb or preposition may have its object before it. */
static int
is_stranded(const struct ending *e)
{
	if (!text_is_one_of(e->word[0], span_of(stranded)) ||
	    (has_before(e, 3, conditions) && !has_before(e, 3, relatives)))
		return 0;
	return has_before(e, 1, particles) ||
	       has_before(e, BEFORE, relatives) ||
	       has_before(e, BEFORE, stranding);
}

/* Return whether the last word of a paragraph ends no sentence. */
static int
is_open_word(struct span paragraph, const char *language)
{
	struct ending e;
	struct span last, rest;
	int english = strcmp(language, "en") == 0, is_long;

	read_ending(&e, paragraph);
	last = e.word[0];
	if (e.n < WORDS_MIN || span_end(last) != span_end(paragraph) ||
	    e.script == SCRIPT_HAN || e.script == SCRIPT_KANA ||
	    (*last.p >= 'A' && *last.p <= 'Z') || last.p[-1] == '-')
		return 0;
	if (english && text_is_one_of(last, span_of(never_last)))
		return 1;
	is_long = e.n >= WORDS_LONG || count_sentences(paragraph, &rest) > 0;
	if (english && is_long && text_is_one_of(last, span_of(adjectives)) &&
	    text_is_one_of(e.word[1], span_of(articles)))
		return 1;
	if (english && text_is_one_of(last, span_of("of")) &&
	    text_is_one_of(e.word[2], span_of(articles)))
		return 1;
	return words_is_open(last, language) && (!english || is_long) &&
	       !(english && is_stranded(&e));
}

/* Return whether a line is of a list or table, a tag, or holds an address. */
static int
is_listed(struct span line)
{
	struct span s = text_trim(line);

	return s.n == 0 || strchr("@#$*-+|>:=0123456789\\", *s.p) != NULL ||
	       memmem(s.p, s.n, "://", 3) != NULL ||
	       memmem(s.p, s.n < LABEL ? s.n : LABEL, ": ", 2) != NULL ||
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
		if (s.n > n && memcmp(s.p, words[i], n) == 0)
			return 1;
	}
	return 0;
}

/*
 * Return whether the last sentence of prose lacks the full stop that all the
 * sentences before it have.
 */
static int
lacks_stop(struct span s, int asked)
{
	struct span paragraph = sentence_paragraph(s), rest, body;
	enum words_script script;
	size_t ended = count_sentences(paragraph, &rest);
	size_t n = count_words(rest, &script);

	if (is_listed(last_line(s)) || is_listed(paragraph))
		return 0;
	if (script == SCRIPT_HAN || script == SCRIPT_KANA)
		return ended >= 2 && rest.n > BYTES_HAN && *s.p != '#' &&
		       !concludes(rest) && !blocks_last(s, &body);
	/* a new line may begin what is no sentence */
	if (ended < 2 && memchr(rest.p, '\n', rest.n) != NULL)
		return 0;
	if (ended == 1)
		return !asked && n >= WORDS_ONE &&
		       count_words(paragraph, &script) >= WORDS_TWO;
	return n >= WORDS_LEFT && ended >= (asked ? ENDED_ASKED : 2);
}

/* Return whether a paragraph behind a code block lacks its full stop. */
static int
lacks_stop_behind_code(struct span s)
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
	       !is_listed(last_line(s)) &&
	       count_words(sentence_paragraph(behind), &script) >= WORDS_ADDED;
}

/* Return whether the last turn of a dialogue alone lacks its full stop. */
static int
lacks_stop_of_turn(struct span s)
{
	struct span line, rest = s;
	struct ending e;
	size_t i;
	int turns = 0;

	while (rest.n > 0) {
		line = text_trim(text_take_line(&rest));
		if (line.n == 0)
			continue;
		for (i = 0; i < line.n && text_is_word_char(line.p[i]);)
			i++;
		if (i == 0 || i + 1 >= line.n || line.p[i] != ':' ||
		    (rest.n > 0 && strchr(".!?", line.p[line.n - 1]) == NULL))
			return 0;
		turns++;
	}
	read_ending(&e, last_line(s));
	return turns >= 3 && e.n > WORDS_ADDED && e.script == SCRIPT_LATIN;
}

/* Return whether text without blanks between its words wants more. */
static int
is_open_wide(struct span s)
{
	struct span rest, line = last_line(s);
	size_t i, n;

	if (line.n < BYTES_HAN)
		return 0;
	for (i = 0; open_ends[i] != NULL; i++)
		if (ends_with(s, open_ends[i]))
			return 1;
	count_sentences(line, &rest);
	for (i = 0; clauses[i] != NULL; i++) {
		n = strlen(clauses[i]);
		if (rest.n > n + BYTES_CLAUSE &&
		    memcmp(rest.p, clauses[i], n) == 0 &&
		    memmem(rest.p, rest.n, "，", 3) == NULL &&
		    memchr(rest.p, ',', rest.n) == NULL)
			return 1;
	}
	return 0;
}

int
sentence_is_open(struct span s, const char *language, int asked)
{
	return is_open_word(sentence_paragraph(s), language) ||
	       is_open_wide(s) || lacks_stop(s, asked) ||
	       lacks_stop_of_turn(s) || (!asked && lacks_stop_behind_code(s));
}
