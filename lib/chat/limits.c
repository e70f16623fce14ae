/* limits: token buckets and budgets, shared by processes through a file */
#include "chat/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
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
	LANES = 256,
	NAME_MAX_LEN = 64,
	MUTEX = 0, /* byte that is locked for changes; member i locks 1 + i */
	MINUTE_MS = 60 * 1000,
	DAY_MS = 24 * 60 * MINUTE_MS, /* no debt lasts longer */
	BURST_MS = 500,               /* flow that a bucket holds */
	POLL_MIN_MS = 2,    /* time between looks at what others give back, */
	POLL_MAX_MS = 50,   /* at first and after long */
	LATE_MS = 100,      /* delay after which a turn is lost */
	WAIT_MAX_MS = 500,  /* longest wait: members come and go */
	WAITED_TO_POLL = 8, /* time in line for each of polling */
};

/* A process. Its requests in flight are gone with it. Times are in ms. */
struct member {
	int here;
	struct limits_max max;
	long long inflight, cost, tokens;
	double since;   /* time since which it waits in line; 0: it does not */
	double until;   /* time by which it must ask again */
	long long want; /* tokens that it waits for */
};

struct state {
	char magic[8];
	char boot[40]; /* id of the boot that the times are of */
	struct {
		double requests_at; /* time at which the bucket will be full: */
		double tokens_at;   /* taking puts it off */
		struct {
			unsigned long long lane;
			double until;
		} pauses[LANES];
	} times;
	long long cost, tokens; /* spent so far */
	int members;            /* members in use: all are below */
	struct member member[MEMBERS];
};

static const char magic[8] = "tglimi2";

struct limits {
	struct state *state;
	struct member *me;
	int fd; /* file; -1: the limits are private */
};

/* Return the time by a clock whose ticks order those that stand in line, ms. */
static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
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

/* Remove dead members. One whose lock cannot be asked for may live. */
static void
reap(struct limits *s)
{
	struct member *m = s->state->member;
	int i;

	for (i = 0; i < s->state->members && s->fd != -1; i++)
		if (&m[i] != s->me && m[i].here &&
		    lock_held(s->fd, 1 + i, 1) == 0)
			m[i].here = 0;
}

/* Lower *a to b, where 0 means no limit. */
static void
lower(long long *a, long long b)
{
	if (b > 0 && (*a <= 0 || b < *a))
		*a = b;
}

/* The sums over all members, and over those that stand in line before one. */
struct view {
	struct limits_sums sums;
	double request_ms, token_ms; /* time for one; 0: no limit */
	long long inflight, cost, tokens;
	long long ahead, ahead_tokens;
};

/* Return the time for one at a rate a minute; 0: there is no limit. */
static double
time_of_one(double rate)
{
	return rate > 0 ? MINUTE_MS / rate : 0;
}

static struct view
add_up(const struct limits *s, double now)
{
	const struct state *t = s->state;
	const struct member *me = s->me, *m;
	struct view v = { .sums = { .cost = t->cost, .tokens = t->tokens } };

	for (m = t->member; m < t->member + t->members; m++) {
		if (!m->here)
			continue;
		v.sums.members++;
		lower(&v.sums.max_jobs, m->max.jobs);
		lower(&v.sums.max_cost, m->max.cost);
		lower(&v.sums.max_tokens, m->max.tokens);
		v.request_ms = fmax(v.request_ms, time_of_one(m->max.rpm));
		v.token_ms = fmax(v.token_ms, time_of_one(m->max.tpm));
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

static int
is_name(const char *name)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strspn(name, word);

	return n > 0 && n <= NAME_MAX_LEN && name[n] == '\0' && *name != '.' &&
	       *name != '-';
}

static const char *
file_error(int error)
{
	static char why[100];

	snprintf(why, sizeof why, "its file: %s", strerror(error));
	return why;
}

/* Forget times of a clock that has begun anew since. */
static void
check_boot(struct state *t)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char boot[sizeof t->boot] = "";

	if (fd != -1 && read(fd, boot, sizeof boot - 1) > 0 &&
	    memcmp(boot, t->boot, sizeof boot) != 0) {
		memset(&t->times, 0, sizeof t->times);
		memcpy(t->boot, boot, sizeof boot);
	}
	if (fd != -1)
		close(fd);
}

