/* tg-export - write triplets as the files that trainers take */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/num.h"
#include "command.h"
#include "file-name.h"
#include "fit.h"
#include "folder.h"
#include "io/io.h"
#include "record/filter.h"
#include "small.h"
#include "ties.h"
#include "write.h"

/* A group that is larger than this share of the rows spoils a split. */
#define LARGE_GROUP 0.3

static const char default_format[] = "Instruct: {prompt}\\nQuery: {query}";

struct export
{
	struct options o;
	struct format format;
	struct folder folder;
	struct example example;
	struct table rows;
	struct ties ties;
	struct names names;
	struct plan plan;
	struct buf name;     /* scratch space */
	size_t dropped;      /* negatives that say what is right, or nothing */
	size_t dropped_long; /* negatives that are too long */
	size_t more_positives; /* positives but the first of their rows */
	size_t misscored;      /* rows whose scores don't fit */
	size_t nameless;       /* rows of which no task is known */
};

#define AT(member) OPTION_AT(struct export, o.member)

static const struct option_def options[] = {
	{ "for", 0, OPTION_CHOICE, OPTION_RUN, "TRAINER",
	    "the trainer: FlagEmbedding, sentence-transformers, Tevatron; or "
	    "BEIR",
	    AT(target), .choices = "flag | st | tevatron | beir",
	    .required = 1 },
	{ "output", 'o', OPTION_STRING, OPTION_RUN, "DIR",
	    "write this folder, which is new or empty", AT(dir),
	    .required = 1 },
	{ "split", 0, OPTION_STRING, OPTION_RUN, "A,B,C",
	    "shares of train, dev and test, such as .9,.05,.05; no text, equal "
	    "or near, stands in two of them",
	    AT(split) },
	{ "by", 0, OPTION_CHOICE, OPTION_RUN, "UNIT",
	    "what a split leaves whole: each file (the default), or each "
	    "repository",
	    AT(by), .choices = "file | repository" },
	{ "shared-negs", 0, OPTION_CHOICE, OPTION_RUN, "WHAT",
	    "negatives that stand in rows of several parts: tie these rows "
	    "together (the default), or drop them where they don't belong",
	    AT(shared), .choices = "tie | drop" },
	{ "seed", 0, OPTION_INT, OPTION_RUN, "N",
	    "seed of the split and of negatives that are drawn; 0", AT(seed),
	    .hi = 1LL << 60 },
	{ "empty-neg", 0, OPTION_CHOICE, OPTION_RUN, "WHAT",
	    "rows without negatives: apart in files of their own (the "
	    "default), fill with positives of the same file, or drop",
	    AT(empty), .choices = "apart | fill | drop" },
	{ "max-tokens", 0, OPTION_INT, OPTION_RUN, "N",
	    "most tokens of a text, about; what is longer would be cut by the "
	    "trainer",
	    AT(max_tokens), .lo = 1, .hi = 1LL << 40 },
	{ "cut", 0, OPTION_CHOICE, OPTION_RUN, "WHAT",
	    "longer texts: drop them (the default), or apart in files of "
	    "their own",
	    AT(cut), .choices = "drop | apart" },
	{ "query-format", 0, OPTION_STRING, OPTION_RUN, "FORMAT",
	    "how a query carries its instruction; "
	    "'Instruct: {prompt}\\nQuery: {query}'",
	    AT(format) },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-export",
	.forms = { { 1, "", "[file ...]" } },
	.options = options,
	.about = "Write triplets as the files that a trainer takes, and the "
		 "command that trains\n"
		 "on them to stdout.\n",
	.notes = "Example: tg-export --for flag -o data --split .9,.05,.05 "
		 "triplets.jsonl > train.sh\n",
};

/* Folder to be removed at the exit; NULL: none, or it is finished. */
static struct folder *unfinished;

static void
abandon(void)
{
	if (unfinished != NULL)
		folder_abandon(unfinished);
}

