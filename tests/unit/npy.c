/* npy: files of vectors as NumPy writes them */
#include "io/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

static char file[] = "/tmp/tg-npy.XXXXXX";

static void
write_file(const void *header, size_t n, const void *rows, size_t size)
{
	FILE *f = fopen(file, "w");

	if (f == NULL || fwrite(header, 1, n, f) != n ||
	    fwrite(rows, 1, size, f) != size || fclose(f) != 0)
		exit(3);
}

/* Write a file with a header of version 1 as somebody else may write it. */
static void
write_as(const char *dictionary, size_t size)
{
	static const float rows[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	char header[NPY_HEADER];

	npy_header(header, 0, 0);
	memset(header + 10, ' ', NPY_HEADER - 10);
	memcpy(header + 10, dictionary, strlen(dictionary));
	write_file(header, sizeof header, rows, size);
}

/* Why the file is refused; "" if it is not. */
static const char *
why_not(void)
{
	struct npy npy;
	const char *why = "";

	if (npy_open(&npy, file, &why) == 0)
		npy_close(&npy);
	return why != NULL ? why : "";
}

#define SHAPE(type, order, shape)                                              \
	"{'descr': " type ", 'fortran_order': " order ", 'shape': " shape ", " \
	"}"

static void
refused(const char *dictionary, size_t size, const char *word)
{
	write_as(dictionary, size);
	ok(strstr(why_not(), word) != NULL, "refused: %s (%s)", dictionary,
	    word);
}

int
main(void)
{
	static const float rows[6] = { 1, 2, 3, 4, 5, 6 };
	const float odd[4] = { 0, -1e30F, NAN, INFINITY };
	char header[NPY_HEADER];
	struct npy npy;
	const char *why = "";

	close(mkstemp(file));
	npy_header(header, 2, 3);
	write_file(header, sizeof header, rows, sizeof rows);
	ok(npy_open(&npy, file, &why) == 0, "what is written is opened");
	is_int((long)npy.n, 2, "it has its rows");
	is_int((long)npy.dims, 3, "it has its dimensions");
	ok(npy.rows[5] == 6, "the numbers are those written");
	npy_close(&npy);
	write_file(header, sizeof header, rows, sizeof rows - 1);
	is_str(why_not(), "it is shorter than its header says",
	    "a torn file is refused");
	write_file(header, 40, rows, 0);
	is_str(why_not(), "it is no .npy file; save one with numpy.save",
	    "a torn header is refused");
	write_file(header, 0, rows, 0);
	is_str(why_not(), "it is empty", "an empty file is refused");
	write_file("[1, 2, 3, 4, 5]", 15, rows, 0);
	is_str(why_not(), "it is no .npy file; save one with numpy.save",
	    "another format is refused");

	write_as("{'shape':(2,4),'fortran_order':False,'descr':'<f4'}", 32);
	is_str(why_not(), "", "keys may come in any order, without blanks");
	write_as(SHAPE("'<f4'", "False", "(0, 4)"), 0);
	is_str(why_not(), "", "a file may have no rows");
	refused(SHAPE("'<f8'", "False", "(2, 4)"), 32, "float32");
	refused(SHAPE("'<f2'", "False", "(2, 4)"), 32, "float32");
	refused(SHAPE("'>f4'", "False", "(2, 4)"), 32, "little-endian");
	refused(SHAPE("'<f4'", "True", "(2, 4)"), 32, "columns");
	refused(SHAPE("'<f4'", "False", "(8,)"), 32, "two dimensions");
	refused(SHAPE("'<f4'", "False", "(2, 2, 2)"), 32, "two dimensions");
	refused(SHAPE("'<f4'", "False", "(2, 0)"), 0, "no numbers");
	refused(SHAPE("'<f4'", "False", "(1, 4)"), 32, "longer");
	refused(
	    SHAPE("'<f4'", "False", "(28823037615171174, 4)"), 32, "shorter");
	refused(SHAPE("'<f4'", "False", "(99999999999999999999999, 4)"), 32,
	    "two dimensions");
	refused("{'descr': '<f4'}", 32, "lacks");
	refused("{", 32, "key");
	refused("", 32, "dictionary");

	is_int((long)npy_finite(odd, 4), 2, "the first NaN is found");
	is_int((long)npy_finite(odd + 3, 1), 0, "an infinity is found");
	is_int((long)npy_finite(odd, 2), 2, "finite numbers are fine");
	unlink(file);
	return done();
}
