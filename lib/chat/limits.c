/* limits: the allowance that requests are taken from */
#include "chat/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/mem.h"
#include "io/rundir.h"

enum {
	MEMBERS = 256,
	LANES = 32,
	NAME_MAX_LEN = 64,
	MUTEX = 0, /* the byte that is locked for changes; member i: 1 + i */
	BOOT = 40,
};

#define MS 1000000LL
#define MINUTE (60000 * MS)
#define FOREVER (1440 * MINUTE) /* no debt lasts that long: it is torn */
#define BURST (500 * MS)        /* a bucket holds that much of its flow */
#define LOOK (100 * MS)         /* between looks for the dead */
#define POLL_MIN (2 * MS)       /* to see what others give back, at first; */
#define POLL_MAX (50 * MS)      /* the longer it takes, the less often */
#define LATE (100 * MS)         /* who is later has lost its turn */
#define MOST (500 * MS)         /* limits come and go with the members */

typedef _Atomic long long number;

/* A process. What it has in flight is gone with it. */
struct member {
	number here;
	number flying, cost, tokens;
	/* in the line since, for so many tokens; back by until */
	number since, until, want;
	struct share_limits limits;
};

struct state {
	char magic[8];
	char boot[BOOT];
	/* when a bucket will be full again, in ns: rises with what is taken */
	number requests_at, tokens_at;
	number cost, tokens; /* spent */
	number looked;       /* for the dead */
	number members;      /* those behind are not in use, nor ever were */
	struct {
		_Atomic unsigned long long lane;
		number until;
	} pauses[LANES];
	struct member member[MEMBERS];
};

static const char magic[8] = "tgshare";

struct share {
	struct state *state;
	struct member *me;
	int fd;        /* -1: private */
	int unlimited; /* private, and nothing is limited */
};

static char why_buf[400];

static long long
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 * MS + t.tv_nsec;
}

static long long
max(long long a, long long b)
{
	return a > b ? a : b;
}

static int
lock(struct share *s)
{
	return s->fd == -1 ? 0 : lock_wait(s->fd, MUTEX);
}

static void
unlock(struct share *s)
{
	if (s->fd != -1)
		lock_drop(s->fd, MUTEX);
}

/* Members. */

/* Note who has died; how many others live. */
static int
bury(struct share *s)
{
	struct member *m = s->state->member;
	int i, alive = 0;

	for (i = 0; i < MEMBERS && i < s->state->members && s->fd != -1; i++) {
		if (!m[i].here || &m[i] == s->me)
			continue;
		/* one whose lock cannot be asked for may live */
		if (lock_held(s->fd, 1 + i, 1) != 0)
			alive++;
		else
			m[i].here = 0;
	}
	return alive;
}

static void
least(double *a, double b)
{
	if (b > 0 && (*a <= 0 || b < *a))
		*a = b;
}

static void
fewest(long long *a, long long b)
{
	if (b > 0 && (*a <= 0 || b < *a))
		*a = b;
}

/* What the members come to, and who of them is in the line before one. */
struct view {
	struct share_limits limits;
	int members;
	long long flying, cost, tokens;
	long long ahead, ahead_tokens;
};

static struct view
look(const struct share *s, long long now)
{
	const struct member *me = s->me, *m;
	struct view v = { { 0 }, 0, 0, 0, 0, 0, 0 };
	long long i, n = s->state->members;

	for (i = 0; i < n && i < MEMBERS; i++) {
		m = &s->state->member[i];
		if (!m->here)
			continue;
		v.members++;
		least(&v.limits.rpm, m->limits.rpm);
		least(&v.limits.tpm, m->limits.tpm);
		fewest(&v.limits.jobs, m->limits.jobs);
		fewest(&v.limits.cost, m->limits.cost);
		fewest(&v.limits.tokens, m->limits.tokens);
		v.flying += m->flying;
		v.cost += m->cost;
		v.tokens += m->tokens;
		if (m == me || m->since == 0 || m->until < now ||
		    (me->since != 0 && me->since <= m->since))
			continue;
		v.ahead++;
		v.ahead_tokens += m->want;
	}
	return v;
}

/* A name, and its file. */

int
share_name_ok(const char *name)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strspn(name, word);

	return n > 0 && n <= NAME_MAX_LEN && name[n] == '\0' && *name != '.' &&
	       *name != '-';
}

static const char *
why(const char *where, const char *what)
{
	snprintf(why_buf, sizeof why_buf, "%s: %s", where, what);
	return why_buf;
}

static int
open_file(const char *name, const char **reason)
{
	char file[NAME_MAX_LEN + 10];

	snprintf(file, sizeof file, "%s.share", name);
	return rundir_file(file, reason);
}

static void
read_boot(char boot[BOOT])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? 0 : read(fd, boot, BOOT - 1);

	boot[n > 0 ? n : 0] = '\0';
	if (fd != -1)
		close(fd);
}

/* Times of a clock that has since begun anew mean nothing. */
static void
forget_times(struct state *t)
{
	int i;

	t->requests_at = t->tokens_at = t->looked = 0;
	for (i = 0; i < LANES; i++)
		t->pauses[i].until = 0;
}

