/*
 * npy: vectors of float32 in the file format of NumPy, a row for each.
 *
 * Source: NumPy, "The .npy format", versions 1.0 to 3.0: the bytes 93 "NUMPY",
 * two bytes of version, the header's length in 2 bytes (version 1) or 4, then a
 * header that is a literal dictionary of Python, padded with blanks, then the
 * array. Of all that it may describe, a two-dimensional array of little-endian
 * float32 in rows is taken here.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

/* A file of vectors, mapped. */
struct npy {
	struct span map;   /* bytes of the file */
	const float *rows; /* vectors, one after another */
	size_t n, dims;    /* number of vectors, and of the floats of each */
};

/* Length of the header that npy_header makes, bytes. */
enum { NPY_HEADER = 128 };

/*
 * Map a file: 0, or -1 with *why, borrowed until the next call, and nothing to
 * close. Refused are other types, orders and numbers of dimensions, files that
 * are shorter or longer than their header says, and rows of no floats. The
 * floats themselves have not been looked at: see npy_finite.
 */
int npy_open(struct npy *, const char *file, const char **why);
void npy_close(struct npy *);

/*
 * Read n values: return the number of the first that is no finite number, or n
 * if all are.
 */
size_t npy_finite(const float *values, size_t n);

/* Write the header of a file of n vectors of dims floats. */
void npy_header(char header[NPY_HEADER], size_t n, size_t dims);
