/* postings: writes the postings of an index. For lib/index only. */
#pragma once

#include "index/write.h"

/*
 * Write the section of postings from the counts of the documents, in passes
 * over them that take so many bytes of memory, and set postings and impact of
 * the terms. Return 0, or -1 with errno.
 */
int postings_write(struct writer *, struct index_term *, size_t memory);
