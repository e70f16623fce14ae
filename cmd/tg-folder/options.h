/* options: tg-folder's options. */
#pragma once

#include <stdbool.h>

#include "record/options.h"
#include "redact/redact.h"
#include "tally.h"

struct folder_opts {
	int all, functions, strip, no_tests, explain; /* 1: given */
	struct option_list only;          /* languages, as they were given */
	struct option_list kept;          /* words of --keep */
	long long max_bytes;              /* bytes of a file */
	long long min_tokens, max_tokens; /* tokens of a record */
	long long chunks;                 /* tokens of a chunk; 0: whole */
	enum redact_what secrets;         /* REDACT_REPLACE: not given */
	bool keep[LEFT_REASONS];          /* reasons that --keep names */
	struct option_list languages;     /* keys of `only`; v NULL: all */
};

/* Parse the command line; return the folders. Exits as options_parse does. */
char **folder_options(struct folder_opts *, int argc, char **argv);

/* Return whether files of the code language with that key are wanted. */
bool folder_wants(const struct folder_opts *, const char *language);
