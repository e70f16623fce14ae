#include "io/npy.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/io.h"

static const char magic[] = "\x93NUMPY";

/* Bytes before the header's text: magic, version and length. */
static size_t
before_header(struct span file)
{
	return file.p[sizeof magic - 1] == 1 ? 10 : 12;
}

/* Return the header's text; p NULL: the file does not begin like one. */
static struct span
header_of(struct span file)
{
	const unsigned char *p = (const unsigned char *)file.p;
	size_t start, n;

	if (file.n < 12 || memcmp(p, magic, sizeof magic - 1) != 0 ||
	    p[6] < 1 || p[6] > 3)
		return (struct span){ 0 };
	start = before_header(file);
	n = p[8] | (size_t)p[9] << 8;
	if (p[6] > 1)
		n |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
	if (n > file.n - start)
		return (struct span){ 0 };
	return (struct span){ file.p + start, n };
}

static struct span
skip_blanks(struct span s)
{
	while (s.n > 0 && strchr(" \n\t,", *s.p) != NULL)
		s = span_skip(s, 1);
	return s;
}

/* Take a word off s: whether s begins with it, blanks aside. */
static int
take(struct span *s, const char *word)
{
	struct span from = skip_blanks(*s);
	size_t n = strlen(word);

	if (from.n < n || memcmp(from.p, word, n) != 0)
		return 0;
	*s = span_skip(from, n);
	return 1;
}

/* Take a number off s: 0, or -1 if there is none that a file can have. */
static int
take_number(struct span *s, size_t *to)
{
	struct span from = skip_blanks(*s);
	size_t n = 0, digits = 0;

	while (
	    digits < from.n && from.p[digits] >= '0' && from.p[digits] <= '9') {
		if (n > SIZE_MAX / 64)
			return -1;
		n = n * 10 + (size_t)(from.p[digits++] - '0');
	}
	*s = span_skip(from, digits);
	*to = n;
	return digits > 0 ? 0 : -1;
}

/*
 * Read the dictionary of a header, the keys of which come in any order. Return
 * why it is not taken, or NULL.
 */
static const char *
read_header(struct span s, struct npy *npy)
{
	static const char *const types[] = { "'<f4'", "\"<f4\"" };
	int type = 0, order = 0, shape = 0;

	if (!take(&s, "{"))
		return "its header is no dictionary";
	while (!take(&s, "}")) {
		if (take(&s, "'descr':")) {
			if (!take(&s, types[0]) && !take(&s, types[1]))
				return "its numbers are not little-endian "
				       "float32 ('<f4'); save "
				       "array.astype('<f4')";
			type = 1;
		} else if (take(&s, "'fortran_order':")) {
			if (!take(&s, "False"))
				return "it is stored by columns; save "
				       "numpy.ascontiguousarray(array)";
			order = 1;
		} else if (take(&s, "'shape':")) {
			if (!take(&s, "(") || take_number(&s, &npy->n) != 0 ||
			    take_number(&s, &npy->dims) != 0 || !take(&s, ")"))
				return "it is not an array of two dimensions, "
				       "a row for each vector";
			shape = 1;
		} else {
			return "its header has a key that is not known";
		}
	}
	if (!type || !order || !shape)
		return "its header lacks the type, the order or the shape";
	if (npy->dims == 0)
		return "its rows have no numbers";
	return NULL;
}

/* Find the vectors in the bytes of a file: NULL, or why they are not taken. */
static const char *
find_rows(struct npy *npy)
{
	struct span header = header_of(npy->map);
	size_t start, room;
	const char *why;

	if (header.p == NULL)
		return "it is no .npy file; save one with numpy.save";
	why = read_header(header, npy);
	if (why != NULL)
		return why;
	start = before_header(npy->map) + header.n;
	if (start % sizeof(float) != 0)
		return "its array does not begin at a multiple of 4 bytes";
	room = (npy->map.n - start) / sizeof(float);
	if (npy->n > room / npy->dims)
		return "it is shorter than its header says";
	if (npy->map.n - start != npy->n * npy->dims * sizeof(float))
		return "it is longer than its header says";
	npy->rows = (const float *)(const void *)(npy->map.p + start);
	return NULL;
}

int
npy_open(struct npy *npy, const char *file, const char **why)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int mapped;
	void *p;

	*npy = (struct npy){ 0 };
	if (fd < 0 || fstat(fd, &st) != 0) {
		*why = io_reason(errno);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		*why = S_ISREG(st.st_mode)
			   ? "it is empty"
			   : "it is no regular file, and cannot be mapped";
		close(fd);
		return -1;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	mapped = p != MAP_FAILED;
	if (!mapped)
		*why = io_reason(errno);
	close(fd);
	if (!mapped)
		return -1;
	npy->map = (struct span){ p, (size_t)st.st_size };
	*why = find_rows(npy);
	if (*why == NULL)
		return 0;
	npy_close(npy);
	return -1;
}

void
npy_close(struct npy *npy)
{
	if (npy->map.p != NULL)
		munmap((void *)(uintptr_t)npy->map.p, npy->map.n);
	*npy = (struct npy){ 0 };
}

size_t
npy_finite(const float *values, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isfinite(values[i]))
			break;
	return i;
}

void
npy_header(char header[NPY_HEADER], size_t n, size_t dims)
{
	char *p = header + sizeof magic - 1;
	int used;

	memset(header, ' ', NPY_HEADER);
	memcpy(header, magic, sizeof magic - 1);
	*p++ = 1;
	*p++ = 0;
	*p++ = NPY_HEADER - 10;
	*p++ = 0;
	used = snprintf(p, NPY_HEADER - 10,
	    "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }",
	    n, dims);
	p[used] = ' '; /* snprintf has put a 0 byte there */
	header[NPY_HEADER - 1] = '\n';
}
