/* tg-prompt - stamp records with their task and attach what to ask the LLM */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doc.h"
#include "examples.h"
#include "filter.h"
#include "io.h"
#include "prompt.h"
#include "task.h"
#include "text.h"

static const char usage[] =
    "usage: tg-prompt generate | judge | negatives [-t task] [-l language]\n"
    "           [-c code-language] [-T tgt-code-language] [-e examples]\n"
    "           [-k num-examples] [--examples-per-run] [--seed N] [--tasks "
    "FILE]\n"
    "           [--text-field NAME] [--code-language-field NAME] [--retry]\n"
    "           [--max-line BYTES] [file ...]\n"
    "       tg-prompt --list [--tasks FILE]\n"
    "       tg-prompt --languages\n"
    "\n"
    "Attach to each record the request that tg-llm is to send next.\n"
    "  generate    new records: name the task, ask for its first step;\n"
    "              answered ones with a step left: ask for that step\n"
    "  judge       pairs: ask whether query and positive belong together\n"
    "  negatives   pairs without negatives: ask for a hard negative\n"
    "\n"
    "  -t, --task TASK               task of records that name none in "
    "tg.task\n"
    "  -l, --language LANG           natural language, en unless given\n"
    "  -c, --code-language LANG      code language, python unless given\n"
    "  -T, --tgt-code-language LANG  what to translate to; drawn unless given\n"
    "  -e, --examples FILE           few-shot pool of {\"input\",\"output\"}\n"
    "  -k, --num-examples N          examples a prompt, 3 unless given\n"
    "      --examples-per-run        the same examples in every prompt\n"
    "      --seed N                  of all draws, 0 unless given\n"
    "      --tasks FILE              add or replace catalogue rows "
    "($TG_TASKS)\n"
    "      --text-field NAME         member that holds the code, \"text\"\n"
    "      --code-language-field NAME  member that names its language\n"
    "      --retry                   take ended records as new again\n"
    "      --list                    print the catalogue, one row a line\n"
    "      --languages               print the code languages, one a line\n"
    "      --max-line BYTES          longest line taken, 64 MiB\n"
    "      --help, --version\n"
    "\n"
    "Example: tg-prompt generate -t code_summary_retrieval < code.jsonl |\n"
    "             jq -r '.tg.request.messages[0].content' | less\n";

enum {
	PER_RUN = OPT_OWN,
	SEED,
	TASKS,
	TEXT_FIELD,
	LANGUAGE_FIELD,
	RETRY,
	LIST,
	LANGUAGES
};
enum { MAX_EXAMPLES = 100 };

/* The last key that was made, and of what. */
struct key_memo {
	const struct task *task; /* NULL: none yet */
	struct buf languages;
	char hex[SHA256_HEX];
};

/* The last head of a prompt, and of what. */
struct head_memo {
	const struct task *task; /* NULL: none yet */
	int step;
	const char *language, *code_language, *target; /* names */
	struct buf text;
};

struct prompt {
	const struct catalogue *catalogue;
	const struct task *task;   /* -t, or NULL */
	const char *language;      /* keys */
	const char *code_language; /* NULL: not given */
	const char *target;        /* NULL: not given */
	const char *text_field, *language_field;
	struct examples *pool;
	int k, per_run, retry;
	long long seed;
	struct buf request; /* of the record at hand */
	struct buf scratch;
	struct key_memo key;
	struct head_memo head;
};

/* The members that name things are texts where they are given: 0 or -1. */
static int
well_typed(struct filter *f, struct rec *r)
{
	static const char *const names[] = { "task", "language",
		"code_language", "tgt_code_language", "field", NULL };
	struct span v;
	int i;

	for (i = 0; names[i] != NULL; i++) {
		v = rec_tg(r, names[i]);
		if (js_is_there(v) && !js_is_string(v)) {
			rec_error(r, f->tool, "bad_member",
			    "member \"tg.%s\" is not a text", names[i]);
			return -1;
		}
	}
	return 0;
}

