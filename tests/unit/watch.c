/* watch: what is said while nothing is answered; the clock is set */
#include "chat/chat-in.h"
#include "io/io.h"
#include "io/once.h"

#include <limits.h>

#include "said.h"
#include "set-clock.h"
#include "tap.h"

static struct chat c;
static struct endpoint end;
static struct attempt sent;

/* Return the time until watch_silence is to be called again, ms. */
static long long
look(void)
{
	long long wait = INT_MAX;

	watch_silence(&c, now, &wait);
	return wait;
}

static void
silence(void)
{
	said();
	is_int(look(), INT_MAX, "with nothing in flight there is no wait");
	sent = (struct attempt){ .at = &end, .sent_at = now };
	TAILQ_INSERT_TAIL(&c.attempts.flying, &sent, link);
	end.inflight = 1;
	is_int(look(), 20000, "a request in flight is looked at in 20 s");
	now += 19999;
	is_int(look(), 1, "and 1 ms before that again");
	is_str(said(), "", "nothing is said of 20 s");
	now += 1;
	(void)look();
	is_str(said(),
	    "tg-x: http://a: 1 request in flight, the oldest for 20 s; the "
	    "server is slow: --timeout 90 applies, and -j asks for fewer at "
	    "once\n",
	    "after 20 s it is said what is waited for");
	is_int(look(), 20000, "the next message comes after twice the time");
	c.session.last_answer = now + 19000;
	now += 20000;
	is_int(look(), 39000, "an answer puts it off");
	is_str(said(), "", "nothing is said then");
	c.session.state = SESSION_STOPPING;
	is_int(look(), INT_MAX, "a session that stops says nothing");
}

static void
first(void)
{
	c.stats.answered_calls = 1;
	watch_first(&c, &end, 4999);
	is_str(said(), "", "nothing is said of a first answer in 5 s");
	watch_first(&c, &end, 12345);
	is_str(said(), "tg-x: http://a: the first answer took 12 s\n",
	    "a first answer that took longer is told");
	watch_first(&c, &end, 12345);
	is_str(said(), "", "it is told once");
}

/* Return whether another process would say a message. */
static int
other_due(const char *name, long again_s)
{
	int p[2];
	char due = 0;

	if (pipe(p) == -1)
		exit(3);
	if (fork() == 0) {
		due = (char)once_due(name, again_s);
		_exit(write(p[1], &due, 1) != 1);
	}
	close(p[1]);
	if (read(p[0], &due, 1) != 1)
		exit(3);
	close(p[0]);
	return due;
}

static void
together(void)
{
	char dir[] = "/tmp/tg-once.XXXXXX", path[64];

	ok(other_due("alone", 0), "without a folder another process says it");
	if (mkdtemp(dir) == NULL)
		exit(3);
	setenv("TG_ONCE_DIR", dir, 1);
	ok(once_due("a", 0), "with a folder the first says it");
	ok(!once_due("a", 0) && !other_due("a", 0), "and no one else");
	ok(once_due("b", 60) && once_due("b", 60),
	    "one that may say it again does");
	ok(other_due("c", 60) && !once_due("c", 60),
	    "what another process says is left to it");
	ok(!other_due("c", 60), "by others, too");
	unsetenv("TG_ONCE_DIR");
	snprintf(path, sizeof path, "%s/said.a", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/said.b", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/said.c", dir);
	unlink(path);
	rmdir(dir);
}

int
main(void)
{
	io_program = "tg-x";
	c.ends = &end;
	c.nends = 1;
	c.o.timeout_ms = 90000;
	c.session.state = SESSION_SERVING;
	end.url = "http://a";
	TAILQ_INIT(&c.attempts.flying);
	silence();
	first();
	together();
	return done();
}
