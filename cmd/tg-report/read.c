/* read: the records of a data set, whatever program wrote them */
#include "read.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "io/io.h"
#include "io/lines.h"
#include "json/find.h"
#include "json/string.h"
#include "record/judged.h"
#include "record/rec.h"
#include "record/triplet.h"

/* Return the string key of tg, else of meta; p NULL: neither has it. */
static struct span
stamp(struct rec *r, struct span meta, const char *key)
{
	struct span s = rec_tg_str(r, key);

	return s.p != NULL ? s : js_string(js_find(meta, key), &r->mem);
}

/* Read what the judge said: in tg or meta, or as tg-emit --debug writes it. */
static void
read_judge(struct rec *r, struct span meta, struct item *t)
{
	struct span judge = rec_tg(r, "judge"), plain = rec_get(r, "judge");
	struct span first;

	if (!js_is_object(judge))
		judge = js_find(meta, "judge");
	t->verdict = (int)js_int(js_find(judge, "verdict"), -1);
	first = js_is_object(rec_tg(r, "judge_first"))
		    ? rec_tg(r, "judge_first")
		    : js_find(meta, "judge_first");
	t->had_second = js_is_object(first) && js_is_object(judge);
	t->p = judged_p(js_is_object(first) ? first : judge);
	t->answer = js_string(js_find(judge, "answer"), &r->mem);
	if (t->answer.p == NULL)
		t->answer = rec_str(r, "judge_response");
	if (t->verdict == -1 && js_is_string(plain) && plain.n == 3)
		t->verdict = plain.p[1] - '0';
	if (t->verdict < 0 || t->verdict > 2)
		t->verdict = -1;
}

/* Read why a record is not kept; return whether it is not. */
static int
read_reason(struct rec *r, struct item *t)
{
	struct span end = rec_tg(r, "error");

	t->outcome = FAILED;
	if (!js_is_there(end)) {
		end = rec_tg(r, "rejected");
		t->outcome = REJECTED;
	}
	if (!js_is_there(end)) {
		if (!span_is(rec_get(r, "rejected"), "true")) {
			t->outcome = KEPT;
			return 0;
		}
		t->code = span_of(t->verdict == 0   ? "judge_0"
				  : t->verdict == 2 ? "judge_2"
						    : "no_reason");
		return 1;
	}
	t->tool = js_string(js_find(end, "tool"), &r->mem);
	t->code = js_string(js_find(end, "code"), &r->mem);
	t->message = js_string(js_find(end, "message"), &r->mem);
	if (t->code.n == 0)
		t->code = span_of("no_reason");
	return 1;
}

/* Return the bytes that an error record holds of a bad line. */
static struct span
raw_line(struct rec *r)
{
	struct span raw = rec_tg_str(r, "raw");
	unsigned char *bytes;
	int n;

	if (raw.n == 0 || raw.n > 1024 * 1024)
		return (struct span){ NULL, 0 };
	bytes = arena_get(&r->mem, raw.n / 4 * 3 + 4);
	n = EVP_DecodeBlock(bytes, (const unsigned char *)raw.p, (int)raw.n);
	if (n < 3)
		return (struct span){ NULL, 0 };
	n -= raw.p[raw.n - 1] == '=';
	n -= raw.p[raw.n - 2] == '=';
	return (struct span){ (char *)bytes, (size_t)n };
}

/* Append a negative; *room is what the array has. */
static void
add_negative(struct item *t, struct span raw, size_t *room)
{
	struct span *old = t->raw_neg;

	if (t->nneg == *room) {
		*room = *room > 0 ? *room * 2 : 8;
		t->raw_neg = arena_get(t->mem, *room * sizeof *old);
		if (t->nneg > 0)
			memcpy(t->raw_neg, old, t->nneg * sizeof *old);
	}
	t->raw_neg[t->nneg++] = raw;
}

/* Find the texts of neg, one string or a list. */
static void
read_negatives(struct rec *r, struct span neg, struct item *t)
{
	size_t at = 0, room = 0;
	struct span one;

	t->mem = &r->mem;
	if (js_is_string(neg))
		add_negative(t, neg, &room);
	while (js_next(neg, &at, &one))
		if (js_is_string(one))
			add_negative(t, one, &room);
	t->neg = arena_get(t->mem, (t->nneg + 1) * sizeof *t->neg);
	t->neg[0].p = NULL;
}

