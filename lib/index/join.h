/*
 * join: the sections of an index, from sorted runs or parts; and the origins of
 * documents, numbered as they come. For lib/index only.
 */
#pragma once

#include "base/keyset.h"
#include "index/run.h"
#include "index/write.h"

struct join {
	const struct source *source; /* n sources, one behind the other */
	size_t n;
	const uint32_t *const *origin; /* numbers that those of a source become;
					* NULL: they stay */
	size_t memory;                 /* memory that passes may take, bytes */
};

/*
 * Write all sections but those of texts, origins and further rows, and set the
 * numbers of the header; without parts in the header, postings too. Return 0,
 * or -1 with errno.
 */
int join_write(struct writer *, const struct join *);

/* A zeroed struct is empty but for its set, see origins_start. */
struct origins {
	struct keyset numbers; /* number of each origin, plus 1 */
	struct buf bytes;      /* origins, each with a 0 byte behind it */
	uint32_t n;
	size_t last;      /* offset of the origin asked for last */
	uint32_t last_is; /* number of that origin */
};

/* Return the number of an origin, which is added if it is new. */
uint32_t origins_number(struct origins *, struct span);

void origins_free(struct origins *);
