/* verify: what an LLM's rankings make of the negatives of a pair */
#include "verify.h"

#include <string.h>

#include "json/find.h"
#include "json/string.h"
#include "llm/ranking.h"
#include "move.h"
#include "record/triplet.h"

enum { ORDERS_MAX = 2 };

/*
 * The rankings of a record. Document 0 is the positive; its negatives follow,
 * then the copies of it that were planted.
 */
struct rankings {
	size_t n;               /* number of documents */
	int norders;            /* orders in which they were asked about */
	int *place[ORDERS_MAX]; /* place of each from 1; 0: not named */
};

static struct verify_fault
fault(const char *code, const char *why)
{
	return (struct verify_fault){ span_of(code), span_of(why) };
}

/* Read a raw list of the numbers 0 to n - 1, each once: 0, or -1. */
static int
read_order(struct span list, size_t n, int *order, struct arena *mem)
{
	char *seen = arena_get(mem, n);
	struct span one;
	size_t at = 0, i = 0;
	long long v;

	memset(seen, 0, n);
	for (; js_next(list, &at, &one); i++) {
		v = js_int(one, -1);
		if (i == n || v < 0 || v >= (long long)n || seen[v])
			return -1;
		seen[v] = 1;
		order[i] = (int)v;
	}
	return i == n ? 0 : -1;
}

/* Read the answer to one order into the places of the documents: 0, or -1. */
static int
read_places(
    struct rankings *k, const int *order, struct span text, struct arena *mem)
{
	int *named = arena_get(mem, k->n * sizeof *named);
	int *place = arena_get(mem, k->n * sizeof *place);
	int count, i;

	memset(place, 0, k->n * sizeof *place);
	count = text.p != NULL ? ranking_read(text, (int)k->n, named) : -1;
	for (i = 0; i < count; i++)
		place[order[named[i] - 1]] = i + 1;
	k->place[k->norders++] = place;
	return count == -1 ? -1 : 0;
}

/* Return why a request failed, or was not answered in each order. */
static struct verify_fault
failure_of(struct rec *r, struct span response)
{
	struct span error = js_find(response, "error");
	struct verify_fault f = { js_string(js_find(error, "code"), &r->mem),
		js_string(js_find(error, "message"), &r->mem) };

	if (f.code.p == NULL)
		f.code = span_of("no_ranking");
	if (f.why.p == NULL)
		f.why = span_of("an order in which the documents were asked "
				"about has no answer");
	return f;
}

/* Read the answers of a record into *k, or return why that cannot be. */
static struct verify_fault
read_rankings(struct rec *r, struct rankings *k)
{
	struct span response = rec_tg(r, "response"), list, choice;
	struct span orders = js_find(response, "orders");
	struct span choices = js_find(response, "choices");
	int *order = arena_get(&r->mem, k->n * sizeof *order);
	size_t at = 0, at_choice = 0;

	if (js_count(choices) == 0 || js_count(choices) != js_count(orders))
		return failure_of(r, response);
	while (js_next(orders, &at, &list)) {
		if (k->norders == ORDERS_MAX ||
		    read_order(list, k->n, order, &r->mem) == -1)
			return fault("bad_orders",
			    "tg.response.orders does not fit the negatives");
		(void)js_next(choices, &at_choice, &choice);
		if (read_places(k, order,
			js_string(js_find(choice, "text"), &r->mem),
			&r->mem) == -1)
			return fault("verify_unreadable",
			    "the answer is not a list of the documents' "
			    "numbers");
	}
	return (struct verify_fault){ { NULL, 0 }, { NULL, 0 } };
}

/* Return in how many of the orders a document is named. */
static int
times_named(const struct rankings *k, size_t document)
{
	int i, n = 0;

	for (i = 0; i < k->norders; i++)
		n += k->place[i][document] > 0;
	return n;
}

static enum fate
fate_of(const struct rankings *k, size_t document, int promote)
{
	int i, named = times_named(k, document);

	if (named < k->norders)
		return named > 0 ? DOUBTFUL : STAYS;
	/* no place is above that of a positive which is not named */
	if (!promote || times_named(k, 0) < k->norders)
		return DROPPED;
	for (i = 0; i < k->norders; i++)
		if (k->place[i][document] > k->place[i][0])
			return DROPPED;
	return PROMOTED;
}