/*
 * Become a member while the lock is held: NULL, or why not. What was spent is
 * forgotten where no member is left, unless the folder was made for it. What
 * the server counts a minute goes on.
 */
static const char *
join_members(struct limits *s, const struct limits_max *l)
{
	const char *own = getenv("TG_SHARE_DIR");
	struct state *t = s->state;
	int i, alive = lock_held(s->fd, 1, MEMBERS) != 0;

	if (memcmp(t->magic, magic, sizeof magic) != 0) {
		if (alive)
			return "another version of it is in use";
		memset(t, 0, sizeof *t);
		memcpy(t->magic, magic, sizeof magic);
	}
	check_boot(t);
	if (!alive) {
		t->members = 0;
		if (own == NULL || *own == '\0')
			t->cost = t->tokens = 0;
	}
	for (i = 0; lock_try(s->fd, 1 + i) == -1; i++) {
		if (errno != EAGAIN)
			return file_error(errno);
		if (i == MEMBERS - 1)
			return "too many share it";
	}
	s->me = &t->member[i];
	*s->me = (struct member){ .here = 1, .max = *l };
	if (t->members <= i)
		t->members = i + 1;
	return NULL;
}

/* Map the file of a name and become a member: NULL, or why not. */
static const char *
open_state(struct limits *s, const char *name, const struct limits_max *l)
{
	char file[NAME_MAX_LEN + 10];
	const char *why;
	void *p;
	int error;

	snprintf(file, sizeof file, "%s.share", name);
	if ((s->fd = rundir_file(file, &why)) == -1)
		return why;
	if (lock(s) == -1)
		return file_error(errno);
	/* a full disk is reported now, not by a signal later */
	if ((error = posix_fallocate(s->fd, 0, sizeof *s->state)) != 0)
		return file_error(error);
	p = mmap(NULL, sizeof *s->state, PROT_READ | PROT_WRITE, MAP_SHARED,
	    s->fd, 0);
	if (p == MAP_FAILED)
		return file_error(errno);
	s->state = p;
	why = join_members(s, l);
	unlock(s);
	return why;
}

