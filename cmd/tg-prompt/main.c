/* tg-prompt - stamp records with their task and attach the next request */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/text.h"
#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "candidates.h"
#include "list.h"
#include "options.h"
#include "prompt.h"
#include "record/judged.h"
#include "record/triplet.h"
#include "retry.h"
#include "text-field.h"
#include "task/document.h"
#include "task/language.h"

/* Return the head of a prompt. It takes 0.5 us to make, so the last is kept. */
static struct span
head_of(
    struct prompt *p, const struct task *t, int step, const struct values *v)
{
	struct head_memo *m = &p->head;
	const char *const languages[] = { v->of[VALUE_LANGUAGE].p,
		v->of[VALUE_CODE_LANGUAGE].p,
		v->of[VALUE_TGT_CODE_LANGUAGE].p };

	if (t->naxes > 0 || m->task != t || m->step != step ||
	    memcmp(m->languages, languages, sizeof languages) != 0) {
		m->task = t;
		m->step = step;
		memcpy(m->languages, languages, sizeof languages);
		m->text.n = 0;
		prompt_head(&m->text, t, step, v);
	}
	return buf_span(&m->text);
}

static void
ask_step(struct filter *f, struct rec *r, const struct task *t, int step)
{
	struct prompt *p = f->ctx;
	const struct example *drawn[PROMPT_EXAMPLES];
	struct example_wish wish;
	struct span bad;
	char first[40] = "";
	struct values v;
	struct buf *b;
	int n = 0;

	/* another draw never takes the cached answer of the same prompt */
	if (stamp_draw(r) > 0)
		snprintf(first, sizeof first, ",\"first\":%d", stamp_draw(r));
	b = request_begin(p, r, REC_GENERATE, step + 1, first);
	document_values(r, t, &v);
	if (t->steps[step].examples && p->o.pool != NULL) {
		wish = stamp_wish(&p->stamps, r, t);
		n = examples_draw(p->o.pool, &wish, p->o.k, drawn);
	}
	buf_addspan(b, head_of(p, t, step, &v));
	if (prompt_document(b, t, step, &v, drawn, n, &bad) == -1) {
		rec_error(r, "missing_value",
		    "task %s needs \"%.*s\", which the record lacks", t->name,
		    (int)bad.n, bad.p);
		return;
	}
	request_attach(p, r, "{}");
}

/* Stamp a new record and attach the request of its first step. */
static void
generate_new(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	const struct task *t;
	struct span text, field;
	char id[MD5_HEX];
	struct span hex;

	if (stamp_task(&p->stamps, r) == -1)
		return;
	if ((t = document_task(r, p->o.catalogue)) == NULL)
		return;
	if (rec_tg_str(r, "field").p == NULL)
		stamp(r, "field", span_of(text_field(&p->o, r)));
	text = document_text(r);
	if (text_trim(text).n == 0) {
		field = rec_tg_str(r, "field");
		rec_error(r, "no_text",
		    "member \"%.*s\" %s; --text-field names another",
		    (int)(field.n < 100 ? field.n : 100), field.p,
		    text.p ? "is empty" : "is missing or not a text");
		return;
	}
	if (t->needs_similar && text_trim(document_similar(r)).n == 0) {
		rec_error(r, "no_similar",
		    "task %s compares two codes, and member \"similar\" is not "
		    "a list of texts",
		    t->name);
		return;
	}
	hash_md5(text, id);
	hex = (struct span){ arena_dup(&r->mem, id, 32), 32 };
	/* a pipeline of all strategies shows a zero-step record twice */
	if (t->nsteps == 0 && rec_tg_str(r, "key").p != NULL &&
	    span_eq(rec_tg_str(r, "id"), hex))
		return;
	stamp(r, "id", hex);
	if (stamp_languages(&p->stamps, r, t, hex) == -1)
		return;
	stamp_vary(&p->stamps, r, t);
	stamp_key(&p->stamps, r, t);
	/* an earlier try has left outputs without an answer */
	rec_tg_del(r, "out");
	if (t->nsteps > 0)
		ask_step(f, r, t, 0);
}

static void
generate_next(struct filter *f, struct rec *r)
{
	const struct prompt *p = f->ctx;
	const struct task *t;
	int step = rec_step(r, "response");

	if (!rec_answered(r, REC_GENERATE) ||
	    (t = document_task(r, p->o.catalogue)) == NULL || step >= t->nsteps)
		return;
	if (step < 1) {
		rec_error(r, "bad_step",
		    "the response is of step %d, and steps count from 1", step);
		return;
	}
	if (document_take_output(r, t).p != NULL)
		ask_step(f, r, t, step);
}

/*
 * Give a new record its number among those of its document, unless it has one.
 * Return whether another one follows.
 */
static enum filter_did
number_draw(const struct filter *f, struct rec *r)
{
	const struct prompt *p = f->ctx;
	struct buf b = { 0 };

	if (p->o.draws == 1 || js_is_there(rec_tg(r, "draw")))
		return FILTER_PASS;
	buf_fmt(&b, "%zu", f->turn);
	rec_tg_put(r, "draw", rec_hold(r, &b));
	return f->turn + 1 < (size_t)p->o.draws ? FILTER_AGAIN : FILTER_PASS;
}

