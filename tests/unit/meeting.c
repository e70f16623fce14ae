/* meeting: processes that share a file, each with a place of its own */
#include "io/meeting.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "tap.h"

enum { SIZE = 5000, PLACES = 2 };

static char file[] = "/tmp/tg-meeting.XXXXXX";

/* Open the file, which has the number of bytes and places above. */
static int
opened(struct meeting *m)
{
	int got = meeting_open(m, open(file, O_RDWR), SIZE, PLACES);

	meeting_unlock(m); /* one that is opened is locked */
	return got;
}

static void
test_places(void)
{
	struct meeting m[3];
	int i, bad = 0;

	for (i = 0; i < 3; i++)
		bad += opened(&m[i]);
	is_int(bad, 0, "a file can be opened several times");
	((char *)m[0].p)[SIZE - 1] = 'x';
	ok(((char *)m[1].p)[SIZE - 1] == 'x', "all of them see one memory");
	ok(!meeting_is_used(&m[0]), "a file where nobody has a place is free");
	is_int(meeting_take(&m[0]), 0, "the first place is taken");
	ok(meeting_is_used(&m[1]) && !meeting_is_used(&m[0]),
	    "others see that a place is taken");
	ok(!meeting_is_free(&m[1], 0) && meeting_is_free(&m[1], 1),
	    "others see which place is taken");
	is_int(meeting_take(&m[1]), 1, "the second place is taken");
	ok(meeting_take(&m[2]) == -1 && errno == EAGAIN,
	    "no third place is there");
	meeting_close(&m[0]);
	is_int(meeting_take(&m[2]), 0, "a place that is left can be taken");
	ok(meeting_lock(&m[1]) == 0, "the file can be locked");
	meeting_unlock(&m[1]);
	ok(meeting_lock(&m[2]) == 0, "a lock that is given up can be had");
	meeting_close(&m[1]);
	meeting_close(&m[2]);
	meeting_close(&m[2]); /* a second time is fine */
}

static void
test_private(void)
{
	struct meeting m;

	ok(meeting_open(&m, -1, SIZE, PLACES) == 0 && meeting_lock(&m) == 0,
	    "memory without a file can be opened and locked twice");
	meeting_unlock(&m);
	ok(meeting_take(&m) == 0 && !meeting_is_used(&m) &&
		!meeting_is_free(&m, 0),
	    "its place is the opener's alone");
	meeting_close(&m);
}

static void
test_refused(void)
{
	struct rlimit most = { SIZE, SIZE };
	struct meeting m;

	ok(meeting_open(&m, open("/dev/null", O_RDONLY), SIZE, PLACES) == -1 &&
		errno == EBADF,
	    "a file that cannot be written is refused");
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &most);
	ok(meeting_open(&m, open(file, O_RDWR), 2 * SIZE, PLACES) == -1 &&
		errno == EFBIG,
	    "a file that finds no room is refused");
}

int
main(void)
{
	if (close(mkstemp(file)) == -1)
		return 3;
	test_places();
	test_private();
	test_refused();
	unlink(file);
	return done();
}
