/* limits: token buckets and budgets, shared by processes through a file */
#include "chat/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/meeting.h"
#include "io/rundir.h"
#include "respcache/ledger.h"

enum {
	MEMBERS = 256,
	LANES = 256,
	NAME_MAX_LEN = 64,
	MINUTE_MS = 60 * 1000,
	DAY_MS = 24 * 60 * MINUTE_MS, /* no debt lasts longer */
	BURST_MS = 500,               /* flow that a bucket holds */
	POLL_MIN_MS = 2,    /* time between looks at what others give back, */
	POLL_MAX_MS = 50,   /* shortest and longest */
	LATE_MS = 100,      /* delay after which a turn is lost */
	WAIT_MAX_MS = 500,  /* longest wait: members come and go */
	WAITED_TO_POLL = 8, /* time in line for each of polling */
};

/* A process. Its requests in flight are gone with it. Times are in ms. */
struct member {
	int here;
	struct limits_max max;
	long long inflight;
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
	int members; /* members in use: all are below */
	struct member member[MEMBERS];
};

static const char magic[8] = "tglimi3";

struct limits {
	struct meeting at;
	struct state *state;
	struct member *me;
	struct ledger *ledgers[2]; /* sums of the folder, and of the share */
	int nledgers;
	char kept[400]; /* file of the folder's ledger; "": there is none */
};

/* Return the time by a clock whose ticks order those that stand in line, ms. */
static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Members. */

/* Remove dead members. One whose lock cannot be asked for may live. */
static void
reap_members(struct limits *s)
{
	struct member *m = s->state->member;
	int i;

	for (i = 0; i < s->state->members; i++)
		if (&m[i] != s->me && m[i].here && meeting_is_free(&s->at, i))
			m[i].here = 0;
}

/* Lower *a to b, where 0 means no limit. */
static void
lower_most(long long *a, long long b)
{
	if (b > 0 && (*a <= 0 || b < *a))
		*a = b;
}

/* The sums over all members, and over those that stand in line before one. */
struct view {
	struct limits_sums sums;
	double request_ms, token_ms; /* time for one; 0: no limit */
	long long inflight;
	long long ahead, ahead_tokens;
};

/* Return the time for one at a rate a minute; 0: there is no limit. */
static double
time_of_one(double rate)
{
	return rate > 0 ? MINUTE_MS / rate : 0;
}

