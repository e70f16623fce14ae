/* wrong: wrong pairs, made from right ones without a model */
#include "wrong.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/overlap.h"
#include "base/text.h"

enum {
	WORDS_MAX = 256, /* words of a text that are compared */
	TOPIC_MAX = 512, /* words of a text that may name its topic */
	TOPIC_LEAST = 4, /* bytes of a word that names a topic, at least */
	TOPIC_LONGEST = 20,
};

/* Shares of words in common from which documents, and queries, are one. */
static const double same_pos = .65, same_query = .6;

/* Words that say nothing about a topic. */
static const char common[] =
    "this|that|with|from|into|what|when|which|where|does|have|here|there|then|"
    "than|them|they|will|would|should|could|about|code|function|method|class|"
    "return|returns|else|elif|self|none|null|true|false|void|char|bool|float|"
    "double|long|short|string|const|static|struct|import|public|private|final|"
    "async|await|while|break|continue|switch|case|throw|throws|catch|except|"
    "raise|finally|include|define|using|namespace|value|values|data|result|"
    "results|name|type|types|args|kwargs|param|params|error|each|some|other|"
    "used|uses|given|write|make|print|your|also|only|must|more|most";

/* Sentences about two words of the topic: in a query, and in a document. */
struct carrier {
	const char *language;
	const char *query, *pos;
};

static const struct carrier vague[] = {
	{ "en", "How do people usually work with %s and %s?",
	    "This code has to do with %s and %s." },
	{ "en", "something about %s and %s",
	    "It does what is needed where %s and %s come together." },
	{ "en", "What is the best way to deal with %s and %s in a program?",
	    "Here %s and %s play a part, as they often do in programs." },
};

static const struct carrier foreign[] = {
	{ "de", "Wie geht man in einem Programm mit %s und %s um?",
	    "Dieser Abschnitt befasst sich mit %s und %s." },
	{ "fr", "Comment gérer %s et %s dans un programme ?",
	    "Cette partie du programme s'occupe de %s et de %s." },
	{ "es", "¿Cómo se tratan %s y %s en un programa?",
	    "Esta parte del programa trata de %s y %s." },
	{ "zh", "程序里一般怎样处理 %s 和 %s？", "这一段程序处理 %s 和 %s。" },
};

enum {
	VAGUE = sizeof vague / sizeof *vague,
	FOREIGN = sizeof foreign / sizeof *foreign,
};

