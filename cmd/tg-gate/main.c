/* tg-gate - end pairs that no judge need be paid for */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "endings.h"
#include "gate.h"
#include "io/io.h"
#include "json/find.h"
#include "record/filter.h"
#include "signs.h"
#include "task/document.h"
#include "tg-gate/phrases.inc"
#include "vocabulary.h"
#include "words.h"

/* The gates, in the order in which they examine an answer. */
static const struct {
	const char *code;
	const char *(*examine)(struct gates *, const struct part *);
	int of_given; /* flag: examines the user's text that was edited, too */
} gates[] = {
	{ "copy", gate_copy, 0 },
	{ "unchanged", gate_unchanged, 0 },
	{ "refusal", gate_refusal, 1 },
	{ "recital", gate_recital, 1 },
	{ "blocks", gate_blocks, 0 },
	{ "remark", gate_remark, 1 },
	{ "language", gate_language, 0 },
	{ "diff", gate_diff, 0 },
	{ "cut", gate_cut, 0 },
};

enum { GATES = sizeof gates / sizeof *gates };

struct command {
	const char *tasks;    /* file of catalogue rows; NULL: $TG_TASKS */
	const char *task;     /* task of pairs that name none; or NULL */
	const char *examples; /* pool of examples; NULL: the built-in ones */
	struct option_list only, off;
	int is_off[GATES]; /* flag: the gate is open for all */
	struct catalogue *catalogue;
	struct gates g;
};

#define AT(member) OPTION_AT(struct command, member)

static const struct option_def options[] = {
	{ "only", 0, OPTION_LIST, OPTION_ANSWER, "GATE",
	    "look only for this fault; may be repeated", AT(only) },
	{ "off", 0, OPTION_LIST, OPTION_ANSWER, "GATE",
	    "do not look for this fault; may be repeated", AT(off) },
	{ "task", 't', OPTION_STRING, OPTION_ANSWER, "TASK",
	    "task of pairs that name none in tg.task", AT(task) },
	{ "examples", 'e', OPTION_STRING, OPTION_ANSWER, "FILE",
	    "few-shot pool that answers may recite; builtin by default, or "
	    "none",
	    AT(examples) },
	{ "tasks", 0, OPTION_STRING, OPTION_ANSWER, "FILE",
	    "add or replace catalogue rows ($TG_TASKS)", AT(tasks) },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-gate",
	.forms = { { 1, "", "[file ...]" } },
	.options = options,
	.about = "Reject pairs that are plainly wrong, before a judge is paid "
		 "for them: copies,\n"
		 "refusals, answers with an assistant's remarks, in the wrong "
		 "language or cut short.\n"
		 "Only what an LLM has written is examined.\n",
	.notes =
	    "GATE is copy, unchanged, refusal, recital, blocks, remark, "
	    "language, diff or cut.\n"
	    "Example: tg-arrange answered.jsonl | tg-gate | tg-prompt judge | "
	    "tg-llm | tg-judge\n",
};

/* Return the number of a gate that a word of an option names, or exit. */
static int
gate_named(const char *option, const char *word)
{
	struct nearest n = { .word = span_of(word) };
	int i;

	for (i = 0; i < GATES; i++) {
		if (strcmp(gates[i].code, word) == 0)
			return i;
		nearest_offer(&n, gates[i].code);
	}
	options_refuse(
	    "%s: there is no gate %s%s", option, word, nearest_hint(&n));
}

static void
choose_gates(struct command *c)
{
	size_t i;
	int k;

	for (k = 0; k < GATES; k++)
		c->is_off[k] = c->only.n > 0;
	for (i = 0; i < c->only.n; i++)
		c->is_off[gate_named("--only", c->only.v[i])] = 0;
	for (i = 0; i < c->off.n; i++)
		c->is_off[gate_named("--off", c->off.v[i])] = 1;
}

/* Reject a record if a gate finds a fault in one of its answers. */
static void
examine(struct command *c, struct rec *r)
{
	struct gates *g = &c->g;
	const char *why;
	int i, k;

	memset(g->has_lines, 0, sizeof g->has_lines);
	for (k = 0; k < GATES; k++)
		for (i = 0; !c->is_off[k] && i < g->pair.nparts; i++) {
			if (g->pair.part[i].is_given && !gates[k].of_given)
				continue;
			why = gates[k].examine(g, &g->pair.part[i]);
			if (why != NULL) {
				rec_reject(r, gates[k].code, why);
				return;
			}
		}
}

static enum filter_did
gate_record(struct filter *f, struct rec *r)
{
	struct command *c = f->ctx;
	const struct task *t;

	if (rec_state(r) != REC_PAIRED || js_is_there(rec_tg(r, "judge")))
		return FILTER_PASS;
	if (c->task != NULL && rec_tg_str(r, "task").p == NULL)
		rec_tg_puts(r, "task", span_of(c->task));
	/* nothing is known to be wrong with a pair without a task */
	if (rec_tg_str(r, "task").p == NULL ||
	    (t = document_task(r, c->catalogue)) == NULL)
		return FILTER_PASS;
	if (pair_read(&c->g.pair, r, t) == -1)
		rec_error(r, "no_pair", "query or pos is no text");
	else
		examine(c, r);
	return FILTER_PASS;
}

static void
open_all(struct command *c)
{
	const char *why;

	c->catalogue = catalogue_open(c->tasks);
	if (c->task != NULL &&
	    catalogue_find(c->catalogue, span_of(c->task)) == NULL)
		options_refuse("-t: no task %s%s", c->task,
		    catalogue_hint(c->catalogue, span_of(c->task)));
	if (c->examples == NULL)
		c->examples = "builtin";
	c->g.recited = recited_new(c->examples, &why);
	if (c->g.recited == NULL) {
		io_warn("%s", why);
		exit(errno != 0 ? TG_EX_IO : TG_EX_USAGE);
	}
	c->g.phrases = table_new(embedded_phrases, 0);
	words_open();
	endings_open();
	vocabulary_open();
	signs_open();
}

static void
close_all(struct command *c)
{
	int i;

	for (i = 0; i < PARTS; i++)
		answer_lines_free(&c->g.lines[i]);
	recited_free(c->g.recited);
	table_free(c->g.phrases);
	words_close();
	endings_close();
	vocabulary_close();
	signs_close();
	catalogue_free(c->catalogue);
}

int
main(int argc, char *argv[])
{
	static struct command c; /* static: it is held at the exit */
	struct filter f = {
		.program = &program, .serve = gate_record, .ctx = &c
	};
	char **files = filter_options(&f, &c, argc, argv);
	int status;

	choose_gates(&c);
	open_all(&c);
	status = filter_run(&f, files);
	close_all(&c);
	return status;
}
