/* words: counts in words */
#include "words.h"

#include <math.h>

double
words_number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

double
words_total(json_t *object)
{
	const char *name;
	double total = 0;
	json_t *count;

	json_object_foreach (object, name, count)
		total += json_number_value(count);
	return total;
}

void
words_plural(struct buf *b, double n, const char *one, const char *more)
{
	buf_fmt(b, "%.0f %s, ", n, n == 1 ? one : more);
}

void
words_counts(struct buf *b, json_t *counts, const char *what)
{
	const char *name, *between = " (";
	json_t *count;

	buf_fmt(b, "%.0f %s", words_total(counts), what);
	json_object_foreach (counts, name, count) {
		if (json_number_value(count) == 0)
			continue;
		buf_fmt(
		    b, "%s%.0f %s", between, json_number_value(count), name);
		between = ", ";
	}
	buf_adds(b, words_total(counts) > 0 ? "), " : ", ");
}

void
words_cost(struct buf *b, const char *before, double cost, const char *after)
{
	buf_fmt(b, "%s%.15g%s", before, round(cost * 10000) / 10000, after);
}

void
words_took(struct buf *b, const json_t *llm)
{
	words_plural(b, words_number(llm, "calls"), "call", "calls");
	words_plural(b, words_number(llm, "retries"), "retry", "retries");
	words_plural(
	    b, words_number(llm, "cached"), "cached answer", "cached answers");
	buf_fmt(b, "%.0f tokens in, %.0f out, ",
	    words_number(llm, "prompt_tokens"),
	    words_number(llm, "completion_tokens"));
	if (words_number(llm, "cost") > 0)
		words_cost(b, "cost ", words_number(llm, "cost"), ", ");
}