/* Say what failed, and exit. */
static _Noreturn void
fail(struct export *x, const char *name)
{
	io_warn("%s%s%s: %s", x->o.dir, *name != '\0' ? "/" : "", name,
	    strerror(errno));
	exit(TG_EX_IO);
}

/* Read "A,B,C" into the shares of the plan, which sum to 1 then. */
static void
read_shares(struct export *x)
{
	double *share = x->plan.share, sum = 0;
	const char *s = x->o.split;
	char one[32];
	size_t n;
	int i;

	if (s == NULL) {
		share[x->o.target == FOR_BEIR ? PART_TEST : PART_TRAIN] = 1;
		return;
	}
	for (i = 0; i < PARTS; i++, s += n + (s[n] == ',')) {
		n = strcspn(s, ",");
		snprintf(one, sizeof one, "%.*s",
		    (int)(n < sizeof one ? n : sizeof one), s);
		if (num_real(one, 0, 1e6, &share[i]) == -1 ||
		    (s[n] == ',') != (i < PARTS - 1))
			options_refuse("--split: \"%s\" is not three shares "
				       "such as .9,.05,.05",
			    x->o.split);
		sum += share[i];
	}
	if (!(sum > 0))
		options_refuse("--split: all shares are 0");
	for (i = 0; i < PARTS; i++)
		share[i] /= sum;
	x->plan.split = 1;
}

static void
check_options(struct export *x, unsigned long long given)
{
	const struct options *o = &x->o;
	const char *why = format_read(
	    &x->format, o->format != NULL ? o->format : default_format);

	if (!(given & 1))
		options_refuse("--for: name a trainer: flag, st, tevatron or "
			       "beir");
	if (o->dir == NULL || *o->dir == '\0')
		options_refuse("-o: name the folder to write");
	if (why != NULL)
		options_refuse("--query-format: %s", why);
	if (o->split == NULL && o->shared == TIES_DROP)
		options_refuse("--shared-negs: there is no --split");
	if (o->cut == CUT_APART && o->max_tokens == 0)
		options_refuse("--cut: there is no --max-tokens");
	if (o->target == FOR_BEIR &&
	    (o->cut == CUT_APART || o->empty != EMPTY_APART))
		options_refuse("--for beir: one corpus has all texts, so "
			       "--cut apart and --empty-neg mean nothing");
	read_shares(x);
}

/* Return a number that depends on the seed, the query and the positive. */
static uint64_t
draw_of(struct export *x, const struct example *e)
{
	x->name.n = 0;
	buf_add0(&x->name, e->query);
	buf_addspan(&x->name, e->pos.v[0].text);
	return hash_draw(x->o.seed, buf_span(&x->name), "part");
}

/* Return the node of what a split leaves whole. */
static uint32_t
unit_of(struct export *x, const struct example *e, uint32_t pos)
{
	struct span none = span_of("");
	struct span repository = e->repository.p != NULL ? e->repository : none;

	if (x->o.by == BY_REPOSITORY && e->repository.p != NULL)
		return ties_key(&x->ties, 'r', none, repository);
	if (e->path.p != NULL)
		return ties_key(&x->ties, 'f', repository, e->path);
	if (e->id.p != NULL)
		return ties_key(&x->ties, 'i', repository, e->id);
	return pos;
}

/* Return the node of a text, tied to its near copies and to the row's unit. */
static uint32_t
tie_text(struct export *x, struct span text, uint32_t *near, int64_t unit)
{
	uint32_t node = ties_text(&x->ties, text);

	*near = ties_near(&x->ties, text, x->example.code_language);
	ties_join(&x->ties, node, *near);
	if (unit >= 0)
		ties_join(&x->ties, node, (uint32_t)unit);
	return node;
}

