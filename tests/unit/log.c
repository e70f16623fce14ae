/* log: files that are only appended to, a line at a time */
#include "base/log.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "tap.h"

/* Write "offset:line|" of each line that is taken. */
static void
note(void *ctx, struct span line, off_t at)
{
	struct buf *b = ctx;

	buf_fmt(b, "%lld:", (long long)at);
	buf_addspan(b, line);
	buf_addc(b, '|');
}

/* Keep the length of the last line that is taken, its bytes other than 'x', and
 * its place. */
struct last {
	size_t n, count, other;
	off_t at;
};

static void
keep(void *ctx, struct span line, off_t at)
{
	struct last *l = ctx;
	size_t i;

	l->other = 0;
	for (i = 0; i < line.n; i++)
		l->other += line.p[i] != 'x';
	l->n = line.n;
	l->at = at;
	l->count++;
}

static void
test_split(void)
{
	struct buf got = { 0 };

	is_int((long long)log_split(S("a\n\nbc\nd"), 10, 99, 0, note, &got), 6,
	    "whole lines are taken");
	is_span(buf_span(&got), S("10:a|12:|13:bc|"),
	    "whole lines come with their offsets");
	buf_clear(&got);
	is_int((long long)log_split(S("a\nd"), 0, 99, 1, note, &got), 3,
	    "at the end the rest counts as a line");
	is_span(
	    buf_span(&got), S("0:a|2:d|"), "the rest comes with its offset");
	buf_clear(&got);
	is_int((long long)log_split(S("abcd"), 0, 4, 0, note, &got), 0,
	    "an unfinished line up to the limit is waited for");
	is_int((long long)log_split(S("abcde"), 0, 4, 0, note, &got), 5,
	    "an unfinished line over the limit is skipped");
	buf_free(&got);
}

static void
test_follow(void)
{
	const char *path = tap_file(S("one\ntw"));
	int fd = open(path, O_RDWR | O_APPEND),
	    null = open("/dev/null", O_RDWR);
	struct buf got = { 0 };
	off_t at = 0;

	is_int(log_follow(fd, &at, 99, 0, note, &got), 0, "a log is read");
	is_span(buf_span(&got), S("0:one|"), "whole lines of a log are read");
	is_int(at, 4, "the place in the log is behind the whole lines");
	buf_clear(&got);
	ok(write(fd, "o\nthree\n", 8) == 8, "the log grows");
	log_follow(fd, &at, 99, 0, note, &got);
	is_span(buf_span(&got), S("4:two|8:three|"), "the new lines are read");
	buf_clear(&got);
	log_follow(fd, &at, 99, 0, note, &got);
	is_span(buf_span(&got), S(""), "the new lines are read only once");
	is_int(log_read(fd, 8, 5, &got), 0, "a line can be read again");
	log_read(fd, 4, 3, &got);
	is_span(buf_span(&got), S("threetwo"),
	    "lines are read again by their places, one behind the other");
	is_int(
	    log_read(fd, 8, 50, &got), -1, "a line behind the end is not read");
	at = 0;
	is_int(log_follow(null, &at, 99, 1, note, &got), 0,
	    "a file that is not regular counts as empty");
	is_int(log_follow(-1, &at, 99, 1, note, &got), -1,
	    "a failed read is reported");
	buf_free(&got);
	close(null);
	close(fd);
	unlink(path);
}

/* Test lines that are longer than one read. */
static void
test_long(void)
{
	const char *path = tap_file(S(""));
	int fd = open(path, O_RDWR);
	const size_t n = 5 << 19;
	struct last got = { 0 };
	struct buf b = { 0 };
	off_t at = 0;
	size_t i;

	for (i = 0; i < n; i++)
		buf_addc(&b, i == n / 2 ? '\n' : i < n / 2 ? 'w' : 'x');
	ok(write(fd, b.p, b.n) == (ssize_t)b.n, "two long lines are written");
	log_follow(fd, &at, n, 1, keep, &got);
	ok(got.count == 2 && got.at == (off_t)(n / 2 + 1) &&
		got.n == n - n / 2 - 1 && got.other == 0,
	    "long lines are read whole");
	buf_free(&b);
	close(fd);
	unlink(path);
}

int
main(void)
{
	test_split();
	test_follow();
	test_long();
	return done();
}
