/* rescore: requests for the scores of documents, and the replies to them */
#include "llm/rescore.h"

#include <stdio.h>
#include <stdlib.h>

#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum { DIGITS_MAX = 32 }; /* bytes of a number that is kept as it is written */

static const struct {
	const char *path;
	const char *query, *documents; /* names of the members */
	int is_beside;
} forms[RESCORE_FORMS] = {
	[RESCORE_RERANK] = { "/rerank", "query", "documents", 0 },
	[RESCORE_SCORE] = { "/score", "text_1", "text_2", 0 },
	[RESCORE_TEXTS] = { "/rerank", "query", "texts", 1 },
};

const char *
rescore_path(enum rescore_form form)
{
	return forms[form].path;
}

int
rescore_is_beside(enum rescore_form form)
{
	return forms[form].is_beside;
}

void
rescore_write(struct buf *b, enum rescore_form form, const char *model,
    struct span extra, struct span query, struct span documents)
{
	const struct span names[] = { span_of("model"),
		span_of(forms[form].query), span_of(forms[form].documents) };
	struct span key, val;
	size_t at = 0;

	buf_adds(b, "{\"model\":");
	if (js_has(extra, names[0]))
		buf_addspan(b, js_find(extra, "model"));
	else
		js_quote(b, span_of(model));
	buf_fmt(b, ",\"%s\":", forms[form].query);
	buf_addspan(b, query);
	buf_fmt(b, ",\"%s\":", forms[form].documents);
	buf_addspan(b, documents);
	while (js_each(extra, &at, &key, &val)) {
		if (js_key_is(key, names[0]) || js_key_is(key, names[1]) ||
		    js_key_is(key, names[2]))
			continue;
		buf_addc(b, ',');
		buf_addspan(b, key);
		buf_addc(b, ':');
		buf_addspan(b, val);
	}
	buf_addc(b, '}');
}

/* Return a score as it is to be written; p NULL: it is no finite number. */
static struct span
take_score(struct span v, struct arena *mem)
{
	double number;
	char *made;

	if (!js_real(v, &number))
		return (struct span){ NULL, 0 };
	if (v.n <= DIGITS_MAX)
		return v;
	made = arena_get(mem, DIGITS_MAX);
	return (struct span){ made,
		(size_t)snprintf(made, DIGITS_MAX, "%.17g", number) };
}

/* Return the list of results of a reply; p NULL: there is none. */
static struct span
results_of(struct span doc)
{
	static const char *const keys[] = { "results", "data" };
	struct span v[2];

	if (js_is_array(doc))
		return doc;
	js_find_all(doc, keys, v, 2);
	return js_is_array(v[0]) ? v[0] : v[1];
}

/* Put the score of a result in its place: NULL, or why it will not do. */
static const char *
read_result(struct span result, struct span *scores, int n, struct arena *mem)
{
	struct span score = js_find(result, "relevance_score");
	long long index = js_int(js_find(result, "index"), -1);

	if (score.p == NULL)
		score = js_find(result, "score");
	if (index < 0 || index >= n || scores[index].p != NULL)
		return "the indexes of the scores are not those of the "
		       "documents";
	scores[index] = take_score(score, mem);
	return scores[index].p != NULL ? NULL : "a score is no finite number";
}

/*
 * Return the tokens of a request as the reply tells them. SGLang tells those of
 * each result, Cohere's service those of all.
 */
static long
tokens_of(struct span doc, struct span results)
{
	struct span usage = js_find(doc, "usage"), one;
	long n = reply_tokens(js_find(usage, "prompt_tokens"));
	size_t at = 0;

	if (n == 0)
		n = reply_tokens(js_find(usage, "total_tokens"));
	if (n == 0)
		n = reply_tokens(js_find(
		    js_find(js_find(doc, "meta"), "tokens"), "input_tokens"));
	if (n > 0)
		return n;
	while (js_next(results, &at, &one))
		n += reply_tokens(
		    js_find(js_find(one, "meta_info"), "prompt_tokens"));
	return n;
}

/* Return the list of n scores, as JSON. */
static struct span
join(const struct span *scores, int n, struct arena *mem)
{
	struct buf b = { 0 };
	struct span list;
	int i;

	buf_addc(&b, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		buf_addspan(&b, scores[i]);
	}
	buf_addc(&b, ']');
	list = (struct span){ arena_dup(mem, b.p, b.n), b.n };
	buf_free(&b);
	return list;
}

/* Return why a reply has no scores for n documents, in words. */
static const char *
why_not_so_many(size_t found, int n, struct arena *mem)
{
	char *why;

	if (found == 0)
		return "the reply has no scores";
	why = arena_get(mem, 100);
	snprintf(why, 100, "the reply has %zu score%s for %d document%s", found,
	    found == 1 ? "" : "s", n, n == 1 ? "" : "s");
	return why;
}

int
rescore_read(struct span body, int n, struct arena *mem, struct reply *r,
    const char **why)
{
	struct span doc = js_text(body, why), results, one, model, *scores;
	size_t at = 0, found;

	*r = (struct reply){ 0 };
	if (doc.p == NULL)
		return -1;
	results = results_of(doc);
	found = js_count(results);
	if (found != (size_t)n) {
		*why = why_not_so_many(found, n, mem);
		return -1;
	}
	scores = arena_get(mem, (size_t)n * sizeof *scores);
	memset(scores, 0, (size_t)n * sizeof *scores);
	while (js_next(results, &at, &one))
		if ((*why = read_result(one, scores, n, mem)) != NULL)
			return -1;
	model = js_string(js_find(doc, "model"), mem);
	r->nchoices = 1;
	r->choices = arena_get(mem, sizeof *r->choices);
	r->choices[0] = (struct reply_choice){ .text = join(scores, n, mem),
		.finish_reason = span_of(""),
		.model = model.p != NULL ? model : span_of("") };
	r->prompt_tokens = tokens_of(doc, results);
	return 0;
}

int
rescore_is_list(struct span text, int n)
{
	const char *why;
	struct span list = js_text(text, &why), one;
	size_t at = 0;
	double number;

	if (!js_is_array(list) || js_count(list) != (size_t)n)
		return 0;
	while (js_next(list, &at, &one))
		if (!js_real(one, &number))
			return 0;
	return 1;
}