/*
 * Become a member; the lock is held. What was spent is forgotten where nobody
 * is left who knows of it, unless the folder was made for it. What the server
 * counts a minute goes on.
 */
static int
join(struct share *s, const struct share_limits *l, const char **reason)
{
	const char *own = getenv("TG_SHARE_DIR");
	struct state *t = s->state;
	struct member *m;
	char boot[BOOT] = "";
	int i, got = 0;

	if (memcmp(t->magic, magic, sizeof magic) != 0) {
		if (lock_held(s->fd, 1, MEMBERS) == 1) {
			*reason = "another version of it is in use";
			return -1;
		}
		memset(t, 0, sizeof *t);
		memcpy(t->magic, magic, sizeof magic);
	}
	if (t->members < 0 || t->members > MEMBERS)
		t->members = MEMBERS;
	read_boot(boot);
	if (strncmp(boot, t->boot, sizeof boot) != 0) {
		forget_times(t);
		memcpy(t->boot, boot, sizeof boot);
	}
	if (bury(s) == 0 && (own == NULL || *own == '\0'))
		t->cost = t->tokens = 0;
	for (i = 0; i < MEMBERS; i++)
		if ((got = lock_try(s->fd, 1 + i)) == 0 || errno != EAGAIN)
			break;
	if (i == MEMBERS || got == -1) {
		*reason = i == MEMBERS ? "too many share it"
				       : why("its file", strerror(errno));
		return -1;
	}
	m = s->me = &t->member[i];
	m->flying = m->cost = m->tokens = m->since = 0;
	m->limits = *l;
	if (t->members <= i)
		t->members = i + 1;
	m->here = 1;
	return 0;
}

static int
open_state(struct share *s, const char *name, const struct share_limits *l,
    const char **reason)
{
	void *p;
	int got;

	if ((s->fd = open_file(name, reason)) == -1)
		return -1;
	if (lock(s) == -1) {
		*reason = why("its file", strerror(errno));
		return -1;
	}
	/* a full disk is to be told now, not by a signal later */
	if ((got = posix_fallocate(s->fd, 0, sizeof *s->state)) != 0) {
		*reason = why("its file", strerror(got));
		return -1;
	}
	p = mmap(NULL, sizeof *s->state, PROT_READ | PROT_WRITE, MAP_SHARED,
	    s->fd, 0);
	if (p == MAP_FAILED) {
		*reason = why("its file", strerror(errno));
		return -1;
	}
	s->state = p;
	got = join(s, l, reason);
	unlock(s);
	return got;
}

struct share *
share_new(const char *name, const struct share_limits *l, int *bad,
    const char **reason)
{
	static char message[500];
	struct share *s = mem_new(sizeof *s);

	s->fd = -1;
	*bad = 0;
	if (name == NULL) {
		s->state = mem_new(sizeof *s->state);
		s->state->members = 1;
		s->me = s->state->member;
		s->me->here = 1;
		s->me->limits = *l;
		s->unlimited = l->rpm <= 0 && l->tpm <= 0 && l->jobs <= 0 &&
			       l->cost <= 0 && l->tokens <= 0;
		return s;
	}
	if (!share_name_ok(name)) {
		*bad = 1;
		*reason = "not a plain word of letters, digits and . _ -";
	} else if (open_state(s, name, l, reason) == 0) {
		return s;
	}
	share_free(s);
	snprintf(message, sizeof message, "the share %s: %s", name, *reason);
	*reason = message;
	return NULL;
}

void
share_free(struct share *s)
{
	if (s == NULL)
		return;
	if (s->fd == -1) {
		free(s->state);
	} else {
		if (s->me != NULL)
			s->me->here = 0;
		if (s->state != NULL)
			munmap(s->state, sizeof *s->state);
		close(s->fd); /* and with it all locks */
	}
	free(s);
}

/*
 * Rates. A bucket is the time at which it will be full again: taking from it
 * puts that off.
 */

static long long
time_of(double units, double a_minute)
{
	return (long long)(units * (double)MINUTE / a_minute);
}

/* How long until a bucket has units, after the units of those ahead. */
static long long
until_filled(
    number *at, double a_minute, double units, double ahead, long long now)
{
	long long burst, mine, debt;

	if (a_minute <= 0)
		return 0;
	burst = max(BURST, time_of(1, a_minute));
	mine = time_of(units, a_minute);
	if (mine > burst)
		mine = burst; /* it takes all there can be, and then owes */
	debt = *at - now;
	if (debt > FOREVER || debt < 0)
		*at = now;
	debt = *at - now;
	return max(0, debt + time_of(ahead, a_minute) + mine - burst);
}

static void
pour(number *at, double a_minute, double units)
{
	if (a_minute > 0)
		*at += time_of(units, a_minute);
}

/* Pauses. */

unsigned long long
share_lane(const char *url)
{
	unsigned long long h = 14695981039346656037ULL; /* FNV-1a */

	for (; *url; url++)
		h = (h ^ (unsigned char)*url) * 1099511628211ULL;
	return h;
}

