/* tg-calibrate - say what a judge's number is worth, and make it worth more */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval.h"
#include "fit.h"
#include "io/io.h"
#include "record/filter.h"
#include "sample.h"

/* Bits of the commands. */
enum { FIT = 1, EVAL = 2, SAMPLE = 4 };

struct choices {
	const char *output, *calibration, *svg;
	double precision;
	struct option_list records;
	int text;
	long long number, seed;
};

#define AT(member) OPTION_AT(struct choices, member)

static const struct option_def options[] = {
	{ "output", 'o', OPTION_STRING, OPTION_RUN, "CAL",
	    "fit: file for the curves and the threshold", AT(output),
	    .forms = FIT, .required = 1 },
	{ "precision", 0, OPTION_REAL, OPTION_RUN, "P",
	    "fit: share of the kept pairs that are to be right, .01 to 1; "
	    "unless given, a pair is kept if it is more likely right than "
	    "wrong",
	    AT(precision), .min = .01, .max = 1, .forms = FIT },
	{ "calibration", 'c', OPTION_STRING, OPTION_RUN, "CAL",
	    "eval: file that fit wrote", AT(calibration), .forms = EVAL,
	    .required = 1 },
	{ "records", 0, OPTION_LIST, OPTION_RUN, "FILE",
	    "eval: records of a run, kept and rejected, all with tg.judge.p; "
	    "say how many of those kept are right; may be given more than once",
	    AT(records), .forms = EVAL },
	{ "text", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "eval: write text for a terminal, not JSON", AT(text),
	    .forms = EVAL },
	{ "svg", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "eval: write the reliability diagrams there", AT(svg),
	    .forms = EVAL },
	{ "number", 'n', OPTION_INT, OPTION_RUN, "N",
	    "sample: pairs to write, 400 unless given", AT(number), .lo = 10,
	    .hi = 1 << 24, .forms = SAMPLE },
	{ "seed", 0, OPTION_INT, OPTION_RUN, "N",
	    "sample: seed of the draws, 0 unless given", AT(seed),
	    .lo = -(1LL << 62), .hi = 1LL << 62, .forms = SAMPLE },
	{ OPTION_MAX_LINE_DEF, .forms = OPTION_ALL_FORMS },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-calibrate",
	.forms = { { FIT, "fit", "[gold ...]" }, { EVAL, "eval", "[gold ...]" },
	    { SAMPLE, "sample", "[records ...]" } },
	.options = options,
	.about = "Say what a judge's number is worth. fit learns from gold "
		 "lines, {\"gold\": 1,\n"
		 "\"p\": 0.93} or records with gold and tg.judge.p, what share "
		 "of pairs with that p\n"
		 "is right; tg-judge --calibration decides by it. eval "
		 "measures it by other gold\n"
		 "lines, and writes one object of JSON. sample draws pairs to "
		 "label from what a\n"
		 "run kept and rejected, and makes wrong ones.\n",
	.notes =
	    "Example: tg-calibrate fit -o cal.json --precision .9 "
	    "gold.jsonl\n"
	    "         tg-calibrate eval -c cal.json --text held-out.jsonl\n",
};

struct calibrate {
	struct filter f;
	struct choices c;
};

static void
write_file(const char *file, const struct buf *b)
{
	if (io_replace(file, buf_span(b)) == 0)
		return;
	io_warn("%s: %s", file, io_reason(errno));
	exit(TG_EX_IO);
}

static void
write_out(const struct buf *b)
{
	if (io_write(STDOUT_FILENO, buf_span(b)) == -1)
		io_die_stdout();
	io_close_stdout();
}

/* Say what the threshold of a precision does; return the exit status. */
static int
tell_reach(const struct reach *r, double precision, const char *file)
{
	if (!r->reached) {
		io_warn(
		    "no threshold reaches precision %g: the gold lines bear "
		    "out %.3f at most, at a calibrated value of %.4f, which "
		    "keeps %zu of them; %s has that threshold",
		    precision, r->precision, r->threshold, r->kept, file);
		return TG_EX_SOME;
	}
	io_warn("precision %g is reached at a calibrated value of %.4f, which "
		"keeps %zu gold lines",
	    precision, r->threshold, r->kept);
	return TG_EX_OK;
}