/*
 * Take secrets out of a record, also of the query that a mirror without one
 * notes: 0, or -1 after rejecting it.
 */
static int
serve_secrets(struct prompt *p, struct rec *r, enum rec_state state)
{
	struct span mirror = rec_tg(r, "mirror"), old, query;
	const char *field = text_field(&p->o, r);
	struct buf b = { 0 };
	int status;

	if (state != REC_TURNED)
		return secrets_serve(&p->secrets, r, field);
	old = js_find(mirror, "query");
	rec_put(r, "query", old);
	status = secrets_serve(&p->secrets, r, field);
	query = rec_get(r, "query");
	rec_del(r, "query");
	buf_add(&b, mirror.p, (size_t)(old.p - mirror.p));
	buf_addspan(&b, query);
	buf_add(&b, span_end(old), (size_t)(span_end(mirror) - span_end(old)));
	rec_tg_put(r, "mirror", rec_hold(r, &b));
	return status;
}

static enum filter_did
generate_record(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	enum filter_did did = FILTER_PASS;
	enum rec_state state;

	if (p->o.retry && rec_state(r) == REC_ENDED)
		retry_record(r);
	else if (p->o.replay)
		retry_cached(r);
	state = rec_state(r);
	if (state == REC_NEW)
		did = number_draw(f, r);
	if ((state == REC_NEW || state == REC_PAIRED || state == REC_TURNED) &&
	    p->o.secrets != REDACT_KEEP && serve_secrets(p, r, state) == -1)
		return did;
	if (state == REC_NEW)
		generate_new(f, r);
	else
		generate_next(f, r);
	return did;
}

/*
 * Return the parameters of a question to a judge. One digit takes a handful of
 * tokens; a single one must not be drawn, and several are drawn as likely as
 * the model finds them.
 */
static const char *
judge_params(int votes)
{
#define JUDGE_CHOICE ",\"choice\":[\"0\",\"1\",\"2\"]}"
	return votes > 1 ? "{\"max_tokens\":8,\"temperature\":1,\"top_p\":"
			   "1" JUDGE_CHOICE
			 : "{\"max_tokens\":8,\"temperature\":0" JUDGE_CHOICE;
}

static enum filter_did
ask_judge(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	int step =
	    js_is_there(rec_tg(r, "judge_first")) ? JUDGE_SECOND : JUDGE_FIRST;
	struct span query, pos;
	const struct task *t;
	struct values v;
	char n[40] = "";

	if (rec_state(r) != REC_PAIRED || js_is_there(rec_tg(r, "judge")))
		return FILTER_PASS;
	t = catalogue_find(p->o.catalogue, rec_tg_str(r, "task"));
	if (t != NULL && !t->judged)
		return FILTER_PASS;
	if ((t = request_pair(f, r, &query, &pos)) == NULL || !t->judged)
		return FILTER_PASS;
	document_values(r, t, &v);
	if (p->o.votes > 1)
		snprintf(n, sizeof n, ",\"n\":%d", p->o.votes);
	prompt_judge(
	    request_begin(p, r, REC_JUDGE, step, n), t, &v, query, pos);
	request_attach(p, r, judge_params(p->o.votes));
	return FILTER_PASS;
}

/* Append the messages that ask about the candidates in their present order. */
static void
add_messages(struct buf *b, const struct candidates *c, const struct task *t,
    const struct values *v, struct span query, struct rec *r)
{
	struct span *documents = arena_get(&r->mem, c->n * sizeof *documents);
	size_t i;

	for (i = 0; i < c->n; i++)
		documents[i] = c->texts[c->order[i]];
	buf_adds(b, "\"messages\":[{\"role\":\"user\",\"content\":\"");
	prompt_verify(b, t, v, query, documents, c->n);
	buf_adds(b, "\"}]");
}

static void
add_order(struct buf *b, const struct candidates *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		buf_fmt(b, "%s%d", i > 0 ? "," : "[", c->order[i]);
	buf_addc(b, ']');
}

/* Attach the request that asks about the candidates in one order or two. */
static void
ask_candidates(struct prompt *p, struct rec *r, const struct task *t,
    struct candidates *c, struct span query)
{
	struct buf *b = &p->request, orders = { 0 };
	int again = retry_count(r, REC_VERIFY);
	struct values v;

