/* limits: token buckets and budgets, shared by processes through a file */
#include "chat/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
	MUTEX = 0, /* byte that is locked for changes; member i locks 1 + i */
	BOOT = 40, /* bytes of the id of a boot */
};

#define MS 1000000LL
#define MINUTE (60000 * MS)
#define FOREVER (1440 * MINUTE) /* no debt lasts that long: it is torn */
#define BURST (500 * MS)        /* flow that a bucket holds */
#define LOOK (100 * MS)         /* time between looks for dead members */
#define POLL_MIN (2 * MS)       /* time between looks at what others give ... */
#define POLL_MAX (50 * MS)      /* ... back, at first and after long */
#define LATE (100 * MS)         /* delay after which a turn is lost */
#define WAIT_MAX (500 * MS)     /* longest wait: members come and go */

typedef _Atomic long long number;

/* A process. What it has in flight is gone with it. */
struct member {
	number here;
	number inflight, cost, tokens;
	number
	    since; /* time since which it waits in line, ns; 0: it does not */
	number until; /* time by which it must ask again, ns */
	number want;  /* tokens that it waits for */
	struct limits_max max;
};

struct state {
	char magic[8];
	char boot[BOOT];
	/* times at which the buckets will be full, ns: taking puts them off */
	number requests_at, tokens_at;
	number cost, tokens; /* spent so far */
	number looked;       /* time of the last look for dead members, ns */
	number members;      /* members in use: all are below */
	struct {
		_Atomic unsigned long long lane;
		number until;
	} pauses[LANES];
	struct member member[MEMBERS];
};

static const char magic[8] = "tgshare";

