/* line: one example as a line of a trainer's format */
#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "json/string.h"

void
line_score(struct buf *b, double score)
{
	char text[40];

	snprintf(text, sizeof text, "%.15g", score);
	if (strtod(text, NULL) != score)
		snprintf(text, sizeof text, "%.17g", score);
	buf_adds(b, text);
	if (strpbrk(text, ".e") == NULL)
		buf_adds(b, ".0");
}

static void
add_list(struct buf *b, const char *name, const struct passages *p, int scores)
{
	size_t i;

	buf_fmt(b, ",\"%s\":[", name);
	for (i = 0; i < p->n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		if (scores)
			line_score(b, p->v[i].score);
		else
			js_quote(b, p->v[i].text);
	}
	buf_addc(b, ']');
}

/* Append the composed query as a string. */
static void
add_query(struct buf *b, const struct format *f, const struct example *e)
{
	struct buf query = { 0 };

	format_query(&query, f, e);
	js_quote(b, buf_span(&query));
	buf_free(&query);
}

static void
flag_line(struct buf *b, const struct format *f, const struct example *e)
{
	buf_addc(b, '{');
	if (f->prompted && e->prompt.n > 0) {
		buf_adds(b, "\"prompt\":");
		js_quote(b, e->prompt);
		buf_addc(b, ',');
	}
	buf_adds(b, "\"query\":");
	if (f->prompted)
		js_quote(b, e->query);
	else
		add_query(b, f, e);
	add_list(b, "pos", &e->pos, 0);
	add_list(b, "neg", &e->neg, 0);
	if (e->scored) {
		add_list(b, "pos_scores", &e->pos, 1);
		add_list(b, "neg_scores", &e->neg, 1);
	}
	buf_adds(b, "}\n");
}

static void
st_line(struct buf *b, const struct format *f, const struct example *e)
{
	size_t i;

	buf_adds(b, "{\"anchor\":");
	add_query(b, f, e);
	buf_adds(b, ",\"positive\":");
	js_quote(b, e->pos.v[0].text);
	for (i = 0; i < e->neg.n; i++) {
		buf_fmt(b, ",\"negative_%zu\":", i + 1);
		js_quote(b, e->neg.v[i].text);
	}
	if (e->scored) {
		buf_adds(b, ",\"label\":[");
		line_score(b, e->pos.v[0].score);
		for (i = 0; i < e->neg.n; i++) {
			buf_addc(b, ',');
			line_score(b, e->neg.v[i].score);
		}
		buf_addc(b, ']');
	}
	buf_adds(b, "}\n");
}

static void
add_passages(
    struct buf *b, const char *name, const struct passages *p, int scored)
{
	char id[MD5_HEX];
	size_t i;

	buf_fmt(b, ",\"%s\":[", name);
	for (i = 0; i < p->n; i++) {
		hash_md5(p->v[i].text, id);
		buf_fmt(
		    b, "%s{\"docid\":\"%s\",\"text\":", i > 0 ? "," : "", id);
		js_quote(b, p->v[i].text);
		if (scored) {
			buf_adds(b, ",\"score\":");
			line_score(b, p->v[i].score);
		}
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

/* A title, even an empty one, would put a space before each text. */
static void
tevatron_line(struct buf *b, const struct format *f, const struct example *e)
{
	struct buf query = { 0 };
	char id[MD5_HEX];

	format_query(&query, f, e);
	hash_md5(buf_span(&query), id);
	buf_fmt(b, "{\"query_id\":\"%s\",\"query\":", id);
	js_quote(b, buf_span(&query));
	buf_free(&query);
	add_passages(b, "positive_passages", &e->pos, e->scored);
	add_passages(b, "negative_passages", &e->neg, e->scored);
	buf_adds(b, "}\n");
}

line_writer *const line_writers[] = {
	[FOR_FLAG] = flag_line,
	[FOR_ST] = st_line,
	[FOR_TEVATRON] = tevatron_line,
	[FOR_BEIR] = NULL,
};