/* Set a tg member unless it has this value already: bytes stay if they can. */
static void
stamp(struct rec *r, const char *key, struct span value)
{
	struct span old = rec_tg_str(r, key);

	if (old.p == NULL || !span_eq(old, value))
		rec_tg_puts(r, key, value);
}

/* The record's word for a language: its own in tg, else the field asked for. */
static struct span
code_language_word(struct rec *r, const struct prompt *p)
{
	struct span word = rec_tg_str(r, "code_language"), field;

	if (word.p != NULL)
		return word;
	if (p->language_field == NULL)
		return (struct span){ NULL, 0 };
	field = rec_get(r, p->language_field);
	if (field.p != NULL && !js_is_there(field))
		return span_of("");
	/* what is no text is no language either, and said to be unknown */
	if (field.p != NULL && !js_is_string(field))
		return field;
	return js_string(field, &r->mem);
}

/* Stamp language, code_language and, where needed, the target: 0 or -1. */
static int
stamp_languages(
    struct filter *f, struct rec *r, const struct task *t, struct span id)
{
	const struct prompt *p = f->ctx;
	struct span language = rec_tg_str(r, "language");
	struct span code = code_language_word(r, p);
	struct span target = rec_tg_str(r, "tgt_code_language");
	const char *key, *own;

	key = language.p ? language_key(p->catalogue, language) : p->language;
	if (key == NULL) {
		rec_error(r, f->tool, "unknown_language",
		    "language \"%.*s\" is unknown", (int)language.n,
		    language.p);
		return -1;
	}
	stamp(r, "language", span_of(key));

	if (code.p != NULL)
		own = code_language_key(p->catalogue, code);
	else if (p->code_language != NULL)
		own = p->code_language;
	else
		own = task_allows(t, "python") ? "python" : t->languages[0];
	if (own == NULL) {
		rec_error(r, f->tool, "unknown_code_language",
		    "code language \"%.*s\" is unknown", (int)code.n, code.p);
		return -1;
	}
	if (!task_allows(t, own)) {
		rec_error(r, f->tool, "code_language_not_allowed",
		    "task %s takes no %s", t->name,
		    code_language_name(p->catalogue, own));
		return -1;
	}
	stamp(r, "code_language", span_of(own));

	if (!t->needs_target)
		return 0;
	if (target.p != NULL)
		key = code_language_key(p->catalogue, target);
	else if (p->target != NULL)
		key = p->target;
	else
		key = code_language_partner(
		    p->catalogue, own, hash_draw(p->seed, id, "target"));
	if (key == NULL || *key == '\0' || strcmp(key, own) == 0) {
		rec_error(r, f->tool, "no_target",
		    "task %s needs a target code language other than %s; see "
		    "-T",
		    t->name, *own ? own : "none");
		return -1;
	}
	stamp(r, "tgt_code_language", span_of(key));
	return 0;
}

static void
make_key(struct rec *r, const struct prompt *p, const struct task *t,
    struct span languages, char hex[SHA256_HEX])
{
	struct hash *h = hash_new();
	char num[64];

	hash_add0(h, span_of("tg-key-1"));
	hash_add0(h, span_of(t->sha));
	hash_add0(h, span_of(PROMPT_VERSION));
	hash_add(h, languages);
	snprintf(num, sizeof num, "%lld %d %d", p->seed, p->k, p->per_run);
	hash_add0(h, span_of(num));
	hash_add0(h, span_of(examples_sha(p->pool)));
	if (t->needs_similar)
		hash_add0(h, doc_similar(r));
	hash_end(h, hex);
}

/*
 * What decided the requests, as one hash. Most records have that of the record
 * before them, which is kept: it takes 1 us to make, of 5 for the whole record.
 */
