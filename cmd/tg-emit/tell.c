/* tell: what tg-emit says of its counts */
#include "tell.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "io/io.h"

enum { SOON_S = 30 }; /* time after which the time left is told once, s */

/* Whether a signal that does not end this program has stopped the run. */
static volatile sig_atomic_t is_stopping;

static void
on_signal(int sig)
{
	(void)sig;
	is_stopping = 1;
}

void
tell_heed_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM };
	struct sigaction heed = { .sa_handler = on_signal }, old;
	size_t i;

	heed.sa_flags = SA_RESTART;
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			sigaction(signals[i], &heed, NULL);
}

_Noreturn void
tell_exit_io(const char *path)
{
	io_warn("%s: %s", path, strerror(errno));
	exit(TG_EX_IO);
}

static void
add_count(struct buf *b, const char *what, size_t n)
{
	if (n > 0)
		buf_fmt(b, ", %s %zu", what, n);
}

/* Return the status; counts of 0 take no room, as terminals have little. */
static struct buf
status_of(const struct filter *f)
{
	const struct emit *e = f->ctx;
	struct buf b = { 0 };
	long long left = e->expected - (long long)f->lines, enough = -1;
	double s = progress_seconds(&e->progress), rate;

	rate = s > 0 ? (double)f->lines / s : 0;
	if (e->enough > 0 && e->triplets > 0)
		enough = emit_wanted(e) * (long long)f->lines /
			 (long long)e->triplets;
	if (enough >= 0 && (left <= 0 || enough < left))
		left = enough;
	buf_fmt(&b, "%zu", f->lines);
	if (e->expected > 0)
		buf_fmt(&b, "/%lld", e->expected);
	buf_fmt(&b, " documents, %.*f/s", rate < 10 ? 1 : 0, rate);
	if (is_stopping && !e->progress.last)
		buf_adds(&b, ", stopping");
	else if (rate > 0 && left > 0 && !e->progress.last) {
		buf_adds(&b, ", ");
		progress_time(&b, (double)left / rate);
		buf_adds(&b, " left");
	}
	buf_fmt(&b, ", kept %zu", e->triplets);
	if (e->enough > 0)
		buf_fmt(&b, "/%lld", e->enough - e->had);
	add_count(&b, "errors", e->errors.total);
	add_count(&b, "rejected", e->rejected.total);
	add_count(&b, "duplicates", e->duplicates);
	if (e->duplicates > 0 && e->had > 0)
		buf_fmt(&b, " (%s had %lld triplets)", e->file, e->had);
	return b;
}

void
tell_status(struct filter *f)
{
	struct emit *e = f->ctx;
	struct buf b;

	if (!progress_due(&e->progress))
		return;
	b = status_of(f);
	progress_show(&e->progress, buf_cstr(&b));
	buf_free(&b);
}

void
tell_once(struct filter *f)
{
	struct emit *e = f->ctx;
	struct buf b;

	if (f->lines == 0 || progress_seconds(&e->progress) < SOON_S)
		return;
	b = status_of(f);
	io_warn("%s; --progress shows this every minute", buf_cstr(&b));
	buf_free(&b);
	f->tick = NULL;
}

static void
add_tally(struct buf *b, const char *what, const struct counts *t)
{
	if (t->total == 0)
		return;
	buf_fmt(b, "%s%zu %s (", b->n ? ", " : "", t->total, what);
	counts_words(b, t);
	buf_addc(b, ')');
}

/* Say so if the files of --against have made no difference. */
static void
report_against(const struct filter *f, const struct emit *e)
{
	size_t n = e->seen.earlier - (size_t)e->had;

	if (e->against == 0 || e->duplicates > 0 || f->lines == 0 ||
	    e->seen.scope == DUPLICATES_NONE)
		return;
	io_warn("--against: %zu triplet%s read there, and no pair of this run "
		"repeats one%s",
	    n, n == 1 ? " was" : "s were",
	    n > 0 && e->seen.scope == DUPLICATES_TASK
		? " of its task and languages; --dedupe run compares all"
		: "");
}

void
tell_end(struct filter *f, struct emit *e)
{
	struct buf b = { 0 };

	if (e->show_progress) {
		e->progress.last = 1;
		tell_status(f);
	}
	if (e->rejects == NULL) {
		add_tally(&b, "rejected", &e->rejected);
		add_tally(&b, "in error", &e->errors);
		if (b.n > 0)
			io_warn("%s; --rejects FILE keeps them", buf_cstr(&b));
	}
	report_against(f, e);
	buf_free(&b);
}

void
tell_summary(struct filter *f, const struct emit *e)
{
	struct buf b = { 0 };

	buf_fmt(&b, "{\"lines\":%zu,\"triplets\":%zu,\"rejected\":", f->lines,
	    e->triplets);
	counts_json(&b, &e->rejected);
	buf_adds(&b, ",\"errors\":");
	counts_json(&b, &e->errors);
	if (e->had > 0)
		buf_fmt(&b, ",\"had\":%lld", e->had);
	buf_fmt(&b, ",\"duplicates\":%zu,\"seconds\":%.3f%s", e->duplicates,
	    progress_seconds(&e->progress), f->done ? ",\"enough\":true" : "");
	measure_json(&b, &e->measure);
	buf_adds(&b, "}\n");
	if (io_replace(e->summary, buf_span(&b)) == -1)
		tell_exit_io(e->summary);
	buf_free(&b);
}
