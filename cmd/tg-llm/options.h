/*
 * options: what tg-llm is told on its command line.
 *
 * Everything is checked that can be without a look at a file or a server.
 */
#ifndef TG_LLM_OPTIONS_H
#define TG_LLM_OPTIONS_H

#include <sys/types.h>

#include "batch/batch.h"
#include "chat/chat.h"
#include "record/filter.h"

enum { LLM_URLS = 64 };

struct llm_opts {
	struct filter f;       /* tool, usage and --max-line; see filter.h */
	struct chat_opts chat; /* but for what llm_open_chat finds out */
	struct batch batch;    /* file and import: NULL unless asked for */
	const char *urls[LLM_URLS + 1];    /* NULL-terminated, maybe none */
	const char *stats_file, *key_file; /* or NULL */
	char **files;       /* of records, NULL-terminated; none: stdin */
	char **results;     /* files of --import, NULL-terminated, or NULL */
	pid_t pid;          /* process to end with; 0: none */
	enum rec_kind only; /* serve no other, unless it is REC_NO_KIND */
	int choices, unordered, keep, progress;
	int dry_run, pretend, print_model;
};

/*
 * Read the options, with $TG_MODEL and $TG_SHARE where they are not given. All
 * is borrowed from argv and the environment. Exits for --help, --version and
 * what is no proper use.
 */
void llm_opts_parse(struct llm_opts *, const char *tool, int argc, char **argv);

#endif
