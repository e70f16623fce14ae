/* lines: the lines of files */
#include "io/lines.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tap.h"

enum { HEAD = 64 * 1024 }; /* bytes kept of a line over the limit */

static const char *const *none;

/*
 * All lines of the files, each as "lineno:line|", one over the limit as
 * "lineno:!bytes:head's length|". The size of the largest buffer is kept.
 */
static size_t largest;

static struct span
all(const char *const *files, size_t limit, struct buf *out)
{
	enum lines_got got;
	struct lines l;
	struct span line;
	size_t bytes;

	out->n = 0;
	largest = 0;
	lines_init(&l, files, limit);
	while ((got = lines_next(&l, &line, &bytes)) != LINES_END) {
		if (got == LINES_MORE) {
			if (lines_fill(&l) == -1) {
				buf_fmt(out, "error %d", errno);
				break;
			}
			if (l.buf.cap > largest)
				largest = l.buf.cap;
			continue;
		}
		buf_fmt(out, "%zu:", l.lineno);
		if (got == LINES_LONG) {
			buf_fmt(out, "!%zu:%zu", bytes, line.n);
		} else {
			buf_addspan(out, line);
			if (bytes != line.n)
				buf_adds(out, "bytes differ");
		}
		buf_addc(out, '|');
	}
	lines_free(&l);
	buf_cstr(out);
	return buf_span(out);
}

static struct span
all_of(struct span s, size_t limit, struct buf *out)
{
	const char *files[] = { tap_file(s), NULL };
	struct span got = all(files, limit, out);

	unlink(files[0]);
	return got;
}

/* Send the bytes through a pipe, step bytes a write: they come in pieces. */
static struct span
all_piped(struct span s, size_t step, size_t limit, struct buf *out)
{
	int fd[2], old;
	struct span got;
	size_t i;
	pid_t pid;

	if (pipe(fd) == -1 || (pid = fork()) == -1)
		exit(3);
	if (pid == 0) {
		close(fd[0]);
		for (i = 0; i < s.n; i += step) {
			if (write(fd[1], s.p + i,
				s.n - i < step ? s.n - i : step) == -1)
				_exit(1);
			if (s.n < 100)
				usleep(300);
		}
		_exit(0);
	}
	close(fd[1]);
	old = dup(STDIN_FILENO);
	dup2(fd[0], STDIN_FILENO);
	close(fd[0]);
	got = all(none, limit, out);
	dup2(old, STDIN_FILENO);
	close(old);
	waitpid(pid, NULL, 0);
	return got;
}

static void
contents(void)
{
	static const struct {
		struct span in, want;
	} t[] = {
#define L(in, want)                                                            \
	{                                                                      \
		{ in, sizeof(in) - 1 },                                        \
		{                                                              \
			want, sizeof(want) - 1                                 \
		}                                                              \
	}
		L("", ""),
		L("\n", ""),
		L("\r\n\n \t\n", ""),
		L("a", "1:a|"),
		L("a\n", "1:a|"),
		L("a\nb", "1:a|2:b|"),
		L("a\nb\n", "1:a|2:b|"),
		L("\n\na\n\r\n\nb\n\n", "3:a|6:b|"),
		L("a\r\nb\r\n", "1:a\r|2:b\r|"),
		L(" a \n\tb", "1: a |2:\tb|"),
		L("a\0b\n\0\n", "1:a\0b|2:\0|"),
		L("\xef\xbb\xbf"
		  "a\n",
		    "1:a|"),
		L("\xef\xbb\xbf", ""),
		L("\xef\xbb\xbf\n"
		  "a",
		    "2:a|"),
		L("\n\xef\xbb\xbf"
		  "a",
		    "2:\xef\xbb\xbf"
		    "a|"),
		L("a\n\xef\xbb\xbf", "1:a|2:\xef\xbb\xbf|"),
		L("\xef\xbb", "1:\xef\xbb|"),
		L("\xef\n", "1:\xef|"),
		L("\xef\xbb\xbf\xef\xbb\xbf"
		  "a",
		    "1:\xef\xbb\xbf"
		    "a|"),
#undef L
	};
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		is_span(all_of(t[i].in, 100, &b), t[i].want,
		    "the lines of file %zu are read", i);
		is_span(all_piped(t[i].in, 1, 100, &b), t[i].want,
		    "the lines are the same when they come byte by byte");
	}
	buf_free(&b);
}

