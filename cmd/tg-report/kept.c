/* kept: what the kept triplets are like */
#include "kept.h"

#include "lex/alike.h"
#include "lex/lex.h"
#include "lex/tokens.h"
#include "base/overlap.h"

enum { OPENING = 3, TRIES = 16 };

const struct lex_language *
kept_lexer(const struct item *item)
{
	return item->code_language.n > 0 ? lex_find(item->code_language) : NULL;
}

/* Count the words of a query, how it begins, and whether it came before. */
static void
add_words(struct kept *k, const struct item *item)
{
	struct span rest = item->query, word, opening = { item->query.p, 0 };
	uint64_t hash, last[KEPT_GRAMS] = { 0 }, all[2] = { 0 }, begin = 0;
	size_t n = 0, i;

	while (overlap_word(&rest, &word, &hash)) {
		for (i = KEPT_GRAMS - 1; i > 0; i--)
			last[i] =
			    (last[i - 1] * 31 + i) * 1099511628211u ^ hash;
		last[0] = hash;
		for (i = 0; i < KEPT_GRAMS && i <= n; i++)
			distinct_add(&k->grams[i], last[i]);
		all[0] = all[0] * 6364136223846793005u + hash;
		all[1] = (all[1] ^ hash) * 1099511628211u;
		if (n++ < OPENING) {
			opening = (struct span){ item->query.p,
				(size_t)(span_end(word) - item->query.p) };
			begin = begin * 6364136223846793005u + hash;
		}
	}
	lengths_add(&k->words, n);
	copies_add(&k->openings, span_of(""),
	    (struct span){ (char *)&begin, sizeof begin }, opening);
	copies_add(&k->queries, item->task,
	    (struct span){ (char *)all, sizeof all }, item->query);
}

/* Count the words of the query that stand in the positive. */
static void
add_share(struct measure *m, const struct item *item)
{
	struct overlap s = overlap_count(item->query, item->pos);
	size_t percent;

	if (s.of == 0)
		return;
	percent = s.found * 100 / s.of;
	m->percent[percent]++;
	m->shares[percent / (100 / KEPT_SHARES)]++;
	m->share_sum += (double)s.found / (double)s.of;
	m->shared++;
}

static void
measure_add(struct measure *m, const struct item *item)
{
	const struct lex_language *language = kept_lexer(item);
	const struct span *neg = item_negatives(item);
	size_t i, near = 0;

	lengths_add(&m->query, tokens_estimate(item->query));
	lengths_add(&m->pos, tokens_estimate(item->pos));
	for (i = 0; i < item->nneg; i++) {
		lengths_add(&m->neg, tokens_estimate(neg[i]));
		near += alike_same(language, item->pos, neg[i]);
	}
	m->near_negatives += near;
	m->near_triplets += near > 0;
	add_share(m, item);
}

/* Append s with white space as single spaces and ASCII letters in lower case.
 */
static void
add_plain(struct buf *b, struct span s)
{
	char *out, c;
	size_t i;
	int space = 1;

	buf_need(b, s.n + 1);
	out = b->p;
	for (i = 0; i < s.n; i++) {
		c = s.p[i];
		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			if (!space)
				*out++ = ' ';
			space = 1;
			continue;
		}
		*out++ = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
		space = 0;
	}
	b->n = (size_t)(out - b->p);
	b->n -= b->n > 0 && b->p[b->n - 1] == ' ';
}

static int
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Return whether a word of the text goes on across the place p. */
static int
cuts_word(const struct buf *text, const char *p)
{
	return p > text->p && p < text->p + text->n && is_letter(p[-1]) &&
	       is_letter(*p);
}

/*
 * Return whether whole words of a document are the query, but for case and
 * white space. Few places are tried, so that a hostile text takes linear time.
 */
static int
is_verbatim(struct span query, struct span document)
{
	static struct buf words, text;
	const char *p, *end;
	int tries = TRIES, found = 0;

	buf_clear(&words);
	add_plain(&words, query);
	if (words.n == 0)
		return 0;
	buf_clear(&text);
	add_plain(&text, document);
	p = text.p;
	end = p + text.n;
	while (!found && tries-- > 0 &&
	       (p = memmem(p, (size_t)(end - p), words.p, words.n)) != NULL) {
		found = !cuts_word(&text, p) && !cuts_word(&text, p + words.n);
		p++;
	}
	return found;
}

/* Return whether a triplet belongs to the draw, which does not depend on where
 * it stands. */
static int
is_drawn(const struct item *item)
{
	const struct span texts[] = { item->query, item->pos };
	uint64_t h = 14695981039346656037u, word;
	size_t i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < texts[i].n; j += sizeof word) {
			word = 0;
			memcpy(&word, texts[i].p + j,
			    texts[i].n - j < sizeof word ? texts[i].n - j
							 : sizeof word);
			h = (h ^ word) * 0x9e3779b97f4a7c15u;
			h ^= h >> 32;
		}
	return h % KEPT_ONE_IN == 0;
}

/* Count the negatives, and those that are the positive as it is written. */
static void
add_negatives(struct kept *k, const struct item *item)
{
	size_t i;

	for (i = 0; i < item->nneg; i++)
		k->equal_negatives +=
		    (size_t)span_eq(item->raw_pos, item->raw_neg[i]);
	k->nneg += item->nneg;
	k->negatives[item->nneg < KEPT_NEGATIVES ? item->nneg
						 : KEPT_NEGATIVES]++;
}

void
kept_add(struct kept *k, const struct item *item)
{
	unsigned char digest[ALIKE_BYTES];

	if (++k->n <= KEPT_WHOLE)
		measure_add(&k->whole, item);
	if (is_drawn(item))
		measure_add(&k->drawn, item);
	k->verbatim += (size_t)is_verbatim(item->query, item->pos);
	add_words(k, item);
	alike_digest(kept_lexer(item), item->pos, digest);
	copies_add(&k->documents, item->task,
	    (struct span){ (char *)digest, sizeof digest }, item->pos);
	add_negatives(k, item);
}

const struct measure *
kept_measure(const struct kept *k)
{
	return k->n <= KEPT_WHOLE ? &k->whole : &k->drawn;
}

int
kept_median_share(const struct measure *m)
{
	size_t sum = 0;
	int i;

	for (i = 0; i < 100; i++)
		if ((sum += m->percent[i]) * 2 >= m->shared)
			break;
	return m->shared > 0 ? i : 0;
}

void
kept_free(struct kept *k)
{
	copies_free(&k->openings);
	copies_free(&k->queries);
	copies_free(&k->documents);
}
