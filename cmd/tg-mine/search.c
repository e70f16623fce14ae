/* search: tg-mine search adds the nearest documents to each query */
#include "documents.h"
#include "index/bm25.h"
#include "mine.h"
#include "open.h"

static struct bm25 *bm25;

/* Append hits as the array of JSON that a record gets. */
static void
print_hits(struct buf *b, const struct index_hit *hits, size_t n)
{
	size_t i;

	buf_addc(b, '[');
	for (i = 0; i < n; i++)
		buf_fmt(b, "%s{\"doc\":%llu,\"score\":%.9g}", i > 0 ? "," : "",
		    (unsigned long long)hits[i].doc, hits[i].score);
	buf_addc(b, ']');
}

static enum filter_did
search_record(struct filter *f, struct rec *r)
{
	const struct mine *m = f->ctx;
	struct bm25_limits limits = { .k = m->o.k, .exact = m->o.exact };
	const struct lex_language *language;
	const struct index_hit *hits;
	struct span query = rec_str(r, "query");
	struct buf b = { 0 };
	const char *key;
	size_t n;

	if (query.p == NULL)
		return FILTER_PASS;
	language = documents_language(r, m->o.code_language, &key);
	bm25_query(bm25, language, query);
	n = bm25_search(bm25, &limits, &hits);
	print_hits(&b, hits, n);
	rec_put(r, "hits", rec_hold(r, &b));
	return FILTER_PASS;
}

int
mine_search(struct mine *m, char **files)
{
	struct index ix;
	int status;

	filter_tty(&m->f, files);
	open_whole_index(&ix, m->o.index);
	if (m->o.shard != NULL) {
		m->shard = shard_of(m->o.shard, files, m->f.found.max_line);
		m->f.skip = shard_skip;
	}
	bm25 = bm25_new(&ix);
	m->f.serve = search_record;
	status = filter_run(&m->f, files);
	bm25_free(bm25);
	index_close(&ix);
	return status;
}
