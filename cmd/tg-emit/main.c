/* tg-emit - end a strategy: write finished triplets, part the rest */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "append.h"
#include "base/text.h"
#include "duplicates.h"
#include "io/counts.h"
#include "io/io.h"
#include "io/progress.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "record/filter.h"
#include "record/triplet.h"

static const char usage[] =
    "usage: tg-emit [--debug] [--meta] [--rejects FILE]\n"
    "           [--dedupe task | run | none] [--against FILE]... [--append "
    "FILE]\n"
    "           [--progress] [--total N] [--summary FILE] [--max-line BYTES]\n"
    "           [file ...]\n"
    "\n"
    "Write finished triplets as prompt, query, pos and neg, nothing else. "
    "Drop\n"
    "duplicates; keep what was rejected or failed apart.\n"
    "\n"
    "  --debug           add what was asked and answered; rejected pairs too,\n"
    "                    marked \"rejected\": true\n"
    "  --meta            add meta: id, task, languages, model, judge, and the\n"
    "                    input's own fields\n"
    "  --rejects FILE    write rejected and failed records there; without it\n"
    "                    they are only counted, on stderr\n"
    "  --dedupe SCOPE    where a query or positive may stand only once: task\n"
    "                    (and languages; the default), run, or none\n"
    "  --against FILE    drop what duplicates this earlier output as well;\n"
    "                    may be given more than once\n"
    "  --append FILE     add the triplets to this file, not stdout, and drop\n"
    "                    what duplicates one in it\n"
    "  --progress        say on stderr how far it is\n"
    "  --total N         records that are expected, for the time left\n"
    "  --summary FILE    write the counts there at the end, as JSON\n"
    "  --max-line BYTES  longest line taken, 64 MiB\n"
    "  --help, --version\n"
    "\n"
    "Example: tg-negs < answered.jsonl | tg-emit --meta --rejects "
    "rejects.jsonl\n";

enum {
	DEBUG = OPT_OWN,
	META,
	REJECTS,
	DEDUPE,
	AGAINST,
	APPEND,
	PROGRESS,
	TOTAL,
	SUMMARY
};

struct emit {
	int debug, meta;
	struct seen seen;
	const char *rejects, *summary;
	char *file; /* to add to, NULL: stdout */
	struct append append;
	int rejects_fd;
	size_t triplets, duplicates;
	struct tally rejected, errors;
	int show_progress;
	long long expected; /* 0: unknown */
	struct progress progress;
	struct buf out; /* scratch */
};

static _Noreturn void
die(struct filter *f, const char *path)
{
	int error = errno;
	struct emit *e = f->ctx;

	progress_clear(&e->progress);
	io_warn(f->tool, "%s: %s", path, strerror(error));
	exit(TG_EX_IO);
}

/* Output. */

static void
add_member(struct buf *b, const char *key, struct span value)
{
	if (value.p == NULL)
		return;
	if (b->p[b->n - 1] != '{')
		buf_addc(b, ',');
	js_quote(b, span_of(key));
	buf_addc(b, ':');
	buf_addspan(b, value);
}

static const char *const meta_members[] = { "id", "task", "language",
	"code_language", "tgt_code_language", "model", "judge", NULL };

static int
is_one_of(struct span s, const char *const *names)
{
	for (; *names != NULL; names++)
		if (span_is(s, *names))
			return 1;
	return 0;
}

/*
 * The key of a user's field in meta: its own, with a '_' behind it if that is
 * one of meta's, and another while the user has that too.
 */
static const char *
meta_key(struct rec *r, struct span key)
{
	struct buf b = { 0 };
	struct span s;

	buf_addspan(&b, key);
	while (is_one_of(buf_span(&b), meta_members) ||
	       (b.n > key.n && rec_get(r, buf_cstr(&b)).p != NULL))
		buf_addc(&b, '_');
	s = rec_hold(r, &b);
	buf_free(&b);
	return s.p;
}

