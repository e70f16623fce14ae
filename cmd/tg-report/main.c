/* tg-report - show what a data set is like: a page to look at */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/io.h"
#include "record/filter.h"
#include "report.h"

struct choices {
	int text; /* flag: for a terminal */
	struct option_list rejects, stats;
	const char *calibration;
	long long samples, seed;
};

#define AT(member) OPTION_AT(struct choices, member)

static const struct option_def options[] = {
	{ "text", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "write text for a terminal, not a page", AT(text) },
	{ "rejects", 0, OPTION_LIST, OPTION_RUN, "FILE",
	    "records that were rejected or failed; may be given more than once",
	    AT(rejects) },
	{ "stats", 0, OPTION_LIST, OPTION_RUN, "FILE",
	    "counts that tg-run, tg-llm or tg-emit has written; may be given "
	    "more than once",
	    AT(stats) },
	{ "calibration", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "show what the judge's number is worth, by a file of tg-calibrate",
	    AT(calibration) },
	{ "samples", 0, OPTION_INT, OPTION_RUN, "N",
	    "records to read of each task, kept, rejected and failed, 12",
	    AT(samples), .hi = 1000 },
	{ "seed", 0, OPTION_INT, OPTION_RUN, "N",
	    "seed of the draws of these, 0", AT(seed), .lo = -(1LL << 62),
	    .hi = 1LL << 62 },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-report",
	.forms = { { 1, "", "[triplets ...]" } },
	.options = options,
	.about = "Show what a data set is like: one page of figures, plots and "
		 "samples to read,\n"
		 "with nothing to load from elsewhere.\n",
	.notes =
	    "Example: tg-report --rejects rejects.jsonl --stats stats.jsonl "
	    "triplets.jsonl > report.html\n",
};

static void
take(void *ctx, const struct item *item)
{
	struct report *r = ctx;

	tally_add(&r->tally, item);
	if (item->outcome == KEPT)
		kept_add(&r->kept, item);
	if (item->outcome == KEPT && item->p >= 0 && r->calibration.overall.n) {
		r->values += calibration_value(
		    calibration_curve_of(&r->calibration, item->task), item->p);
		r->nvalues++;
	}
	sample_add(&r->sample, item);
}

/* Read the file of --calibration, or exit. */
static void
read_calibration(struct report *r, const char *file)
{
	const char *why;
	int error;

	if (file == NULL || calibration_read(&r->calibration, file, &why) == 0)
		return;
	error = errno;
	io_warn("%s", why);
	exit(io_file_status(error));
}

static _Noreturn void
cannot_read(const char *file)
{
	io_warn("%s: %s", file, io_reason(errno));
	exit(TG_EX_IO);
}

/* Read all files. Without triplets on a terminal, only what options name. */
static void
read_all(struct report *r, const struct choices *c, char **files)
{
	const char *name;
	size_t i;

	for (i = 0; i < c->stats.n; i++)
		if (stats_read(&r->stats, c->stats.v[i]) == -1)
			cannot_read(c->stats.v[i]);
	if (c->rejects.n > 0 &&
	    read_files(&r->reading, c->rejects.v, 1, &name) == -1)
		cannot_read(name);
	if (*files == NULL && isatty(STDIN_FILENO))
		return;
	if (read_files(&r->reading, (const char *const *)files, 0, &name) == -1)
		cannot_read(name);
}

int
main(int argc, char *argv[])
{
	static struct report r; /* static: these are held at the exit */
	static struct buf out;
	static struct choices c = { .samples = 12 };
	struct filter f = { .program = &program };
	char **files = filter_options(&f, &c, argc, argv);

	if (c.rejects.n == 0 && c.stats.n == 0)
		filter_tty(&f, files);
	r.reading = (struct reading){ .max_line = f.found.max_line,
		.has_rejects = c.rejects.n > 0,
		.take = take,
		.ctx = &r };
	r.sample = (struct sample){ .most = (size_t)c.samples,
		.seed = c.seed,
		.show = c.text ? text_sample : card_write };
	r.has_stats = c.stats.n > 0;
	read_calibration(&r, c.calibration);
	read_all(&r, &c, files);
	if (c.text)
		text_write(&out, &r);
	else
		page_write(&out, &r);
	if (io_write(STDOUT_FILENO, buf_span(&out)) == -1)
		io_die_stdout();
	io_close_stdout();
	return r.reading.bad > 0 || r.stats.bad > 0 ? TG_EX_SOME : TG_EX_OK;
}
