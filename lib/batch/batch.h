/*
 * lib/batch writes the files that a batch API takes and reads the files that it
 * gives back. tg-llm opens them for --export and --import, and lib/chat asks
 * them in place of a server. It never sends anything itself, and it never holds
 * all results in memory.
 *
 * batch: instead of asking a server, requests to files and results from them.
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
	/* the caller's to fill in */
	const char *file;          /* to export to, or NULL */
	size_t max, max_bytes;     /* of a file */
	const char *const *import; /* files of results, or NULL */
	/* batch_open's */
	struct batch_out *requests;
	struct batch_in *results;
	/* chat's counts */
	unsigned long left;   /* questions still open */
	unsigned long passed; /* results that failed for now */
	char reason[480];     /* why the first of them did */
};

/* 0, or -1 with *why until the next call. */
int batch_open(struct batch *, const char **why);

/*
 * Say what was done. With complete the requests are published, else they are
 * removed: half of them would be taken for all. 0, or -1 and it is said why.
 */
int batch_close(struct batch *, int complete);

#endif