static void
add_meta(struct buf *b, struct rec *r)
{
	static const char *const not_users[] = { "prompt", "query", "pos",
		"neg", "tg", "similar", NULL };
	struct span field = rec_tg_str(r, "field");
	size_t i;

	if (field.p == NULL)
		field = span_of("text");
	buf_adds(b, ",\"meta\":{");
	for (i = 0; meta_members[i] != NULL; i++)
		if (js_is_there(rec_tg(r, meta_members[i])))
			add_member(
			    b, meta_members[i], rec_tg(r, meta_members[i]));
	for (i = 0; i < r->top.n; i++) {
		const struct js_member *m = &r->top.v[i];

		if (m->val.p == NULL || is_one_of(m->key, not_users) ||
		    span_eq(m->key, field))
			continue;
		if (b->p[b->n - 1] != '{')
			buf_addc(b, ',');
		if (is_one_of(m->key, meta_members))
			js_quote(b, span_of(meta_key(r, m->key)));
		else
			js_quote(b, m->key);
		buf_addc(b, ':');
		buf_addspan(b, m->val);
	}
	buf_addc(b, '}');
}

/* The last entry of a kind in tg.log; p NULL if there is none. */
static struct span
log_entry(struct rec *r, enum rec_kind kind)
{
	struct span log = rec_tg(r, "log"), entry, found = { NULL, 0 };
	size_t i, n = js_count(log);

	for (i = 0; i < n; i++) {
		entry = js_at(log, i);
		if (span_is(js_string(js_find(entry, "kind"), &r->mem),
			rec_kind_name(kind)))
			found = entry;
	}
	return found;
}

static struct span
or_null(struct span v)
{
	return v.p != NULL ? v : span_of("null");
}

static void
add_debug(struct buf *b, struct rec *r)
{
	struct span made = log_entry(r, REC_GENERATE);
	struct span judged = log_entry(r, REC_JUDGE);

	add_member(b, "generation_prompt", or_null(js_find(made, "prompt")));
	add_member(b, "response", or_null(js_find(made, "answer")));
	add_member(b, "judge", or_null(js_find(judged, "prompt")));
	add_member(b, "judge_response", or_null(js_find(judged, "answer")));
	add_member(b, "docid", or_null(rec_tg(r, "id")));
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
		add_member(b, "rejected", span_of("true"));
	if (e->meta)
		add_meta(b, r);
	buf_adds(b, "}\n");
}

/* Part a record that is ended. */
static void
part(struct filter *f, struct rec *r)
{
	struct emit *e = f->ctx;
	struct span end = rec_tg(r, "error");
	int rejected = !js_is_there(end);
	struct triplet t = triplet_of(r);

	if (rejected)
		end = rec_tg(r, "rejected");
	tally_add(rejected ? &e->rejected : &e->errors,
	    js_string(js_find(end, "code"), &r->mem));
	if (rejected && e->debug && triplet_wrong(&t) == NULL)
		write_triplet(f, r, &t, 1);
	if (r->failed)
		progress_clear(&e->progress); /* the filter has a message */
	if (e->rejects_fd == -1)
		return;
	rec_tg_del(r, "request");
	rec_tg_del(r, "response");
	if (rejected) {
		/* so that it is the same whether it comes from the cache */
		rec_tg_del(r, "out");
		rec_tg_del(r, "cached");
	}
	e->out.n = 0;
	rec_write(r, &e->out);
	if (io_write(e->rejects_fd, buf_span(&e->out)) == -1)
		die(f, e->rejects);
}

/* The tool that serves a record as it is now. */
static const char *
who_serves(const struct rec *r, enum rec_state state)
{
	int step;

	switch (state) {
	case REC_ASKED:
		return "asked, for tg-llm";
	case REC_ANSWERED:
		switch (rec_kind(r, "response", &step)) {
		case REC_JUDGE:
			return "answered, for tg-judge";
		case REC_NEGATIVES:
			return "answered, for tg-negs";
		case REC_GENERATE:
			return "answered, for tg-arrange, or tg-prompt "
			       "generate if a step is left";
		default:
			return "answered, with a response of no known kind";
		}
	case REC_SPLIT:
		return "split, for tg-arrange";
	default:
		return rec_tg(r, "key").p != NULL
			   ? "new and stamped, for tg-split-context"
			   : "new, for tg-prompt generate";
	}
}