static void
limits(void)
{
	enum { BIG = 9 * 1024 * 1024 };
	struct buf b = { 0 }, in = { 0 }, want = { 0 };
	size_t i;

	is_span(all_of(S("12345678\n"), 8, &b), S("1:12345678|"),
	    "a line of exactly the limit is read");
	is_span(all_of(S("12345678"), 8, &b), S("1:12345678|"),
	    "a line of exactly the limit is read without a newline");
	is_span(all_of(S("\n123456789\na\n"), 8, &b), S("2:!9:9|3:a|"),
	    "a line one byte over the limit is too long");
	is_span(all_of(S("a\n123456789"), 8, &b), S("1:a|2:!9:9|"),
	    "a last line over the limit is too long without a newline");
	is_span(all_piped(S("123456789\na\n"), 1, 8, &b), S("1:!9:9|2:a|"),
	    "a line over the limit is too long when it comes byte by byte");
	is_span(all_of(S("         \na\n"), 8, &b), S("1:!9:9|2:a|"),
	    "a blank line over the limit is too long");
	is_span(all_of(S("\xef\xbb\xbf"
			 "12345678\n"),
		    8, &b),
	    S("1:12345678|"),
	    "a byte order mark does not count towards the limit");
	is_span(all_of(S("1234567\r\n12345678\r\n"), 8, &b),
	    S("1:1234567\r|2:!9:9|"),
	    "a carriage return counts towards the limit");

	/* A huge line stands among small ones, at different limits. */
	for (i = 0; i < BIG; i++)
		buf_addc(&in, (char)('a' + i % 26));
	buf_adds(&in, "\nsmall\n");
	want.n = 0;
	buf_fmt(&want, "1:!%d:%d|2:small|", BIG, HEAD);
	is_span(all_of(buf_span(&in), 1024, &b), buf_span(&want),
	    "a line of 9 MiB is too long");
	ok(largest <= 512 * 1024,
	    "a line that is too long takes %zu bytes of memory", largest);
	is_span(all_of(buf_span(&in), BIG - 1, &b), buf_span(&want),
	    "a line one byte over a limit of 9 MiB is too long");
	is_span(all_piped(buf_span(&in), 60000, 1000000, &b), buf_span(&want),
	    "a line that is too long is read through a pipe");
	ok(largest <= 4 * 1024 * 1024,
	    "a line that is too long through a pipe takes %zu bytes of memory",
	    largest);
	all_of(buf_span(&in), BIG, &b);
	ok(b.n == BIG + strlen("1:|2:small|"),
	    "a line of 9 MiB at its limit has all its bytes");
	ok(memcmp(b.p + 2, in.p, BIG) == 0,
	    "a line of 9 MiB at its limit has the right bytes");
	/* Lines are shorter than the part that is kept, as long, and longer. */
	for (i = HEAD - 1; i <= HEAD + 1; i++) {
		want.n = 0;
		buf_fmt(&want, "1:!%zu:%zu|", i, i < HEAD ? i : (size_t)HEAD);
		is_span(all_of(span_at(in.p, i), 1024, &b), buf_span(&want),
		    "a line of %zu bytes is cut right", i);
	}
	buf_free(&in);
	/* Memory does not add up over many lines over the limit. */
	for (i = 0; i < 100; i++)
		buf_fmt(&in, "%070000d\nx\n", 1);
	all_of(buf_span(&in), 1024, &b);
	is_span(span_at(b.p, 21), S("1:!70000:65536|2:x|3:"),
	    "the first of 100 lines that are too long is reported");
	is_span(span_at(b.p + b.n - 6, 6), S("200:x|"),
	    "the last of 100 lines that are too long is reported");
	ok(largest <= 512 * 1024,
	    "100 lines that are too long take %zu bytes of memory", largest);
	buf_free(&b);
	buf_free(&in);
	buf_free(&want);
}

