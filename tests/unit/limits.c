/* limits and cost: when a process may send, and what it costs */
#include "chat/limits.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pace/cost.h"
#include "tap.h"

enum { MANY = 100000 }; /* requests that no test lets go */

static char dir[1024];

/* Tell the time; the wall clock jumps an hour at each look. */
int
clock_gettime(clockid_t clock, struct timespec *t)
{
	static long hours;
	long got = syscall(SYS_clock_gettime, clock, t);

	if (clock == CLOCK_REALTIME)
		t->tv_sec += 3600 * ++hours;
	return (int)got;
}

static struct limits *
named(const char *name, const struct limits_max *l)
{
	const char *why = "";
	struct limits *s;
	int bad;

	s = limits_new(name, NULL, l, &bad, &why);
	if (s == NULL)
		printf("# %s\n", why);
	return s;
}

static struct limits *private(const struct limits_max *l)
{
	return named(NULL, l);
}

static int
go(struct limits *s, struct reservation a)
{
	long long ms;

	return limits_reserve(s, &a, &ms) == LIMITS_GO;
}

static void
sleep_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) == -1)
		;
}

static long long
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* A busy machine may let more time go by between any two calls. */
static void
rates(void)
{
	struct limits_max l = { .rpm = 600 };
	struct reservation one = { .cost = 0, .tokens = 0 },
			   big = { .tokens = 6000 };
	struct limits *s = private(&l);
	long long ms = 0, start = clock_ms();
	int n = 0, got;

	while ((got = limits_reserve(s, &one, &ms)) == LIMITS_GO && n < MANY)
		n++;
	ok(n >= 5 && n <= 6 + (clock_ms() - start) / 100,
	    "at 600 requests a minute 5 go at once (%d)", n);
	is_int(got, LIMITS_WAIT, "the next request waits");
	ok(ms > 0 && ms <= 101,
	    "the next request waits for a tenth of a second (%lld ms)", ms);
	start = clock_ms();
	sleep_ms((int)ms);
	ok(go(s, one), "one request goes after the wait");
	ok(!go(s, one) || clock_ms() - start >= ms + 99,
	    "no second request goes after the wait");
	limits_free(s);

	l = (struct limits_max){ .tpm = 60000 };
	s = private(&l);
	ok(go(s, big), "a request for more tokens than the bucket holds takes "
		       "all of them");
	limits_reserve(s, &one, &ms);
	ok(ms > 2000 && ms <= 6001,
	    "a request over the bucket leaves a debt (%lld ms)", ms);
	limits_commit(s, &big, 1000, 0);
	limits_reserve(s, &big, &ms);
	ok(ms > 0 && ms <= 1001,
	    "the debt shrinks when the request has taken less (%lld ms)", ms);
	limits_free(s);
	l = (struct limits_max){ .rpm = 1e-300, .tpm = 1e-300 };
	s = private(&l);
	ok(go(s, big), "a tiny rate lets the first request through");
	is_int(limits_reserve(s, &one, &ms), LIMITS_WAIT,
	    "the request behind the first one waits");
	ok(ms > 86390000 && ms <= 86400001,
	    "the next request waits for a day (%lld ms)", ms);
	limits_commit(s, &big, 1, 0);
	ok(!go(s, one), "the next request also waits if the first took less");
	limits_free(s);
	l = (struct limits_max){ 0 };
	s = private(&l);
	for (n = 0; n < 1000 && go(s, big); n++)
		;
	is_int(n, 1000, "without a limit every request goes");
	limits_free(s);
}

static void
budget(void)
{
	struct limits_max l = { .cost = 1000 };
	struct reservation a = { .cost = 400, .tokens = 0 },
			   small = { .cost = 100, .tokens = 0 };
	struct limits *s = private(&l);
	long long ms;

	ok(go(s, a) && go(s, a), "requests that fit into the budget go");
	is_int(limits_reserve(s, &a, &ms), LIMITS_WAIT,
	    "a request that may fit later waits");
	is_int(ms, -1, "the wait lasts until a request comes back");
	ok(go(s, small), "a smaller request still fits");
	limits_commit(s, &small, 1, 100);
	limits_commit(s, &a, 1, 50);
	ok(go(s, a), "a request that took less leaves the rest to others");
	limits_commit(s, &a, -1, 0);
	limits_commit(s, &a, 1, 490);
	is_int(limits_sums(s).cost, 640,
	    "the cost of finished requests is counted");
	is_int(limits_reserve(s, &a, &ms), LIMITS_SPENT,
	    "without requests in flight the budget is spent");
	small.cost = 360;
	ok(go(s, small), "a small request takes the last of the budget");
	limits_free(s);
	l = (struct limits_max){ .cost = 1000, .tokens = 1000 };
	s = private(&l);
	ok(go(s, a), "a small request fits into the budget of tokens");
	a = (struct reservation){ .cost = LLONG_MAX, .tokens = LLONG_MAX };
	is_int(limits_reserve(s, &a, &ms), LIMITS_WAIT,
	    "the largest numbers do not fit");
	limits_free(s);
	l = (struct limits_max){ .tokens = 10 };
	s = private(&l);
	a.tokens = 11;
	is_int(limits_reserve(s, &a, &ms), LIMITS_SPENT,
	    "the budget of tokens is spent");
	limits_free(s);
}

