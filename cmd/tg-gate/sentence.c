/* sentence: whether a text in prose stops in the middle of a sentence */
#include "sentence.h"

#include "base/text.h"
#include "endings.h"
#include "stops.h"
#include "vocabulary.h"
#include "words.h"

enum {
	WORDS_MIN = 5,     /* words before an open end that are no query */
	WORDS_LATE = 9,    /* words after which a verb or demonstrative does */
	WORDS_LONG = 12,   /* words after which a preposition ends no query */
	WORDS_KEY = 14,    /* words of a query, that it has fewer than */
	WORDS_LINE = 5,    /* words of a line that are prose */
	BEFORE = 8,        /* words that may strand a preposition */
	BYTES_THAI = 90,   /* bytes of a text in Thai, which has no blanks */
	BYTES_HAN = 24,    /* bytes of a sentence in Han without its stop */
	BYTES_CLAUSE = 12, /* bytes of a clause in Han that begins one */
};

/* Words that no English text ends with, however short it is. */
static const char never_last[] =
    "the|a|an|and|or|because|whether|its|their|than|into|whose";

/* Words behind which no code block goes on with a sentence either. */
static const char before_block[] =
    "the|a|an|and|or|because|whether|its|their|than|whose|only|not|when|while|"
    "if|also|never|always|although|every|each";

/* Words that may stand at the end where a word of the lists below is before
 * them, the last of a clause that begins with no condition. */
static const char stranded[] =
    "of|is|are|was|were|be|been|has|to|from|with|by|at|for|without|during|"
    "between|per|against|upon|onto|via|including|until|either";
static const char relatives[] =
    "what|which|who|whom|whose|where|how|why|that|whatever|wherever|"
    "whichever|whoever|everything|anything|something|nothing";
/* Those that may be the subject of a verb, and verbs that follow one then. */
static const char subjects[] = "that|which|who";
static const char auxiliaries[] =
    "is|are|was|were|be|has|have|had|do|does|did|can|could|will|would|shall|"
    "should|may|might|must|cannot|begin|begins|match|matches|contain|contains|"
    "start|starts|end|ends|exceed|exceeds|belong|belongs|occur|occurs|appear|"
    "appears|lack|lacks|differ|differs";
static const char particles[] =
    "up|out|off|down|part|made|composed|full|aware|instead|ahead|rid|capable|"
    "back|away|over|through|along|on|in|logged|looked|asked|waited|cared";
static const char pronouns[] =
    "it|they|we|you|i|he|she|one|those|these|that|what|which|who|than|as|il|"
    "elle|on|ils|elles|ce|c|qui|qu|que|lo|él|ella|che|lui|lei|cosa|ele|ela|se|"
    "hän|jotka|joka|он|она|оно|они|это|что|как|так|wo|wie|so|so|où|dove|onde|"
    "donde|come|como|comme";
static const char conditions[] =
    "if|when|while|because|since|unless|until|once|and|but|so";
/* Words before a preposition that a clause ends with; `others` are not those
 * before a verb. */
static const char stranding[] =
    "it|they|we|you|i|he|she|there|way|all|this|these|those|used|had|able|want|"
    "wants|need|needs|have|not|supposed|hard|easy|free|worth";
static const char others[] = "used|had|able|want|wants|need|needs|have|not|"
			     "supposed|hard|easy|free|worth";

/* Adjectives that end no sentence behind an article. */
static const char articles[] = "a|an|the|every|any|each|no|some";
static const char adjectives[] =
    "new|current|single|empty|possible|available|different|specific|certain|"
    "various|several|entire|main|actual|corresponding|following|underlying|"
    "resulting|relevant|appropriate|additional|necessary|separate|internal|"
    "external|temporary|running|stored|given|computed|requested|configured|"
    "specified|remaining|respective|updated|generated|direct|numeric|random|"
    "cached|sorted|nested|desired|initial|particular|global|whole|opt";

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

/*
 * Return whether one of the last n words but the last is a relative of which
 * the last word may be the verb or preposition: it is not the subject of
 * another verb, nor part of "so that".
 */
static int
has_relative(const struct ending *e, size_t n)
{
	size_t i;

	for (i = 1; i <= n && i < e->n && *span_end(e->word[i]) != ','; i++) {
		if (!text_is_one_of(e->word[i], span_of(relatives)))
			continue;
		if (!text_is_one_of(e->word[i], span_of(subjects)))
			return 1;
		if (text_is_one_of(e->word[i - 1], span_of(auxiliaries)) ||
		    (i < BEFORE && i + 1 < e->n &&
			text_is_one_of(e->word[i + 1], span_of("so|such"))))
			continue;
		return 1;
	}
	return 0;
}

/* Return whether one of the words before the last may begin a clause within a
 * sentence that a preposition ends; a word that begins the sentence does not.
 */
static int
has_stranding(const struct ending *e)
{
	int is_verb = text_is_one_of(e->word[0], span_of(auxiliaries));
	size_t i;

	for (i = 1; i <= BEFORE && i < e->n; i++)
		if (text_is_one_of(e->word[i], span_of(stranding)) &&
		    (e->word[i].n == 1 || *e->word[i].p >= 'a') &&
		    !(is_verb && text_is_one_of(e->word[i], span_of(others))))
			return 1;
	return 0;
}

