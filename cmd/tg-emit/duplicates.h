/*
 * duplicates: knows the pairs of this run and of earlier output.
 *
 * A pair is a duplicate if its query, or the first of its positives, equals
 * that of a pair noted before it in the same scope; or both do, as one. Texts
 * are compared decoded and without white space at both ends.
 */
#pragma once

#include "base/keyset.h"
#include "base/mem.h"
#include "record/rec.h"
#include "record/triplet.h"

enum duplicates_scope {
	DUPLICATES_TASK, /* pairs of one task and languages, or of one prompt */
	DUPLICATES_RUN,  /* all pairs of a run */
	/* as DUPLICATES_TASK, but query and positive must both be equal */
	DUPLICATES_PAIR,
	DUPLICATES_NONE, /* no pair is a duplicate */
};

/* Zero-initialise it, then set scope. */
struct duplicates {
	enum duplicates_scope scope;
	int by_prompt; /* 1: a pair was noted under its prompt, not its task */
	struct keyset keys;
	size_t earlier;   /* triplets in the files that were read */
	struct buf name;  /* scratch space */
	struct buf both;  /* scratch space */
	struct arena mem; /* scratch space */
};

/* Note the pair of a record; return 1, or 0 if it is a duplicate. */
int duplicates_note(
    struct duplicates *, const struct rec *, const struct triplet *);

/*
 * Note the pairs in file, an earlier output, with the tasks that their meta
 * names. Lines that are no triplets are skipped, with messages. Return 0, or -1
 * with errno if the file cannot be read. max_line is that of lines_init. With
 * DUPLICATES_NONE the triplets are only counted.
 */
int duplicates_read(struct duplicates *, const char *file, size_t max_line);

void duplicates_free(struct duplicates *);
