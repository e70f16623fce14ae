/* tg-emit - end a strategy: write finished triplets, separate the rest */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "append.h"
#include "duplicates.h"
#include "measure.h"
#include "io/counts.h"
#include "io/io.h"
#include "io/progress.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "meta.h"
#include "record/filter.h"
#include "record/triplet.h"

enum { SOON_S = 30 }; /* time after which the time left is told once, s */

struct emit {
	int debug, meta; /* 1: add more to each triplet */
	struct duplicates seen;
	const char *rejects, *summary; /* files to write; NULL: none */
	const char *file; /* file to append triplets to; NULL: stdout */
	struct option_list earlier; /* files of --against, and of --append */
	size_t against;             /* number of files of --against */
	struct append append;
	int rejects_fd;
	size_t triplets, duplicates;
	long long enough; /* triplets that are wanted; 0: all */
	long long had;    /* triplets that --append's file has had */
	struct counts rejected, errors;
	struct measure measure; /* counts for the summary */
	int show_progress;
	long long expected; /* number of documents; 0: unknown */
	struct progress progress;
	struct buf out; /* scratch space */
};

#define AT(member) OPTION_AT(struct emit, member)

static const struct option_def options[] = {
	{ "debug", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "add what was asked and answered; rejected pairs too, marked "
	    "\"rejected\": true",
	    AT(debug) },
	{ "meta", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "add meta: id, task, languages, model, judge, and the input's own "
	    "fields",
	    AT(meta) },
	{ "rejects", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "write rejected and failed records there; without it they are "
	    "only counted, on stderr",
	    AT(rejects) },
	{ "dedupe", 0, OPTION_CHOICE, OPTION_RUN, "SCOPE",
	    "where a query or positive may stand only once: task (and "
	    "languages; the default), run, or none",
	    AT(seen.scope), .choices = "task | run | none" },
	{ "against", 0, OPTION_LIST, OPTION_RUN, "FILE",
	    "drop what duplicates this earlier output as well; may be given "
	    "more than once",
	    AT(earlier) },
	{ "append", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "add the triplets to this file, not stdout, and drop what "
	    "duplicates one in it",
	    AT(file) },
	{ "enough", 0, OPTION_INT, OPTION_RUN, "N",
	    "end after N triplets, those in the file of --append included",
	    AT(enough), .lo = 1, .hi = 1LL << 60 },
	{ "progress", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "say on stderr how far it is", AT(show_progress) },
	{ "total", 0, OPTION_INT, OPTION_RUN, "N",
	    "records that are expected, for the time left; without --progress "
	    "it is told once",
	    AT(expected), .hi = 1LL << 60 },
	{ "summary", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "write the counts there at the end, as JSON", AT(summary) },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-emit",
	.forms = { { 1, "", "[file ...]" } },
	.options = options,
	.about =
	    "Write finished triplets as prompt, query, pos and neg, nothing "
	    "else. Drop\n"
	    "duplicates; keep what was rejected or failed apart.\n",
	.notes = "Example: tg-negs < answered.jsonl | tg-emit --meta --rejects "
		 "rejects.jsonl\n",
};

static _Noreturn void
exit_io(const char *path)
{
	io_warn("%s: %s", path, strerror(errno));
	exit(TG_EX_IO);
}

/* Return the last entry of a kind in tg.log; p NULL: none. */
static struct span
log_entry(struct rec *r, enum rec_kind kind)
{
	struct span log = rec_tg(r, "log"), entry, found = { NULL, 0 };
	size_t at = 0;

	while (js_next(log, &at, &entry))
		if (span_is(js_string(js_find(entry, "kind"), &r->mem),
			rec_kind_name(kind)))
			found = entry;
	return found;
}

/* Return the verdict as a string of JSON; p NULL if there is none. */
static struct span
verdict_of(struct rec *r)
{
	static const char *const verdicts[] = { "\"0\"", "\"1\"", "\"2\"" };
	long long v = js_int(js_find(rec_tg(r, "judge"), "verdict"), -1);

	return v >= 0 && v <= 2 ? span_of(verdicts[v])
				: (struct span){ NULL, 0 };
}