static enum filter_did
serve(struct filter *f, struct rec *r)
{
	struct emit *e = f->ctx;
	enum rec_state state = rec_state(r);
	struct triplet t;
	const char *why;

	if (state != REC_ENDED && state != REC_PAIRED)
		rec_error(r, f->tool, "unfinished", "the record is %s",
		    who_serves(r, state));
	t = triplet_of(r);
	if (state == REC_PAIRED && (why = triplet_wrong(&t)) != NULL)
		rec_error(r, f->tool, "bad_pair", "%s", why);
	if (state == REC_ENDED || r->failed) {
		part(f, r);
		return FILTER_TAKE;
	}
	if (!seen_pair(&e->seen, r, &t)) {
		e->duplicates++;
		return FILTER_TAKE;
	}
	e->triplets++;
	write_triplet(f, r, &t, 0);
	return FILTER_TAKE;
}

/* Counts. */

static void
add_count(struct buf *b, const char *what, size_t n)
{
	if (n > 0)
		buf_fmt(b, ", %s %zu", what, n);
}

/* Append the status line; a count of zero takes no room on the terminal. */
static void
status_line(const struct filter *f, const struct emit *e, struct buf *b)
{
	double s = progress_seconds(&e->progress);
	double rate = s > 0 ? (double)f->lines / s : 0;

	buf_fmt(b, "%zu", f->lines);
	if (e->expected > 0)
		buf_fmt(b, "/%lld", e->expected);
	buf_fmt(b, " documents, %.*f/s", rate < 10 ? 1 : 0, rate);
	if (rate > 0 && e->expected > (long long)f->lines) {
		buf_adds(b, ", ");
		progress_time(
		    b, (double)(e->expected - (long long)f->lines) / rate);
		buf_adds(b, " left");
	}
	buf_fmt(b, ", kept %zu", e->triplets);
	add_count(b, "errors", e->errors.total);
	add_count(b, "rejected", e->rejected.total);
	add_count(b, "duplicates", e->duplicates);
}

static void
tick(struct filter *f)
{
	struct emit *e = f->ctx;
	struct buf b = { 0 };

	if (!progress_due(&e->progress))
		return;
	status_line(f, e, &b);
	progress_show(&e->progress, buf_cstr(&b));
	buf_free(&b);
}

static void
add_tally(struct buf *b, const char *what, const struct tally *t)
{
	if (t->total == 0)
		return;
	buf_fmt(b, "%s%zu %s (", b->n ? ", " : "", t->total, what);
	tally_words(b, t);
	buf_addc(b, ')');
}

/* What is on stderr at the end. */
static void
report(struct filter *f, struct emit *e)
{
	struct buf b = { 0 };

	if (e->show_progress) {
		status_line(f, e, &b);
		progress_end(&e->progress, buf_cstr(&b));
		b.n = 0;
	}
	if (e->rejects == NULL) {
		add_tally(&b, "rejected", &e->rejected);
		add_tally(&b, "in error", &e->errors);
		if (b.n > 0)
			io_warn(f->tool, "%s; --rejects FILE keeps them",
			    buf_cstr(&b));
	}
	buf_free(&b);
}

/* Fill the table with what is in a file. */
static void
read_earlier(struct filter *f, struct emit *e, const char *file)
{
	if (e->seen.scope != SEEN_NONE &&
	    seen_file(&e->seen, f->tool, file,
		f->max_line ? f->max_line : LINES_LIMIT) == -1)
		die(f, file);
}

static void
put(struct filter *f, struct span lines)
{
	struct emit *e = f->ctx;

	if (append_lines(&e->append, lines) == -1)
		die(f, e->file);
}

static void
open_append(struct filter *f, struct emit *e)
{
	const char *why;
	size_t torn;

	if (append_open(&e->append, e->file,
		f->max_line ? f->max_line : LINES_LIMIT, &torn, &why) == -1) {
		io_warn(f->tool, "%s: %s", e->file, why);
		exit(TG_EX_IO);
	}
	if (torn > 0)
		io_warn(f->tool,
		    "%s: cut off the %zu bytes of a torn last line", e->file,
		    torn);
	f->put = put;
}

static int
create(struct filter *f, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd == -1)
		die(f, path);
	return fd;
}

static void
write_summary(struct filter *f, const struct emit *e)
{
	struct buf b = { 0 };

	buf_fmt(&b, "{\"lines\":%zu,\"triplets\":%zu,\"rejected\":", f->lines,
	    e->triplets);
	tally_json(&b, &e->rejected);
	buf_adds(&b, ",\"errors\":");
	tally_json(&b, &e->errors);
	buf_fmt(&b, ",\"duplicates\":%zu,\"seconds\":%.3f}\n", e->duplicates,
	    progress_seconds(&e->progress));
	if (io_replace(e->summary, buf_span(&b)) == -1)
		die(f, e->summary);
	buf_free(&b);
}

