/*
 * tap: results of C unit tests in the Test Anything Protocol.
 *
 * Each returns whether it passed. A failure is shown with its place and what
 * was got and wanted; bytes that could harm a terminal are escaped. A test
 * ends in "return done();".
 */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"

/* The span of a literal or array, which may hold NUL bytes. */
#define S(lit) ((struct span){ lit, sizeof(lit) - 1 })
#define NONE ((struct span){ NULL, 0 })

#define ok(cond, ...) tap_ok(!!(cond), #cond, __LINE__, __VA_ARGS__)
#define is_span(got, want, ...) tap_is((got), (want), __LINE__, __VA_ARGS__)
#define is_str(got, want, ...)                                                 \
	tap_is(tap_span(got), tap_span(want), __LINE__, __VA_ARGS__)
#define is_int(got, want, ...) tap_int((got), (want), __LINE__, __VA_ARGS__)

/* Unused where a test has no need of one. */
#define TAP __attribute__((unused)) static

static int tap_count, tap_failed;

static void __attribute__((format(printf, 3, 0)))
tap_result(int passed, int line, const char *fmt, va_list ap)
{
	printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
	vprintf(fmt, ap);
	putchar('\n');
	if (!passed) {
		tap_failed++;
		printf("# at line %d\n", line);
	}
	fflush(stdout);
}

/*
 * End the test by a signal once it has used up more CPU time, in seconds; 0:
 * never. The time is the processor's, as other programs may keep it busy.
 */
TAP void
cpu_limit(long seconds)
{
	int slow = getenv("TG_VALGRIND") != NULL ? 20 : 1;
	struct itimerval limit = { .it_value.tv_sec = seconds * slow };

	setitimer(ITIMER_PROF, &limit, NULL);
}

TAP int __attribute__((format(printf, 4, 5)))
tap_ok(int passed, const char *what, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_result(passed, line, fmt, ap);
	va_end(ap);
	if (!passed)
		printf("# not true: %s\n", what);
	return passed;
}

/* For where a macro cannot take the commas of a literal. */
TAP struct span
span_at(const char *p, size_t n)
{
	return (struct span){ p, n };
}

TAP struct span
tap_span(const char *s)
{
	return s != NULL ? span_of(s) : NONE;
}

static void
tap_show(const char *label, struct span s)
{
	size_t i;

	printf("# %s: ", label);
	if (s.p == NULL)
		printf("nothing");
	for (i = 0; i < s.n && i < 600; i++)
		if (s.p[i] == '\\')
			printf("\\\\");
		else if (s.p[i] < ' ' || s.p[i] == 127)
			printf("\\x%02x", (unsigned char)s.p[i]);
		else
			putchar(s.p[i]);
	printf("%s (%zu bytes)\n", i < s.n ? "..." : "", s.n);
}

/* The same bytes, and both are there or both are not. */
TAP int __attribute__((format(printf, 4, 5)))
tap_is(struct span got, struct span want, int line, const char *fmt, ...)
{
	int same = span_eq(got, want) && (got.p == NULL) == (want.p == NULL);
	va_list ap;

	va_start(ap, fmt);
	tap_result(same, line, fmt, ap);
	va_end(ap);
	if (!same) {
		tap_show("     got", got);
		tap_show("expected", want);
	}
	return same;
}

TAP int __attribute__((format(printf, 4, 5)))
tap_int(long long got, long long want, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_result(got == want, line, fmt, ap);
	va_end(ap);
	if (got != want)
		printf("#      got: %lld\n# expected: %lld\n", got, want);
	return got == want;
}

/* A new file that holds s: its name, good until the next; unlink it. */
TAP const char *
tap_file(struct span s)
{
	static char path[1024];
	const char *dir = getenv("TMPDIR");
	FILE *f;
	int fd;

	snprintf(path, sizeof path, "%s/tg-unit.XXXXXX", dir ? dir : "/tmp");
	if ((fd = mkstemp(path)) == -1 || (f = fdopen(fd, "w")) == NULL ||
	    fwrite(s.p, 1, s.n, f) != s.n || fclose(f) == EOF) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(3);
	}
	return path;
}

TAP int
done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
