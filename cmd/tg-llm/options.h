/*
 * options: tg-llm's options, their bounds and defaults.
 */
#pragma once

#include <sys/types.h>

#include "batch/batch.h"
#include "chat/chat.h"
#include "record/filter.h"

/* Requests that --only serves: those of an enum rec_kind, or one of these. */
enum {
	ONLY_SECOND = REC_NO_KIND, /* those to a second judge */
	ONLY_ALL
};

/* Actions of --batch. */
enum batch_action {
	BATCH_SUBMIT,
	BATCH_POLL,
	BATCH_FETCH,
	BATCH_CANCEL,
	BATCH_NONE /* --batch is not given */
};

struct llm_opts {
	struct filter f;         /* program and --max-line; see filter.h */
	struct chat_opts chat;   /* options of chat, but for keys and servers */
	struct batch batch;      /* files of a batch; file and import or NULL */
	struct option_list urls; /* base URLs of servers */
	struct option_list key_files;  /* files of keys, maybe "HOST=FILE" */
	struct option_list only_hosts; /* hosts that may be asked; n 0: any */
	const char *stats_file;        /* file name; NULL: none */
	const char *embed;   /* field whose vectors are asked for, and maybe
			      * "=" and a prefix; NULL: records are served */
	const char *vectors; /* file that gets the vectors; NULL: none */
	int embed_batch;     /* texts a request */
	int rescore_batch;   /* documents a request for scores; 0: all */
	char **files; /* files of records, NULL-terminated; none: stdin; with
		       * --batch, files of requests */
	pid_t pid;    /* process to end with; 0: none */
	enum batch_action batch_action;
	int only; /* requests that are served; ONLY_ALL: all */
	int choices, unordered, keep, progress;
	int import, dry_run, pretend, print_model, print_servers;
	long long answer_tokens; /* tokens that --dry-run takes an answer to
				  * have, but a judge's; 0: not given */
};

/*
 * Read the options into *o, with $TG_MODEL and $TG_SHARE where they are not
 * given, and check what can be checked without a look at a file or a server.
 * The values are borrowed from argv and the environment; the caller frees
 * urls.v, key_files.v and only_hosts.v. Exits for --help and its like, and for
 * what is no proper use.
 */
void llm_opts_parse(struct llm_opts *o, int argc, char **argv);