/* Tie all texts of the example together, negatives as --shared-negs says. */
static void
tie_texts(struct export *x, struct row *row)
{
	const struct example *e = &x->example;
	int64_t unit;
	uint32_t node, near;
	size_t i;

	row->group = unit_of(x, e, row->pos);
	unit = row->group;
	tie_text(x, e->query, &near, unit);
	for (i = 0; i < e->pos.n; i++)
		tie_text(x, e->pos.v[i].text, &near, unit);
	if (x->o.shared == TIES_ALL)
		for (i = 0; i < e->neg.n; i++)
			tie_text(x, e->neg.v[i].text, &near, unit);
	else
		for (i = 0; i < e->neg.n; i++) {
			node = tie_text(x, e->neg.v[i].text, &near, -1);
			table_number(&x->rows, row, node);
		}
}

static void
note_row(struct export *x, struct row *row, int cut)
{
	const struct example *e = &x->example;

	row->draw = draw_of(x, e);
	row->pos = ties_text(&x->ties, e->pos.v[0].text);
	row->query = ties_text(&x->ties, e->query);
	row->near =
	    x->o.empty == EMPTY_FILL
		? ties_near(&x->ties, e->pos.v[0].text, e->code_language)
		: row->pos;
	row->negs = (uint32_t)e->neg.n;
	row->marks =
	    (uint8_t)((cut ? ROW_CUT : 0) | (e->scored ? ROW_SCORED : 0));
	if (x->o.target == FOR_FLAG && x->format.prompted && e->prompt.n == 0)
		row->marks |= ROW_BARE;
	x->name.n = 0;
	file_name(&x->name, e);
	row->base = names_add(&x->names, buf_span(&x->name));
	if (x->plan.split)
		tie_texts(x, row);
	x->dropped += e->dropped;
	x->dropped_long += e->dropped_long;
	x->misscored += (size_t)e->misscored;
	x->more_positives += e->pos.n - 1;
	x->nameless += e->task.n == 0;
}

static enum filter_did
take_record(struct filter *f, struct rec *r)
{
	struct export *x = f->ctx;
	const char *why = example_read(&x->example, r);
	enum fit fit = FIT_ALL;
	struct row *row;

	x->rows.read++;
	if (why == NULL) {
		fit = fit_example(&x->example, &x->format, &x->o);
		if (fit == FIT_NOT)
			why = "too long";
	}
	if (why != NULL) {
		counts_add(&x->rows.left, span_of(why));
		return FILTER_TAKE;
	}
	if ((row = table_add(&x->rows, r->line)) == NULL)
		fail(x, "");
	note_row(x, row, fit == FIT_CUT);
	return FILTER_TAKE;
}

/* Say how many rows came, went and stayed away, as a sum. */
static void
report_sum(const struct export *x)
{
	struct buf b = { 0 };

	buf_fmt(&b, "rows in %zu = rows out %zu + left out %zu", x->rows.read,
	    x->rows.n, x->rows.left.total);
	if (x->rows.left.total > 0) {
		buf_adds(&b, " (");
		counts_words(&b, &x->rows.left);
		buf_addc(&b, ')');
	}
	io_warn("%s", buf_cstr(&b));
	buf_free(&b);
}

static void
report_split(const struct export *x)
{
	const struct plan *p = &x->plan;
	size_t all = p->sizes[0] + p->sizes[1] + p->sizes[2];

	io_warn("train %zu, dev %zu, test %zu rows of %zu groups, the largest "
		"of %zu rows",
	    p->sizes[PART_TRAIN], p->sizes[PART_DEV], p->sizes[PART_TEST],
	    p->groups, p->largest);
	if (p->groups > 0 && (double)p->largest > LARGE_GROUP * (double)all &&
	    p->largest > 1)
		io_warn("%zu of %zu rows hang together by texts they share, "
			"and stay in one part%s%s",
		    p->largest, all,
		    x->o.shared == TIES_ALL
			? "; --shared-negs drop parts them where negatives "
			  "tie them"
			: "",
		    x->o.by == BY_REPOSITORY
			? "; --by file makes smaller groups"
			: "");
	if (p->shared > 0)
		io_warn("%zu negatives dropped, which stand in another part",
		    p->shared);
}