struct limits {
	struct state *state;
	struct member *me;
	int fd;        /* file; -1: the limits are private */
	int unlimited; /* whether they are private and there are none */
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
lock(struct limits *s)
{
	return s->fd == -1 ? 0 : lock_wait(s->fd, MUTEX);
}

static void
unlock(struct limits *s)
{
	if (s->fd != -1)
		lock_drop(s->fd, MUTEX);
}

/* Members. */

/* Remove dead members: how many others live. */
static int
reap(struct limits *s)
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

/* Lower *a to b, where 0 means no limit. */
static void
lower_rate(double *a, double b)
{
	if (b > 0 && (*a <= 0 || b < *a))
		*a = b;
}

static void
lower_count(long long *a, long long b)
{
	if (b > 0 && (*a <= 0 || b < *a))
		*a = b;
}

/* The sums over all members, and over those that stand in line before one. */
struct view {
	struct limits_max max;
	int members;
	long long inflight, cost, tokens;
	long long ahead, ahead_tokens;
};

static struct view
add_up(const struct limits *s, long long now)
{
	const struct member *me = s->me, *m;
	struct view v = { { 0 }, 0, 0, 0, 0, 0, 0 };
	long long i, n = s->state->members;

	for (i = 0; i < n && i < MEMBERS; i++) {
		m = &s->state->member[i];
		if (!m->here)
			continue;
		v.members++;
		lower_rate(&v.max.rpm, m->max.rpm);
		lower_rate(&v.max.tpm, m->max.tpm);
		lower_count(&v.max.jobs, m->max.jobs);
		lower_count(&v.max.cost, m->max.cost);
		lower_count(&v.max.tokens, m->max.tokens);
		v.inflight += m->inflight;
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

/* The file of a name. */

int
limits_name_ok(const char *name)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strspn(name, word);

	return n > 0 && n <= NAME_MAX_LEN && name[n] == '\0' && *name != '.' &&
	       *name != '-';
}

static const char *
format_why(const char *where, const char *what)
{
	snprintf(why_buf, sizeof why_buf, "%s: %s", where, what);
	return why_buf;
}

static int
open_limits(const char *name, const char **reason)
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

/* Forget times of a clock that has begun anew since. */
static void
forget_times(struct state *t)
{
	int i;

	t->requests_at = t->tokens_at = t->looked = 0;
	for (i = 0; i < LANES; i++)
		t->pauses[i].until = 0;
}

/*
 * Become a member while the lock is held: 0, or -1 with *reason. What was spent
 * is forgotten where no member is left, unless the folder was made for it. What
 * the server counts a minute goes on.
 */
static int
join_members(struct limits *s, const struct limits_max *l, const char **reason)
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
	if (reap(s) == 0 && (own == NULL || *own == '\0'))
		t->cost = t->tokens = 0;
	for (i = 0; i < MEMBERS; i++)
		if ((got = lock_try(s->fd, 1 + i)) == 0 || errno != EAGAIN)
			break;
	if (i == MEMBERS || got == -1) {
		*reason = i == MEMBERS
			      ? "too many share it"
			      : format_why("its file", strerror(errno));
		return -1;
	}
	m = s->me = &t->member[i];
	m->inflight = m->cost = m->tokens = m->since = 0;
	m->max = *l;
	if (t->members <= i)
		t->members = i + 1;
	m->here = 1;
	return 0;
}

static int
open_state(struct limits *s, const char *name, const struct limits_max *l,
    const char **reason)
{
	void *p;
	int got;

	if ((s->fd = open_limits(name, reason)) == -1)
		return -1;
	if (lock(s) == -1) {
		*reason = format_why("its file", strerror(errno));
		return -1;
	}
	/* a full disk is reported now, not by a signal later */
	if ((got = posix_fallocate(s->fd, 0, sizeof *s->state)) != 0) {
		*reason = format_why("its file", strerror(got));
		return -1;
	}
	p = mmap(NULL, sizeof *s->state, PROT_READ | PROT_WRITE, MAP_SHARED,
	    s->fd, 0);
	if (p == MAP_FAILED) {
		*reason = format_why("its file", strerror(errno));
		return -1;
	}
	s->state = p;
	got = join_members(s, l, reason);
	unlock(s);
	return got;
}

struct limits *
limits_new(
    const char *name, const struct limits_max *l, int *bad, const char **reason)
{
	static char message[500];
	struct limits *s = mem_new(sizeof *s);

	s->fd = -1;
	*bad = 0;
	if (name == NULL) {
		s->state = mem_new(sizeof *s->state);
		s->state->members = 1;
		s->me = s->state->member;
		s->me->here = 1;
		s->me->max = *l;
		s->unlimited = l->rpm <= 0 && l->tpm <= 0 && l->jobs <= 0 &&
			       l->cost <= 0 && l->tokens <= 0;
		return s;
	}
	if (!limits_name_ok(name)) {
		*bad = 1;
		*reason = "not a plain word of letters, digits and . _ -";
	} else if (open_state(s, name, l, reason) == 0) {
		return s;
	}
	limits_free(s);
	snprintf(message, sizeof message, "the share %s: %s", name, *reason);
	*reason = message;
	return NULL;
}

void
limits_free(struct limits *s)
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
 * Token buckets. A bucket is the time at which it will be full again: taking
 * from it puts that off.
 */

/* Return the time in which that many units flow, ns, FOREVER at most. */
static long long
flow_time(double units, double a_minute)
{
	double ns = units * (double)MINUTE / a_minute;

	return ns > FOREVER    ? FOREVER
	       : ns < -FOREVER ? -FOREVER
			       : (long long)ns;
}

/* Return the time until a bucket has units, after the units of those ahead. */
static long long
fill_time(
    number *at, double a_minute, double units, double ahead, long long now)
{
	long long burst, mine, debt;

	if (a_minute <= 0)
		return 0;
	burst = max(BURST, flow_time(1, a_minute));
	mine = flow_time(units, a_minute);
	if (mine > burst)
		mine = burst; /* a request takes all there is, and then owes */
	debt = *at - now;
	if (debt > FOREVER || debt < 0)
		*at = now;
	debt = *at - now;
	return max(0, debt + flow_time(ahead, a_minute) + mine - burst);
}

static void
take_units(number *at, double a_minute, double units)
{
	if (a_minute > 0)
		*at += flow_time(units, a_minute);
}

/* Pauses. */

unsigned long long
limits_lane(const char *url)
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
limits_pause(struct limits *s, unsigned long long lane, long long ms)
{
	struct state *t = s->state;
	long long until = now_ns() + ms * MS;
	int i, at = 0;

	if (s->fd == -1)
		return; /* the caller knows already */
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

/* Return a + b, or the largest number if that is beyond it. */
static long long
add(long long a, long long b)
{
	long long sum;

	return __builtin_add_overflow(a, b, &sum) ? LLONG_MAX : sum;
}

/* Return whether a reservation is within what may be spent. */
static int
affords(
    const struct limits *s, const struct view *v, const struct reservation *a)
{
	const struct limits_max *l = &v->max;
	const struct state *t = s->state;

	return (l->cost <= 0 || add(t->cost + v->cost, a->cost) <= l->cost) &&
	       (l->tokens <= 0 ||
		   add(t->tokens + v->tokens, a->tokens) <= l->tokens);
}

/* Return the time until the next look, ns: the longer it waits, the longer. */
static long long
look_time(const struct member *m, long long now)
{
	long long waited = m->since != 0 ? now - m->since : 0;

	if (waited / 8 > POLL_MAX)
		return POLL_MAX;
	return max(waited / 8, POLL_MIN);
}

/* Return the time to wait for a reservation, ns; 0: it can be had. */
static long long
wait_time(struct limits *s, const struct view *v, const struct reservation *a,
    long long now)
{
	const struct limits_max *l = &v->max;

	if (l->jobs > 0 && v->inflight + v->ahead >= l->jobs)
		return look_time(s->me, now);
	return max(
	    fill_time(&s->state->requests_at, l->rpm, 1, (double)v->ahead, now),
	    fill_time(&s->state->tokens_at, l->tpm, (double)a->tokens,
		(double)v->ahead_tokens, now));
}

static void
take_share(struct limits *s, const struct view *v, const struct reservation *a)
{
	struct member *m = s->me;

	m->since = 0;
	m->inflight++;
	m->cost += a->cost;
	m->tokens += a->tokens;
	take_units(&s->state->requests_at, v->max.rpm, 1);
	take_units(&s->state->tokens_at, v->max.tpm, (double)a->tokens);
}

static void
stand_in_line(struct member *m, const struct reservation *a, long long now,
    long long wait)
{
	if (m->since == 0)
		m->since = now;
	m->want = a->tokens;
	m->until = now + wait + LATE;
}

static enum limits_said
decide(struct limits *s, const struct reservation *a, long long *wait)
{
	long long now = now_ns();
	struct view v;

	if ((*wait = pause_left(s->state, a->lane, now)) > 0)
		return LIMITS_PAUSED;
	v = add_up(s, now);
	if (!affords(s, &v, a)) {
		s->me->since = 0;
		*wait = s->fd == -1 ? -1 : POLL_MAX;
		return v.inflight == 0 ? LIMITS_SPENT : LIMITS_WAIT;
	}
	if ((*wait = wait_time(s, &v, a, now)) == 0) {
		take_share(s, &v, a);
		return LIMITS_GO;
	}
	if (s->fd != -1 && *wait > WAIT_MAX)
		*wait = WAIT_MAX;
	stand_in_line(s->me, a, now, *wait);
	return LIMITS_WAIT;
}

/* Remove members that have died while others wait for them. */
static void
reap_now_and_then(struct limits *s)
{
	long long now = now_ns();

	if (now - s->state->looked < LOOK && s->state->looked <= now)
		return;
	s->state->looked = now;
	reap(s);
}

enum limits_said
limits_reserve(struct limits *s, const struct reservation *a, long long *ms)
{
	enum limits_said said;
	long long wait;

	if (s->unlimited)
		return LIMITS_GO;
	lock(s);
	said = decide(s, a, &wait);
	if (said == LIMITS_WAIT && s->fd != -1)
		reap_now_and_then(s);
	unlock(s);
	*ms = wait < 0 ? -1 : wait / MS + 1;
	return said;
}

void
limits_commit(struct limits *s, const struct reservation *a, long long tokens,
    long long cost)
{
	struct member *m = s->me;
	struct view v;

	if (s->unlimited)
		return;
	lock(s);
	if (tokens >= 0) {
		v = add_up(s, 0);
		s->state->cost += cost;
		s->state->tokens += tokens;
		take_units(&s->state->tokens_at, v.max.tpm,
		    (double)(tokens - a->tokens));
	}
	m->inflight--;
	m->cost -= a->cost;
	m->tokens -= a->tokens;
	unlock(s);
}

struct limits_sums
limits_sums(struct limits *s)
{
	struct limits_sums sums;
	struct view v;

	lock(s);
	reap(s);
	v = add_up(s, now_ns());
	sums = (struct limits_sums){ v.max, s->state->cost, s->state->tokens,
		v.members };
	unlock(s);
	return sums;
}
