/* search: tg-mine search adds the nearest documents to each query */
#include "batch.h"
#include "documents.h"

/* Add the hits to the record that has them. */
static bool
add_hits(struct batch *batch, struct job *j, unsigned thread)
{
	const struct nearest_query *q = &j->query;
	struct buf b = { 0 };
	size_t i;

	(void)batch;
	(void)thread;
	buf_addc(&b, '[');
	for (i = 0; i < q->n; i++)
		buf_fmt(&b, "%s{\"doc\":%llu,\"score\":%.9g}", i > 0 ? "," : "",
		    (unsigned long long)q->hits[i].doc, q->hits[i].score);
	buf_addc(&b, ']');
	rec_put(&j->rec, "hits", rec_hold(&j->rec, &b));
	return true;
}

static enum filter_did
search_record(struct filter *f, struct rec *r)
{
	const struct mine *m = f->ctx;
	struct job *j = batch_add(m->batch, r);
	const char *key;

	j->query.text = rec_str(&j->rec, "query");
	j->asks = j->query.text.p != NULL;
	j->query.language =
	    documents_language(&j->rec, m->o.code_language, &key);
	j->query.k = m->o.k;
	return FILTER_TAKE;
}

int
mine_search(struct mine *m, char **files)
{
	struct batch batch = { .finish = add_hits };

	batch_open(&batch, m, files);
	m->f.serve = search_record;
	return batch_run(&batch, files);
}
