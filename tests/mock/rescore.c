/* rescore: the scores of documents for a query */
#include <stdlib.h>
#include <string.h>

#include "mock.h"

enum { DOCUMENTS_MAX = 1024 };

/* The members that hold a query and its documents, by the path. */
static const char *const members[][2] = { { "query", "documents" },
	{ "query", "texts" }, { "text_1", "text_2" } };

/* The list of documents of a request, and its query; NULL if it has none. */
static const json_t *
documents_of(const struct ask *a, const json_t **query)
{
	size_t i, first = is_score(a) ? 2 : 0, n = is_score(a) ? 3 : 2;
	const json_t *list = NULL;

	for (i = first; i < n && list == NULL; i++) {
		*query = json_object_get(a->json, members[i][0]);
		list = json_object_get(a->json, members[i][1]);
	}
	return list;
}

const char *
rescore_complaint(const struct ask *a)
{
	const json_t *query = NULL, *list = documents_of(a, &query), *v;
	size_t i;

	if (!json_is_string(query))
		return "the query must be a string";
	if (json_array_size(list) == 0 ||
	    json_array_size(list) > DOCUMENTS_MAX)
		return "the documents must be an array with a string";
	if (opt.documents > 0 && (double)json_array_size(list) > opt.documents)
		return "batch size > maximum allowed batch size";
	json_array_foreach(list, i, v) {
		if (!json_is_string(v))
			return "the documents must be strings";
	}
	return NULL;
}

/*
 * The score of a document: the number behind "score=" in it, else one between
 * 0 and 1 that depends on the query and on the document.
 */
static double
score_of(const json_t *query, const json_t *document)
{
	const char *text = json_string_value(document);
	const char *told = strstr(text, "score=");

	if (told != NULL)
		return strtod(told + 6, NULL);
	return (double)(mix(hash_bytes(json_string_value(query),
				json_string_length(query)),
			    hash_bytes(text, json_string_length(document))) >>
		   40) / (1 << 24);
}

/* Which of the documents has the highest score of those that are left. */
static size_t
take_best(double *scores, bool *taken, size_t n)
{
	size_t i, best = n;

	for (i = 0; i < n; i++)
		if (!taken[i] && (best == n || scores[i] > scores[best]))
			best = i;
	taken[best] = true;
	return best;
}

/* /score keeps the order of the documents; the others sort by score. */
void
reply_scores(struct buf *b, const struct ask *a, const struct rule *r)
{
	double scores[DOCUMENTS_MAX];
	bool taken[DOCUMENTS_MAX] = { false };
	const json_t *query, *list = documents_of(a, &query), *v;
	bool bare = json_object_get(a->json, "texts") != NULL;
	size_t i, at, n = json_array_size(list), most = n;

	if (r && r->choices >= 0 && (size_t)r->choices < n)
		most = (size_t)r->choices;
	json_array_foreach(list, i, v)
		scores[i] = score_of(query, v);
	buf_adds(b,
	    bare          ? "["
	    : is_score(a) ? "{\"object\":\"list\",\"data\":["
			  : "{\"results\":[");
	for (i = 0; i < most; i++) {
		at = is_score(a) ? i : take_best(scores, taken, n);
		buf_fmt(b, "%s{\"index\":%zu,\"%s\":%.9g}", i ? "," : "", at,
		    bare || is_score(a) ? "score" : "relevance_score",
		    scores[at]);
	}
	buf_addc(b, ']');
	if (bare)
		return;
	buf_adds(b, ",\"model\":\"mock-model\",\"usage\":");
	if (r && r->usage)
		put_json(b, r->usage);
	else
		buf_fmt(b, "{\"prompt_tokens\":%lld,\"total_tokens\":%lld}",
		    (long long)a->prompt_tokens, (long long)a->prompt_tokens);
	buf_addc(b, '}');
}