static void
stamp_key(struct rec *r, struct prompt *p, const struct task *t)
{
	static const char *const members[] = { "language", "code_language",
		"tgt_code_language" };
	struct key_memo *m = &p->key;
	struct buf *b = &p->scratch;
	size_t i;

	b->n = 0;
	for (i = 0; i < sizeof members / sizeof *members; i++) {
		buf_addspan(b, rec_tg_str(r, members[i]));
		buf_addc(b, '\0');
	}
	if (t->needs_similar || t != m->task ||
	    !span_eq(buf_span(b), buf_span(&m->languages))) {
		make_key(r, p, t, buf_span(b), m->hex);
		m->task = t;
		m->languages.n = 0;
		buf_addspan(&m->languages, buf_span(b));
	}
	stamp(r, "key", span_of(m->hex));
}

/*
 * Begin the request of a record, up to where its one user message goes: it is
 * made in its place, as esc has texts, for it is long and was copied thrice.
 */
static struct buf *
begin_request(struct prompt *p, enum rec_kind kind, int step)
{
	struct buf *b = &p->request;

	b->n = 0;
	buf_adds(b, "{\"kind\":\"");
	buf_adds(b, rec_kind_name(kind));
	buf_adds(b, "\",\"step\":");
	buf_addc(b, (char)('0' + step));
	buf_adds(b, ",\"messages\":[{\"role\":\"user\",\"content\":\"");
	return b;
}

/* Attach it; the buffer stays as it is until the record is written. */
static void
attach_request(struct rec *r, struct prompt *p, const char *params)
{
	buf_adds(&p->request, "\"}],\"params\":");
	buf_adds(&p->request, params);
	buf_addc(&p->request, '}');
	rec_tg_put(r, "request", buf_span(&p->request));
}

/* The same for most documents, it is kept: it takes 0.5 us to make. */
static struct span
head_of(
    struct prompt *p, const struct task *t, int step, const struct values *v)
{
	struct head_memo *m = &p->head;

	if (m->task != t || m->step != step || m->language != v->language.p ||
	    m->code_language != v->code_language.p ||
	    m->target != v->tgt_code_language.p) {
		m->task = t;
		m->step = step;
		m->language = v->language.p;
		m->code_language = v->code_language.p;
		m->target = v->tgt_code_language.p;
		m->text.n = 0;
		prompt_head(&m->text, t, step, v);
	}
	return buf_span(&m->text);
}

static void
ask_step(struct filter *f, struct rec *r, const struct task *t, int step)
{
	struct prompt *p = f->ctx;
	const struct example *drawn[MAX_EXAMPLES];
	struct span id = rec_tg_str(r, "id"), bad;
	struct buf *b = begin_request(p, REC_GENERATE, step + 1);
	struct values v;
	int n = 0;

	doc_values(r, p->catalogue, &v);
	if (t->steps[step].examples)
		n = examples_draw(p->pool, span_of(t->name), p->seed,
		    p->per_run ? span_of("") : id, p->k, drawn);
	buf_addspan(b, head_of(p, t, step, &v));
	if (prompt_document(b, t, step, &v, drawn, n, &bad) == -1) {
		rec_error(r, f->tool, "missing_value",
		    "task %s needs \"%.*s\", which the record lacks", t->name,
		    (int)bad.n, bad.p);
		return;
	}
	attach_request(r, p, "{}");
}