static void
members(void)
{
	struct limits_max none = { 0 }, one = { .jobs = 3, .cost = 500 };
	struct limits_max more = { .jobs = 2, .cost = 900, .rpm = 1e6 };
	struct reservation a = { .cost = 100, .tokens = 1 };
	struct limits *x = named("team", &none), *y = named("team", &one);
	struct limits *z = named("team", &more);
	struct limits_sums sums = limits_sums(x);
	long long ms;

	is_int(sums.members, 3, "the share has three members");
	is_int(sums.max_jobs, 2,
	    "the smallest limit on requests in flight counts");
	is_int(sums.max_cost, 500, "the smallest budget counts");
	ok(go(x, a) && go(y, a), "two requests may be in flight");
	is_int(
	    limits_reserve(z, &a, &ms), LIMITS_WAIT, "a third request waits");
	ok(ms > 0 && ms < 50, "the third request waits a little (%lld ms)", ms);
	ok(!go(x, a) && !go(y, a), "the other members wait, too");
	limits_commit(x, &a, 10, 100);
	ok(!go(x, a), "the member that was served last is not next");
	ok(!go(y, a), "the member that came later is not next");
	ok(go(z, a), "the member that has waited longest is next");
	limits_commit(z, &a, 10, 100);
	ok(!go(z, a), "the member that was served goes to the end");
	ok(go(x, a), "the members take turns");
	limits_free(x);
	ok(go(y, a), "a member that has left holds nothing");
	is_int(limits_sums(y).cost, 200,
	    "the cost of a member that has left still counts");
	limits_free(z);
	is_int(limits_sums(y).max_jobs, 3,
	    "the limits of a member that has left no longer count");
	limits_free(y);
	x = named("team", &none);
	is_int(limits_sums(x).cost, 200, "a folder of the user keeps the cost");
	limits_free(x);
	x = named("other", &none);
	is_int(limits_sums(x).members, 1, "another name is another share");
	limits_free(x);
}

/* Reserve and commit as a member until killed. */
static pid_t
busy_child(const struct limits_max *l, int ready)
{
	struct reservation a = { .cost = 3, .tokens = 5 };
	struct limits *s;
	pid_t pid = fork();
	int i;

	if (pid != 0)
		return pid;
	if ((s = named("hard", l)) == NULL)
		_exit(1);
	for (i = 0;; i++) {
		if (go(s, a))
			limits_commit(s, &a, 5, 3);
		if (i == 100 && write(ready, "", 1) == -1)
			_exit(1);
	}
}

static void
killed(void)
{
	struct limits_max l = { .jobs = 2, .cost = 1LL << 60, .rpm = 1e9 };
	struct reservation a = { .cost = 3, .tokens = 5 };
	struct limits *s = named("hard", &l);
	struct limits_sums sums;
	int i, fd[2], wrong = 0, stuck = 0;
	long long before = 0;
	char c;
	pid_t pid;

	if (pipe(fd) == -1)
		exit(3);
	for (i = 0; i < 100; i++) {
		pid = busy_child(&l, fd[1]);
		if (read(fd[0], &c, 1) != 1)
			exit(3);
		sleep_ms(i % 3);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		sums = limits_sums(s);
		wrong += sums.members != 1 || sums.cost <= before ||
			 sums.cost % 3 != 0 || sums.tokens % 5 != 0;
		before = sums.cost;
		stuck += !go(s, a) || !go(s, a) || go(s, a);
		limits_commit(s, &a, 0, 0);
		limits_commit(s, &a, 0, 0);
	}
	is_int(wrong, 0,
	    "sums stay right after 100 processes were killed in the middle of "
	    "a change");
	is_int(stuck, 0, "nothing stays locked or in use after these kills");
	limits_free(s);
	close(fd[0]);
	close(fd[1]);
}