static int
run_fit(struct calibrate *k, char **files)
{
	struct calibration c = { .precision = k->c.precision };
	struct gold g = { 0 };
	struct buf b = { 0 };
	struct reach r;

	if (k->c.output == NULL)
		options_refuse("name the file to write with -o");
	filter_output("--output", k->c.output, (const char *const *)files);
	gold_read(&g, (const char *const *)files, k->f.found.max_line);
	r = fit(&c, &g);
	calibration_write(&b, &c);
	write_file(k->c.output, &b);
	io_warn("%zu gold lines, %zu of them right; %zu of %zu tasks have a "
		"curve of their own",
	    g.n, g.right, c.ntasks, g.tasks.n);
	buf_free(&b);
	gold_free(&g);
	calibration_free(&c);
	return k->c.precision > 0 ? tell_reach(&r, k->c.precision, k->c.output)
				  : TG_EX_OK;
}

/* Write the evaluation to stdout, and to the file of --svg. */
static void
write_evaluation(const struct choices *c, const struct evaluation *e)
{
	struct buf b = { 0 };

	if (c->svg != NULL) {
		eval_svg(&b, e);
		write_file(c->svg, &b);
		b.n = 0;
	}
	if (c->text)
		eval_text(&b, e);
	else
		eval_json(&b, e);
	write_out(&b);
	buf_free(&b);
}

static int
run_eval(struct calibrate *k, char **files)
{
	struct calibration c;
	struct evaluation e;
	struct gold g = { 0 };
	struct run run = { 0 };
	const char *why;
	int error;

	if (k->c.calibration == NULL)
		options_refuse("name the file that fit wrote with -c");
	filter_output("--svg", k->c.svg, (const char *const *)files);
	filter_output("--svg", k->c.svg, k->c.records.v);
	if (calibration_read(&c, k->c.calibration, &why) == -1) {
		error = errno;
		io_warn("%s", why);
		calibration_free(&c);
		free(k->c.records.v);
		return io_file_status(error);
	}
	gold_read(&g, (const char *const *)files, k->f.found.max_line);
	evaluate(&e, &c, &g);
	if (k->c.records.n > 0) {
		run_read(&run, &c, k->c.records.v, k->f.found.max_line);
		evaluate_run(&e, &run);
	}
	write_evaluation(&k->c, &e);
	evaluation_free(&e);
	run_free(&run);
	gold_free(&g);
	calibration_free(&c);
	free(k->c.records.v);
	return TG_EX_OK;
}

static int
run_sample(struct calibrate *k, char **files)
{
	struct buf b = { 0 };
	int status = sample(&b, (const char *const *)files, k->f.found.max_line,
	    (size_t)k->c.number, k->c.seed);

	write_out(&b);
	buf_free(&b);
	return status;
}

static const struct command {
	const char *name;
	unsigned bit;
	int (*run)(struct calibrate *, char **files);
} commands[] = {
	{ "fit", FIT, run_fit },
	{ "eval", EVAL, run_eval },
	{ "sample", SAMPLE, run_sample },
};

enum { COMMANDS = sizeof commands / sizeof *commands };

int
main(int argc, char *argv[])
{
	static struct calibrate k = { .c = { .number = 400 } };
	const struct command *c;
	char **words;

	k.f.program = &program;
	words = filter_options(&k.f, &k.c, argc, argv);
	c = &commands[options_command(
	    words[0], &commands[0].name, COMMANDS, sizeof *commands)];
	options_only(&program, k.f.found.given, c->name, c->bit);
	filter_tty(&k.f, words + 1);
	return c->run(&k, words + 1);
}
