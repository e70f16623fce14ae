/* vectors: the file of vectors that tg-llm --embed makes */
#include "vectors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/io.h"
#include "io/npy.h"

int
vectors_open(struct vectors *v, const char *file)
{
	struct buf temp = { 0 };

	buf_fmt(&temp, "%s.tmp", file);
	*v = (struct vectors){ .file = file, .temp = buf_cstr(&temp) };
	v->fd = open(v->temp,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	return v->fd == -1 ? -1 : 0;
}

/* Return the place of a row in the file. */
static off_t
place_of(const struct vectors *v, size_t row)
{
	return (off_t)(NPY_HEADER + row * v->dims * sizeof(float));
}

int
vectors_put(struct vectors *v, size_t row, const float *floats, size_t dims)
{
	struct span bytes = { (const char *)floats, dims * sizeof *floats };

	v->dims = dims;
	if (v->error == 0 && io_write_at(v->fd, bytes, place_of(v, row)) == -1)
		v->error = errno;
	errno = v->error;
	return v->error != 0 ? -1 : 0;
}

int
vectors_close(struct vectors *v, size_t n, int whole)
{
	char header[NPY_HEADER];
	int failed;

	if (!whole || v->dims == 0) {
		close(v->fd);
		failed = unlink(v->temp);
	} else {
		npy_header(header, n, v->dims);
		if (v->error == 0 &&
		    (ftruncate(v->fd, place_of(v, n)) == -1 ||
			io_write_at(v->fd, (struct span){ header, NPY_HEADER },
			    0) == -1))
			v->error = errno;
		errno = v->error;
		failed =
		    io_rename_synced(v->fd, v->error != 0, v->temp, v->file);
	}
	free(v->temp);
	v->temp = NULL;
	return failed;
}
