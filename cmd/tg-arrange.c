/* tg-arrange - compose query and positive from the answers of the steps */
#include "json/escaped.h"
#include "record/filter.h"
#include "task/catalogue.h"
#include "task/document.h"
#include "task/prompt.h"

struct arrange {
	const char *tasks; /* file of catalogue rows; NULL: $TG_TASKS */
	struct catalogue *catalogue;
};

#define AT(member) OPTION_AT(struct arrange, member)

static const struct option_def options[] = {
	{ "tasks", 0, OPTION_STRING, OPTION_ANSWER, "FILE",
	    "add or replace catalogue rows ($TG_TASKS)", AT(tasks) },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-arrange",
	.forms = { { 1, "", "[file ...]" } },
	.options = options,
	.about = "Compose prompt, query, pos and an empty neg by the task's "
		 "templates, for\n"
		 "records whose last step is answered and for split ones.\n",
	.notes = "Example: tg-prompt generate -t code_summary_retrieval < "
		 "code.jsonl "
		 "|\n"
		 "             tg-llm | tg-arrange | jq '{query, pos}'\n",
};

/* Return whether two escaped texts are the same, white space around aside. */
static int
same_text(const char *p, const char *q)
{
	return span_eq(esc_trim(span_of(p)), esc_trim(span_of(q)));
}

static void
compose(struct rec *r, const struct task *t)
{
	struct buf query = { 0 }, pos = { 0 };
	struct span bad;
	struct values v;

	document_values(r, t, &v);
	buf_adds(&query, "\"");
	buf_adds(&pos, "[\"");
	if (template_expand(&query, t->query, &v, &bad) == -1 ||
	    template_expand(&pos, t->pos, &v, &bad) == -1) {
		rec_error(r, "missing_value",
		    "task %s needs \"%.*s\", which the record lacks", t->name,
		    (int)bad.n, bad.p);
	} else if (same_text(buf_cstr(&query) + 1, buf_cstr(&pos) + 2)) {
		rec_error(r, "query_is_positive",
		    "query and positive are the same text");
	} else {
		rec_put(r, "prompt", document_prompt(r, t));
		buf_adds(&query, "\"");
		rec_put(r, "query", rec_hold(r, &query));
		buf_adds(&pos, "\"]");
		rec_put(r, "pos", rec_hold(r, &pos));
		rec_put(r, "neg", span_of("[]"));
		rec_tg_put(r, "pair", span_of("true"));
		rec_tg_del(r, "parts");
	}
	buf_free(&query);
	buf_free(&pos);
}

static enum filter_did
arrange_record(struct filter *f, struct rec *r)
{
	const struct arrange *a = f->ctx;
	const struct task *t;

	if (rec_state(r) == REC_SPLIT) {
		if ((t = document_task(r, a->catalogue)) != NULL)
			compose(r, t);
	} else if (rec_answered(r, REC_GENERATE) &&
		   (t = document_task(r, a->catalogue)) != NULL &&
		   rec_step(r, "response") >= t->nsteps &&
		   document_take_output(r, t).p != NULL) {
		compose(r, t);
	}
	return FILTER_PASS;
}

int
main(int argc, char *argv[])
{
	static struct arrange a; /* static: it is held at the exit */
	struct filter f = {
		.program = &program, .serve = arrange_record, .ctx = &a
	};
	char **files = filter_options(&f, &a, argc, argv);

	a.catalogue = catalogue_open(a.tasks);
	return filter_run(&f, files);
}
