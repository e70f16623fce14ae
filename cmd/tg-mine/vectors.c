/* vectors: the files of vectors that --vectors and --query-vectors name */
#include "vectors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "io/io.h"

/* Most numbers of a vector: more are a mistake, such as a transposed array. */
enum { DIMS_MAX = 1 << 20 };

_Noreturn void
vectors_refuse(const char *file, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	io_warn("%s: %s", file, text);
	exit(TG_EX_IO);
}

void
vectors_open(struct npy *npy, const char *file)
{
	const char *why;
	size_t at;

	if (npy_open(npy, file, &why) == -1)
		vectors_refuse(file, "%s", why);
	if (npy->dims > DIMS_MAX)
		vectors_refuse(file,
		    "its rows have %zu numbers, and %d are the most", npy->dims,
		    DIMS_MAX);
	at = npy_finite(npy->rows, npy->n * npy->dims);
	if (at < npy->n * npy->dims)
		vectors_refuse(file,
		    "row %zu (from 0) has a number that is not finite",
		    at / npy->dims);
}