/* Start a child that stops in the middle of a change. */
static pid_t
stuck_child(const char *name, int ready)
{
	struct flock l = { .l_type = F_WRLCK, .l_len = 1 };
	char path[2000];
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	snprintf(path, sizeof path, "%s/%s.share", dir, name);
	if ((fd = open(path, O_RDWR)) == -1 ||
	    fcntl(fd, F_OFD_SETLKW, &l) == -1 || write(ready, "", 1) == -1)
		_exit(1);
	for (;;)
		pause();
}

/* A change waits for another one, unless that one's process is killed. */
static void
locked(void)
{
	struct limits_max l = { .jobs = 1 };
	struct reservation a = { .cost = 0, .tokens = 0 };
	struct limits *s = named("busy", &l);
	struct pollfd p = { .events = POLLIN };
	pid_t stuck, kid;
	int fd[2], status = -1;
	char c;

	if (pipe(fd) == -1)
		exit(3);
	p.fd = fd[0];
	stuck = stuck_child("busy", fd[1]);
	if (read(fd[0], &c, 1) != 1)
		exit(3);
	if ((kid = fork()) == 0)
		_exit(!go(s, a) || write(fd[1], "", 1) != 1);
	is_int(poll(&p, 1, 200), 0,
	    "only one process changes the share at a time");
	kill(stuck, SIGKILL);
	waitpid(stuck, NULL, 0);
	waitpid(kid, &status, 0);
	is_int(status, 0, "a killed process holds nothing up");
	limits_free(s);
	close(fd[0]);
	close(fd[1]);
}

static void
pauses(void)
{
	struct limits_max none = { 0 };
	struct limits *x = named("p", &none), *y = named("p", &none);
	struct reservation a = { .lane = limits_lane("http://a/v1") };
	struct reservation b = { .lane = limits_lane("http://b/v1") };
	long long ms;
	int i;

	limits_pause(x, a.lane, 5000);
	is_int(limits_reserve(y, &a, &ms), LIMITS_PAUSED,
	    "a pause counts for all members");
	ok(ms > 0 && ms <= 5001,
	    "a pause lasts as long as the server asked (%lld ms)", ms);
	ok(go(y, b), "a pause counts only for its server");
	limits_pause(x, b.lane, 500);
	ok(!go(y, b), "a short pause holds the request back");
	sleep_ms(501);
	ok(go(y, b), "a short pause ends");
	for (i = 0; i < 100; i++)
		limits_pause(x, (unsigned long long)i + 1, 1000);
	ok(!go(y, a), "the longest pauses are remembered");
	limits_free(x);
	limits_free(y);
}

static void
names(void)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "/a", "a b",
		".hidden", "-x", "a\n", "\303\244",
		("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "a"
		 "aaa") };
	struct limits_max none = { 0 };
	char path[2000];
	size_t i;
	int is_bad, accepted = 0;
	const char *why;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		accepted +=
		    limits_new(bad[i], NULL, &none, &is_bad, &why) != NULL ||
		    !is_bad;
	is_int(accepted, 0, "a name that is not allowed is refused");
	limits_free(named("tg-run.2_x", &none));
	snprintf(path, sizeof path, "%s/tg-run.2_x.share", dir);
	ok(unlink(path) == 0, "the share is a file with its name");

	snprintf(path, sizeof path, "%s/link.share", dir);
	ok(symlink("/tmp/elsewhere", path) == 0 &&
		limits_new("link", NULL, &none, &is_bad, &why) == NULL &&
		!is_bad,
	    "a link is not followed");
	unlink(path);
	snprintf(path, sizeof path, "%s/fifo.share", dir);
	ok(mkfifo(path, 0600) == 0 &&
		limits_new("fifo", NULL, &none, &is_bad, &why) == NULL,
	    "a pipe is not used as a share");
	unlink(path);
	chmod(dir, 0755);
	ok(limits_new("x", NULL, &none, &is_bad, &why) == NULL && !is_bad,
	    "a folder that others can enter is not used");
	ok(strstr(why, "others have access") != NULL,
	    "the message says that others have access");
	chmod(dir, 0700);
	snprintf(path, sizeof path, "%s.link", dir);
	ok(symlink(dir, path) == 0 && setenv("TG_SHARE_DIR", path, 1) == 0 &&
		limits_new("x", NULL, &none, &is_bad, &why) == NULL,
	    "a symbolic link to a good folder is not used");
	unlink(path);
	setenv("TG_SHARE_DIR", dir, 1);
}

/* Bytes at an offset of a file in the folder of shares. */
static void
scribble(const char *file, long at, const void *p, size_t n)
{
	char path[2000];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, file);
	if ((f = fopen(path, "r+")) == NULL || fseek(f, at, SEEK_SET) != 0 ||
	    fwrite(p, 1, n, f) != n || fclose(f) == EOF)
		exit(3);
}

