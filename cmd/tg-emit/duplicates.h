/*
 * duplicates: which pairs there are already, in this run or in earlier output.
 *
 * A pair is a duplicate if its query, or the first of its positives, is that of
 * a pair noted before it in the same scope: texts are compared as decoded, less
 * white space at both ends.
 */
#ifndef TG_EMIT_DUPLICATES_H
#define TG_EMIT_DUPLICATES_H

#include "base/keyset.h"
#include "base/mem.h"
#include "record/rec.h"
#include "record/triplet.h"

enum seen_scope {
	SEEN_TASK, /* task and languages; where no task is named, the prompt */
	SEEN_RUN,  /* all pairs */
	SEEN_NONE, /* nothing is a duplicate */
};

/* A zeroed struct is ready for use. */
struct seen {
	enum seen_scope scope;
	int by_prompt; /* something is noted under its prompt, not its task */
	struct keyset keys;
	struct buf name;  /* scratch */
	struct arena mem; /* likewise */
};

/* Note the pair of a record unless it is a duplicate: 1 if it is new. */
int seen_pair(struct seen *, const struct rec *, const struct triplet *);

/*
 * Note the pairs of an earlier output, whose tasks are in their meta if it has
 * them. Lines that are no triplets are skipped, with messages as tool. 0, or
 * -1 with errno if it cannot be read. max_line as lines_init takes it.
 */
int seen_file(
    struct seen *, const char *tool, const char *file, size_t max_line);

void seen_free(struct seen *);

#endif
