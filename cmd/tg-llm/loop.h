/*
 * loop: reads records, asks for those that are asked, and writes them all
 * in order, each as soon as it may be: input, requests and output move on
 * together, and none waits for another without need.
 *
 * A signal (see signals.h) or a service that fails ends the reading; what
 * is in flight has a while to be answered, and what is left goes out as it is,
 * or in error as "stopped".
 */
#ifndef TG_LLM_LOOP_H
#define TG_LLM_LOOP_H

#include "io/io.h"
#include "metrics.h"
#include "options.h"
#include "outq.h"
#include "reorder.h"

enum loop_state {
	LOOP_RUNNING,  /* records are read and asked for */
	LOOP_DRAINING, /* requests in flight have time to be answered */
	LOOP_CUT, /* requests are cancelled; output has time to be written */
	LOOP_LEAVING, /* as before, but a second signal has cut that short */
	LOOP_STATES
};

/*
 * Legal transitions, made by loop_enter alone:
 *
 *	from      to  DRAINING  CUT  LEAVING
 *	RUNNING       yes       -    -
 *	DRAINING      yes       yes  yes      (again: a signal gives new time)
 *	CUT           -         yes  yes      (again: the same)
 *	LEAVING       -         -    -
 */
struct llm {
	/* the caller's to open and to free */
	const struct llm_opts *o;
	struct meter meter;
	struct chat *chat;
	/* llm_init's */
	struct window window;
	struct lines in;
	struct sink out;
	/* how it went */
	int eof;       /* whether all is read */
	int in_failed; /* the input could not be, and it was said */
	size_t failed; /* records that ended in error here */
	/* the loop's own */
	enum loop_state state;
	long long until; /* time at which the state ends, ms; 0: never */
	int signals;     /* signals that were heeded, up to 2 */
	int more, warned;
};

/*
 * Get ready: o is there, all else zero. This comes before llm_open_chat, for
 * stdout cannot be opened once there are keys; and llm_free after chat_free.
 */
void llm_init(struct llm *);
void llm_free(struct llm *);

/* Make a transition that lasts until a time: 1, or 0 if it is illegal. */
int loop_enter(struct llm *, enum loop_state, long long until);

/* Until all is read, answered and written, or never will be. */
void llm_run(struct llm *);

#endif
