/* terms: tg-mine terms prints the terms of each document */
#include "index/terms.h"

#include "documents.h"
#include "mine.h"

static struct terms terms; /* terms of the document */

static enum filter_did
print_terms(struct filter *f, struct rec *r)
{
	const struct mine *m = f->ctx;
	struct documents d = { .code_language = m->o.code_language };
	struct document doc;
	size_t i;

	while (documents_next(&d, r, &doc)) {
		terms_read(&terms, doc.language, doc.text, NULL);
		buf_addc(&f->out, '[');
		for (i = 0; i < terms.n; i++) {
			if (i > 0)
				buf_addc(&f->out, ',');
			js_quote(&f->out, terms_at(&terms, i));
		}
		buf_adds(&f->out, "]\n");
	}
	return FILTER_TAKE;
}

int
mine_terms(struct mine *m, char **files)
{
	int status;

	m->f.serve = print_terms;
	m->f.serve_bad = 1;
	status = filter_run(&m->f, files);
	terms_free(&terms);
	return status;
}
