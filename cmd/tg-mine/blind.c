/* blind: tells positives from negatives without the query */
#include "blind.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"

enum {
	GRAMS = 3,  /* tokens of the longest n-gram */
	EPOCHS = 6, /* times that each text is learnt from */
	BUCKETS = 1 << 18
};

static const double rate = .1; /* size of the first step of a weight */

struct blind_text {
	size_t end; /* index behind its last feature */
	bool positive;
	unsigned char part;
};

/* A text while its n-grams are added: hashes of the tokens before. */
struct reader {
	struct blind *b;
	uint64_t last[GRAMS - 1]; /* the last one first */
	size_t tokens;
};

static void
add_feature(struct blind *b, uint64_t hash)
{
	if (b->n == b->cap) {
		b->cap = b->cap > 0 ? 2 * b->cap : 4096;
		b->feature = mem_array(b->feature, b->cap, sizeof *b->feature);
	}
	b->feature[b->n++] = (uint32_t)(hash % BUCKETS);
}

/* Add the n-grams that a token ends. */
static void
add_token(struct reader *r, struct span s)
{
	uint64_t token = 1, gram;
	size_t i;

	if (r->tokens++ >= BLIND_TOKENS)
		return;
	for (i = 0; i < s.n; i++)
		token = hash_mix(token, (unsigned char)s.p[i]);
	add_feature(r->b, gram = token);
	for (i = 0; i < GRAMS - 1 && i + 1 < r->tokens; i++)
		add_feature(r->b, gram = hash_mix(gram, r->last[i]));
	memmove(r->last + 1, r->last, (GRAMS - 2) * sizeof *r->last);
	r->last[0] = token;
}

/* Add the words and signs of a token that has several. */
static void
add_words(struct reader *r, struct span s)
{
	size_t n;

	while (s.n > 0) {
		for (n = 0; n < s.n && text_is_word_char(s.p[n]);)
			n++;
		if (n > 0 || (*s.p != ' ' && *s.p != '\n' && *s.p != '\t'))
			add_token(r, (struct span){ s.p, n > 0 ? n : 1 });
		s = span_skip(s, n > 0 ? n : 1);
	}
}

static void
add_tokens(
    struct reader *r, const struct lex_language *language, struct span text)
{
	struct lexer lx;
	struct lex_token token;
	struct span s;

	lexer_start(&lx, language, text);
	while (lexer_next(&lx, &token)) {
		s = (struct span){ text.p + token.start,
			token.end - token.start };
		switch (token.kind) {
		case LEX_SPACE:
		case LEX_NEWLINE:
			break;
		case LEX_NAME:
		case LEX_KEYWORD:
		case LEX_NUMBER:
		case LEX_OPERATOR:
			add_token(r, s);
			break;
		default:
			add_words(r, s);
		}
	}
}