static long long
pause_left(const struct state *t, unsigned long long lane, long long now)
{
	long long left = 0;
	int i;

	for (i = 0; i < LANES; i++)
		if (t->pauses[i].lane == lane)
			left = max(left, t->pauses[i].until - now);
	return left < FOREVER ? left : 0;
}

void
share_pause(struct share *s, unsigned long long lane, long long ms)
{
	struct state *t = s->state;
	long long until = now_ns() + ms * MS;
	int i, at = 0;

	if (s->fd == -1)
		return; /* who asks knows already */
	lock(s);
	for (i = 0; i < LANES; i++) {
		if (t->pauses[i].lane == lane) {
			at = i;
			break;
		}
		if (t->pauses[i].until < t->pauses[at].until)
			at = i;
	}
	if (t->pauses[at].lane != lane) {
		t->pauses[at].until = 0;
		t->pauses[at].lane = lane;
	}
	if (t->pauses[at].until < until)
		t->pauses[at].until = until;
	unlock(s);
}

/* Requests. */

/* Whether so much more is within what may be spent. */
static int
affords(const struct share *s, const struct view *v, const struct share_ask *a)
{
	const struct share_limits *l = &v->limits;
	const struct state *t = s->state;

	return (l->cost <= 0 || t->cost + v->cost + a->cost <= l->cost) &&
	       (l->tokens <= 0 ||
		   t->tokens + v->tokens + a->tokens <= l->tokens);
}

/* How long to leave it before looking again. */
static long long
poll_time(const struct member *m, long long now)
{
	long long waited = m->since != 0 ? now - m->since : 0;

	if (waited / 8 > POLL_MAX)
		return POLL_MAX;
	return max(waited / 8, POLL_MIN);
}

/* Nanoseconds to wait, 0: go. */
static long long
wait_for(struct share *s, const struct view *v, const struct share_ask *a,
    long long now)
{
	const struct share_limits *l = &v->limits;

	if (l->jobs > 0 && v->flying + v->ahead >= l->jobs)
		return poll_time(s->me, now);
	return max(until_filled(&s->state->requests_at, l->rpm, 1,
		       (double)v->ahead, now),
	    until_filled(&s->state->tokens_at, l->tpm, (double)a->tokens,
		(double)v->ahead_tokens, now));
}

static void
take(struct share *s, const struct view *v, const struct share_ask *a)
{
	struct member *m = s->me;

	m->since = 0;
	m->flying++;
	m->cost += a->cost;
	m->tokens += a->tokens;
	pour(&s->state->requests_at, v->limits.rpm, 1);
	pour(&s->state->tokens_at, v->limits.tpm, (double)a->tokens);
}

static void
get_in_line(
    struct member *m, const struct share_ask *a, long long now, long long wait)
{
	if (m->since == 0)
		m->since = now;
	m->want = a->tokens;
	m->until = now + wait + LATE;
}

static enum share_said
judge(struct share *s, const struct share_ask *a, long long *wait)
{
	long long now = now_ns();
	struct view v;

	if ((*wait = pause_left(s->state, a->lane, now)) > 0)
		return SHARE_PAUSED;
	v = look(s, now);
	if (!affords(s, &v, a)) {
		s->me->since = 0;
		*wait = s->fd == -1 ? -1 : POLL_MAX;
		return v.flying == 0 ? SHARE_SPENT : SHARE_WAIT;
	}
	if ((*wait = wait_for(s, &v, a, now)) == 0) {
		take(s, &v, a);
		return SHARE_GO;
	}
	if (s->fd != -1 && *wait > MOST)
		*wait = MOST;
	get_in_line(s->me, a, now, *wait);
	return SHARE_WAIT;
}

/* Somebody waits: are those it waits for still there? */
static void
look_for_dead(struct share *s)
{
	long long now = now_ns();

	if (now - s->state->looked < LOOK && s->state->looked <= now)
		return;
	s->state->looked = now;
	bury(s);
}

enum share_said
share_take(struct share *s, const struct share_ask *a, long long *ms)
{
	enum share_said said;
	long long wait;

	if (s->unlimited)
		return SHARE_GO;
	lock(s);
	said = judge(s, a, &wait);
	if (said == SHARE_WAIT && s->fd != -1)
		look_for_dead(s);
	unlock(s);
	*ms = wait < 0 ? -1 : wait / MS + 1;
	return said;
}

void
share_settle(struct share *s, const struct share_ask *a, long long tokens,
    long long cost)
{
	struct member *m = s->me;
	struct view v;

	if (s->unlimited)
		return;
	lock(s);
	if (tokens >= 0) {
		v = look(s, 0);
		s->state->cost += cost;
		s->state->tokens += tokens;
		pour(&s->state->tokens_at, v.limits.tpm,
		    (double)(tokens - a->tokens));
	}
	m->flying--;
	m->cost -= a->cost;
	m->tokens -= a->tokens;
	unlock(s);
}

struct share_sums
share_sums(struct share *s)
{
	struct share_sums sums;
	struct view v;

	lock(s);
	bury(s);
	v = look(s, now_ns());
	sums = (struct share_sums){ v.limits, s->state->cost, s->state->tokens,
		v.members };
	unlock(s);
	return sums;
}
