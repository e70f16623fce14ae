/*
 * answers: a log of the response cache with anything in it gives whole answers
 * or none, and takes new ones.
 */
#include "respcache/responses.h"

#include "base/log.h"
#include "json/find.h"
#include "json/scan.h"

#include "fuzz.h"

struct seen {
	struct span all;
	off_t end; /* offset behind the last line */
};

static void
take(void *ctx, struct span line, off_t at)
{
	struct seen *s = ctx;

	CHECK(at >= s->end && (size_t)at + line.n <= s->all.n, "a line at %lld",
	    (long long)at);
	CHECK(memcmp(s->all.p + at, line.p, line.n) == 0, "another line");
	s->end = at + (off_t)line.n;
}

/* The lines of a log come whole and in order, whatever the limit is. */
static void
follow(struct span s)
{
	static const size_t limits[] = { 1 << 20, 100, 0 };
	size_t i;
	off_t at;
	int fd;

	for (i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct seen seen = { s, 0 };

		at = 0;
		if ((fd = open("cache/answers-1-1-1.jsonl", O_RDONLY)) == -1)
			abort();
		CHECK(log_follow(fd, &at, limits[i], i == 2, take, &seen) == 0,
		    "limit %zu", limits[i]);
		CHECK(at >= seen.end && (size_t)at <= s.n, "at %lld",
		    (long long)at);
		close(fd);
	}
}

/* Ask for the answer of each line that looks like one. */
static void
ask(struct responses *r, struct span s)
{
	const char *why, *p, *end = s.p + s.n;
	char key[SHA256_HEX] = "";
	struct buf out = { 0 };

	for (p = s.p; p < end && (p = memchr(p, '"', (size_t)(end - p))); p++) {
		if (end - p < SHA256_HEX)
			break;
		memcpy(key, p + 1, SHA256_HEX - 1);
		if (memchr(key, '\0', SHA256_HEX - 1) != NULL)
			continue;
		out.n = 0;
		CHECK(responses_get(r, key, 0, &out) == 0 ||
			  js_text(buf_span(&out), &why).p != NULL,
		    "no JSON");
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char key[] =
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	struct span s = { (const char *)p, n };
	struct buf out = { 0 };
	struct responses *r;
	const char *why = "";

	fuzz_input = s;
	fuzz_enter();
	if (mkdir("cache", 0700) == 0 || errno == EEXIST)
		fuzz_write("cache/answers-1-1-1.jsonl", s);
	follow(s);
	r = responses_new("cache", 0, &why);
	CHECK(r != NULL, "%s", why);
	ask(r, s);
	if (!responses_get(r, key, 7, &out)) {
		responses_add(r, key, 7, span_of("[1]"));
		CHECK(responses_write(r) == 0, "%d", errno);
		CHECK(responses_get(r, key, 7, &out) == 1 &&
			  span_eq(buf_span(&out), span_of("[1]")),
		    "a new answer is lost");
	}
	CHECK(responses_free(r) == 0, "%d", errno);
	fuzz_empty("cache");
	buf_free(&out);
	return 0;
}
