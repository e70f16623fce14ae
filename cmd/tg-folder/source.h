/*
 * source: one file of a folder, from its name to its records.
 *
 * A file is in memory as a whole, and only one at a time. Of each file that is
 * taken a digest stays, 20 to 25 bytes, for near copies; with --explain its
 * path, too.
 */
#pragma once

#include "base/keyset.h"
#include "origin.h"
#include "record.h"

/* What lasts for all folders. Zero-initialise all but opts. */
struct sources {
	const struct folder_opts *opts;
	struct records records;
	struct keyset digests; /* of the files taken; a value is its path */
	struct arena paths;    /* memory of these paths */
	struct tally tally;    /* counts of the folder */
	struct origin origin;  /* origin of the folder */
	int fd;                /* folder, open */
	struct buf file;       /* bytes of the file */
};

/* Take a file of the folder: write its records, or count why not. */
void source_take(struct sources *, const char *path);
