/* mirror: the query of a mirrored pair, from the answer that holds it */
#include "mirror.h"

#include <string.h>

#include "base/clean.h"
#include "base/text.h"
#include "json/find.h"
#include "json/string.h"
#include "task/renamed.h"

/* Words that end the prompt; a small model begins its answer with them. */
#define LABEL "New query:"

/* Return whether a text begins with one of these bytes. */
static int
begins(struct span s, const char *bytes)
{
	return s.n > 0 && memchr(bytes, *s.p, strlen(bytes)) != NULL;
}

/*
 * Return whether an answer is NONE, with marks around it or a reason behind; a
 * query that is code may go on with other signs.
 */
static int
declines(struct span s, int is_code)
{
	s = text_trim(s);
	while (begins(s, "*`\"_"))
		s = span_skip(s, 1);
	if (s.n < 4 || memcmp(s.p, "NONE", 4) != 0)
		return 0;
	s = span_skip(s, 4);
	if (s.n == 0 || begins(s, ".!*`\"\r\n"))
		return 1;
	return !is_code &&
	       (begins(s, ":,;") || (s.n > 1 && memcmp(s.p, " (", 2) == 0) ||
		   (s.n > 2 && memcmp(s.p, " -", 2) == 0) ||
		   (s.n > 3 && memcmp(s.p, " \xe2\x80", 3) == 0));
}

/* Return whether two queries are equal; code is but for names and layout. */
static int
same_query(struct rec *r, struct span s, struct span other, int is_code)
{
	const struct lex_language *language =
	    lex_find(rec_tg_str(r, "code_language"));
	unsigned char digest[2][RENAMED_BYTES];

	if (span_eq(text_trim(s), text_trim(other)))
		return 1;
	if (!is_code)
		return 0;
	renamed_digest(language, s, digest[0]);
	renamed_digest(language, other, digest[1]);
	return memcmp(digest[0], digest[1], RENAMED_BYTES) == 0;
}

/* Return the query that the answer gives; p NULL: the record has ended. */
static struct span
read_query(struct rec *r, struct span old, const struct negatives *set)
{
	struct span none = { NULL, 0 }, answer = rec_answer(r), s;
	int is_code = set->queries_are_code;

	if (answer.p == NULL) {
		rec_error(r, "no_answer", "the response holds no answer text");
		return none;
	}
	s = text_trim(answer);
	if (s.n > strlen(LABEL) && memcmp(s.p, LABEL, strlen(LABEL)) == 0)
		answer = span_skip(s, strlen(LABEL));
	s = text_trim_end(is_code ? clean_code(answer) : clean_text(answer));
	if (s.n == 0) {
		rec_error(r, "empty_answer",
		    "nothing is left of the answer once it is cleaned");
		return none;
	}
	if (declines(s, is_code)) {
		rec_reject(r, "not_applicable",
		    "the model finds no query that only the new positive "
		    "answers");
		return none;
	}
	if (same_query(r, s, old, is_code && !set->layout_counts)) {
		rec_reject(r, "unchanged",
		    "the answer is the query that was to be edited");
		return none;
	}
	if (span_eq(text_trim(s),
		text_trim(js_string(js_at(rec_get(r, "pos"), 0), &r->mem)))) {
		rec_error(r, "query_is_positive",
		    "query and positive are the same text");
		return none;
	}
	return s;
}

/* Take out the negatives that the new query does not allow. */
static void
take_negatives(struct rec *r, struct negatives *set)
{
	struct span old = rec_get(r, "neg"), one;
	struct buf b = { 0 };
	size_t at = 0;

	if (!js_is_array(old))
		return;
	rec_put(r, "neg", span_of("[]"));
	negatives_begin(set, r);
	while (js_next(old, &at, &one)) {
		if (negatives_take(set, js_string(one, &r->mem)).p == NULL)
			continue;
		buf_addc(&b, b.n > 0 ? ',' : '[');
		buf_addspan(&b, one);
	}
	negatives_free(set);
	if (b.n == 0)
		return;
	buf_addc(&b, ']');
	rec_put(r, "neg", rec_hold(r, &b));
}

void
mirror_record(struct rec *r, struct negatives *set)
{
	struct span old = rec_str(r, "query"), query;
	struct span model = js_find(rec_tg(r, "response"), "model");
	struct ending end = negatives_ending(old);
	struct buf b = { 0 }, json = { 0 };

	if (js_is_string(model))
		rec_tg_put(r, "model", model);
	query = read_query(r, old, set);
	if (query.p == NULL)
		return;
	negatives_end_as(&b, query, &end);
	js_quote(&json, buf_span(&b));
	rec_put(r, "query", rec_hold(r, &json));
	buf_free(&b);
	take_negatives(r, set);
}