static void
add_debug(struct buf *b, struct rec *r)
{
	struct span made = log_entry(r, REC_GENERATE);
	struct span judged = log_entry(r, REC_JUDGE);
	struct span answer = js_find(judged, "answer");

	if (answer.p == NULL)
		answer = js_find(rec_tg(r, "judge"), "answer");
	meta_member(b, span_of("generation_prompt"), js_find(made, "prompt"));
	meta_member(b, span_of("response"), js_find(made, "answer"));
	meta_member(b, span_of("judge"), verdict_of(r));
	meta_member(b, span_of("judge_prompt"), js_find(judged, "prompt"));
	meta_member(b, span_of("judge_response"), answer);
	meta_member(b, span_of("docid"), rec_tg(r, "id"));
}

static void
write_triplet(
    struct filter *f, struct rec *r, const struct triplet *t, int rejected)
{
	const struct emit *e = f->ctx;
	struct buf *b = &f->out;

	buf_addc(b, '{');
	triplet_write(b, t);
	if (e->debug)
		add_debug(b, r);
	if (rejected)
		buf_adds(b, ",\"rejected\":true");
	if (e->meta)
		meta_write(b, r);
	buf_adds(b, "}\n");
}

/* Count a record that has ended, and write it to the file of --rejects. */
static void
separate(struct filter *f, struct rec *r)
{
	struct emit *e = f->ctx;
	struct span end = rec_tg(r, "error"), code;
	int rejected = !js_is_there(end);
	struct triplet t = triplet_of(r);

	if (rejected)
		end = rec_tg(r, "rejected");
	code = js_string(js_find(end, "code"), &r->mem);
	counts_add(rejected ? &e->rejected : &e->errors, code);
	if (e->summary != NULL)
		measure_ended(
		    &e->measure, r, rejected ? "rejected" : "errors", code);
	if (rejected && e->debug && triplet_wrong(&t) == NULL)
		write_triplet(f, r, &t, 1);
	if (e->rejects_fd == -1)
		return;
	rec_tg_del(r, "request");
	rec_tg_del(r, "response");
	if (rejected) {
		/* a reject from the cache must equal a fresh one */
		rec_tg_del(r, "out");
		rec_tg_del(r, "cached");
	}
	e->out.n = 0;
	rec_write(r, &e->out);
	if (io_write(e->rejects_fd, buf_span(&e->out)) == -1)
		exit_io(e->rejects);
}

/* Return the state of a record, and the tool that serves it, in words. */
static const char *
who_serves(const struct rec *r, enum rec_state state)
{
	static const char *const answered[] = {
		[REC_GENERATE] = ("answered, for tg-arrange, or tg-prompt "
				  "generate if a step is left"),
		[REC_JUDGE] = "answered, for tg-judge",
		[REC_NEGATIVES] = "answered, for tg-negs",
		[REC_NO_KIND] = "answered, with a response of no known kind",
	};

	if (state == REC_ASKED)
		return "asked, for tg-llm";
	if (state == REC_ANSWERED)
		return answered[rec_kind(r, "response")];
	if (state == REC_SPLIT)
		return "split, for tg-arrange";
	return rec_tg(r, "key").p != NULL
		   ? "new and stamped, for tg-split-context"
		   : "new, for tg-prompt generate";
}

/* Return how many triplets are still wanted; -1: any number. */
static long long
wanted(const struct emit *e)
{
	long long left = e->enough - e->had - (long long)e->triplets;

	return e->enough == 0 ? -1 : left > 0 ? left : 0;
}

