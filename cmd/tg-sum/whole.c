/* whole: what all documents would take, as the requests of a sample show it */
#include "whole.h"

#include <math.h>

#include "io/progress.h"

/* Return the number called name in object, 0 if there is none. */
static double
number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

void
whole_add(struct whole *w, json_t *counts)
{
	double asked = number(counts, "records"), times;
	double sent = asked - number(counts, "cached_records");
	double calls = number(counts, "calls") - number(counts, "retries");
	double ms = number(json_object_get(counts, "latency_ms"), "p50");
	double jobs = number(counts, "jobs"), seconds = 0;

	if (asked == 0)
		return;
	w->unknown |= sent <= 0;
	times = sent > 0 ? asked / sent : 0;
	w->calls += times * calls;
	w->prompt += times * number(counts, "prompt_tokens");
	w->completion += times * number(counts, "completion_tokens");
	w->cost += times * number(counts, "cost");
	if (jobs > 0)
		seconds = times * calls * ms / 1000 / jobs;
	if (seconds > w->seconds) {
		w->seconds = seconds;
		w->answer = ms / 1000;
		w->at_once = fmin(jobs, sent);
		w->jobs = jobs;
	}
}

void
whole_words(struct buf *b, const struct whole *w, long long all,
    long long lines, double triplets, double seconds)
{
	double n = (double)all / (double)lines;

	buf_fmt(b, "all %lld documents, going by %s%lld: ", all,
	    lines < all ? "these " : "all ", lines);
	if (w->unknown)
		buf_adds(b, "some stage asked only the cache, so their cost "
			    "is not known; see --estimate");
	else {
		buf_fmt(b,
		    "about %.0f triplets, %.0f calls, %.0f tokens in, %.0f "
		    "out, ",
		    n * triplets, n * w->calls, n * w->prompt,
		    n * w->completion);
		if (w->cost > 0)
			buf_fmt(b, "cost %.15g, ",
			    round(n * w->cost * 10000) / 10000);
		progress_time(b, n * seconds);
		buf_adds(b, " at the speed of these");
		if (w->seconds > 0) {
			buf_fmt(b,
			    " (%.3g s an answer with up to %.0f in flight), ",
			    w->answer, w->at_once);
			progress_time(b, n * w->seconds);
			buf_fmt(b, " if it is the same with %.0f in flight",
			    w->jobs);
		}
	}
}