static int
compare_features(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
blind_add(struct blind *b, const struct lex_language *language,
    struct span text, bool positive, unsigned part)
{
	struct reader r = { .b = b };
	size_t i, start = b->n, to;

	add_tokens(&r, language, text);
	/* quarters of a doubling of the length */
	add_feature(b, hash_mix(2, (uint64_t)(4 * log2((double)r.tokens + 1))));
	qsort(b->feature + start, b->n - start, sizeof *b->feature,
	    compare_features);
	for (to = start + 1, i = to; i < b->n; i++)
		if (b->feature[i] != b->feature[i - 1])
			b->feature[to++] = b->feature[i];
	b->n = to;
	if (b->texts == b->text_cap) {
		b->text_cap = b->text_cap > 0 ? 2 * b->text_cap : 256;
		b->text = mem_array(b->text, b->text_cap, sizeof *b->text);
	}
	b->text[b->texts++] =
	    (struct blind_text){ to, positive, (unsigned char)part };
}

/* The weights of the features, and the sums of their squared gradients. */
struct weights {
	float w[BUCKETS], g[BUCKETS];
	double bias;
};

/* Return the score of a text: over 0 is more likely a positive. */
static double
score(const struct blind *b, const struct weights *w, size_t text, double x)
{
	size_t i = text > 0 ? b->text[text - 1].end : 0;
	double sum = 0;

	for (; i < b->text[text].end; i++)
		sum += w->w[b->feature[i]];
	return sum * x + w->bias;
}

/* Return the value of each feature of a text: all texts have the length 1. */
static double
value(const struct blind *b, size_t text)
{
	size_t start = text > 0 ? b->text[text - 1].end : 0;

	return 1 / sqrt((double)(b->text[text].end - start));
}

/* Change the weights by one text (AdaGrad). */
static void
learn(const struct blind *b, struct weights *w, size_t text)
{
	double x = value(b, text), s = score(b, w, text, x);
	double error = 1 / (1 + exp(-s)) - (b->text[text].positive ? 1 : 0);
	float step = (float)(error * x);
	size_t i = text > 0 ? b->text[text - 1].end : 0;
	uint32_t f;

	for (; i < b->text[text].end; i++) {
		f = b->feature[i];
		w->g[f] += step * step;
		w->w[f] -= (float)rate * step / (sqrtf(w->g[f]) + 1e-6F);
	}
	w->bias -= .01 * error;
}

struct scored {
	double score;
	bool positive;
};

static int
compare_scored(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	return x->score < y->score ? -1 : x->score > y->score;
}

/* Return the pairs of positive and negative, and in *won those told apart. */
static double
count_pairs(struct scored *v, size_t n, double *won)
{
	size_t i, j, k, same, negatives = 0, positives = 0;

	*won = 0;
	qsort(v, n, sizeof *v, compare_scored);
	for (i = 0; i < n; i = j) {
		for (j = i; j < n && v[j].score <= v[i].score;)
			j++;
		for (same = 0, k = i; k < j; k++)
			same += v[k].positive;
		*won += (double)same *
			((double)negatives + (double)(j - i - same) / 2);
		positives += same;
		negatives += j - i - same;
	}
	return (double)positives * (double)negatives;
}

/* Learn from all parts but one, and score that: return how many texts. */
static size_t
score_part(const struct blind *b, unsigned part, struct weights *w,
    size_t *order, struct scored *to)
{
	size_t i, j, n = 0, swap, scored = 0;
	uint64_t draw = 0;
	int epoch;

	memset(w, 0, sizeof *w);
	for (i = 0; i < b->texts; i++)
		if (b->text[i].part != part)
			order[n++] = i;
	for (epoch = 0; epoch < EPOCHS; epoch++) {
		for (i = n; i > 1; i--) {
			draw = hash_mix(draw, i);
			j = (size_t)(draw % i);
			swap = order[j];
			order[j] = order[i - 1];
			order[i - 1] = swap;
		}
		for (i = 0; i < n; i++)
			learn(b, w, order[i]);
	}
	for (i = 0; i < b->texts; i++)
		if (b->text[i].part == part)
			to[scored++] =
			    (struct scored){ score(b, w, i, value(b, i)),
				    b->text[i].positive };
	return scored;
}

/* Set the interval of an AUC over so many positives and negatives
 * (Hanley and McNeil 1982). */
static void
set_interval(struct blind_result *r, double positives, double negatives)
{
	double a = r->auc, q1 = a / (2 - a), q2 = 2 * a * a / (1 + a);
	double half =
	    1.96 * sqrt((a * (1 - a) + (positives - 1) * (q1 - a * a) +
			    (negatives - 1) * (q2 - a * a)) /
			(positives * negatives));

	r->low = fmax(0, a - half);
	r->high = fmin(1, a + half);
}

bool
blind_measure(const struct blind *b, struct blind_result *r)
{
	struct weights *w = mem_new(sizeof *w);
	size_t *order = mem_get(b->texts * sizeof *order), n, i;
	struct scored *v = mem_get(b->texts * sizeof *v);
	double pairs = 0, won = 0, part_won, positives = 0;
	unsigned part, parts = 0;

	for (part = 0; part < BLIND_PARTS; part++) {
		n = score_part(b, part, w, order, v);
		pairs += count_pairs(v, n, &part_won);
		won += part_won;
		parts += n > 0;
	}
	for (i = 0; i < b->texts; i++)
		positives += b->text[i].positive;
	free(w);
	free(order);
	free(v);
	if (parts < 2 || pairs <= 0)
		return false;
	r->texts = b->texts;
	r->auc = won / pairs;
	set_interval(r, positives, (double)b->texts - positives);
	return true;
}

void
blind_free(struct blind *b)
{
	free(b->feature);
	free(b->text);
	*b = (struct blind){ 0 };
}