static enum filter_did
emit_record(struct filter *f, struct rec *r)
{
	struct emit *e = f->ctx;
	enum rec_state state = rec_state(r);
	struct triplet t;
	const char *why;

	if (state != REC_ENDED && state != REC_PAIRED)
		rec_error(
		    r, "unfinished", "the record is %s", who_serves(r, state));
	t = triplet_of(r);
	if (state == REC_PAIRED && (why = triplet_wrong(&t)) != NULL)
		rec_error(r, "bad_pair", "%s", why);
	if (state == REC_ENDED || r->failed) {
		separate(f, r);
		return FILTER_TAKE;
	}
	if (duplicates_note(&e->seen, r, &t)) {
		e->triplets++;
		write_triplet(f, r, &t, 0);
		if (e->summary != NULL)
			measure_triplet(&e->measure, r, &t);
		f->done = wanted(e) == 0;
	} else {
		e->duplicates++;
		if (e->summary != NULL)
			measure_duplicate(&e->measure, r);
	}
	return FILTER_TAKE;
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
		enough =
		    wanted(e) * (long long)f->lines / (long long)e->triplets;
	if (enough >= 0 && (left <= 0 || enough < left))
		left = enough;
	buf_fmt(&b, "%zu", f->lines);
	if (e->expected > 0)
		buf_fmt(&b, "/%lld", e->expected);
	buf_fmt(&b, " documents, %.*f/s", rate < 10 ? 1 : 0, rate);
	if (rate > 0 && left > 0) {
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

static void
show_status(struct filter *f)
{
	struct emit *e = f->ctx;
	struct buf b;

	if (!progress_due(&e->progress))
		return;
	b = status_of(f);
	progress_show(&e->progress, buf_cstr(&b));
	buf_free(&b);
}

/* Say once how long all will take, after SOON_S seconds. */
static void
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

/* Print the last status line and, without --rejects, the counts. */
static void
report_end(struct filter *f, struct emit *e)
{
	struct buf b = { 0 };

	if (e->show_progress) {
		e->progress.last = 1;
		show_status(f);
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

static void
put_lines(struct filter *f, struct span lines)
{
	struct emit *e = f->ctx;

	if (append_lines(&e->append, lines) == -1)
		exit_io(e->file);
}

static void
open_append(struct filter *f, struct emit *e)
{
	const char *why;
	size_t torn;

	if (append_open(&e->append, e->file, &torn, &why) == -1) {
		io_warn("%s: %s", e->file, why);
		exit(TG_EX_IO);
	}
	if (torn > 0)
		io_warn("%s: cut off the %zu bytes of a torn last line",
		    e->file, torn);
	f->put = put_lines;
}

static void
write_summary(struct filter *f, const struct emit *e)
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
		exit_io(e->summary);
	buf_free(&b);
}

/*
 * Refuse to write over an input before any output is opened: an operand, or an
 * earlier output.
 */
static void
check_outputs(const struct emit *e, char *const *files)
{
	const char *const *operands = (const char *const *)files;

	filter_output("--append", e->file, operands);
	filter_output("--rejects", e->rejects, operands);
	filter_output("--rejects", e->rejects, e->earlier.v);
	filter_output("--summary", e->summary, operands);
	filter_output("--summary", e->summary, e->earlier.v);
}

/* Check and open the outputs, and read the earlier ones. */
static void
open_files(struct filter *f, struct emit *e, char *const *files)
{
	size_t i, had = 0;

	e->against = e->earlier.n;
	if (e->file != NULL)
		options_add(&e->earlier, e->file);
	check_outputs(e, files);
	if (e->file != NULL)
		open_append(f, e);
	for (i = 0; i < e->earlier.n; i++) {
		had = e->seen.earlier;
		if (e->seen.scope == DUPLICATES_NONE &&
		    (e->enough == 0 || e->earlier.v[i] != e->file))
			continue;
		if (duplicates_read(
			&e->seen, e->earlier.v[i], f->found.max_line) == -1)
			exit_io(e->earlier.v[i]);
	}
	/* the file of --append is the last of them */
	if (e->file != NULL)
		e->had = (long long)(e->seen.earlier - had);
	f->done = wanted(e) == 0;
	if (e->rejects == NULL)
		return;
	e->rejects_fd =
	    open(e->rejects, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (e->rejects_fd == -1)
		exit_io(e->rejects);
}

static void
close_files(struct emit *e)
{
	if (e->file != NULL && append_close(&e->append) == -1)
		exit_io(e->file);
	if (e->rejects != NULL && close(e->rejects_fd) == -1)
		exit_io(e->rejects);
}

int
main(int argc, char *argv[])
{
	struct emit e = { .rejects_fd = -1 };
	struct filter f = { .program = &program,
		.serve = emit_record,
		.serve_bad = 1,
		.ctx = &e };
	char **files;
	int status;

	files = filter_options(&f, &e, argc, argv);
	if (e.show_progress || e.expected > 0)
		f.tick = e.show_progress ? show_status : tell_once;
	filter_tty(&f, files);
	progress_init(&e.progress, program.name);
	open_files(&f, &e, files);
	status = filter_run(&f, files);
	close_files(&e);
	report_end(&f, &e);
	if (e.summary != NULL)
		write_summary(&f, &e);
	if (status == TG_EX_OK && e.errors.total > 0)
		status = TG_EX_SOME;
	free(e.earlier.v);
	counts_free(&e.rejected);
	counts_free(&e.errors);
	duplicates_free(&e.seen);
	measure_free(&e.measure);
	buf_free(&e.out);
	return status;
}