/* A record with neither task nor pair becomes one that is asked. */
static void
generate_new(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	const struct task *t;
	struct span text, field;
	char id[MD5_HEX];
	struct span hex;

	if (well_typed(f, r) == -1)
		return;
	if (rec_tg_str(r, "task").p == NULL && p->task != NULL)
		stamp(r, "task", span_of(p->task->name));
	if ((t = doc_task(r, p->catalogue, f->tool)) == NULL)
		return;
	if (rec_tg_str(r, "field").p == NULL)
		stamp(r, "field", span_of(p->text_field));
	text = doc_text(r);
	if (text_trim(text).n == 0) {
		field = rec_tg_str(r, "field");
		rec_error(r, f->tool, "no_text",
		    "member \"%.*s\" %s; --text-field names another",
		    (int)(field.n < 100 ? field.n : 100), field.p,
		    text.p ? "is empty" : "is missing or not a text");
		return;
	}
	if (t->needs_similar && text_trim(doc_similar(r)).n == 0) {
		rec_error(r, f->tool, "no_similar",
		    "task %s compares two codes, and member \"similar\" is not "
		    "a list of texts",
		    t->name);
		return;
	}
	hash_md5(text, id);
	hex = (struct span){ arena_dup(&r->mem, id, 32), 32 };
	/* a zero-step record comes by again in a pipeline of all strategies */
	if (t->nsteps == 0 && rec_tg_str(r, "key").p != NULL &&
	    span_eq(rec_tg_str(r, "id"), hex))
		return;
	stamp(r, "id", hex);
	if (stamp_languages(f, r, t, hex) == -1)
		return;
	stamp_key(r, p, t);
	/* outputs without an answer are left over from an earlier try */
	rec_tg_del(r, "out");
	if (t->nsteps > 0)
		ask_step(f, r, t, 0);
}

static void
generate_next(struct filter *f, struct rec *r)
{
	const struct prompt *p = f->ctx;
	const struct task *t;
	int step;

	if (!rec_answered(r, REC_GENERATE, &step) ||
	    (t = doc_task(r, p->catalogue, f->tool)) == NULL ||
	    step >= t->nsteps)
		return;
	if (step < 1) {
		rec_error(r, f->tool, "bad_step",
		    "the response is of step %d, and steps count from 1", step);
		return;
	}
	if (doc_take_output(r, f->tool).p != NULL)
		ask_step(f, r, t, step);
}

/*
 * Make an ended record new: only what the user gave stays. What came as a
 * pair, without a text of its own, is a pair again.
 */
static void
retry(struct rec *r)
{
	static const char *const made[] = { "error", "rejected", "request",
		"response", "out", "parts", "judge", "log", "key", "model",
		"cached", NULL };
	static const char *const pair[] = { "prompt", "query", "pos", "neg",
		NULL };
	int i;

	if (rec_tg(r, "raw").p != NULL)
		return; /* it never was a record */
	for (i = 0; made[i] != NULL; i++)
		rec_tg_del(r, made[i]);
	if (rec_tg(r, "id").p == NULL || !js_is_there(rec_tg(r, "pair")))
		return;
	for (i = 0; pair[i] != NULL; i++)
		rec_del(r, pair[i]);
	rec_tg_del(r, "pair");
}

static enum filter_did
generate(struct filter *f, struct rec *r)
{
	const struct prompt *p = f->ctx;

	if (p->retry && rec_state(r) == REC_ENDED)
		retry(r);
	if (rec_state(r) == REC_NEW)
		generate_new(f, r);
	else
		generate_next(f, r);
	return FILTER_PASS;
}

/*
 * The task of a pair, and its query and positive. A pair that comes from
 * elsewhere gets task and languages here. NULL if the record is none, or was
 * ended in error.
 */
static const struct task *
pair_of(struct filter *f, struct rec *r, struct span *query, struct span *pos)
{
	const struct prompt *p = f->ctx;
	const struct task *t;

	if (well_typed(f, r) == -1)
		return NULL;
	if (rec_tg_str(r, "task").p == NULL && p->task != NULL)
		stamp(r, "task", span_of(p->task->name));
	rec_tg_put(r, "pair", span_of("true"));
	if ((t = doc_task(r, p->catalogue, f->tool)) == NULL)
		return NULL;
	if (doc_pair(r, query, pos) == -1) {
		rec_error(r, f->tool, "bad_pair",
		    "query is not a text, or pos not a list of texts");
		return NULL;
	}
	if (rec_tg_str(r, "language").p == NULL &&
	    stamp_languages(f, r, t, rec_str(r, "query")) == -1)
		return NULL;
	if (rec_get(r, "prompt").p == NULL) {
		struct buf b = { 0 };
		struct values v;

		doc_values(r, p->catalogue, &v);
		buf_addc(&b, '"');
		prompt_prose(&b, t->instruction, &v);
		buf_addc(&b, '"');
		rec_put(r, "prompt", rec_hold(r, &b));
		buf_free(&b);
	}
	return t;
}

