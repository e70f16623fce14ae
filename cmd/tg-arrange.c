/* tg-arrange - compose query and positive from what the steps gave */
#include <stdlib.h>

#include "io/io.h"
#include "json/escaped.h"
#include "record/filter.h"
#include "task/catalogue.h"
#include "task/document.h"
#include "task/prompt.h"

static const char usage[] =
    "usage: tg-arrange [--tasks FILE] [--max-line BYTES] [file ...]\n"
    "\n"
    "Compose prompt, query, pos and an empty neg by the task's templates, for\n"
    "records whose last step is answered and for split ones.\n"
    "\n"
    "  --tasks FILE      add or replace catalogue rows ($TG_TASKS)\n"
    "  --max-line BYTES  longest line taken, 64 MiB\n"
    "  --help, --version\n"
    "\n"
    "Example: tg-prompt generate -t code_summary_retrieval < code.jsonl |\n"
    "             tg-llm | tg-arrange | jq '{query, pos}'\n";

/* Set a top-level member to the text b holds, or to a list of it. */
static void
put_text(struct rec *r, const char *key, struct buf *b, int as_list)
{
	struct buf q = { 0 };

	if (as_list)
		buf_addc(&q, '[');
	esc_quote(&q, buf_span(b));
	if (as_list)
		buf_addc(&q, ']');
	rec_put(r, key, rec_hold(r, &q));
	buf_free(&q);
}

static void
compose(struct filter *f, struct rec *r, const struct task *t)
{
	struct buf prompt = { 0 }, query = { 0 }, pos = { 0 };
	struct span bad;
	struct values v;

	doc_values(r, f->ctx, &v);
	prompt_prose(&prompt, t->instruction, &v);
	if (prompt_compose(&query, t->query, &v, &bad) == -1 ||
	    prompt_compose(&pos, t->pos, &v, &bad) == -1) {
		rec_error(r, f->tool, "missing_value",
		    "task %s needs \"%.*s\", which the record lacks", t->name,
		    (int)bad.n, bad.p);
	} else if (span_eq(
		       esc_trim(buf_span(&query)), esc_trim(buf_span(&pos)))) {
		rec_error(r, f->tool, "query_is_positive",
		    "query and positive are the same text");
	} else {
		put_text(r, "prompt", &prompt, 0);
		put_text(r, "query", &query, 0);
		put_text(r, "pos", &pos, 1);
		rec_put(r, "neg", span_of("[]"));
		rec_tg_put(r, "pair", span_of("true"));
		rec_tg_del(r, "parts");
	}
	buf_free(&prompt);
	buf_free(&query);
	buf_free(&pos);
}

static enum filter_did
serve(struct filter *f, struct rec *r)
{
	const struct task *t;
	int step;

	if (rec_state(r) == REC_SPLIT) {
		if ((t = doc_task(r, f->ctx, f->tool)) != NULL)
			compose(f, r, t);
	} else if (rec_answered(r, REC_GENERATE, &step) &&
		   (t = doc_task(r, f->ctx, f->tool)) != NULL &&
		   step >= t->nsteps && doc_take_output(r, f->tool).p != NULL) {
		compose(f, r, t);
	}
	return FILTER_PASS;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "tasks", required_argument, NULL, OPT_OWN },
		FILTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct filter f = {
		.tool = "tg-arrange", .usage = usage, .serve = serve
	};
	const char *tasks = getenv("TG_TASKS"), *why;
	int ch, status;

	io_start();
	while ((ch = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (ch == OPT_OWN)
			tasks = optarg;
		else
			filter_option(&f, ch);
	}
	filter_tty(&f, argv + optind);
	if ((f.ctx = catalogue_new(tasks, &why)) == NULL) {
		io_warn(f.tool, "%s", why);
		return TG_EX_USAGE;
	}
	status = filter_run(&f, argv + optind);
	catalogue_free(f.ctx);
	return status;
}
