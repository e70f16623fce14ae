/*
 * estimate: counts what requests would take, without sending any.
 *
 * Prompts are counted by their bytes. The length of an answer is taken to be
 * the mean of those in the cache; without a cache it is assumed. The token
 * limit gives the maximum.
 */
#ifndef TG_LLM_ESTIMATE_H
#define TG_LLM_ESTIMATE_H

#include "llm/cost.h"
#include "llm/request.h"
#include "record/filter.h"
#include "respcache/responses.h"

struct estimate {
	/* inputs, set by the caller */
	const struct body_opts *body;
	const char *model; /* model; NULL: the cache is not looked into */
	struct responses *answers; /* cache; NULL: none */
	struct cost prices;
	int choices, single; /* chat_job's want, and single of chat_opts */
	enum rec_kind only;  /* kind of requests counted; REC_NO_KIND: all */
	int pretend;         /* 1: answer the records, see estimate_add */
	const char *stats;   /* second file for the JSON; NULL: none */

	/* counts for each kind of request */
	struct estimate_kind {
		unsigned long requests,
		    cached; /* cached: answered by the cache */
		unsigned long answers,
		    had;             /* had: answers that the cache has */
		unsigned long calls; /* calls left to make */
		long long prompt, most, expected; /* tokens of the calls */
		double known, length; /* number of answers in the cache; their
					 mean tokens */
	} kinds[REC_NO_KIND];
	int failed; /* 1: stats could not be written */
};

/*
 * Count the request of a record; return 0, or -1 if it could not be sent. With
 * pretend, answer the record from the cache, or with filler of the expected
 * length.
 */
int estimate_add(struct estimate *, struct rec *, int pretend);

/* Append the estimate as one JSON object, or as a line of words. */
void estimate_json(const struct estimate *, struct buf *);
void estimate_words(const struct estimate *, struct buf *);

/*
 * Count the requests in files, as filter_run reads them, and return the exit
 * status. The JSON goes to stdout; with pretend the records do. Without stats
 * the estimate is printed on stderr as well.
 */
int estimate_run(struct estimate *, struct filter *, char *const *files);

#endif