/* Numbers of a verified record, as tg.verified has them. */
struct outcome {
	size_t fates[4]; /* negatives by their fate */
	size_t planted;  /* copies of the positive among the documents */
	size_t found;    /* copies that each order names as answers */
};

/* Set tg.verified; what an earlier verification took out counts on. */
static void
note_counts(struct rec *r, const struct rankings *k, const struct outcome *o)
{
	struct span old = rec_tg(r, "verified");
	struct span model = js_find(rec_tg(r, "response"), "model");
	size_t planted = triplet_verified(old, "planted") + o->planted;
	struct buf b = { 0 };

	buf_fmt(&b,
	    "{\"orders\":%d,\"negatives\":%zu,\"promoted\":%zu,"
	    "\"dropped\":%zu,\"doubtful\":%zu,\"positive\":%s",
	    k->norders, k->n - 1 - o->planted + triplet_taken_out(old),
	    triplet_verified(old, "promoted") + o->fates[PROMOTED],
	    triplet_verified(old, "dropped") + o->fates[DROPPED],
	    o->fates[DOUBTFUL],
	    times_named(k, 0) == k->norders ? "true" : "false");
	if (planted > 0)
		buf_fmt(&b, ",\"planted\":%zu,\"found\":%zu", planted,
		    triplet_verified(old, "found") + o->found);
	if (js_is_string(model)) {
		buf_adds(&b, ",\"model\":");
		buf_addspan(&b, model);
	}
	buf_addc(&b, '}');
	rec_tg_put(r, "verified", rec_hold(r, &b));
}

/* Return element i of a list or, of one text, that text, decoded. */
static struct span
text_at(struct rec *r, struct span list, size_t i)
{
	return js_string(js_is_string(list) ? list : js_at(list, i), &r->mem);
}

/* Return whether pos has negative i already, or will have, as promoted. */
static int
is_in_pos(struct rec *r, const enum fate *fates, size_t i)
{
	struct span pos = rec_get(r, "pos"), neg = rec_get(r, "neg");
	struct span text = text_at(r, neg, i);
	size_t k, n = js_is_string(pos) ? 1 : js_count(pos);

	for (k = 0; k < n; k++)
		if (span_eq(text_at(r, pos, k), text))
			return 1;
	for (k = 0; k < i; k++)
		if (fates[k] == PROMOTED && span_eq(text_at(r, neg, k), text))
			return 1;
	return 0;
}

/* Move the negatives, and count them and the copies by their fates. */
static void
take_rankings(
    struct rec *r, const struct rankings *k, int promote, struct outcome *o)
{
	size_t n = k->n - 1 - o->planted, i;
	enum fate *fates = arena_get(&r->mem, k->n * sizeof *fates), fate;

	for (i = 0; i + 1 < k->n; i++) {
		fate = fate_of(k, i + 1, promote);
		if (i < n && fate == PROMOTED && is_in_pos(r, fates, i))
			fate = DROPPED;
		fates[i] = fate;
		if (i < n)
			o->fates[fate]++;
		else
			o->found += fate == DROPPED || fate == PROMOTED;
	}
	move_negatives(r, fates, n);
}

struct verify_fault
verify_record(struct rec *r, int promote)
{
	struct outcome o = { .planted = js_count(rec_tg(r, "planted")) };
	struct rankings k = { .n = 1 + triplet_negatives(rec_get(r, "neg")) +
				   o.planted };
	struct verify_fault wrong = read_rankings(r, &k);
	const char *word = "ok";

	rec_tg_del(r, "planted");
	if (wrong.code.p != NULL) {
		rec_tg_puts(r, "verify", span_of("unverified"));
		return wrong;
	}
	take_rankings(r, &k, promote, &o);
	if (o.fates[PROMOTED] > 0)
		word = "promoted";
	else if (o.fates[DROPPED] > 0)
		word = "dropped";
	rec_tg_puts(r, "verify", span_of(word));
	note_counts(r, &k, &o);
	return wrong;
}