/* Test that memory does not grow with the number of small lines. */
static void
lots(void)
{
	struct buf in = { 0 }, b = { 0 };
	int i;

	for (i = 1; i <= 200000; i++)
		buf_fmt(&in, "line %d\n", i);
	all_of(buf_span(&in), 1024, &b);
	is_span(span_at(b.p + b.n - 19, 19), S("200000:line 200000|"),
	    "the last of 200000 lines is read");
	ok(largest <= 512 * 1024, "200000 lines take %zu bytes of memory",
	    largest);
	buf_free(&in);
	buf_free(&b);
}

static void
files(void)
{
	char a[1024], z[1024], e[1024];
	struct buf b = { 0 };

	strcpy(a, tap_file(S("1\n2")));
	strcpy(z, tap_file(S("\xef\xbb\xbf"
			     "3\n\n4\n")));
	strcpy(e, tap_file(S("")));
	is_span(all((const char *[]){ a, z, NULL }, 9, &b),
	    S("1:1|2:2|1:3|3:4|"),
	    "no line runs from one file on into the next");
	is_span(all((const char *[]){ e, a, e, e, z, e, NULL }, 9, &b),
	    S("1:1|2:2|1:3|3:4|"), "empty files between others are read");
	is_span(all((const char *[]){ z, a, z, NULL }, 9, &b),
	    S("1:3|3:4|1:1|2:2|1:3|3:4|"),
	    "a file that is named twice is read twice");
	is_span(all((const char *[]){ a, "/nonexistent", z, NULL }, 9, &b),
	    S("1:1|2:2|error 2"),
	    "a missing file is an error and ends the input");
	is_span(all((const char *[]){ "/", NULL }, 9, &b), S("error 21"),
	    "a folder is an error");
	is_span(all((const char *[]){ NULL }, 9, &b), S(""),
	    "no file means standard input");
	unlink(a);
	unlink(z);
	unlink(e);
	buf_free(&b);
}

/* Test that a FIFO is opened, waited for and read like a file; "-" is stdin. */
static void
fifos(void)
{
	char path[1024];
	struct buf b = { 0 };
	pid_t pid;
	int fd;

	strcpy(path, tap_file(S("")));
	unlink(path);
	if (mkfifo(path, 0600) == -1 || (pid = fork()) == -1)
		exit(3);
	if (pid == 0) {
		usleep(20000);
		fd = open(path, O_WRONLY);
		usleep(20000);
		_exit(write(fd, "a\nb", 3) != 3);
	}
	is_span(all((const char *[]){ "-", path, "-", NULL }, 9, &b),
	    S("1:a|2:b|"), "- among the files means standard input");
	waitpid(pid, NULL, 0);
	unlink(path);
	buf_free(&b);
}

static void
ready(void)
{
	struct lines l;
	struct span line;
	size_t bytes;
	int fd[2], old = dup(STDIN_FILENO);

	if (pipe(fd) == -1)
		exit(3);
	dup2(fd[0], STDIN_FILENO);
	close(fd[0]);
	lines_init(&l, NULL, 100);
	is_int(lines_next(&l, &line, &bytes), LINES_MORE,
	    "no line is there before the first read");
	is_int(lines_fill(&l), 0, "the first read opens the file");
	is_int(lines_next(&l, &line, &bytes), LINES_MORE,
	    "no line is there after the file is opened");
	ok(!lines_ready(&l), "no more input is at hand");
	if (write(fd[1], "a\nb", 3) != 3 || lines_fill(&l) == -1)
		exit(3);
	is_int(lines_next(&l, &line, &bytes), LINES_LINE,
	    "the first line is read");
	is_int(lines_next(&l, &line, &bytes), LINES_MORE,
	    "half a line is not given out");
	ok(!lines_ready(&l), "no more input is at hand after half a line");
	if (write(fd[1], "c\n", 2) != 2)
		exit(3);
	ok(lines_ready(&l), "more input is at hand when it comes");
	lines_fill(&l);
	is_int(lines_next(&l, &line, &bytes), LINES_LINE,
	    "the second line is read");
	is_span(line, S("bc"), "a line that came in two pieces is whole");
	lines_next(&l, &line, &bytes);
	ok(!lines_ready(&l), "no more input is at hand after the second line");
	close(fd[1]);
	ok(lines_ready(&l), "the end of the input is at hand");
	lines_fill(&l);
	is_int(lines_next(&l, &line, &bytes), LINES_END, "the input ends");
	lines_free(&l);
	dup2(old, STDIN_FILENO);
	close(old);
}

