/* request: the requests that tg-prompt attaches */
#include "json/find.h"
#include "json/string.h"
#include "prompt.h"
#include "retry.h"
#include "task/document.h"

static struct buf *
begin(struct prompt *p, const struct rec *r, enum rec_kind kind, int step,
    const char *more)
{
	int again = retry_count(r, kind);
	struct buf *b = &p->request;

	b->n = 0;
	buf_adds(b, "{\"kind\":\"");
	buf_adds(b, rec_kind_name(kind));
	buf_adds(b, "\",\"step\":");
	buf_addc(b, (char)('0' + step));
	if (again > 0)
		buf_fmt(b, ",\"again\":%d", again);
	buf_adds(b, more);
	return b;
}

struct buf *
request_begin(struct prompt *p, const struct rec *r, enum rec_kind kind,
    int step, const char *more)
{
	struct buf *b = begin(p, r, kind, step, more);

	buf_adds(b, ",\"messages\":[{\"role\":\"user\",\"content\":\"");
	return b;
}

struct buf *
request_begin_ways(
    struct prompt *p, const struct rec *r, enum rec_kind kind, const char *more)
{
	struct buf *b = begin(p, r, kind, 1, more);

	buf_adds(b, ",\"ways\":[");
	return b;
}

/* Attach the request after the brackets that close what it asks. */
static void
attach(struct prompt *p, struct rec *r, const char *close, const char *params)
{
	buf_adds(&p->request, close);
	buf_adds(&p->request, ",\"params\":");
	buf_adds(&p->request, params);
	buf_addc(&p->request, '}');
	rec_tg_put(r, "request", buf_span(&p->request));
}

void
request_attach(struct prompt *p, struct rec *r, const char *params)
{
	attach(p, r, "\"}]", params);
}

void
request_attach_ways(struct prompt *p, struct rec *r, const char *params)
{
	attach(p, r, "]", params);
}

const struct task *
request_pair(
    struct filter *f, struct rec *r, struct span *query, struct span *pos)
{
	struct prompt *p = f->ctx;
	const struct task *t;

	if (stamp_task(&p->stamps, r) == -1)
		return NULL;
	rec_tg_put(r, "pair", span_of("true"));
	if ((t = document_task(r, p->o.catalogue)) == NULL)
		return NULL;
	if (document_pair(r, query, pos) == -1) {
		rec_error(r, "bad_pair",
		    "query is not a text, or pos not a list of texts");
		return NULL;
	}
	if (rec_tg_str(r, "language").p == NULL &&
	    stamp_languages(&p->stamps, r, t, rec_str(r, "query")) == -1)
		return NULL;
	if (rec_get(r, "prompt").p == NULL)
		rec_put(r, "prompt", document_prompt(r, t));
	return t;
}
