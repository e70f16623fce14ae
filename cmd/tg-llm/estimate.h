/*
 * estimate: what requests would take, without sending any.
 *
 * Prompts are counted by their bytes. How long answers will be nobody knows:
 * those that the cache has say what theirs are like, and without any a length
 * is assumed; the token limit is the most.
 */
#ifndef TG_LLM_ESTIMATE_H
#define TG_LLM_ESTIMATE_H

#include "llm/cost.h"
#include "llm/request.h"
#include "record/filter.h"
#include "respcache/responses.h"

struct forecast {
	/* the caller's to fill in */
	const struct body_opts *body;
	const char *model;       /* or NULL: nothing is looked up */
	struct responses *answers; /* or NULL */
	struct spend prices;
	int choices, single; /* as in chat_job's want and chat_opts */
	enum rec_kind only;  /* count no other, unless it is REC_NO_KIND */
	int pretend;         /* see forecast_add */
	const char *stats;   /* write the JSON there, too; or NULL */

	/* by kind of request */
	struct forecast_kind {
		unsigned long requests, cached; /* of them, answered already */
		unsigned long answers, had;     /* answers wanted, and there */
		unsigned long calls;            /* left to make */
		long long prompt, most, expected; /* tokens of these */
		double known, length; /* answers seen, and their mean tokens */
	} kinds[REC_NO_KIND];
	int failed; /* to write stats */
};

/*
 * Count a record's request: 0, or -1 if it is none that could be sent. With
 * pretend it is answered by what the cache has, and filler of the length that
 * is expected.
 */
int forecast_add(struct forecast *, struct rec *, int pretend);

/* Append all of it as one JSON object, and as a line of words. */
void forecast_json(const struct forecast *, struct buf *);
void forecast_words(const struct forecast *, struct buf *);

/*
 * Count the requests in files, as filter_run reads them. The JSON goes to
 * stdout; with pretend the records do. It is said on stderr as well, but not
 * where it goes to a file anyway.
 * Returns the exit status.
 */
int forecast_run(struct forecast *, struct filter *, char *const *files);

#endif
