/*
 * lib/batch writes the files that a batch API takes and reads the files that it
 * gives back. tg-llm opens them for --export and --import, and lib/chat asks
 * them in place of a server. It never sends anything itself, and it never holds
 * all results in memory.
 *
 * batch: requests written to files and results read from files, in place of a
 * server.
 *
 * What is exported is what chat would send, under names that need no memory:
 * they follow from the request (see batch-out.h and chat.h's body_name), so a
 * result finds all records that asked for it, in this run or another.
 */
#ifndef TG_BATCH_H
#define TG_BATCH_H

#include "batch/batch-in.h"
#include "batch/batch-out.h"

struct batch {
	const char *tool;
	/* members that the caller fills in */
	const char *file;          /* file to export to; NULL: none */
	size_t max, max_bytes;     /* lines and bytes of a file, at most */
	const char *const *import; /* files of results; NULL: none */
	/* members that batch_open fills in */
	struct batch_out *requests;
	struct batch_in *results;
	/* counts that chat keeps */
	unsigned long left;   /* questions still open */
	unsigned long passed; /* results that failed for now */
	char reason[480];     /* reason of the first of these */
};

/*
 * Open the files: 0; -1 with *why until the next call, and some may be open.
 */
int batch_open(struct batch *, const char **why);

/*
 * Say what was done. With complete publish the requests, else remove them: half
 * of them would be taken for all. Return 0, or -1 after saying why.
 */
int batch_close(struct batch *, int complete);

#endif
