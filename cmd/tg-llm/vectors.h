/*
 * vectors: the file of vectors that tg-llm --embed makes.
 *
 * Rows come in any order and go to FILE.tmp, which takes the name FILE once
 * every row is there: what has that name is whole.
 */
#pragma once

#include <stddef.h>

struct vectors {
	const char *file; /* name of the whole file, borrowed */
	char *temp;       /* name until then */
	int fd;           /* descriptor of it */
	int error;        /* errno of the write that failed; 0: none */
	size_t dims;      /* floats of each row; 0: no row has come */
};

/* Make the file that gets the rows: 0, or -1 with errno. */
int vectors_open(struct vectors *, const char *file);

/* Write a row of dims floats, the same number for each: 0, or -1 with errno. */
int vectors_put(struct vectors *, size_t row, const float *floats, size_t dims);

/*
 * Give a file of n rows its name; rows that have not come are zeros. Without
 * whole, or where no row has come, the file is removed. 0, or -1 with errno.
 */
int vectors_close(struct vectors *, size_t n, int whole);