/* Return whether a verb or preposition may have its object before it. */
static int
is_stranded(const struct ending *e)
{
	if (!text_is_one_of(e->word[0], span_of(stranded)) ||
	    (has_before(e, 3, conditions) && !has_relative(e, 3)))
		return 0;
	return has_before(e, 1, particles) || has_relative(e, BEFORE) ||
	       (text_is_one_of(e->word[0], span_of(auxiliaries)) &&
		   has_before(e, BEFORE, "than|as")) ||
	       has_stranding(e);
}

/* Return whether a verb or demonstrative that ends no long text ends this one:
 * no pronoun is before it, and in English no clause that it may end. */
static int
is_late(const struct ending *e, const char *language)
{
	return words_is_late(e->word[0], language) &&
	       !has_before(e, 1, pronouns) &&
	       (strcmp(language, "en") != 0 ||
		   (!has_relative(e, BEFORE) &&
		       !has_before(e, BEFORE, "than|as")));
}

/* Return whether the last word of a long text in English is part of a word that
 * it has not before. */
static int
is_part(const struct ending *e, struct span s)
{
	struct span last = e->word[0], rest = s, word;
	enum words_script script;
	size_t i;

	if (e->word[WORDS_LINE - 1].p < stops_line(s).p)
		return 0;
	for (i = 0; i < last.n; i++)
		if (last.p[i] < 'a' || last.p[i] > 'z')
			return 0;
	if (last.n < 2 || last.p[-1] != ' ' || !vocabulary_is_part(last))
		return 0;
	while (words_next(&rest, &word, &script))
		if (word.p != last.p && span_eq(word, last))
			return 0;
	return 1;
}

/* Return whether the last word of a text ends no sentence. */
static int
is_open_word(struct span s, const char *language)
{
	struct ending e;
	struct span last, rest;
	int english = strcmp(language, "en") == 0, is_long;

	read_ending(&e, s);
	last = e.word[0];
	if (e.n < WORDS_MIN || span_end(last) != span_end(s) ||
	    e.script == SCRIPT_HAN || e.script == SCRIPT_KANA ||
	    (*last.p >= 'A' && *last.p <= 'Z') || last.p[-1] == '-')
		return 0;
	if (english && text_is_one_of(last, span_of(never_last)))
		return 1;
	is_long =
	    e.n >= WORDS_LONG || stops_count(stops_paragraph(s), &rest) > 0;
	if (english && is_long && is_part(&e, s))
		return 1;
	if (english && is_long && text_is_one_of(last, span_of(adjectives)) &&
	    text_is_one_of(e.word[1], span_of(articles)))
		return 1;
	if (english && text_is_one_of(last, span_of("of")) &&
	    text_is_one_of(e.word[2], span_of(articles)))
		return 1;
	if ((english ? is_long : e.n >= WORDS_LATE) && is_late(&e, language))
		return 1;
	return words_is_open(last, language) && (!english || is_long) &&
	       (!english || !is_stranded(&e) || span_end(e.word[1])[0] == ',');
}

/* Return whether text without blanks between its words wants more. */
static int
is_open_wide(struct span s)
{
	struct span rest, line = stops_line(s);
	size_t i, n;

	if (line.n < BYTES_HAN)
		return 0;
	for (i = 0; open_ends[i] != NULL; i++)
		if (ends_with(s, open_ends[i]))
			return 1;
	stops_count(line, &rest);
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

/* Return whether the last full stop is missing, as the sentences before the
 * last one show and, where they are few, a last word that seldom ends one. */
static int
lacks_stop(struct span s, const char *language, int asked)
{
	struct ending e;
	int level = stops_is_lacking(s, asked);

	if (level != STOPS_SOME)
		return level != 0;
	read_ending(&e, s);
	return span_end(e.word[0]) == span_end(s) &&
	       (words_is_open(e.word[0], language) ||
		   endings_is_weak(s, language) ||
		   (strcmp(language, "en") == 0 && is_part(&e, s)));
}

/* Return whether a short text in small letters is a query of key words. */
static int
is_key_words(struct span s, size_t words)
{
	struct span rest;

	return words < WORDS_KEY && *s.p >= 'a' && *s.p <= 'z' &&
	       stops_count(s, &rest) == 0;
}

int
sentence_is_open(struct span s, const char *language, int asked)
{
	int is_thai = strcmp(language, "th") == 0;
	enum words_script script;
	struct span word, rest = s;
	size_t n = 0;

	while (n < WORDS_KEY && words_next(&rest, &word, &script))
		n++;
	if (asked && strcmp(language, "en") != 0 && is_key_words(s, n))
		return 0;
	return is_open_word(s, language) ||
	       ((n >= WORDS_MIN || (is_thai && s.n > BYTES_THAI)) &&
		   endings_wants_more(s, language)) ||
	       is_open_wide(s) || lacks_stop(s, language, asked);
}

int
sentence_breaks_off(struct span s, const char *language)
{
	struct ending e;

	read_ending(&e, s);
	if (e.n < WORDS_MIN || span_end(e.word[0]) != span_end(s))
		return 0;
	return strcmp(language, "en") == 0
		   ? text_is_one_of(e.word[0], span_of(before_block))
		   : endings_wants_more(s, language);
}
