/* rescore: the scores of a record's documents */
#include "rescore.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/io.h"
#include "json/find.h"
#include "json/string.h"

/* A job that asks for the scores of some documents of a record. */
struct part {
	struct chat_job job;
	struct slot *slot;
	size_t first; /* number of the first document, from 0 */
	size_t n;     /* number of documents */
};

/* The scores of a record, in its memory. */
struct slot_scores {
	struct span *scores; /* raw numbers; p NULL: none so far */
	size_t n;
	size_t pending;   /* jobs that are not finished */
	const char *code; /* code of a refused document; NULL: none is */
	struct span model;
};

const char *
rescore_fault(const struct request_ask *a)
{
	struct span one;
	size_t at = 0;

	if (!js_is_string(a->query) || js_count(a->messages) == 0)
		return "tg.request of kind rescore needs a query, and "
		       "documents";
	while (js_next(a->messages, &at, &one))
		if (!js_is_string(one))
			return "tg.request.documents has to hold strings";
	return NULL;
}

/* Return the most documents that a request has. */
static size_t
most_of(const struct llm_opts *o)
{
	return o->rescore_batch > 0 ? (size_t)o->rescore_batch : SIZE_MAX;
}

int
rescore_ways(const struct request_ask *a, const struct llm_opts *o)
{
	size_t n = js_count(a->messages), most = most_of(o);

	return n == 0 ? 1 : (int)((n - 1) / most + 1);
}

/* Return the list of n elements of a list from the first-th on. */
static struct span
cut_list(struct span list, size_t first, size_t n, struct arena *mem)
{
	struct buf b = { 0 };
	struct span one, made;
	size_t i, at = 0;

	buf_addc(&b, '[');
	for (i = 0; i < first + n && js_next(list, &at, &one); i++) {
		if (i < first)
			continue;
		if (i > first)
			buf_addc(&b, ',');
		buf_addspan(&b, one);
	}
	buf_addc(&b, ']');
	made = (struct span){ arena_dup(mem, b.p, b.n), b.n };
	buf_free(&b);
	return made;
}

void
rescore_narrow(
    struct request_ask *a, const struct llm_opts *o, int way, struct arena *mem)
{
	size_t most = most_of(o);

	if (js_count(a->messages) > most)
		a->messages =
		    cut_list(a->messages, (size_t)way * most, most, mem);
}

/* Ask for the scores of documents, n of a slot's from the first-th on. */
static void
ask_part(struct chat *chat, struct slot *p, const struct chat_job *like,
    size_t first, struct span documents)
{
	struct part *part = mem_new(sizeof *part);

	part->slot = p;
	part->first = first;
	part->n = js_count(documents);
	part->job = (struct chat_job){ .ctx = part,
		.ask = like->ask,
		.want = 1,
		.stored_only = like->stored_only,
		.file = like->file,
		.lineno = like->lineno,
		.kind = like->kind };
	part->job.ask.messages = documents;
	p->scores->pending++;
	chat_ask(chat, &part->job);
}

void
rescore_take(struct llm_opts *o, struct chat *chat, struct slot *p)
{
	struct arena *mem = &p->rec.mem;
	struct span all = request_ask_of(rec_tg(&p->rec, "request")).messages;
	struct slot_scores *s = arena_get(mem, sizeof *s);
	size_t first, n = js_count(all), most = most_of(o);

	*s = (struct slot_scores){ .n = n };
	s->scores = arena_get(mem, n * sizeof *s->scores);
	memset(s->scores, 0, n * sizeof *s->scores);
	p->scores = s;
	/* the first part may be finished before the last is asked */
	s->pending = 1;
	for (first = 0; first < n; first += n - first < most ? n - first : most)
		ask_part(chat, p, &p->job, first,
		    n <= most ? all : cut_list(all, first, most, mem));
	s->pending--;
}