	document_values(r, t, &v);
	b->n = 0;
	buf_adds(b, "{\"kind\":\"verify\",\"step\":1,");
	if (again > 0)
		buf_fmt(b, "\"again\":%d,", again);
	add_order(&orders, c);
	if (p->o.orders == 1) {
		add_messages(b, c, t, &v, query, r);
	} else {
		buf_adds(b, "\"ways\":[{");
		add_messages(b, c, t, &v, query, r);
		candidates_turn(c);
		buf_addc(&orders, ',');
		add_order(&orders, c);
		buf_adds(b, "},{");
		add_messages(b, c, t, &v, query, r);
		buf_adds(b, "}]");
	}
	/* a number takes a token or two, and a comma one */
	buf_fmt(b,
	    ",\"orders\":[%s],\"params\":{\"max_tokens\":%zu,"
	    "\"temperature\":0}}",
	    buf_cstr(&orders), 16 + 6 * c->n);
	buf_free(&orders);
	rec_tg_put(r, "request", buf_span(b));
}

/* Ask which of its documents answer the query of a pair with negatives. */
static enum filter_did
ask_verify(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	struct candidates c;
	struct span query, pos;
	const struct task *t;

	if (rec_state(r) != REC_PAIRED || js_is_there(rec_tg(r, "verify")) ||
	    triplet_negatives(rec_get(r, "neg")) +
		    js_count(rec_tg(r, "planted")) ==
		0 ||
	    (t = request_pair(f, r, &query, &pos)) == NULL)
		return FILTER_PASS;
	if (candidates_gather(&c, r, pos, p->o.seed) == -1)
		rec_error(
		    r, "bad_pair", "neg or tg.planted is not a list of texts");
	else
		ask_candidates(p, r, t, &c, query);
	return FILTER_PASS;
}

static int
print_list(const struct prompt_opts *o)
{
	struct buf b = { 0 };

	if (!o->list && !o->json && !o->list_examples)
		language_print(&b);
	else if (o->list_examples)
		examples_print(o->pool,
		    span_of(o->task != NULL ? o->task->name : ""), o->language,
		    &b);
	else if (isatty(STDOUT_FILENO) && !o->json)
		list_table(&b, o->catalogue);
	else
		list_rows(&b, o->catalogue);
	if (io_write(STDOUT_FILENO, buf_span(&b)) == -1)
		io_die_stdout();
	io_close_stdout();
	buf_free(&b);
	return TG_EX_OK;
}

/* Add the counts of languages and secrets to the file of counts. */
static void
add_counts(struct filter *f, struct buf *out)
{
	struct prompt *p = f->ctx;
	struct buf words = { 0 };

	if (f->serve == ask_mirror)
		buf_fmt(out, ",\"mirrors\":%zu", p->mirrors);
	code_language_words(
	    &words, &p->stamps.languages_seen, p->o.code_language != NULL);
	if (words.n > 0) {
		buf_adds(out, ",\"code_languages\":");
		js_quote(out, buf_span(&words));
	}
	buf_free(&words);
	secrets_count(&p->secrets, out);
}

/* Say the counts; a file of counts tells those of languages and secrets. */
static void
say_counts(struct filter *f)
{
	struct prompt *p = f->ctx;
	struct buf words = { 0 };

	if (f->once > 1)
		io_warn("%zu records name no task", f->once);
	if (f->count_file != NULL)
		return;
	code_language_words(
	    &words, &p->stamps.languages_seen, p->o.code_language != NULL);
	if (words.n > 0)
		io_warn("%s", buf_cstr(&words));
	buf_free(&words);
	secrets_say(&p->secrets);
}

/* The functions that serve the subcommands, which are named as the kinds. */
static enum filter_did (*const serve[])(struct filter *, struct rec *) = {
	[REC_GENERATE] = generate_record,
	[REC_JUDGE] = ask_judge,
	[REC_NEGATIVES] = ask_negatives,
	[REC_VERIFY] = ask_verify,
	[REC_MIRROR] = ask_mirror,
};

/* Refuse a first word that is no subcommand; NULL: there is none. */
static _Noreturn void
refuse_command(const char *word)
{
	struct nearest n = { .word = span_of(word != NULL ? word : "") };
	enum rec_kind kind;

	for (kind = 0; kind < sizeof serve / sizeof *serve; kind++)
		nearest_offer(&n, rec_kind_name(kind));
	options_refuse(
	    "say generate, judge, negatives, verify or mirror first%s%s",
	    word != NULL ? ", before files" : "", nearest_hint(&n));
}

int
main(int argc, char *argv[])
{
	static struct prompt p; /* static: it is held at the exit */
	struct filter f = {
		.ctx = &p,
		.counts = add_counts,
		.end = say_counts,
		.once_code = "\"no_task\"",
	};
	enum rec_kind kind;
	char **words;

	p.stamps = (struct stamps){ .o = &p.o };
	words = prompt_opts_parse(&p.o, &f, argc, argv);
	p.secrets.what = p.o.secrets;
	if (p.o.list || p.o.json || p.o.list_examples ||
	    (p.o.languages != NULL && words[0] == NULL))
		return print_list(&p.o);
	for (kind = 0; words[0] != NULL && kind < sizeof serve / sizeof *serve;
	     kind++)
		if (strcmp(words[0], rec_kind_name(kind)) == 0)
			f.serve = serve[kind];
	if (f.serve == NULL)
		refuse_command(words[0]);
	return filter_run(&f, words + 1);
}
