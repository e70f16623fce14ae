/* measure: what became of the records, and what triplets are like */
#include "measure.h"

#include <stdlib.h>

#include "base/overlap.h"
#include "base/text.h"
#include "io/counts.h"
#include "json/string.h"
#include "lex/tokens.h"

enum { ROWS = 1000, NAME_BYTES = 120, LIMIT = 512, FIRST = 2000, ONE_IN = 16 };

static const char *const names[] = { "task", "language", "code_language" };
enum { NNAMES = sizeof names / sizeof *names };

/* Return the counts of the record's task and languages, borrowed. */
static json_t *
row_of(struct measure *m, struct rec *r)
{
	struct span value[NNAMES];
	struct buf key = { 0 }, one = { 0 };
	json_t *row;
	size_t i;

	if (m->tasks == NULL)
		m->tasks = json_object();
	for (i = 0; i < NNAMES; i++) {
		value[i] = rec_tg_str(r, names[i]);
		text_printable(&key, value[i], NAME_BYTES);
		buf_addc(&key, '\n');
	}
	row = json_object_get(m->tasks, buf_cstr(&key));
	if (row == NULL && json_object_size(m->tasks) >= ROWS) {
		buf_clear(&key);
		buf_adds(&key, "other");
		value[0] = span_of("other");
		value[1] = value[2] = span_of("");
		row = json_object_get(m->tasks, buf_cstr(&key));
	}
	if (row == NULL) {
		row = json_object();
		json_object_set_new(m->tasks, buf_cstr(&key), row);
		for (i = 0; i < NNAMES; i++) {
			buf_clear(&one);
			text_printable(&one, value[i], NAME_BYTES);
			json_object_set_new(
			    row, names[i], json_string(buf_cstr(&one)));
		}
		json_object_set_new(row, "triplets", json_integer(0));
		json_object_set_new(row, "rejected", json_object());
		json_object_set_new(row, "errors", json_object());
		json_object_set_new(row, "duplicates", json_integer(0));
	}
	buf_free(&key);
	buf_free(&one);
	return row;
}

/* Add 1 to the number called name. */
static void
add_one(json_t *object, const char *name)
{
	json_t *n = json_object_get(object, name);

	json_object_set_new(
	    object, name, json_integer(json_integer_value(n) + 1));
}

void
measure_duplicate(struct measure *m, struct rec *r)
{
	add_one(row_of(m, r), "duplicates");
}

void
measure_ended(
    struct measure *m, struct rec *r, const char *what, struct span code)
{
	json_t *codes = json_object_get(row_of(m, r), what);
	struct buf b = { 0 };

	text_printable(&b, code, COUNTS_NAME_LEN);
	if (b.n == 0)
		buf_adds(&b, "unknown");
	if (json_object_get(codes, buf_cstr(&b)) == NULL &&
	    json_object_size(codes) >= COUNTS_NAMES - 1) {
		buf_clear(&b);
		buf_adds(&b, "other");
	}
	add_one(codes, buf_cstr(&b));
	buf_free(&b);
}

void
measure_triplet(struct measure *m, struct rec *r, const struct triplet *t)
{
	struct span query, pos;
	struct overlap o;

	add_one(row_of(m, r), "triplets");
	if (m->triplets++ >= FIRST && m->triplets % ONE_IN != 0)
		return;
	query = js_string(t->query, &r->mem);
	pos = js_string(t->first, &r->mem);
	m->measured++;
	m->query_over += tokens_estimate(query) > LIMIT;
	m->pos_over += tokens_estimate(pos) > LIMIT;
	o = overlap_count(query, pos);
	if (o.of > 0) {
		m->shared++;
		m->percent[o.found * 100 / o.of]++;
	}
}

void
measure_json(struct buf *b, const struct measure *m)
{
	const char *key, *comma = "";
	size_t sum = 0;
	json_t *row;
	char *text;
	int i = 0;

	buf_adds(b, ",\"tasks\":[");
	json_object_foreach (m->tasks, key, row) {
		text = json_dumps(row, JSON_COMPACT);
		buf_fmt(b, "%s%s", comma, text);
		free(text);
		comma = ",";
	}
	while (i < 100 && (sum += m->percent[i]) * 2 < m->shared)
		i++;
	buf_fmt(b,
	    "],\"measured\":{\"triplets\":%zu,\"query_over_512\":%zu,"
	    "\"pos_over_512\":%zu,\"queries\":%zu,\"shared_words\":%d}",
	    m->measured, m->query_over, m->pos_over, m->shared,
	    m->shared > 0 ? i : 0);
}

void
measure_free(struct measure *m)
{
	json_decref(m->tasks);
}