/* Test that a line that has begun is completed, and no byte behind it read. */
static void
rest(void)
{
	struct lines l;
	struct span line;
	size_t bytes;
	char next[10];
	int fd[2], old = dup(STDIN_FILENO);

	if (pipe(fd) == -1)
		exit(3);
	dup2(fd[0], STDIN_FILENO);
	close(fd[0]);
	lines_init(&l, NULL, 4);
	lines_next(&l, &line, &bytes);
	is_int(lines_rest(&l), 0, "no line has begun");
	if (write(fd[1], "a\nb", 3) != 3 || lines_fill(&l) == -1 ||
	    lines_fill(&l) == -1)
		exit(3);
	is_int(lines_next(&l, &line, &bytes), LINES_LINE,
	    "the first line is read before the rest is asked for");
	is_int(lines_next(&l, &line, &bytes), LINES_MORE,
	    "part of a line has come");
	is_int(lines_rest(&l), 2, "the rest of a line has not come");
	if (write(fd[1], "c", 1) != 1)
		exit(3);
	is_int(lines_rest(&l), 2, "part of the rest is not enough");
	if (write(fd[1], "d\nnext", 6) != 6)
		exit(3);
	is_int(lines_rest(&l), 1, "the rest of the line has come");
	is_int(lines_next(&l, &line, &bytes), LINES_LINE,
	    "the line is read once its rest has come");
	is_span(line, S("bcd"), "the line has all its pieces");
	is_int(lines_next(&l, &line, &bytes), LINES_MORE,
	    "no second line is read");
	is_int(lines_rest(&l), 0, "no line has begun after the rest");
	is_int(read(STDIN_FILENO, next, sizeof next), 4,
	    "the next line stays in the file");
	if (write(fd[1], "e", 1) != 1 || lines_fill(&l) == -1)
		exit(3);
	lines_next(&l, &line, &bytes);
	if (write(fd[1], "fghij", 5) != 5)
		exit(3);
	close(fd[1]);
	is_int(lines_rest(&l), 1,
	    "the rest of a line over the limit ends with the input");
	is_int(lines_next(&l, &line, &bytes), LINES_LONG,
	    "a line over the limit is reported after its rest");
	lines_free(&l);
	dup2(old, STDIN_FILENO);
	close(old);
}

/* Read a line that never ends: the buffer was large once, the reads are not. */
static void
endless(void)
{
	static const char *const zeros[] = { "/dev/zero", NULL };
	struct lines l;
	struct span line;
	size_t bytes, before, most = 0;
	int i;

	lines_init(&l, zeros, 16 << 20);
	for (i = 0; i < 100; i++) {
		lines_next(&l, &line, &bytes);
		before = l.buf.n - l.at;
		if (lines_fill(&l) == -1)
			break;
		if (l.buf.n - l.at - before > most)
			most = l.buf.n - l.at - before;
	}
	ok(i == 100 && most > 0 && most <= 1 << 20,
	    "a read takes 1 MiB at most, however large the buffer is");
	lines_free(&l);
}

int
main(void)
{
	int null = open("/dev/null", O_RDONLY);

	dup2(null, STDIN_FILENO);
	close(null);
	contents();
	limits();
	lots();
	files();
	fifos();
	ready();
	rest();
	endless();
	return done();
}