struct limits *
limits_new(
    const char *name, const struct limits_max *l, int *bad, const char **why)
{
	static char message[500];
	struct limits *s = mem_new(sizeof *s);
	const char *reason;

	s->fd = -1;
	*bad = name != NULL && !is_name(name);
	if (name == NULL) {
		s->state = mem_new(sizeof *s->state);
		s->state->members = 1;
		s->me = s->state->member;
		*s->me = (struct member){ .here = 1, .max = *l };
		return s;
	}
	reason = *bad ? "not a plain word of letters, digits and . _ -"
		      : open_state(s, name, l);
	if (reason == NULL)
		return s;
	limits_free(s);
	snprintf(message, sizeof message, "the share %s: %s", name, reason);
	*why = message;
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

/* Return the time in which units flow, each in unit_ms; DAY_MS at most. */
static double
flow_time(long long units, double unit_ms)
{
	return fmax(-DAY_MS, fmin((double)units * unit_ms, DAY_MS));
}

/* Return the time until a bucket has units, after the units of those ahead. */
static double
fill_time(
    double *at, double unit_ms, long long units, long long ahead, double now)
{
	double burst = fmax(BURST_MS, flow_time(1, unit_ms));
	/* a request takes all there is, and then owes */
	double mine = fmin(flow_time(units, unit_ms), burst);

	if (!(*at >= now && *at <= now + DAY_MS))
		*at = now;
	return fmax(0, *at - now + flow_time(ahead, unit_ms) + mine - burst);
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

void
limits_pause(struct limits *s, unsigned long long lane, long long ms)
{
	double until = now_ms() + (double)ms;
	size_t i = lane % LANES;

	if (ms > DAY_MS)
		return; /* a longer pause is a mistake of the server */
	lock(s);
	/* the longer pause of two lanes with one place is kept */
	if (!(s->state->times.pauses[i].until >= until)) {
		s->state->times.pauses[i].lane = lane;
		s->state->times.pauses[i].until = until;
	}
	unlock(s);
}

static double
pause_left(const struct state *t, unsigned long long lane, double now)
{
	size_t i = lane % LANES;

	return t->times.pauses[i].lane == lane ? t->times.pauses[i].until - now
					       : 0;
}

/* Requests. */

/* Return whether more fits into what may be spent; 0: there is no limit. */
static int
affords(long long most, long long spent, long long more)
{
	return most <= 0 || more <= most - spent;
}

/* Return the time to wait for a reservation, 0: it can be had. */
static double
wait_time(struct limits *s, const struct view *v, const struct reservation *a,
    double now)
{
	double waited = s->me->since != 0 ? now - s->me->since : 0;

	if (v->sums.max_jobs > 0 && v->inflight + v->ahead >= v->sums.max_jobs)
		return fmax(
		    POLL_MIN_MS, fmin(waited / WAITED_TO_POLL, POLL_MAX_MS));
	return fmax(fill_time(&s->state->times.requests_at, v->request_ms, 1,
			v->ahead, now),
	    fill_time(&s->state->times.tokens_at, v->token_ms, a->tokens,
		v->ahead_tokens, now));
}

static void
take_share(struct limits *s, const struct view *v, const struct reservation *a)
{
	struct member *m = s->me;

	m->since = 0;
	m->inflight++;
	m->cost += a->cost;
	m->tokens += a->tokens;
	s->state->times.requests_at += flow_time(1, v->request_ms);
	s->state->times.tokens_at += flow_time(a->tokens, v->token_ms);
}

static enum limits_said
decide(struct limits *s, const struct reservation *a, double *wait)
{
	struct member *m = s->me;
	double now = now_ms();
	struct view v;

	if ((*wait = pause_left(s->state, a->lane, now)) > 0)
		return LIMITS_PAUSED;
	v = add_up(s, now);
	if (!affords(v.sums.max_cost, v.sums.cost + v.cost, a->cost) ||
	    !affords(v.sums.max_tokens, v.sums.tokens + v.tokens, a->tokens)) {
		m->since = 0;
		*wait = s->fd == -1 ? -1 : POLL_MAX_MS;
		return v.inflight == 0 ? LIMITS_SPENT : LIMITS_WAIT;
	}
	if ((*wait = wait_time(s, &v, a, now)) == 0) {
		take_share(s, &v, a);
		return LIMITS_GO;
	}
	if (s->fd != -1)
		*wait = fmin(*wait, WAIT_MAX_MS);
	if (m->since == 0)
		m->since = now;
	m->want = a->tokens;
	m->until = now + *wait + LATE_MS;
	return LIMITS_WAIT;
}

enum limits_said
limits_reserve(struct limits *s, const struct reservation *a, long long *ms)
{
	enum limits_said said;
	double wait;

	lock(s);
	said = decide(s, a, &wait);
	if (said == LIMITS_WAIT)
		reap(s);
	unlock(s);
	*ms = wait < 0 ? -1 : (long long)wait + 1;
	return said;
}

void
limits_commit(struct limits *s, const struct reservation *a, long long tokens,
    long long cost)
{
	struct member *m = s->me;

	lock(s);
	if (tokens >= 0) {
		s->state->cost += cost;
		s->state->tokens += tokens;
		s->state->times.tokens_at +=
		    flow_time(tokens - a->tokens, add_up(s, 0).token_ms);
	}
	m->inflight--;
	m->cost -= a->cost;
	m->tokens -= a->tokens;
	unlock(s);
}

struct limits_sums
limits_sums(struct limits *s)
{
	struct view v;

	lock(s);
	reap(s);
	v = add_up(s, 0);
	unlock(s);
	return v.sums;
}