const struct span *
item_negatives(const struct item *t)
{
	size_t i;

	for (i = 0; i < t->nneg && (i > 0 || t->neg[0].p == NULL); i++)
		t->neg[i] = js_string(t->raw_neg[i], t->mem);
	return t->neg;
}

/* Read the members of a record; return NULL, or what is wrong with it. */
static const char *
read_item(struct rec *r, int rejects, struct item *t)
{
	struct span meta = rec_get(r, "meta"), field = rec_tg_str(r, "field");
	struct triplet triplet = triplet_of(r);
	const char *why;

	t->task = stamp(r, meta, "task");
	t->language = stamp(r, meta, "language");
	t->code_language = stamp(r, meta, "code_language");
	if (t->code_language.p == NULL)
		t->code_language = rec_str(r, "code_language");
	t->id = stamp(r, meta, "id");
	t->path = js_string(js_find(meta, "path"), &r->mem);
	if (t->path.p == NULL)
		t->path = rec_str(r, "path");
	read_judge(r, meta, t);
	if (!read_reason(r, t) && rejects) {
		t->outcome = REJECTED;
		t->code = span_of("no_reason");
	}
	why = triplet_wrong(&triplet);
	if (t->outcome == KEPT && why != NULL)
		return why;
	if (t->task.p == NULL)
		t->task = rec_str(r, "prompt");
	t->query = js_string(triplet.query, &r->mem);
	t->pos = js_string(triplet.first, &r->mem);
	t->raw_pos = triplet.first;
	read_negatives(r, triplet.neg, t);
	t->text = rec_str(
	    r, field.n > 0 ? arena_dup(&r->mem, field.p, field.n) : "text");
	if (t->text.p == NULL)
		t->text = raw_line(r);
	return NULL;
}

/* Count a bad line, and name it unless many were named. */
static void
note_bad(struct reading *g, const struct lines *in, const char *why)
{
	struct bad_line *b = &g->first[g->bad];

	if (g->bad++ >= READ_BAD_MAX) {
		if (g->bad == READ_BAD_MAX + 1)
			io_warn("more lines were skipped, and are not named");
		return;
	}
	io_warn("%s:%zu: skipped, %s", in->name, in->lineno, why);
	*b = (struct bad_line){ mem_dup(in->name, strlen(in->name)), in->lineno,
		mem_dup(why, strlen(why)) };
}

/* Read one line, and hand its record on. */
static void
take_line(struct reading *g, const struct lines *in, struct rec *r,
    struct span line, int rejects)
{
	struct item t = { .verdict = -1, .p = -1 };
	const char *why;

	t.file = in->name;
	t.line = in->lineno;
	if (rec_read(r, line, &why) == -1 ||
	    (why = read_item(r, rejects, &t)) != NULL)
		note_bad(g, in, why);
	else if (g->has_rejects && !rejects &&
		 span_is(rec_get(r, "rejected"), "true"))
		g->twice++;
	else
		g->take(g->ctx, &t);
}

int
read_files(
    struct reading *g, const char *const *files, int rejects, const char **name)
{
	struct rec r = { 0 };
	struct lines in;
	struct span line;
	enum lines_got got;
	size_t bytes;
	int error = 0;

	lines_init(&in, files, g->max_line);
	while ((got = lines_next(&in, &line, &bytes)) != LINES_END) {
		if (got == LINES_MORE) {
			if (lines_fill(&in) == 0 || errno == EINTR)
				continue;
			error = errno;
			break;
		}
		g->lines++;
		if (got == LINES_LONG)
			note_bad(g, &in, "line too long");
		else
			take_line(g, &in, &r, line, rejects);
	}
	*name = in.name;
	rec_free(&r);
	lines_free(&in);
	errno = error;
	return error != 0 ? -1 : 0;
}

void
read_free(struct reading *g)
{
	size_t i;

	for (i = 0; i < READ_BAD_MAX; i++) {
		free(g->first[i].file);
		free(g->first[i].why);
	}
}
