/*
 * loop: reads, asks for and writes records, all at the same time.
 *
 * Records leave in the order of the input, each as soon as it can. A signal
 * (see signals.h) or a failed service ends the reading. Requests in flight then
 * have some time to be answered; the records left go out unchanged, or in error
 * as "stopped".
 */
#pragma once

#include "embed.h"
#include "io/lines.h"
#include "metrics.h"
#include "options.h"
#include "output.h"

enum loop_state {
	LOOP_RUNNING,  /* records are read and asked for */
	LOOP_DRAINING, /* requests in flight have time to be answered */
	LOOP_CUT /* requests are cancelled; output has time to be written */
};

struct llm {
	/* inputs, opened and freed by the caller */
	struct llm_opts *o;
	struct chat *chat;
	/* parts that llm_init makes */
	struct metrics metrics;
	struct lines in;
	struct output out;
	struct embed embed; /* used with --embed alone */
	/* results */
	int eof;       /* 1: nothing more is to be read */
	int in_failed; /* 1: the input failed, and a message was printed */
	/* state of the loop */
	enum loop_state state;
	long long until; /* time at which the state ends, ms; 0: never */
	int signals;     /* number of signals that were heeded, 2 at most */
	int more;        /* 1: lines are at hand that were not taken */
};

/*
 * Make the parts of a zeroed struct whose o is set. Call llm_init
 * before the chat is made, because stdout cannot be opened once there are keys,
 * and llm_free after chat_free.
 */
void llm_init(struct llm *);
void llm_free(struct llm *);

/* Run until every record is written, or cannot be any more. */
void llm_run(struct llm *);
