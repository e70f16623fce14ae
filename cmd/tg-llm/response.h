/*
 * response: makes the job that a record asks for, and puts answers and errors
 * into the record.
 */
#pragma once

#include "options.h"

/*
 * Return the value of --only that serves a record which is asked; ONLY_ALL if
 * its request is of no known kind.
 */
int response_only(const struct rec *);

/* Return whether a record asks something of the kind that o->only serves. */
int response_wanted(const struct rec *, const struct llm_opts *o);

/* Return in how many ways, 1 at least, the record's request asks. */
int response_ways(const struct rec *, const struct llm_opts *);

/*
 * Set the members of a zeroed job that tell what the record's request asks for,
 * in its way-th way from 0. Return its kind; or REC_NO_KIND, and the record is
 * ended in error, if the request asks for nothing.
 */
enum rec_kind response_job(
    struct rec *, const struct llm_opts *, struct chat_job *, int way);

/*
 * Add what the finished job of a further way has brought to the job of the
 * first, whose choices then lie in the record's memory. Some choices will do;
 * without any, and where one was stopped or left, the first such job tells why.
 */
void response_join(
    struct rec *, struct chat_job *first, const struct chat_job *other);

/*
 * Append the prompt and first choice of an answered job, or all votes of a
 * judge, to tg.log.
 */
void response_log(struct rec *, const struct chat_job *);

/*
 * Put the answers of a finished job into its record: tg.response replaces
 * tg.request; with keep an entry of tg.log is added. A failed job leaves no
 * choices, or scores, and its reason as `error`.
 */
void response_put(struct rec *, const struct chat_job *, int keep);

/*
 * Return whether a record goes on without the answers of its failed job: a pair
 * is not lost to its negatives. A job that was stopped can be asked again.
 */
int response_may_lack(const struct rec *, const struct chat_job *);

/* End a record in the error of its failed job. */
void response_fail(struct rec *, const struct chat_job *);