static void
leftovers(void)
{
	struct limits_max l = { .rpm = 60, .cost = 100 };
	struct reservation a = { .cost = 7, .tokens = 0 };
	struct limits *s = named("old", &l);
	char rubbish[8192];
	const int many = 1 << 30; /* over the number of members */

	ok(go(s, a) && !go(s, a), "one request a second goes");
	limits_commit(s, &a, 1, 7);
	limits_free(s);
	s = named("old", &l);
	ok(!go(s, a), "the second goes on after a process has ended");
	limits_free(s);
	scribble("old.share", 8, "another boot", 13);
	s = named("old", &l);
	ok(go(s, a), "the second is forgotten after a restart of the machine");
	is_int(limits_sums(s).cost, 7,
	    "the cost is kept after a restart of the machine");
	limits_free(s);
	memset(rubbish, 0xff, sizeof rubbish);
	scribble("old.share", 48, rubbish, sizeof rubbish);
	s = named("old", &l);
	ok(s != NULL && limits_sums(s).members == 1,
	    "a file of rubbish becomes a share with one member");
	a.cost = 0;
	ok(go(s, a), "a share that was rubbish lets a request go");
	limits_free(s);
	scribble("old.share", 4160, &many, sizeof many);
	s = named("old", &l);
	ok(s != NULL && limits_sums(s).members == 1,
	    "a number of members that nobody has is not believed");
	limits_free(s);
	scribble("old.share", 0, rubbish, sizeof rubbish);
	s = named("old", &l);
	ok(s != NULL && limits_sums(s).members == 1,
	    "a file that is no share becomes one");
	limits_free(s);
	scribble("old.spent", 0, rubbish, sizeof rubbish);
	ok(named("old", &l) == NULL,
	    "sums that are damaged are refused in a folder of the user's");
}

static void
prices(void)
{
	struct cost s = { .in = 150000, .out = 600000 };
	struct cost_tokens t;
	int i;

	s.cached = 75000;
	is_int(cost_of(&s, 1000000, 0, 0), 150000000000,
	    "the price of prompts is counted");
	is_int(cost_of(&s, 0, 1000000, 0), 600000000000,
	    "the price of answers is counted");
	is_int(cost_of(&s, 1000000, 0, 500000), 112500000000,
	    "tokens in the server's cache have their own price");
	is_int(cost_of(&s, 10, 0, 50), cost_of(&s, 10, 0, 10),
	    "cached tokens over the prompt count as the prompt");
	t = cost_guess(&s, 1000, 100, 3);
	ok(t.in >= 500 && t.out == 300,
	    "the first estimate is the most that a request can take");
	t = cost_guess(&s, 1000, 0, 1);
	is_int(t.out, 8192,
	    "the first estimate counts without a token limit, too");
	for (i = 0; i < 100; i++)
		cost_learn(&s, 1000, 2, (struct cost_tokens){ 250, 80 });
	t = cost_guess(&s, 2000, 1000, 2);
	is_int(t.in, 500, "later estimates follow the prompts");
	is_int(t.out, 100, "later estimates add a quarter to the answers");
	t = cost_guess(&s, 2000, 30, 2);
	is_int(t.out, 60, "an estimate does not exceed the token limit");
	s.in = s.out = 1000000000000;
	is_int(cost_of(&s, LLONG_MAX / 4, LLONG_MAX / 4, 0),
	    1000000000000000000, "a cost over a million counts as a million");
	is_int(cost_tokens_of(0), 0, "no bytes are no token");
	is_int(cost_tokens_of(5), 2, "five bytes count as two tokens");
}

int
main(void)
{
	static const char *const files[] = { "team", "other", "hard", "busy",
		"p", "old", "tg-run.2_x" };
	char path[64];
	size_t i;

	snprintf(dir, sizeof dir, "%s/tg-unit.XXXXXX",
	    getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(dir) == NULL || setenv("TG_SHARE_DIR", dir, 1) == -1)
		return 3;
	rates();
	budget();
	members();
	killed();
	locked();
	pauses();
	names();
	leftovers();
	prices();
	if (chdir(dir) == 0)
		for (i = 0; i < sizeof files / sizeof *files; i++) {
			snprintf(path, sizeof path, "%s.share", files[i]);
			unlink(path);
			snprintf(path, sizeof path, "%s.spent", files[i]);
			unlink(path);
		}
	ok(rmdir(dir) == 0, "no other file is in the folder");
	return done();
}
