/* append: files whose last line may be torn */
#include "tg-emit/append.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define WHOLE "{\"prompt\":\"P\",\"query\":\"q\",\"pos\":[\"d\"],\"neg\":[]}"
#define ESCAPED                                                                \
	"{\"prompt\":\"\\\"\\\\\",\"query\":\"\\\\\",\"pos\":[\"d\"],\"neg\":" \
	"[]}"

static struct buf got;

/* Read the whole file into got, and remove it. */
static struct span
take(const char *file)
{
	int fd = open(file, O_RDONLY);
	ssize_t n;

	got.n = 0;
	for (;;) {
		buf_need(&got, 65536);
		if ((n = read(fd, got.p + got.n, 65536)) <= 0)
			break;
		got.n += (size_t)n;
	}
	close(fd);
	unlink(file);
	return buf_span(&got);
}

/*
 * Open a file that holds text, add "+" and a newline, and test that it then
 * holds want, of whose beginning torn bytes were cut.
 */
static void
mends(struct span text, struct span want, size_t torn, const char *name)
{
	const char *file = tap_file(text), *why = "";
	struct buf all = { 0 };
	struct append a;
	size_t cut = 99;
	int opened = append_open(&a, file, &cut, &why);

	if (!ok(opened == 0, "%s: the file is opened", name)) {
		tap_show("why", span_of(why));
		unlink(file);
		return;
	}
	is_int((long long)cut, (long long)torn,
	    "%s: the bytes cut off are counted", name);
	is_int(a.size, (long long)want.n, "%s: the size is known", name);
	append_lines(&a, S("+\n"));
	is_int(a.size, (long long)want.n + 2, "%s: the size grows", name);
	is_int(append_close(&a), 0, "%s: the file is closed", name);
	buf_addspan(&all, want);
	buf_adds(&all, "+\n");
	is_span(
	    take(file), buf_span(&all), "%s: lines follow whole lines", name);
	buf_free(&all);
}

/* Test that a file that holds text is refused for a reason, and stays. */
static void
refuses(struct span text, const char *reason, const char *name)
{
	const char *file = tap_file(text), *why = "";
	struct append a;
	size_t cut = 99;

	ok(append_open(&a, file, &cut, &why) == -1, "%s: it is refused", name);
	is_str(why, reason, "%s: the message gives the reason", name);
	is_int((long long)cut, 0, "%s: nothing is cut off", name);
	is_span(take(file), text, "%s: the file stays", name);
}

/* Test every beginning of a line, alone and behind another. */
static void
beginnings(void)
{
	const struct span lines[] = { S(WHOLE), S(ESCAPED) };
	struct buf b = { 0 };
	struct append a;
	const char *file, *why;
	size_t i, n, cut, bad = 0, kept = 0, first;

	for (i = 0; i < 2; i++)
		for (n = 1; n <= lines[i].n; n++)
			for (first = 0; first < 2; first++) {
				b.n = 0;
				if (first)
					buf_adds(&b, WHOLE "\n");
				buf_add(&b, lines[i].p, n);
				file = tap_file(buf_span(&b));
				if (append_open(&a, file, &cut, &why) == -1) {
					bad++;
					unlink(file);
					continue;
				}
				append_close(&a);
				bad += cut != (n < lines[i].n ? n : 0);
				kept +=
				    take(file).n > (first ? sizeof WHOLE : 0);
			}
	is_int((long long)bad, 0, "every beginning of a triplet is cut off");
	is_int((long long)kept, 4, "only whole triplets are kept");
	buf_free(&b);
}

static void
ends(void)
{
	struct buf b = { 0 };
	size_t n, i, start;

	mends(S(""), S(""), 0, "an empty file");
	mends(S("\n"), S("\n"), 0, "an empty line");
	mends(S("mine\n"), S("mine\n"), 0, "a line of other text");
	mends(S(WHOLE), S(WHOLE "\n"), 0, "a triplet without a newline");
	mends(S("mine\n" WHOLE), S("mine\n" WHOLE "\n"), 0,
	    "a triplet behind other text");
	mends(S(WHOLE "\n{\"prompt\":\"\0\0"), S(WHOLE "\n"), 13,
	    "zeros behind a beginning");
	mends(S(WHOLE "\n\0\0"), S(WHOLE "\n"), 2, "nothing but zeros");
	mends(S(WHOLE "\nmine\n{"), S(WHOLE "\nmine\n"), 1,
	    "a torn line behind other text and a triplet");
	refuses(S(WHOLE "\nmine"),
	    "its last line has no newline, and is not the beginning of a "
	    "triplet",
	    "a last line of other text");
	refuses(S(WHOLE "\n{\"prompt\":\"p\",\"querx"),
	    "its last line has no newline, and is not the beginning of a "
	    "triplet",
	    "a line with another member");
	refuses(S(WHOLE "\n{}"),
	    "its last line has no newline, and is JSON that is no triplet",
	    "a last line of other JSON");
	refuses(S("mine\n{\"prompt\":\""),
	    "its last line has no newline, and its first line is no triplet",
	    "a torn line behind other text");
	refuses(S("\n{\"prompt\":\""),
	    "its last line has no newline, and its first line is no triplet",
	    "a torn line behind an empty line");

	/* first and last lines that are longer than what is read at once */
	for (n = 65535; n < 200000; n = 2 * n + 1)
		for (i = 0; i < 3; i++) {
			b.n = 0;
			buf_need(&b, 4 * n); /* so that it does not move */
			buf_adds(&b, "{\"prompt\":\"");
			while (b.n < n + i - 1 - 34)
				buf_addc(&b, 'x');
			buf_adds(&b, "\",\"query\":\"q\",\"pos\":[\"d\"],"
				     "\"neg\":[]}\n");
			start = b.n;
			buf_add(&b, b.p, start / 2);
			mends(buf_span(&b), span_at(b.p, start), start / 2,
			    "half of a long line behind it");
			b.n = start;
			buf_add(&b, b.p, start - 1);
			buf_adds(&b, "\n");
			mends(span_at(b.p, b.n - 1), buf_span(&b), 0,
			    "a long triplet without a newline");
		}
	buf_free(&b);
}

static void
files(void)
{
	const char *why = "", *file = tap_file(S(WHOLE "\n"));
	struct append a, b;
	size_t cut = 99;

	is_int(append_open(&a, file, &cut, &why), 0, "a file is opened");
	is_int(
	    append_open(&b, file, &cut, &why), -1, "a file in use is refused");
	is_str(why, "another tg-emit is adding to it",
	    "the message tells that the file is in use");
	close(a.fd);
	is_int(append_lines(&a, S("x\n")), -1, "a failed write is told");
	is_int(errno, EBADF, "a failed write leaves its errno");
	is_int(a.size, sizeof WHOLE, "a failed write adds nothing");
	is_int(append_close(&a), -1, "a file that is not open is not closed");
	is_int(errno, EBADF, "a failed close leaves its errno");
	is_int(append_open(&b, file, &cut, &why), 0,
	    "a file that is not in use any more is opened");
	append_close(&b);
	unlink(file);
	is_int(append_open(&a, "/nonexistent/file", &cut, &why), -1,
	    "a file in no folder is refused");
	is_str(why, "No such file or directory",
	    "the message tells that the folder is missing");
	is_int(append_open(&a, "/dev/null", &cut, &why), -1,
	    "a device is refused");
	is_str(why, "not a regular file",
	    "the message tells that it is no regular file");
}

int
main(void)
{
	beginnings();
	ends();
	files();
	buf_free(&got);
	return done();
}
