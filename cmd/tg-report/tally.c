/* tally: what became of the records, by task and language, and why */
#include "tally.h"

#include <stdlib.h>

#include "base/text.h"

enum { NAME_MAX_BYTES = 120, MESSAGE_MAX = 300 };

/* Return a new copy of a name, cut and printable. */
static char *
name_of(struct span s)
{
	struct buf b = { 0 };
	char *copy;

	text_printable(&b, s, NAME_MAX_BYTES);
	copy = mem_dup(b.p, b.n);
	buf_free(&b);
	return copy;
}

static struct tally_row *
row_of(struct tally *t, const struct item *item)
{
	static const char other[] = "other";
	struct tally_row *row;
	struct buf name = { 0 };
	size_t *number;

	buf_add0(&name, item->task);
	buf_add0(&name, item->language);
	buf_addspan(&name, item->code_language);
	if (t->nrows >= TALLY_ROWS &&
	    keyset_find(&t->index,
		keyset_key(span_of(""), 'r', buf_span(&name))) == NULL) {
		buf_clear(&name);
		buf_adds(&name, other);
	}
	t->index.value = sizeof *number;
	number = keyset_add(
	    &t->index, keyset_key(span_of(""), 'r', buf_span(&name)));
	if (*number == 0) {
		t->rows = mem_array(t->rows, t->nrows + 1, sizeof *t->rows);
		row = &t->rows[t->nrows];
		*number = ++t->nrows;
		*row = (struct tally_row){ 0 };
		if (span_is(buf_span(&name), other)) {
			row->task = name_of(span_of(other));
			row->language = name_of(span_of(""));
			row->code_language = name_of(span_of(""));
		} else {
			row->task = name_of(item->task);
			row->language = name_of(item->language);
			row->code_language = name_of(item->code_language);
		}
	}
	buf_free(&name);
	return &t->rows[*number - 1];
}

/* Keep the message of a record if it is the first with its code. */
static void
keep_message(struct tally *t, const struct item *item)
{
	struct buf code = { 0 }, b = { 0 };

	if (item->message.n == 0)
		return;
	if (t->message == NULL)
		t->message = json_object();
	text_printable(&code, item->code, COUNTS_NAME_LEN);
	if (json_object_get(t->message, buf_cstr(&code)) == NULL &&
	    json_object_size(t->message) < COUNTS_NAMES) {
		text_printable(&b, item->message, MESSAGE_MAX);
		json_object_set_new(
		    t->message, buf_cstr(&code), json_string(buf_cstr(&b)));
	}
	buf_free(&code);
	buf_free(&b);
}

void
tally_add(struct tally *t, const struct item *item)
{
	struct tally_row *row = row_of(t, item);
	int bin;

	row->n[item->outcome]++;
	t->n[item->outcome]++;
	if (item->outcome != KEPT) {
		counts_add(&row->why, item->code);
		counts_add(&t->why[item->outcome], item->code);
		keep_message(t, item);
	}
	if (item->verdict >= 0) {
		t->verdicts[item->verdict]++;
		t->judged++;
		t->second += (size_t)item->had_second;
	}
	if (item->p >= 0) {
		bin = (int)(item->p * P_BINS);
		t->by_p[bin < P_BINS ? bin : P_BINS - 1]++;
		t->with_p++;
	}
}

size_t
tally_all(const struct tally *t)
{
	return t->n[KEPT] + t->n[REJECTED] + t->n[FAILED];
}

void
tally_free(struct tally *t)
{
	size_t i;

	for (i = 0; i < t->nrows; i++) {
		free(t->rows[i].task);
		free(t->rows[i].language);
		free(t->rows[i].code_language);
		counts_free(&t->rows[i].why);
	}
	free(t->rows);
	keyset_free(&t->index);
	counts_free(&t->why[REJECTED]);
	counts_free(&t->why[FAILED]);
	json_decref(t->message);
}