static void
report_files(const struct export *x)
{
	const struct plan *p = &x->plan;
	size_t i;

	if (x->nameless > 0 && x->o.target != FOR_BEIR)
		io_warn("%zu rows name no task: tg-emit --meta adds it, and "
			"gives each task files of its own",
		    x->nameless);
	for (i = 0; i < p->nfiles; i++)
		if (p->files[i].near > 0)
			io_warn("train/%s: equal positives stand %zu rows or "
				"more apart",
			    p->names->v[p->files[i].name], p->files[i].near);
}

/* Say what happened to parts of rows. */
static void
report_texts(const struct export *x)
{
	if (x->dropped > 0)
		io_warn("%zu negatives dropped, blank or equal to a query, "
			"positive or negative of their row",
		    x->dropped);
	if (x->dropped_long > 0)
		io_warn("%zu negatives dropped, longer than %lld tokens",
		    x->dropped_long, x->o.max_tokens);
	if (x->plan.filled > 0)
		io_warn("%zu rows without negatives got positives of other "
			"rows",
		    x->plan.filled);
	if (x->misscored > 0)
		io_warn("%zu rows are written without scores, which were not "
			"one number for each text",
		    x->misscored);
	if (x->o.target == FOR_ST && x->more_positives > 0)
		io_warn("%zu positives are not written: a column holds the "
			"first of a row",
		    x->more_positives);
}

/* Write the command to stdout before the files move to where they are found. */
static void
write_command(struct export *x, struct buf *out)
{
	int error;

	command_write(out, &x->plan, &x->o, &x->format);
	if (io_write(STDOUT_FILENO, buf_span(out)) == -1) {
		error = errno;
		abandon();
		unfinished = NULL;
		errno = error;
		io_die_stdout();
	}
	buf_clear(out);
}

/* Plan and write all rows, and the command for them. */
static void
write_all(struct filter *f)
{
	struct export *x = f->ctx;
	const char *name;

	plan_rows(&x->plan);
	if (write_rows(&x->folder, &x->plan, &x->o, &x->format, &name) == -1)
		fail(x, name);
	write_command(x, &f->out);
	if (folder_finish(&x->folder) == -1)
		fail(x, "");
	unfinished = NULL;
	report_sum(x);
	if (x->plan.split)
		report_split(x);
	report_files(x);
	report_texts(x);
	small_report(&x->plan, x->o.target);
}

static void
start(struct export *x)
{
	const char *why;
	int status;

	x->ties.ids.value = TIES_VALUE;
	x->plan.rows = &x->rows;
	x->plan.ties = &x->ties;
	x->plan.names = &x->names;
	x->plan.drop_shared = x->o.shared == TIES_DROP;
	x->plan.empty = x->o.empty;
	x->plan.by_count = x->o.target == FOR_ST;
	x->plan.one_file = x->o.target == FOR_BEIR;
	x->plan.seed = x->o.seed;
	if (folder_open(&x->folder, x->o.dir, &why) == -1) {
		status = io_file_status(errno);
		io_warn("%s: %s", x->o.dir, why);
		exit(status);
	}
	unfinished = &x->folder;
	folder_guard(unfinished);
	atexit(abandon);
	if ((x->rows.fd = folder_scratch(&x->folder)) == -1)
		fail(x, "");
}

static void
export_free(struct export *x)
{
	buf_free(&x->format.text);
	buf_free(&x->name);
	example_free(&x->example);
	table_free(&x->rows);
	ties_free(&x->ties);
	names_free(&x->names);
	plan_free(&x->plan);
}

int
main(int argc, char *argv[])
{
	struct export x = { 0 };
	struct filter f = { .program = &program,
		.serve = take_record,
		.serve_bad = 1,
		.end = write_all,
		.ctx = &x };
	char **files = filter_options(&f, &x, argc, argv);
	int status;

	check_options(&x, f.found.given);
	filter_tty(&f, files);
	start(&x);
	status = filter_run(&f, files);
	export_free(&x);
	return status;
}