static enum filter_did
judge(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	struct span query, pos;
	const struct task *t;
	struct values v;

	if (rec_state(r) != REC_PAIRED || js_is_there(rec_tg(r, "judge")))
		return FILTER_PASS;
	t = catalogue_find(p->catalogue, rec_tg_str(r, "task"));
	if (t != NULL && !t->judged)
		return FILTER_PASS;
	if ((t = pair_of(f, r, &query, &pos)) == NULL || !t->judged)
		return FILTER_PASS;
	doc_values(r, p->catalogue, &v);
	prompt_judge(begin_request(p, REC_JUDGE, 1), t, &v, query, pos);
	/* one digit: a handful of tokens, and no chance in it */
	attach_request(r, p,
	    "{\"max_tokens\":8,\"temperature\":0,"
	    "\"choice\":[\"0\",\"1\",\"2\"]}");
	return FILTER_PASS;
}

static int
has_negatives(const struct rec *r)
{
	struct span neg = rec_get(r, "neg");

	/* data from elsewhere may hold a single text instead of a list */
	return js_count(neg) > 0 || (js_is_string(neg) && neg.n > 2);
}

static enum filter_did
negatives(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	struct span query, pos;
	const struct task *t;
	struct values v;

	if (rec_state(r) != REC_PAIRED || has_negatives(r) ||
	    (t = pair_of(f, r, &query, &pos)) == NULL)
		return FILTER_PASS;
	doc_values(r, p->catalogue, &v);
	prompt_negatives(begin_request(p, REC_NEGATIVES, 1), t, &v, query, pos);
	attach_request(r, p, "{}");
	return FILTER_PASS;
}

static int
print_list(const struct filter *f, const struct catalogue *c, int list)
{
	struct buf b = { 0 };
	size_t i;

	if (list == LANGUAGES)
		catalogue_print_languages(c, &b);
	else
		for (i = 0; catalogue_at(c, i) != NULL; i++)
			catalogue_print(c, i, &b);
	if (io_write(STDOUT_FILENO, buf_span(&b)) == -1)
		io_die_stdout(f->tool);
	io_close_stdout(f->tool);
	buf_free(&b);
	return TG_EX_OK;
}

static int
pick_subcommand(struct filter *f, const char *name)
{
	if (name == NULL)
		return -1;
	if (strcmp(name, "generate") == 0)
		f->serve = generate;
	else if (strcmp(name, "judge") == 0)
		f->serve = judge;
	else if (strcmp(name, "negatives") == 0)
		f->serve = negatives;
	else
		return -1;
	return 0;
}

/* Names as given on the command line, to be looked up in the catalogue. */
struct names {
	const char *task, *language, *code_language, *target, *examples, *tasks;
	int list; /* LIST, LANGUAGES or 0 */
};

static void
look_up(struct filter *f, struct prompt *p, const struct names *n)
{
	const char *why;

	if (n->task != NULL &&
	    (p->task = catalogue_find(p->catalogue, span_of(n->task))) == NULL)
		filter_usage(f,
		    "-t: no task \"%s\" (tg-prompt --list has them)", n->task);
	p->language = language_key(p->catalogue, span_of(n->language));
	if (p->language == NULL)
		filter_usage(f, "-l: language \"%s\" is unknown", n->language);
	if (n->code_language != NULL &&
	    (p->code_language = code_language_key(
		 p->catalogue, span_of(n->code_language))) == NULL)
		filter_usage(
		    f, "-c: code language \"%s\" is unknown", n->code_language);
	if (n->target != NULL && (p->target = code_language_key(p->catalogue,
				      span_of(n->target))) == NULL)
		filter_usage(
		    f, "-T: code language \"%s\" is unknown", n->target);
	if (p->task != NULL && p->code_language != NULL &&
	    !task_allows(p->task, p->code_language))
		filter_usage(f, "-c: task %s takes no %s", p->task->name,
		    code_language_name(p->catalogue, p->code_language));
	if (p->task != NULL && p->task->needs_target && p->target != NULL &&
	    p->code_language != NULL &&
	    strcmp(p->target, p->code_language) == 0)
		filter_usage(f, "-T: is the code language itself");
	if (n->examples != NULL &&
	    (p->pool = examples_new(n->examples, &why)) == NULL) {
		io_warn(f->tool, "-e: %s", why);
		exit(TG_EX_USAGE);
	}
}

