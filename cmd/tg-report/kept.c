/* kept: what the kept triplets are like */
#include "kept.h"

#include "lex/alike.h"
#include "lex/lex.h"
#include "lex/tokens.h"
#include "base/overlap.h"

enum { OPENING = 3 };

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
	lengths_add(&k->words, n, 1);
	copies_add(&k->openings, span_of(""),
	    (struct span){ (char *)&begin, sizeof begin }, opening);
	copies_add(&k->queries, item->task,
	    (struct span){ (char *)all, sizeof all }, item->query);
}

/* Count the words of the query that stand in the positive. */
static void
add_share(struct kept *k, const struct item *item, size_t weight)
{
	struct overlap s = overlap_count(item->query, item->pos);
	size_t percent;

	if (s.of == 0)
		return;
	percent = s.found * 100 / s.of;
	k->percent[percent] += weight;
	k->shares[percent / (100 / KEPT_SHARES)] += weight;
	k->share_sum += (double)weight * (double)s.found / (double)s.of;
	k->shared += weight;
}

/* Count the tokens of a triplet that stands for so many like it. */
static void
add_lengths(struct kept *k, const struct item *item, size_t weight)
{
	size_t i;

	lengths_add(&k->query, tokens_estimate(item->query), weight);
	lengths_add(&k->pos, tokens_estimate(item->pos), weight);
	for (i = 0; i < item->nneg; i++)
		lengths_add(&k->neg, tokens_estimate(item->neg[i]), weight);
}

/* Count the negatives, and near copies of the positive among them. */
static void
add_negatives(struct kept *k, const struct item *item,
    const struct lex_language *language)
{
	size_t i, near = 0;

	for (i = 0; i < item->nneg; i++)
		near += alike_same(language, item->pos, item->neg[i]);
	k->nneg += item->nneg;
	k->negatives[item->nneg < KEPT_NEGATIVES ? item->nneg
						 : KEPT_NEGATIVES]++;
	k->near_negatives += near;
	k->near_triplets += near > 0;
}

void
kept_add(struct kept *k, const struct item *item)
{
	const struct lex_language *language = kept_lexer(item);
	unsigned char digest[ALIKE_BYTES];
	size_t weight = ++k->n <= KEPT_MEASURED ? 1 : KEPT_ONE_IN;

	if (k->n % weight == 0) {
		add_lengths(k, item, weight);
		add_share(k, item, weight);
	}
	add_words(k, item);
	alike_digest(language, item->pos, digest);
	copies_add(&k->documents, item->task,
	    (struct span){ (char *)digest, sizeof digest }, item->pos);
	add_negatives(k, item, language);
}

int
kept_median_share(const struct kept *k)
{
	size_t sum = 0;
	int i;

	for (i = 0; i < 100; i++)
		if ((sum += k->percent[i]) * 2 >= k->shared)
			break;
	return k->shared > 0 ? i : 0;
}

void
kept_free(struct kept *k)
{
	copies_free(&k->openings);
	copies_free(&k->queries);
	copies_free(&k->documents);
}
