/* planted: copies of positives that are put among the documents on trial */
#include "planted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "record/options.h"

double
planted_share(const char *word)
{
	size_t n = strlen(word);
	bool percent = n > 0 && word[n - 1] == '%';
	char *number = mem_dup(word, n - percent);
	double share;

	if (num_real(number, 0, percent ? 100 : 1, &share) == -1)
		options_refuse("--plant: \"%s\" is no share, such as 1%% or "
			       "0.01",
		    word);
	free(number);
	return percent ? share / 100 : share;
}

bool
planted_is_drawn(double share, long long seed, struct span query)
{
	return ldexp((double)(hash_draw(seed, query, "plant") >> 11), -53) <
	       share;
}

/* The query of a trial: hit number `at` is the copy. */
struct trial {
	const struct planted *planted;
	const struct pick_query *query;
	struct guard *guard;
	struct near *scratch;
	size_t at;
};

/* Look at the text of a hit or of the copy. */
static enum pick_rule
look(void *ctx, size_t i)
{
	const struct trial *t = ctx;

	if (i == t->at)
		return guard_look_text(t->guard, t->planted->text, t->scratch);
	return t->query->guard(t->query->ctx, i > t->at ? i - 1 : i);
}

/* Return the hits with the copy among them, behind those of equal score. */
static struct pick_hit *
add_copy(const struct planted *p, const struct pick_hit *hits, size_t n,
    size_t *at, uint64_t draw)
{
	struct pick_hit *all = mem_array(NULL, n + 1, sizeof *all);
	size_t i;

	*at = 0;
	while (*at < n && hits[*at].score >= p->score)
		++*at;
	for (i = 0; i <= n; i++) {
		if (i == *at) {
			all[i] = (struct pick_hit){ .score = p->score,
				.rank = i == 0 ? 1 : all[i - 1].rank + 1,
				.length = p->text.n,
				.draw = draw };
			continue;
		}
		all[i] = hits[i > *at ? i - 1 : i];
		all[i].rank += i > *at;
	}
	return all;
}

bool
planted_try(struct planted *p, const struct pick_rules *rules,
    const struct pick_query *query, const struct pick_hit *hits, size_t n,
    bool whole, struct guard *guard, struct near *scratch)
{
	struct trial t = { p, query, guard, scratch, 0 };
	struct pick_query q = *query;
	struct pick_result result = { 0 };
	struct pick_hit *all;
	bool enough;
	size_t i;

	p->chosen = false;
	if (p->score <= 0)
		return true;
	all = add_copy(p, hits, n, &t.at, hash_draw(0, p->text, "negatives"));
	if (t.at == n && !whole) {
		free(all); /* pick tells whether it can be reached */
		return true;
	}
	q.guard = look;
	q.ctx = &t;
	pick(&result, rules, &q, all, n + 1);
	for (i = 0; i < result.n; i++)
		p->chosen |= result.picked[i] == t.at;
	enough = result.enough;
	pick_free(&result);
	free(all);
	return enough;
}
