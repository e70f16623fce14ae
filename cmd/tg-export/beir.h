/*
 * beir: rows as the three kinds of files that BEIR reads. Texts that are equal
 * stand there once, under the MD5 of their bytes; 20 to 25 bytes of memory
 * each.
 */
#pragma once

#include "base/keyset.h"
#include "export.h"
#include "out.h"

/* Zero-initialise it. */
struct beir {
	struct out corpus, queries, qrels;
	struct keyset seen;
	struct buf query;   /* scratch space */
	const char *failed; /* name of the file that failed, borrowed */
};

/* Begin corpus and queries; each function returns 0, or -1 with errno. */
int beir_open(struct beir *, struct folder *);

/* Begin the judgements of a part. */
int beir_part(struct beir *, struct folder *, const char *part);

int beir_row(struct beir *, const struct format *, const struct example *);

/* End the files, and free all memory. */
int beir_close(struct beir *);
