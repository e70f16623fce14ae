/*
 * shard: one of n parts of the input, for processes that share it.
 *
 * Part i of n has the lines from L * (i - 1) / n to L * i / n of L lines. The
 * input is read once to count them, so what is no regular file is kept in a
 * file without a name meanwhile.
 */
#pragma once

#include <stdint.h>

#include "record/filter.h"

struct shard {
	uint32_t part,
	    parts;         /* part, from 1, of so many; 0: all of the input */
	size_t first, end; /* numbers of its lines, from 0, end exclusive */
};

/*
 * Read "i/n", or exit with options_refuse. Count the lines of files, which ends
 * in NULL, and set the lines of the shard. Operands that cannot be read twice
 * are replaced. max_line is the longest line taken; 0: the usual limit. Exit
 * with TG_EX_IO if input fails.
 */
struct shard shard_of(const char *, char **files, size_t max_line);

/*
 * Have a filter serve only the lines of the shard, and count the others. Its
 * ctx is a struct mine, whose shard has been set.
 */
int shard_skip(struct filter *, struct span line);
