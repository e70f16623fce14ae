/*
 * answer: what the API of a service says of files and batches, taken into a
 * ticket. It is hostile text: words become printable, and an id is taken only
 * if it can be part of a URL.
 */
#pragma once

#include "remote/ticket.h"

/*
 * Take what the service says of an uploaded file, and go to UPLOADED: 0; -1
 * with *why, a constant string, and nothing taken, if it is no such thing.
 */
int answer_take_file(struct ticket *, struct span body, const char **why);

/*
 * Take what the service says of a batch, and go to RUNNING or ENDED: 0, or -1
 * as answer_take_file. A batch of another id than the ticket's is refused.
 */
int answer_take_batch(struct ticket *, struct span body, const char **why);

/* A page of a list of the service's. */
struct answer_page {
	struct span found; /* element looked for; p NULL: not on this page */
	char last[TICKET_ID + 1]; /* id of the last element; "": none */
	int more;                 /* whether there are further pages */
};

/*
 * Read a page, and find the element whose member is a string equal to value:
 * 0; -1 with *why, a constant string, if it is no list.
 */
int answer_read_page(struct span body, const char *member, const char *value,
    struct answer_page *, const char **why);
