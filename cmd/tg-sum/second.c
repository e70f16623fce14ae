/* second: what a second judge has decided, and what that took */
#include "second.h"

#include <string.h>

#include "io/counts.h"
#include "words.h"

/* Add counts to sums, which are made if they are not there. */
static void
add_to(json_t **sums, json_t *counts)
{
	if (*sums == NULL)
		*sums = json_object();
	counts_sum(*sums, counts);
}

void
second_judged(struct second *s, json_t *counts)
{
	add_to(&s->judged, json_object_get(counts, "judged"));
}

void
second_asked(struct second *s, json_t *counts)
{
	const char *stage = json_string_value(json_object_get(counts, "stage"));

	if (stage == NULL || strcmp(stage, "judge-2") != 0)
		return;
	add_to(&s->took, counts);
	json_decref(s->model);
	s->model = json_incref(json_object_get(counts, "model"));
}

int
second_is_there(const struct second *s)
{
	return words_number(s->judged, "first") +
		   words_number(s->judged, "second") >
	       0;
}

void
second_words(struct buf *b, const struct second *s)
{
	const char *model = json_string_value(s->model);

	buf_adds(b, "the second judge");
	if (model != NULL)
		buf_fmt(b, ", %s,", model);
	buf_fmt(
	    b, " decided about %.0f of ", words_number(s->judged, "second"));
	words_plural(
	    b, words_number(s->judged, "first"), "judged pair", "judged pairs");
	b->n -= 2;
	buf_fmt(b,
	    ": it keeps %.0f that the first would reject, and rejects %.0f "
	    "that it would keep; ",
	    words_number(s->judged, "second_keeps"),
	    words_number(s->judged, "second_rejects"));
	words_took(b, s->took);
	b->n -= 2;
}
