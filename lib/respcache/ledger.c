/* ledger: what was spent, and what is in flight */
#include "respcache/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/meeting.h"

enum { PLACES = 1024 };

/* The requests that a process has in flight, which are gone with it. */
struct flight {
	long long requests; /* number of them; 0: the sums are, too */
	struct ledger_request sum;
};

struct book {
	char magic[8];
	struct amount spent;
	long long used; /* places that were ever used: all are below */
	struct flight flights[PLACES];
};

static const char magic[8] = "tgspent", blank[8];

struct ledger {
	struct meeting at;
	struct book *book;
	struct flight *mine;
};

/* Return a + b, which are not negative, or the most there is. */
static long long
add_capped(long long a, long long b)
{
	return a > LLONG_MAX - b ? LLONG_MAX : a + b;
}

static void
add_amount(struct amount *to, const struct amount *more)
{
	to->cost = add_capped(to->cost, more->cost);
	to->tokens = add_capped(to->tokens, more->tokens);
}

/* Return a - b, or 0 if that is negative, as after a sum that did not fit. */
static long long
take_off(long long a, long long b)
{
	return a > b ? a - b : 0;
}

static void
subtract_amount(struct amount *from, const struct amount *less)
{
	from->cost = take_off(from->cost, less->cost);
	from->tokens = take_off(from->tokens, less->tokens);
}

static int
is_sane(const struct amount *a)
{
	return a->cost >= 0 && a->tokens >= 0;
}

/* Return whether the book holds what a ledger may hold. */
static int
is_book(const struct book *b)
{
	const struct flight *f;

	if (memcmp(b->magic, magic, sizeof magic) != 0 || !is_sane(&b->spent) ||
	    b->used < 0 || b->used > PLACES)
		return 0;
	for (f = b->flights; f < b->flights + b->used; f++)
		if (f->requests < 0 || !is_sane(&f->sum.most) ||
		    !is_sane(&f->sum.likely))
			return 0;
	return 1;
}

/* Count what dead processes had in flight as spent. */
static void
reap_flights(struct ledger *l)
{
	struct book *b = l->book;
	struct flight *f;

	for (f = b->flights; f < b->flights + b->used; f++)
		if (f != l->mine && f->requests > 0 &&
		    meeting_is_free(&l->at, (int)(f - b->flights))) {
			add_amount(&b->spent, &f->sum.likely);
			*f = (struct flight){ 0 };
		}
}

/* Take a place in the locked book: 0, or -1 with errno. */
static int
take_place(struct ledger *l, int anew)
{
	struct book *b = l->book;
	int place, is_used = meeting_is_used(&l->at);
	int is_new = memcmp(b->magic, blank, sizeof blank) == 0;

	anew = (anew || is_new) && !is_used;
	if (!is_book(b) && !anew) {
		/* or another version of tg has it open */
		errno = is_used ? EBUSY : EBADMSG;
		return -1;
	}
	if (anew) {
		memset(b, 0, sizeof *b);
		memcpy(b->magic, magic, sizeof magic);
	}
	if ((place = meeting_take(&l->at)) == -1) {
		if (errno == EAGAIN)
			errno = EUSERS;
		return -1;
	}
	l->mine = &b->flights[place];
	/* a place that was never used is no part of the book that is sane */
	for (; b->used <= place; b->used++)
		b->flights[b->used] = (struct flight){ 0 };
	/* the process that had the place before may have been killed */
	add_amount(&b->spent, &l->mine->sum.likely);
	*l->mine = (struct flight){ 0 };
	return 0;
}

struct ledger *
ledger_new(int fd, int anew)
{
	struct ledger *l = mem_new(sizeof *l);
	int error = 0;

	if (meeting_open(&l->at, fd, sizeof *l->book, PLACES) == -1) {
		error = errno;
	} else {
		l->book = l->at.p;
		if (take_place(l, anew) == -1)
			error = errno;
		meeting_unlock(&l->at);
	}
	if (error == 0)
		return l;
	ledger_free(l);
	errno = error;
	return NULL;
}

struct ledger *
ledger_open(const char *path)
{
	const int flags =
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = open(path, flags, 0600);
	struct stat st;

	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return ledger_new(fd, 0);
	close(fd);
	errno = EINVAL;
	return NULL;
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	if (l->mine != NULL)
		*l->mine = (struct flight){ 0 };
	/* a power cut may take what was spent since the kernel last wrote */
	if (l->mine != NULL && l->at.fd != -1)
		(void)fdatasync(l->at.fd);
	meeting_close(&l->at);
	free(l);
}

/* Return whether more fits into what may be spent; 0: there is no limit. */
static int
affords(long long most, long long spent, long long more)
{
	return most <= 0 || add_capped(spent, more) <= most;
}

/* Reserve a request in the locked book. */
static enum ledger_said
reserve_flight(struct ledger *l, const struct ledger_request *r,
    const struct amount *budget)
{
	struct book *b = l->book;
	struct amount all = b->spent;
	long long requests = 0, i;

	for (i = 0; i < b->used; i++) {
		requests = add_capped(requests, b->flights[i].requests);
		add_amount(&all, &b->flights[i].sum.most);
	}
	if (!affords(budget->cost, all.cost, r->most.cost) ||
	    !affords(budget->tokens, all.tokens, r->most.tokens))
		return requests > 0 ? LEDGER_LATER : LEDGER_NEVER;
	add_amount(&l->mine->sum.most, &r->most);
	add_amount(&l->mine->sum.likely, &r->likely);
	l->mine->requests++;
	return LEDGER_FITS;
}

enum ledger_said
ledger_reserve(struct ledger *l, const struct ledger_request *r,
    const struct amount *budget)
{
	enum ledger_said said;

	meeting_lock(&l->at);
	said = reserve_flight(l, r, budget);
	if (said != LEDGER_FITS) {
		reap_flights(l);
		said = reserve_flight(l, r, budget);
	}
	meeting_unlock(&l->at);
	return said;
}

void
ledger_commit(
    struct ledger *l, const struct ledger_request *r, const struct amount *took)
{
	meeting_lock(&l->at);
	/* a process killed in between counts its request twice, not never */
	add_amount(&l->book->spent, took);
	subtract_amount(&l->mine->sum.most, &r->most);
	subtract_amount(&l->mine->sum.likely, &r->likely);
	l->mine->requests--;
	meeting_unlock(&l->at);
}

struct amount
ledger_spent(struct ledger *l)
{
	struct amount spent;

	meeting_lock(&l->at);
	reap_flights(l);
	spent = l->book->spent;
	meeting_unlock(&l->at);
	return spent;
}