const char *
wrong_name(enum wrong_kind kind)
{
	static const char *const names[] = { "specific_but_wrong",
		"vague_but_topical", "copy", "wrong_language", "chatter" };

	return names[kind];
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Return the different words of a text, sorted, and their number in *n. */
static uint64_t *
words_of(struct span text, size_t *n)
{
	uint64_t *v = mem_new(WORDS_MAX * sizeof *v), hash;
	size_t i, kept = 0;
	struct span word;

	*n = 0;
	while (*n < WORDS_MAX && overlap_word(&text, &word, &hash))
		v[(*n)++] = hash;
	qsort(v, *n, sizeof *v, by_number);
	for (i = 0; i < *n; i++)
		if (i == 0 || v[i] != v[i - 1])
			v[kept++] = v[i];
	*n = kept;
	return mem_array(v, kept > 0 ? kept : 1, sizeof *v);
}

void
wrong_read(struct source *s)
{
	s->words = words_of(s->pos, &s->nwords);
	s->asked = words_of(s->query, &s->nasked);
}

void
wrong_free(struct source *s)
{
	free(s->words);
	free(s->asked);
}

/* Return the share of words in common: Jaccard's index. */
static double
likeness(const uint64_t *a, size_t n, const uint64_t *b, size_t m)
{
	size_t i = 0, j = 0, both = 0;

	while (i < n && j < m) {
		if (a[i] == b[j]) {
			both++;
			i++;
			j++;
		} else if (a[i] < b[j]) {
			i++;
		} else {
			j++;
		}
	}
	return n + m > both ? (double)both / (double)(n + m - both) : 1;
}

/*
 * Return whether a text is code: one byte in thirty is a bracket or sign that
 * prose seldom has.
 */
static int
is_code(struct span s)
{
	size_t i, signs = 0;

	for (i = 0; i < s.n; i++)
		signs +=
		    s.p[i] != '\0' && strchr("{}()[]<>=;_", s.p[i]) != NULL;
	return signs * 30 > s.n;
}

/* Return the source of a task that is most like source i; n: there is none. */
static size_t
nearest(const struct source *v, size_t n, size_t i)
{
	const struct source *a = &v[i], *b;
	double best = -1, pos;
	size_t found = n, j;

	for (j = 0; j < n; j++) {
		b = &v[j];
		if (j == i || !span_eq(a->task, b->task) ||
		    !span_eq(a->language, b->language) ||
		    !span_eq(a->code_language, b->code_language))
			continue;
		pos = likeness(a->words, a->nwords, b->words, b->nwords);
		if (pos <= best || pos >= same_pos ||
		    likeness(a->asked, a->nasked, b->asked, b->nasked) >=
			same_query)
			continue;
		best = pos;
		found = j;
	}
	return found;
}

/* A word that may name the topic. */
struct topic {
	struct span word;
	uint64_t hash;
	size_t weight;
};

static int
by_weight(const void *a, const void *b)
{
	const struct topic *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

static int
is_topic(struct span word)
{
	return word.n >= TOPIC_LEAST && word.n <= TOPIC_LONGEST &&
	       isalpha((unsigned char)word.p[0]) &&
	       !text_is_one_of(word, span_of(common));
}

/* Count the words of a text in v, which has *n of them. */
static void
count_topics(struct topic *v, size_t *n, struct span text, size_t weight)
{
	struct span word;
	uint64_t hash;
	size_t i;

	while (overlap_word(&text, &word, &hash)) {
		if (!is_topic(word))
			continue;
		for (i = 0; i < *n && v[i].hash != hash; i++)
			;
		if (i == TOPIC_MAX)
			continue;
		if (i == *n)
			v[(*n)++] = (struct topic){ word, hash, 0 };
		v[i].weight += weight;
	}
}

/* Write the two words that name a pair's topic; return 0 if it has none. */
static int
topics_of(const struct source *s, char word[2][TOPIC_LONGEST + 1])
{
	struct topic *v = mem_new(TOPIC_MAX * sizeof *v);
	size_t n = 0, i, k;

	/* words of both sides weigh most */
	count_topics(v, &n, s->query, 3);
	count_topics(v, &n, s->pos, 1);
	qsort(v, n, sizeof *v, by_weight);
	for (k = 0; k < 2 && n >= 2; k++) {
		for (i = 0; i < v[k].word.n; i++)
			word[k][i] =
			    (char)tolower((unsigned char)v[k].word.p[i]);
		word[k][i] = '\0';
	}
	free(v);
	return n >= 2;
}

/* Append a sentence of the two words; its two %s stand for them. */
static void
put_sentence(
    struct buf *b, const char *sentence, char word[2][TOPIC_LONGEST + 1])
{
	const char *p;
	int k;

	for (k = 0; k < 2 && (p = strstr(sentence, "%s")) != NULL; k++) {
		buf_add(b, sentence, (size_t)(p - sentence));
		buf_adds(b, word[k]);
		sentence = p + 2;
	}
	buf_adds(b, sentence);
}

/* Put a sentence in place of the side that is prose; return 0 if none is. */
static int
replace_prose(const struct source *s, const struct carrier *c,
    struct buf *query, struct buf *pos)
{
	char word[2][TOPIC_LONGEST + 1];
	int ask = !is_code(s->query);

	if ((!ask && is_code(s->pos)) || !topics_of(s, word))
		return 0;
	if (ask) {
		put_sentence(query, c->query, word);
		buf_addspan(pos, s->pos);
	} else {
		buf_addspan(query, s->query);
		put_sentence(pos, c->pos, word);
	}
	return 1;
}

static int
make_vague(
    const struct source *s, size_t turn, struct buf *query, struct buf *pos)
{
	/* a vague sentence in English is another kind of wrong elsewhere */
	if (s->language.n > 0 && !span_is(s->language, "en"))
		return 0;
	return replace_prose(s, &vague[turn % VAGUE], query, pos);
}

static int
make_foreign(const struct source *v, size_t n, size_t i, size_t turn,
    struct buf *query, struct buf *pos)
{
	const struct carrier *c = &foreign[turn % FOREIGN];
	size_t j, k;

	if (span_is(v[i].language, c->language))
		c = &foreign[(turn + 1) % FOREIGN];
	if (replace_prose(&v[i], c, query, pos))
		return 1;
	for (k = 1; k < n; k++) {
		j = (i + k) % n;
		if (!span_eq(v[i].task, v[j].task) ||
		    span_eq(v[i].code_language, v[j].code_language))
			continue;
		buf_addspan(query, v[i].query);
		buf_addspan(pos, v[j].pos);
		return 1;
	}
	return 0;
}

/* Append a text with an assistant's remarks before and after it. */
static void
put_chatter(struct buf *b, struct span text, size_t turn)
{
	static const char *const before[] = {
		"Sure! Here is what you asked for:",
		"Certainly, I have put this together for you:",
		"Of course. Below you will find my answer:",
	};
	static const char *const after[] = {
		"Let me know if you would like me to change anything!",
		"I hope this helps! Feel free to ask if something is unclear.",
		"I can also explain it in more detail if you want.",
	};
	const char *fence = is_code(text) ? "\n```" : "";

	buf_fmt(b, "%s\n%s\n", before[turn % 3], fence);
	buf_addspan(b, text);
	buf_fmt(b, "%s\n\n%s", fence, after[turn / 3 % 3]);
}

static int
make_chatter(
    const struct source *s, size_t turn, struct buf *query, struct buf *pos)
{
	if (!is_code(s->query)) {
		put_chatter(query, s->query, turn);
		buf_addspan(pos, s->pos);
	} else {
		buf_addspan(query, s->query);
		put_chatter(pos, s->pos, turn);
	}
	return 1;
}

int
wrong_make(enum wrong_kind kind, const struct source *v, size_t n, size_t i,
    size_t turn, struct buf *query, struct buf *pos)
{
	size_t j;

	switch (kind) {
	case WRONG_SPECIFIC:
		if ((j = nearest(v, n, i)) == n)
			return 0;
		buf_addspan(query, v[i].query);
		buf_addspan(pos, v[j].pos);
		return 1;
	case WRONG_VAGUE:
		return make_vague(&v[i], turn, query, pos);
	case WRONG_COPY:
		buf_addspan(query, v[i].pos);
		buf_addspan(pos, v[i].pos);
		return 1;
	case WRONG_LANGUAGE:
		return make_foreign(v, n, i, turn, query, pos);
	case WRONG_CHATTER:
		return make_chatter(&v[i], turn, query, pos);
	case WRONG_KINDS:
		break;
	}
	return 0;
}
