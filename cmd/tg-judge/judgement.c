/* judgement: what the answers of a judge say of a pair, together */
#include "judgement.h"

#include <stdio.h>
#include <stdlib.h>

#include "json/find.h"
#include "json/string.h"
#include "llm/logprobs.h"
#include "llm/verdict.h"
#include "record/judged.h"

#define NUMBER "%.6g"

double
judgement_rounded(double number)
{
	char text[40];

	snprintf(text, sizeof text, NUMBER, number);
	return strtod(text, NULL);
}

/* Return the verdict of so many votes. */
static int
verdict_of(const size_t votes[3])
{
	if (votes[1] > votes[0] + votes[2])
		return 1;
	return votes[0] >= votes[2] ? 0 : 2;
}

void
judgement_read(struct judgement *g, struct rec *r)
{
	struct span response = rec_tg(r, "response"), choice, text, object;
	struct span choices = js_find(response, "choices"), first[3] = { 0 };
	size_t at = 0, n, told = 0;
	double p, sum = 0;
	int v;

	*g = (struct judgement){ .verdict = -1, .p = -1 };
	while (js_next(choices, &at, &choice)) {
		text = js_string(js_find(choice, "text"), &r->mem);
		if (text.p == NULL || (v = verdict_read(text)) == -1) {
			g->unreadable++;
			continue;
		}
		if (g->votes[v]++ == 0)
			first[v] = text;
		object = js_find(choice, "logprobs");
		if (!js_is_object(object))
			continue;
		if (g->logprobs.p == NULL)
			g->logprobs = object;
		if (logprobs_p(object, &p) == 0) {
			sum += p;
			told++;
		}
	}
	n = g->votes[0] + g->votes[1] + g->votes[2];
	if (n == 0)
		return;
	g->verdict = verdict_of(g->votes);
	g->answer = first[g->verdict];
	object = js_find(response, "model");
	if (js_is_string(object))
		g->model = object;
	if (told > 0)
		g->p = judgement_rounded(sum / (double)told);
	else if (n > 1)
		g->p = judgement_rounded((double)g->votes[1] / (double)n);
}

int
judgement_reread(struct judgement *g, struct span judge)
{
	long long verdict = js_int(js_find(judge, "verdict"), -1);

	*g = (struct judgement){ .p = judged_p(judge), .had = judge };
	if (verdict < 0 || verdict > 2)
		return -1;
	g->verdict = (int)verdict;
	if (g->p < 0 && logprobs_p(js_find(judge, "logprobs"), &g->p) == 0)
		g->p = judgement_rounded(g->p);
	return 0;
}

/* Append the members of an old judgement that a new decision leaves. */
static void
add_old(struct buf *b, struct span had)
{
	static const char *const decided[] = { "p", "score", "calibrated",
		"kept" };
	struct span key, val;
	size_t at = 0, i;

	while (js_each(had, &at, &key, &val)) {
		for (i = 0; i < sizeof decided / sizeof *decided; i++)
			if (js_key_is(key, span_of(decided[i])))
				break;
		if (i < sizeof decided / sizeof *decided)
			continue;
		if (b->n > 1)
			buf_addc(b, ',');
		buf_addspan(b, key);
		buf_addc(b, ':');
		buf_addspan(b, val);
	}
}

/* Append the members of a new judgement but for its numbers. */
static void
add_new(struct buf *b, const struct judgement *g)
{
	buf_fmt(b, "\"verdict\":%d,\"answer\":", g->verdict);
	js_quote(b, g->answer);
	if (g->model.p != NULL) {
		buf_adds(b, ",\"model\":");
		buf_addspan(b, g->model);
	}
	if (g->votes[0] + g->votes[1] + g->votes[2] + g->unreadable > 1)
		buf_fmt(b,
		    ",\"votes\":{\"0\":%zu,\"1\":%zu,\"2\":%zu,"
		    "\"unreadable\":%zu}",
		    g->votes[0], g->votes[1], g->votes[2], g->unreadable);
	if (g->logprobs.p != NULL) {
		buf_adds(b, ",\"logprobs\":");
		buf_addspan(b, g->logprobs);
	}
}

void
judgement_write(struct buf *b, const struct judgement *g, double calibrated)
{
	buf_addc(b, '{');
	if (g->had.p != NULL)
		add_old(b, g->had);
	else
		add_new(b, g);
	if (g->p >= 0)
		buf_fmt(b, ",\"p\":" NUMBER, g->p);
	if (calibrated >= 0)
		buf_fmt(b, ",\"calibrated\":" NUMBER, calibrated);
	buf_addc(b, '}');
}
