/* beir: rows as the three kinds of files that BEIR reads */
#include "beir.h"

#include <stdio.h>

#include "base/hash.h"
#include "json/string.h"

/* Return whether a text of a kind comes for the first time. */
static int
is_new(struct beir *b, char kind, struct span scope, struct span text)
{
	size_t n = b->seen.n;

	keyset_add(&b->seen, keyset_key(scope, kind, text));
	return b->seen.n > n;
}

/* Do to a file what do_ returns 0 for, else note the file. */
static int
note(struct beir *b, const struct out *out, int failed)
{
	b->failed = out->name;
	return failed;
}

int
beir_open(struct beir *b, struct folder *folder)
{
	if (note(b, &b->corpus, out_open(&b->corpus, folder, "corpus.jsonl")) ==
	    -1)
		return -1;
	return note(
	    b, &b->queries, out_open(&b->queries, folder, "queries.jsonl"));
}

int
beir_part(struct beir *b, struct folder *folder, const char *part)
{
	char name[40];

	if (note(b, &b->qrels, out_close(&b->qrels)) == -1)
		return -1;
	snprintf(name, sizeof name, "qrels/%s.tsv", part);
	if (note(b, &b->qrels, out_open(&b->qrels, folder, name)) == -1)
		return -1;
	buf_adds(&b->qrels.text, "query-id\tcorpus-id\tscore\n");
	return 0;
}

/* Write the text of a passage if it is new, and its id to id. */
static int
add_passage(struct beir *b, struct span text, char id[MD5_HEX])
{
	hash_md5(text, id);
	if (!is_new(b, 'p', span_of(""), text))
		return 0;
	buf_fmt(
	    &b->corpus.text, "{\"_id\":\"%s\",\"title\":\"\",\"text\":", id);
	js_quote(&b->corpus.text, text);
	buf_adds(&b->corpus.text, "}\n");
	return note(b, &b->corpus, out_poll(&b->corpus));
}

int
beir_row(struct beir *b, const struct format *f, const struct example *e)
{
	char query_id[MD5_HEX], id[MD5_HEX];
	struct span query;
	size_t i;

	b->query.n = 0;
	format_query(&b->query, f, e);
	query = buf_span(&b->query);
	hash_md5(query, query_id);
	if (is_new(b, 'q', span_of(""), query)) {
		buf_fmt(
		    &b->queries.text, "{\"_id\":\"%s\",\"text\":", query_id);
		js_quote(&b->queries.text, query);
		buf_adds(&b->queries.text, "}\n");
	}
	for (i = 0; i < e->pos.n; i++) {
		if (add_passage(b, e->pos.v[i].text, id) == -1)
			return -1;
		if (is_new(b, 'j', span_of(query_id), span_of(id)))
			buf_fmt(&b->qrels.text, "%s\t%s\t1\n", query_id, id);
	}
	for (i = 0; i < e->neg.n; i++)
		if (add_passage(b, e->neg.v[i].text, id) == -1)
			return -1;
	if (note(b, &b->queries, out_poll(&b->queries)) == -1)
		return -1;
	return note(b, &b->qrels, out_poll(&b->qrels));
}

int
beir_close(struct beir *b)
{
	int failed = note(b, &b->corpus, out_close(&b->corpus));

	if (failed == 0)
		failed = note(b, &b->queries, out_close(&b->queries));
	if (failed == 0)
		failed = note(b, &b->qrels, out_close(&b->qrels));
	keyset_free(&b->seen);
	buf_free(&b->query);
	return failed;
}
