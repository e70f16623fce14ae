/*
 * shares: files of a share and of a ledger with anything in them give sums that
 * are sane, to each process that opens them.
 */
#include "chat/limits.h"

#include "fuzz.h"

/* Write s into a file from its beginning on, and leave the rest of it. */
static void
scribble(const char *file, struct span s)
{
	int fd = open(file, O_WRONLY | O_CREAT, 0600);

	if (fd == -1 || write(fd, s.p, s.n) != (ssize_t)s.n || close(fd) == -1)
		abort();
}

static void
use(struct limits *l)
{
	struct reservation a = { .cost = 5, .tokens = 7, .likely_tokens = 3 };
	struct limits_sums sums;
	long long ms;

	if (limits_reserve(l, &a, &ms) == LIMITS_GO)
		limits_commit(l, &a, 6, 4);
	else
		CHECK(ms >= -1, "%lld ms", ms);
	limits_pause(l, 3, 100);
	sums = limits_sums(l);
	CHECK(sums.cost >= 0 && sums.tokens >= 0 && sums.members >= 0,
	    "%lld, %lld, %d", sums.cost, sums.tokens, sums.members);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct limits_max max = { .rpm = 1e6, .cost = 1000 };
	struct span s = { (const char *)p, n };
	struct limits *before, *after;
	const char *why;
	int bad;

	fuzz_input = s;
	fuzz_enter();
	if (mkdir("shares", 0700) == -1 && errno != EEXIST)
		abort();
	setenv("TG_SHARE_DIR", "shares", 1);
	scribble("shares/x.share", s);
	scribble("shares/x.spent", s);
	scribble("x.spent", s);
	before = limits_new("x", ".", &max, &bad, &why);
	if (before == NULL) {
		CHECK(strstr(why, "delete it") != NULL, "%s", why);
		return 0;
	}
	use(before);
	after = limits_new("x", ".", &max, &bad, &why);
	CHECK(after != NULL, "%s", why);
	use(after);
	limits_free(after);
	limits_free(before);
	return 0;
}