/* Ask for the scores of a refused part in halves. */
static void
ask_halves(struct chat *chat, const struct part *part)
{
	struct slot *p = part->slot;
	struct span all = part->job.ask.messages;
	size_t half = part->n / 2;

	ask_part(chat, p, &part->job, part->first,
	    cut_list(all, 0, half, &p->rec.mem));
	ask_part(chat, p, &part->job, part->first + half,
	    cut_list(all, half, part->n - half, &p->rec.mem));
}

/* Put the scores of an answered part in their places. */
static void
take_scores(struct slot *p, const struct part *part)
{
	const struct reply_choice *c = &part->job.choices[0];
	struct arena *mem = &p->rec.mem;
	struct span one,
	    list = { arena_dup(mem, c->text.p, c->text.n), c->text.n };
	size_t i, at = 0;

	for (i = 0; i < part->n && js_next(list, &at, &one); i++)
		p->scores->scores[part->first + i] = one;
	p->scores->model =
	    (struct span){ arena_dup(mem, c->model.p, c->model.n), c->model.n };
}

/* Note why a part of a job has failed. The first reason stays. */
static void
note_failure(struct chat_job *sum, const struct chat_job *j)
{
	if (sum->message[0] != '\0')
		return;
	memcpy(sum->message, j->message, sizeof sum->message);
	sum->status = j->status;
}

/* Send no more documents in a request than a server takes. */
static void
learn_most(struct llm_opts *o, const struct part *part)
{
	size_t half = (part->n + 1) / 2;

	if (strcmp(part->job.code, "request_too_large") != 0 ||
	    half >= most_of(o))
		return;
	o->rescore_batch = (int)half;
	io_warn("a server refuses %zu documents in a request (%s); %zu at most "
		"from now on",
	    part->n, part->job.message, half);
}

/* Take what the finished job of a part has brought, and ask what follows. */
static void
take_part(struct llm_opts *o, struct chat *chat, struct part *part)
{
	/* refusals that a document, or the number of them, may explain */
	const struct span about_documents = span_of(
	    "bad_request|request_too_large|context_overflow|content_filter");
	struct slot *p = part->slot;
	struct chat_job *j = &part->job, *sum = &p->job;

	if (j->left) {
		sum->left = 1;
	} else if (j->code == NULL) {
		take_scores(p, part);
	} else if (!text_is_one_of(span_of(j->code), about_documents)) {
		if (sum->code == NULL)
			sum->message[0] = '\0';
		note_failure(sum, j);
		/* a stopped job can be asked again */
		if (sum->code == NULL || strcmp(j->code, "stopped") == 0)
			sum->code = j->code;
	} else if (part->n > 1) {
		learn_most(o, part);
		ask_halves(chat, part);
	} else {
		p->scores->code = j->code;
		note_failure(sum, j);
	}
	chat_job_add(sum, j);
}

/* Make the one answer of a record of its scores: none if it has no score. */
static void
put_together(struct slot *p)
{
	struct slot_scores *s = p->scores;
	struct chat_job *sum = &p->job;
	struct buf b = { 0 };
	size_t i, found = 0;

	buf_addc(&b, '[');
	for (i = 0; i < s->n; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		buf_addspan(
		    &b, s->scores[i].p ? s->scores[i] : span_of("null"));
		found += s->scores[i].p != NULL;
	}
	buf_addc(&b, ']');
	if (found == 0 && sum->code == NULL)
		sum->code = s->code;
	sum->choices = arena_get(&p->rec.mem, sizeof *sum->choices);
	sum->choices[0] = (struct reply_choice){ .text = rec_hold(&p->rec, &b),
		.finish_reason = span_of(""),
		.model = s->model };
	sum->nchoices = sum->code == NULL && !sum->left;
}

struct slot *
rescore_done(struct llm_opts *o, struct chat *chat, struct chat_job *j)
{
	struct part *part = j->ctx;
	struct slot *p = part->slot;

	take_part(o, chat, part);
	rescore_drop(j);
	if (--p->scores->pending > 0)
		return NULL;
	put_together(p);
	return p;
}

void
rescore_drop(struct chat_job *j)
{
	chat_job_free(j);
	free(j->ctx);
}
