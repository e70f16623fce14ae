/*
 * job: the samples of a job, which of them are good, and which are kept in the
 * response cache. It knows no endpoint and no attempt.
 */
#pragma once

#include <sys/queue.h>

#include "chat/chat.h"
#include "chat/session.h"
#include "respcache/responses.h"

/* An answer that a job wants. */
struct sample {
	int have;
	struct reply_choice choice;
};

STAILQ_HEAD(job_list, chat_job);

/* The parts that all jobs share. */
struct jobs {
	const struct chat_opts *o;
	struct session *session;
	struct job_list done;      /* finished, and not yet given back */
	struct responses *answers; /* response cache; or NULL */
	size_t dims;               /* floats of each vector; 0: none yet */
	int warned_read_only;      /* whether the user knows of read-only */
	int write_failed;          /* whether an answer could not be stored */
};

/* Give a job back as it is. */
void job_finish(struct jobs *, struct chat_job *);

/* Note why a job fails. The first reason stays. */
void job_fail(
    struct chat_job *, const char *code, long status, const char *message);

/* Give back a job without attempts: with its good samples, or failed. */
void job_conclude(struct jobs *, struct chat_job *);

/*
 * Make the texts whose vectors a job lacks the array that its ask has as
 * messages; a job without texts stays as it is.
 */
void job_gather(struct chat_job *);

/* Return how many scores a job asks for; 0: it asks for something else. */
int job_scores(const struct chat_job *);

/* Return whether the answers to a job are words: neither vectors nor scores. */
int job_has_words(const struct chat_job *);

/* Return whether the n samples of a request for a job have several texts. */
int job_has_parts(const struct chat_job *, int n);

/* Return how many samples a job lacks. */
int job_missing(const struct chat_job *);

/* Return whether a choice reached the token limit before it said anything. */
int job_is_cut_off(const struct jobs *, const struct reply_choice *);

/*
 * Return the error code of a reply whose choices all say nothing, for no reason
 * given, and its *message, both constant; NULL if that is not so.
 */
const char *job_why_empty(
    const struct jobs *, const struct reply *, const char **message);

/* Fill in the samples that the response cache has: how many they are. */
int job_read_cache(struct jobs *, struct chat_job *);

/*
 * Make a choice the i-th sample of a job and add it to the response cache, if
 * there is one and the choice is worth its place: 1; 0 if that sample is there
 * already. job_store writes what was added, the samples of a reply together; a
 * failure ends the session.
 */
int job_fill(
    struct jobs *, struct chat_job *, int i, const struct reply_choice *);
void job_store(struct jobs *);
