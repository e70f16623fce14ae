/*
 * shard: one of n parts of the input, for processes that share it.
 *
 * Part i of n has the lines from L * (i - 1) / n to L * i / n of L lines. The
 * input is read once to count them.
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
 * Count the lines of files, which ends in NULL: those that a filter counts.
 * Operands that cannot be read twice are replaced. max_line is the longest line
 * taken; 0: the usual limit. Exit with TG_EX_IO if input fails.
 */
size_t shard_lines(char **files, size_t max_line);

/* Read "i/n", or exit with options_refuse, and return that part of n lines. */
struct shard shard_of(const char *, size_t lines);

/*
 * Have a filter serve only the lines of the shard, and count the others. Its
 * ctx is a struct mine, whose shard has been set.
 */
int shard_skip(struct filter *, struct span line);
