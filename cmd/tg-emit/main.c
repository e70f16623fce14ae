/* tg-emit - end a strategy: write finished triplets, separate the rest */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emit.h"
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "meta.h"
#include "record/judged.h"
#include "record/triplet.h"
#include "tell.h"

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
	    "languages; the default), run, or none; pair: as task, for both "
	    "together, as after tg-prompt --draws",
	    AT(seen.scope), .choices = "task | run | pair | none" },
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
	struct span mirror = rec_tg(r, "mirror");
	struct span made =
	    log_entry(r, js_is_there(mirror) ? REC_MIRROR : REC_GENERATE);
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
	if (js_is_there(mirror))
		meta_member(b, span_of("mirror"), mirror);
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
		tell_exit_io(e->rejects);
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
		[REC_VERIFY] = "answered, for tg-negs",
		[REC_MIRROR] = "answered, for tg-negs",
		[REC_RESCORE] = "answered, for tg-mine negatives",
		[REC_NO_KIND] = "answered, with a response of no known kind",
	};

	if (state == REC_ASKED)
		return "asked, for tg-llm";
	if (state == REC_ANSWERED)
		return answered[rec_kind(r, "response")];
	if (state == REC_SPLIT)
		return "split, for tg-arrange";
	if (state == REC_TURNED)
		return "a mirror without a query, for tg-prompt mirror";
	return rec_tg(r, "key").p != NULL
		   ? "new and stamped, for tg-split-context"
		   : "new, for tg-prompt generate";
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
	else if (state == REC_PAIRED && judged_undecided(r))
		rec_error(r, "unfinished",
		    "a first judge was unsure about the pair, and no second "
		    "one has decided: tg-prompt judge asks it");
	t = triplet_of(r);
	if (state == REC_PAIRED && !r->failed &&
	    (why = triplet_wrong(&t)) != NULL)
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
		f->done = emit_wanted(e) == 0;
	} else {
		e->duplicates++;
		if (e->summary != NULL)
			measure_duplicate(&e->measure, r);
	}
	return FILTER_TAKE;
}

static void
put_lines(struct filter *f, struct span lines)
{
	struct emit *e = f->ctx;

	if (append_lines(&e->append, lines) == -1)
		tell_exit_io(e->file);
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
			tell_exit_io(e->earlier.v[i]);
	}
	/* the file of --append is the last of them */
	if (e->file != NULL)
		e->had = (long long)(e->seen.earlier - had);
	f->done = emit_wanted(e) == 0;
	if (e->rejects == NULL)
		return;
	e->rejects_fd =
	    open(e->rejects, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (e->rejects_fd == -1)
		tell_exit_io(e->rejects);
}

static void
close_files(struct emit *e)
{
	if (e->file != NULL && append_close(&e->append) == -1)
		tell_exit_io(e->file);
	if (e->rejects != NULL && close(e->rejects_fd) == -1)
		tell_exit_io(e->rejects);
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
		f.tick = e.show_progress ? tell_status : tell_once;
	if (e.show_progress)
		tell_heed_signals();
	filter_tty(&f, files);
	progress_init(&e.progress, program.name);
	open_files(&f, &e, files);
	status = filter_run(&f, files);
	close_files(&e);
	tell_end(&f, &e);
	if (e.summary != NULL)
		tell_summary(&f, &e);
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