/*
 * See that no output is an input, before any of them is opened: not an operand,
 * not an --against, of which there are nearlier, and not the file of --append.
 */
static void
check_outputs(const struct filter *f, const struct emit *e, char *const *files,
    char **earlier, size_t nearlier)
{
	char *const append[] = { e->file, NULL };
	const char *const opts[] = { "--append", "--rejects", "--summary" };
	const char *const paths[] = { e->file, e->rejects, e->summary };
	size_t i;

	earlier[nearlier] = NULL;
	for (i = 0; i < sizeof paths / sizeof *paths; i++) {
		filter_output(f, opts[i], paths[i], files);
		/* no list of files at all would stand for stdin */
		if (i > 0 && nearlier > 0)
			filter_output(f, opts[i], paths[i], earlier);
		if (i > 0 && e->file != NULL)
			filter_output(f, opts[i], paths[i], append);
	}
}

static enum seen_scope
scope_arg(const struct filter *f, const char *arg)
{
	if (strcmp(arg, "task") == 0)
		return SEEN_TASK;
	if (strcmp(arg, "run") == 0)
		return SEEN_RUN;
	if (strcmp(arg, "none") != 0)
		filter_usage(
		    f, "--dedupe: \"%s\" is not task, run or none", arg);
	return SEEN_NONE;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "debug", no_argument, NULL, DEBUG },
		{ "meta", no_argument, NULL, META },
		{ "rejects", required_argument, NULL, REJECTS },
		{ "dedupe", required_argument, NULL, DEDUPE },
		{ "against", required_argument, NULL, AGAINST },
		{ "append", required_argument, NULL, APPEND },
		{ "progress", no_argument, NULL, PROGRESS },
		{ "total", required_argument, NULL, TOTAL },
		{ "summary", required_argument, NULL, SUMMARY },
		FILTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct emit e = { .rejects_fd = -1 };
	struct filter f = { .tool = "tg-emit",
		.usage = usage,
		.serve = serve,
		.serve_bad = 1,
		.ctx = &e };
	static char **earlier; /* static: may be held at an exit */
	size_t i, nearlier = 0;
	int ch, status;

	io_start();
	earlier = mem_array(NULL, (size_t)argc + 1, sizeof *earlier);
	while ((ch = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (ch) {
		case DEBUG:
			e.debug = 1;
			break;
		case META:
			e.meta = 1;
			break;
		case REJECTS:
			e.rejects = optarg;
			break;
		case DEDUPE:
			e.seen.scope = scope_arg(&f, optarg);
			break;
		case AGAINST:
			earlier[nearlier++] = optarg;
			break;
		case APPEND:
			e.file = optarg;
			break;
		case PROGRESS:
			e.show_progress = 1;
			f.tick = tick;
			break;
		case TOTAL:
			e.expected = filter_int(&f, "--total", 0, 1LL << 60);
			break;
		case SUMMARY:
			e.summary = optarg;
			break;
		default:
			filter_option(&f, ch);
		}
	}
	filter_tty(&f, argv + optind);
	progress_init(&e.progress, f.tool);
	check_outputs(&f, &e, argv + optind, earlier, nearlier);
	if (e.file != NULL)
		open_append(&f, &e);
	for (i = 0; i < nearlier; i++)
		read_earlier(&f, &e, earlier[i]);
	if (e.file != NULL)
		read_earlier(&f, &e, e.file);
	free(earlier);
	if (e.rejects != NULL)
		e.rejects_fd = create(&f, e.rejects);
	status = filter_run(&f, argv + optind);
	if (e.file != NULL && append_close(&e.append) == -1)
		die(&f, e.file);
	if (e.rejects != NULL && close(e.rejects_fd) == -1)
		die(&f, e.rejects);
	report(&f, &e);
	if (e.summary != NULL)
		write_summary(&f, &e);
	if (status == TG_EX_OK && e.errors.total > 0)
		status = TG_EX_SOME;
	tally_free(&e.rejected);
	tally_free(&e.errors);
	seen_free(&e.seen);
	buf_free(&e.out);
	return status;
}