static struct view
sum_members(const struct limits *s, double now)
{
	const struct state *t = s->state;
	const struct member *me = s->me, *m;
	struct view v = { 0 };

	for (m = t->member; m < t->member + t->members; m++) {
		if (!m->here)
			continue;
		v.sums.members++;
		lower_most(&v.sums.max_jobs, m->max.jobs);
		lower_most(&v.sums.max_cost, m->max.cost);
		lower_most(&v.sums.max_tokens, m->max.tokens);
		v.request_ms = fmax(v.request_ms, time_of_one(m->max.rpm));
		v.token_ms = fmax(v.token_ms, time_of_one(m->max.tpm));
		v.inflight += m->inflight;
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
file_error(const char *file, int error)
{
	static char why[600];

	snprintf(why, sizeof why, "%s: %s", file,
	    error == EBADMSG
		? "damaged, so that nobody knows what was spent; delete it "
		  "to begin with nothing"
		: strerror(error));
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
 * Become a member while the lock is held: NULL, or why not. What the server
 * counts a minute goes on where no member is left.
 */
static const char *
join_members(struct limits *s, const struct limits_max *l)
{
	struct state *t = s->state;
	int i, is_used = meeting_is_used(&s->at);

	if (memcmp(t->magic, magic, sizeof magic) != 0 || t->members < 0 ||
	    t->members > MEMBERS) {
		if (is_used)
			return "another version of it is in use";
		memset(t, 0, sizeof *t);
		memcpy(t->magic, magic, sizeof magic);
	}
	check_boot(t);
	if (!is_used)
		t->members = 0;
	if ((i = meeting_take(&s->at)) == -1)
		return errno == EAGAIN ? "too many share it"
				       : file_error("its file", errno);
	s->me = &t->member[i];
	*s->me = (struct member){ .here = 1, .max = *l };
	if (t->members <= i)
		t->members = i + 1;
	return NULL;
}

/* Open the file of a name with a suffix in the folder of shares, or -1. */
static int
share_file(const char *name, const char *suffix, const char **why)
{
	char file[NAME_MAX_LEN + 10];

	snprintf(file, sizeof file, "%s.%s", name, suffix);
	return rundir_file(file, why);
}

/* Map the file of a name, NULL for none, and become a member: NULL, or why
 * not. */
static const char *
open_state(struct limits *s, const char *name, const struct limits_max *l)
{
	const char *why;
	int fd = -1;

	if (name != NULL && (fd = share_file(name, "share", &why)) == -1)
		return why;
	if (meeting_open(&s->at, fd, sizeof *s->state, MEMBERS) == -1)
		return file_error("its file", errno);
	s->state = s->at.p;
	why = join_members(s, l);
	meeting_unlock(&s->at);
	return why;
}

/* Add a ledger that was opened: 0, or -1 if it was not. */
static int
add_ledger(struct limits *s, struct ledger *l)
{
	if (l == NULL)
		return -1;
	s->ledgers[s->nledgers++] = l;
	return 0;
}

/*
 * Open the ledgers: that of the folder, without which a process can do that
 * brings no budget, and that of the share, which begins anew where no process
 * has it open, unless its folder was made for it. Return NULL, or why not.
 */
static const char *
open_ledgers(struct limits *s, const char *name, const char *folder,
    const struct limits_max *l)
{
	const char *own = getenv("TG_SHARE_DIR"), *why;
	int fd, is_own = own != NULL && *own != '\0';
	char file[400];

	if (folder != NULL)
		snprintf(s->kept, sizeof s->kept, "%s/%s.spent", folder,
		    name != NULL ? name : "tg");
	if (folder != NULL && add_ledger(s, ledger_open(s->kept)) == -1) {
		if (l->cost > 0 || l->tokens > 0)
			return file_error(s->kept, errno);
		s->kept[0] = '\0';
	}
	if (name == NULL) {
		if (s->nledgers == 0)
			add_ledger(s, ledger_new(-1, 0));
		return NULL;
	}
	if ((fd = share_file(name, "spent", &why)) == -1)
		return why;
	snprintf(file, sizeof file, "%s%s%s.spent", is_own ? own : "",
	    is_own ? "/" : "", name);
	if (add_ledger(s, ledger_new(fd, !is_own)) == -1)
		return file_error(file, errno);
	return NULL;
}

struct limits *
limits_new(const char *name, const char *folder, const struct limits_max *l,
    int *bad, const char **why)
{
	static char message[700];
	struct limits *s = mem_new(sizeof *s);
	const char *reason = "not a plain word of letters, digits and . _ -";

	*bad = name != NULL && !is_name(name);
	if (!*bad && (reason = open_state(s, name, l)) == NULL)
		reason = open_ledgers(s, name, folder, l);
	if (reason == NULL)
		return s;
	snprintf(message, sizeof message, "%s%s: %s",
	    name != NULL ? "the share " : "the budget",
	    name != NULL ? name : "", reason);
	limits_free(s);
	*why = message;
	return NULL;
}

void
limits_free(struct limits *s)
{
	if (s == NULL)
		return;
	while (s->nledgers > 0)
		ledger_free(s->ledgers[--s->nledgers]);
	if (s->me != NULL)
		s->me->here = 0;
	meeting_close(&s->at);
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
	meeting_lock(&s->at);
	/* the longer pause of two lanes with one place is kept */
	if (!(s->state->times.pauses[i].until >= until)) {
		s->state->times.pauses[i].lane = lane;
		s->state->times.pauses[i].until = until;
	}
	meeting_unlock(&s->at);
}

static double
pause_left(const struct state *t, unsigned long long lane, double now)
{
	size_t i = lane % LANES;

	return t->times.pauses[i].lane == lane ? t->times.pauses[i].until - now
					       : 0;
}

/* Requests. */

static struct ledger_request
request_of(const struct reservation *a)
{
	return (struct ledger_request){ { a->cost, a->tokens },
		{ a->likely_cost, a->likely_tokens } };
}

/* Commit a request to the first n ledgers. */
static void
commit(struct limits *s, int n, const struct reservation *a,
    const struct amount *took)
{
	const struct ledger_request r = request_of(a);

	while (n > 0)
		ledger_commit(s->ledgers[--n], &r, took);
}

/* Reserve a request in all ledgers or in none. */
static enum ledger_said
reserve_in_ledgers(
    struct limits *s, const struct view *v, const struct reservation *a)
{
	const struct ledger_request r = request_of(a);
	const struct amount budget = { v->sums.max_cost, v->sums.max_tokens };
	enum ledger_said said;
	int i;

	for (i = 0; i < s->nledgers; i++) {
		said = ledger_reserve(s->ledgers[i], &r, &budget);
		if (said == LEDGER_FITS)
			continue;
		commit(s, i, a, &(struct amount){ 0, 0 });
		return said;
	}
	return LEDGER_FITS;
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
	s->state->times.requests_at += flow_time(1, v->request_ms);
	s->state->times.tokens_at += flow_time(a->tokens, v->token_ms);
}

static enum limits_said
decide(struct limits *s, const struct reservation *a, double *wait)
{
	struct member *m = s->me;
	double now = now_ms();
	enum ledger_said said;
	struct view v;

	if ((*wait = pause_left(s->state, a->lane, now)) > 0)
		return LIMITS_PAUSED;
	v = sum_members(s, now);
	if ((said = reserve_in_ledgers(s, &v, a)) != LEDGER_FITS) {
		m->since = 0;
		*wait = s->at.fd == -1 && s->kept[0] == '\0' ? -1 : POLL_MAX_MS;
		return said == LEDGER_NEVER ? LIMITS_SPENT : LIMITS_WAIT;
	}
	if ((*wait = wait_time(s, &v, a, now)) == 0) {
		take_share(s, &v, a);
		return LIMITS_GO;
	}
	commit(s, s->nledgers, a, &(struct amount){ 0, 0 });
	if (s->at.fd != -1)
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

	meeting_lock(&s->at);
	said = decide(s, a, &wait);
	if (said == LIMITS_WAIT)
		reap_members(s);
	meeting_unlock(&s->at);
	*ms = wait < 0 ? -1 : (long long)wait + 1;
	return said;
}

void
limits_commit(struct limits *s, const struct reservation *a, long long tokens,
    long long cost)
{
	struct amount took = { tokens >= 0 ? cost : 0,
		tokens >= 0 ? tokens : 0 };

	meeting_lock(&s->at);
	if (tokens >= 0)
		s->state->times.tokens_at +=
		    flow_time(tokens - a->tokens, sum_members(s, 0).token_ms);
	s->me->inflight--;
	meeting_unlock(&s->at);
	commit(s, s->nledgers, a, &took);
}

struct limits_sums
limits_sums(struct limits *s)
{
	struct amount spent;
	struct view v;
	int i;

	meeting_lock(&s->at);
	reap_members(s);
	v = sum_members(s, 0);
	meeting_unlock(&s->at);
	v.sums.kept = s->kept[0] != '\0' ? s->kept : NULL;
	for (i = 0; i < s->nledgers; i++) {
		spent = ledger_spent(s->ledgers[i]);
		if (spent.cost > v.sums.cost)
			v.sums.cost = spent.cost;
		if (spent.tokens > v.sums.tokens)
			v.sums.tokens = spent.tokens;
	}
	return v.sums;
}