static void
parse(
    struct filter *f, struct prompt *p, struct names *n, int argc, char **argv)
{
	static const struct option options[] = {
		{ "task", required_argument, NULL, 't' },
		{ "language", required_argument, NULL, 'l' },
		{ "code-language", required_argument, NULL, 'c' },
		{ "tgt-code-language", required_argument, NULL, 'T' },
		{ "examples", required_argument, NULL, 'e' },
		{ "num-examples", required_argument, NULL, 'k' },
		{ "examples-per-run", no_argument, NULL, PER_RUN },
		{ "seed", required_argument, NULL, SEED },
		{ "tasks", required_argument, NULL, TASKS },
		{ "text-field", required_argument, NULL, TEXT_FIELD },
		{ "code-language-field", required_argument, NULL,
		    LANGUAGE_FIELD },
		{ "retry", no_argument, NULL, RETRY },
		{ "list", no_argument, NULL, LIST },
		{ "languages", no_argument, NULL, LANGUAGES },
		FILTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	while ((ch = getopt_long(argc, argv, "t:l:c:T:e:k:", options, NULL)) !=
	       -1) {
		switch (ch) {
		case 't':
			n->task = optarg;
			break;
		case 'l':
			n->language = optarg;
			break;
		case 'c':
			n->code_language = optarg;
			break;
		case 'T':
			n->target = optarg;
			break;
		case 'e':
			n->examples = optarg;
			break;
		case 'k':
			p->k = (int)filter_int(f, "-k", 0, MAX_EXAMPLES);
			break;
		case PER_RUN:
			p->per_run = 1;
			break;
		case SEED:
			p->seed = filter_int(f, "--seed", INT64_MIN, INT64_MAX);
			break;
		case TASKS:
			n->tasks = optarg;
			break;
		case TEXT_FIELD:
			p->text_field = optarg;
			break;
		case LANGUAGE_FIELD:
			p->language_field = optarg;
			break;
		case RETRY:
			p->retry = 1;
			break;
		case LIST:
		case LANGUAGES:
			n->list = ch;
			break;
		default:
			filter_option(f, ch);
		}
	}
}

int
main(int argc, char *argv[])
{
	struct prompt p = { .text_field = "text", .k = 3 };
	struct filter f = { .tool = "tg-prompt", .usage = usage, .ctx = &p };
	struct names n = { .language = "en", .tasks = getenv("TG_TASKS") };
	struct catalogue *c;
	const char *why;
	int status;

	parse(&f, &p, &n, argc, argv);
	if (!n.list && pick_subcommand(&f, argv[optind]) == -1)
		filter_usage(&f, "say generate, judge or negatives first");
	if ((c = catalogue_new(n.tasks, &why)) == NULL) {
		io_warn(f.tool, "%s", why);
		return TG_EX_USAGE;
	}
	p.catalogue = c;
	if (n.list) {
		status = print_list(&f, c, n.list);
	} else {
		look_up(&f, &p, &n);
		filter_tty(&f, argv + optind + 1);
		status = filter_run(&f, argv + optind + 1);
	}
	buf_free(&p.request);
	buf_free(&p.scratch);
	buf_free(&p.key.languages);
	buf_free(&p.head.text);
	examples_free(p.pool);
	catalogue_free(c);
	return status;
}
