/*
 * prompt: a run of tg-prompt, and what its subcommands share.
 */
#pragma once

#include "options.h"
#include "record/filter.h"
#include "secrets.h"
#include "stamp.h"

/* The head of a prompt that was made last, and what it was made from. */
struct head_memo {
	const struct task *task; /* task of the prompt; NULL: none yet */
	int step;
	const char *languages[3]; /* names, from the catalogue */
	struct buf text;
};

struct prompt {
	struct prompt_opts o;
	struct stamps stamps;
	struct secrets secrets;
	struct buf request; /* request of the present record */
	struct head_memo head;
	size_t mirrors; /* records that were added as mirrors */
};

/*
 * Begin the request of a record, with more members of it, up to its one user
 * message, and return the buffer. The caller appends the message there,
 * escaped: it is long, and making it elsewhere cost three copies.
 */
struct buf *request_begin(struct prompt *, const struct rec *, enum rec_kind,
    int step, const char *more);

/*
 * Begin the request of a record that is asked in several ways, up to the first
 * of them, and return the buffer, to which the caller appends the ways.
 */
struct buf *request_begin_ways(
    struct prompt *, const struct rec *, enum rec_kind, const char *more);

/*
 * Attach the request after its message, or its ways: its buffer stays unchanged
 * until rec_write. params is an object of JSON.
 */
void request_attach(struct prompt *, struct rec *, const char *params);
void request_attach_ways(struct prompt *, struct rec *, const char *params);

/*
 * Return the task of a pair, with its query and positive in *query and *pos. A
 * pair that comes from elsewhere gets task and languages here. Return NULL if
 * the record has no task, or has ended in an error here.
 */
const struct task *request_pair(
    struct filter *, struct rec *, struct span *query, struct span *pos);

/*
 * Serve a record with the subcommand negatives or mirror; ctx is a struct
 * prompt.
 */
enum filter_did ask_negatives(struct filter *, struct rec *);
enum filter_did ask_mirror(struct filter *, struct rec *);
