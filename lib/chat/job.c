/* job: the samples of a job, which of them are good, and which are kept */
#include "chat/job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/io.h"
#include "json/find.h"
#include "llm/embed.h"
#include "llm/marks.h"

enum { FINISH_SHOWN = 60 }; /* bytes of a finish_reason that a message shows */

void
job_finish(struct jobs *js, struct chat_job *j)
{
	STAILQ_INSERT_TAIL(&js->done, j, next);
	if (j->claimed) {
		responses_unclaim(js->answers, j->cache_key);
		j->claimed = 0;
	}
}

void
job_fail(struct chat_job *j, const char *code, long status, const char *message)
{
	if (j->code != NULL)
		return;
	snprintf(j->message, sizeof j->message, "%s", message);
	j->code = code;
	j->status = status;
}

static int
says_nothing(const struct jobs *js, const struct reply_choice *s)
{
	struct span t = s->text;

	if (t.p != NULL && !js->o->keep_thinking)
		t = marks_strip(t, NULL);
	return t.p == NULL || text_trim(t).n == 0;
}

int
job_is_cut_off(const struct jobs *js, const struct reply_choice *s)
{
	return !s->refused && reply_finish(s) == FINISH_LENGTH &&
	       says_nothing(js, s);
}

/*
 * Return whether a choice is worth a place in the cache. One that says nothing
 * is asked for again, of a judge with more tokens.
 */
static int
is_kept(const struct jobs *js, const struct chat_job *j,
    const struct reply_choice *s)
{
	enum reply_finish end = reply_finish(s);

	if (end == FINISH_ABORT)
		return 0;
	if (s->refused || !says_nothing(js, s))
		return 1;
	return !s->reasoned && (end == FINISH_FILTER ||
				   (end == FINISH_LENGTH && !j->length_ok));
}

/* Faults of a sample: error codes, and messages. */
enum fault {
	NO_FAULT,
	REFUSAL,
	FILTERED,
	TRUNCATED,
	ABORTED,
	UNKNOWN_END,
	BROKEN,
	TOOL_CALL,
	ONLY_REASONING,
	EMPTY,
};
static const char *const faults[][2] = {
	[REFUSAL] = { "refusal", "the model refused" },
	[FILTERED] = { "content_filter",
	    "the service's content filter took it" },
	[TRUNCATED] = { "truncated",
	    "the answer reached the token limit; a larger --max-tokens allows "
	    "more (in tg-run behind --, of a judge with --judge-opts)" },
	[ABORTED] = { "aborted", "the server aborted the answer" },
	[UNKNOWN_END] = { "unknown_finish",
	    "the answer ends for a reason that tg-llm does not know, so a part "
	    "of it may be missing: finish_reason " },
	[BROKEN] = { "broken_text",
	    "the answer is no Unicode text: it holds half of a character" },
	[TOOL_CALL] = { "tool_call",
	    "the model calls a tool instead of answering" },
	[ONLY_REASONING] = { "only_reasoning",
	    "the model reasons and then answers nothing: raise --max-tokens "
	    "(of a judge in tg-run: with --judge-opts), or turn its reasoning "
	    "off with --extra-body, see tg-llm(1)" },
	[EMPTY] = { "empty_answer", "the answer is empty" },
};

const char *
job_why_empty(
    const struct jobs *js, const struct reply *r, const char **message)
{
	const struct reply_choice *s;
	enum fault fault = EMPTY;
	enum reply_finish end;

	for (s = r->choices; s < r->choices + r->nchoices; s++) {
		end = reply_finish(s);
		if (s->refused || end == FINISH_LENGTH ||
		    end == FINISH_FILTER || end == FINISH_REFUSAL ||
		    !says_nothing(js, s))
			return NULL;
		if (s->broken)
			fault = BROKEN;
	}
	*message = faults[fault][1];
	return faults[fault][0];
}

/* Take the marks off the text of a sample, and return the sample's fault. */
static enum fault
find_fault(
    const struct jobs *js, const struct chat_job *j, struct reply_choice *s)
{
	static const enum fault ends[] = { [FINISH_STOP] = NO_FAULT,
		[FINISH_LENGTH] = TRUNCATED,
		[FINISH_FILTER] = FILTERED,
		[FINISH_REFUSAL] = REFUSAL,
		[FINISH_ABORT] = ABORTED,
		[FINISH_TOOL] = TOOL_CALL,
		[FINISH_UNKNOWN] = UNKNOWN_END };
	enum fault end = s->refused ? REFUSAL : ends[reply_finish(s)];
	int reasoned = 0;

	s->whole = s->text;
	if (!js->o->keep_thinking && s->text.p != NULL)
		s->text = marks_strip(s->text, &reasoned);
	if (end != NO_FAULT && end != TRUNCATED)
		return end;
	if (s->broken)
		return BROKEN;
	if (s->text.p != NULL && text_trim(s->text).n > 0)
		return j->length_ok ? NO_FAULT : end;
	if (s->reasoned || reasoned)
		return ONLY_REASONING;
	return end == TRUNCATED ? TRUNCATED : EMPTY;
}

/* Fail a job for the fault of a sample. */
static void
fail_for(struct chat_job *j, enum fault fault, const struct reply_choice *s)
{
	struct buf b = { 0 };

	buf_adds(&b, faults[fault][1]);
	if (fault == UNKNOWN_END)
		text_printable(&b, s->finish_reason, FINISH_SHOWN);
	job_fail(j, faults[fault][0], 0, buf_cstr(&b));
	buf_free(&b);
}

void
job_conclude(struct jobs *js, struct chat_job *j)
{
	enum fault fault, first = EMPTY;
	struct sample *s, *bad = NULL;

	/*
	 * some good samples will do, unless a later run can get them all;
	 * vectors are of no use unless each text has its own
	 */
	if (j->code == NULL || strcmp(j->code, "stopped") != 0) {
		j->choices =
		    arena_get(&j->mem, (size_t)j->want * sizeof *j->choices);
		for (s = j->samples + j->skip; s < j->samples + j->want; s++) {
			if (!s->have)
				continue;
			fault = find_fault(js, j, &s->choice);
			if (fault == NO_FAULT)
				j->choices[j->nchoices++] = s->choice;
			else if (bad == NULL) {
				first = fault;
				bad = s;
			}
		}
		if (j->texts != NULL ? j->nchoices == j->want : j->nchoices > 0)
			j->code = NULL;
		else
			fail_for(j, first, bad ? &bad->choice : NULL);
	}
	job_finish(js, j);
}

void
job_gather(struct chat_job *j)
{
	struct buf b = { 0 };
	int i;

	if (j->texts == NULL)
		return;
	buf_addc(&b, '[');
	for (i = 0; i < j->want; i++) {
		if (j->samples[i].have)
			continue;
		if (b.n > 1)
			buf_addc(&b, ',');
		buf_addspan(&b, j->texts[i]);
	}
	buf_addc(&b, ']');
	j->ask.messages = (struct span){ arena_dup(&j->mem, b.p, b.n), b.n };
	buf_free(&b);
}

int
job_scores(const struct chat_job *j)
{
	return j->ask.query.p != NULL ? (int)js_count(j->ask.messages) : 0;
}

int
job_has_words(const struct chat_job *j)
{
	return j->texts == NULL && j->ask.query.p == NULL;
}

int
job_has_parts(const struct chat_job *j, int n)
{
	return j->texts != NULL ? n > 1 : job_scores(j) > 1;
}

int
job_missing(const struct chat_job *j)
{
	int i, n = 0;

	for (i = 0; i < j->want; i++)
		n += !j->samples[i].have;
	return n;
}

/* Return the key that sample i of a job has in the cache, and its *number. */
static const char *
sample_key(const struct chat_job *j, int i, int *number)
{
	*number = j->keys != NULL ? 0 : i;
	return j->keys != NULL ? j->keys[i] : j->cache_key;
}

/*
 * Return whether an answer from the cache is of the form that a job needs. A
 * vector has to be like those before it.
 */
static int
fits(struct jobs *js, const struct chat_job *j, struct span text)
{
	size_t n;

	if (j->ask.query.p != NULL)
		return rescore_is_list(text, job_scores(j));
	if (j->texts == NULL)
		return 1;
	n = embed_decode(text, NULL);
	if (js->dims == 0)
		js->dims = n;
	return n > 0 && n == js->dims;
}

int
job_read_cache(struct jobs *js, struct chat_job *j)
{
	struct buf b = { 0 };
	struct span held;
	const char *key;
	struct sample *s;
	int i, number, n = 0;

	for (i = 0; i < j->want; i++) {
		s = &j->samples[i];
		key = sample_key(j, i, &number);
		buf_clear(&b);
		if (s->have || !responses_get(js->answers, key, number, &b))
			continue;
		held = (struct span){ arena_dup(&j->mem, b.p, b.n), b.n };
		s->have = reply_choice_read(held, &j->mem, &s->choice) == 0 &&
			  is_kept(js, j, &s->choice) &&
			  fits(js, j, s->choice.text);
		n += s->have;
	}
	buf_free(&b);
	j->cached += n;
	return n;
}

int
job_fill(struct jobs *js, struct chat_job *j, int i,
    const struct reply_choice *choice)
{
	struct buf b = { 0 };
	const char *key;
	int number;

	if (j->samples[i].have)
		return 0;
	j->samples[i].have = 1;
	j->samples[i].choice = *choice;
	if (!j->keep_reasoning)
		j->samples[i].choice.reasoning = (struct span){ NULL, 0 };
	if (js->answers == NULL || !is_kept(js, j, choice))
		return 1;
	if (!js->o->cache_read_only) {
		reply_choice_write(&b, &j->samples[i].choice, 1);
		key = sample_key(j, i, &number);
		responses_add(js->answers, key, number, buf_span(&b));
		buf_free(&b);
	} else if (!js->warned_read_only++) {
		io_warn("%s: read only; new answers are not stored there",
		    js->o->cache);
	}
	return 1;
}

void
job_store(struct jobs *js)
{
	if (js->answers == NULL || responses_write(js->answers) == 0)
		return;
	js->write_failed = 1;
	session_halt(js->session, "%s: cannot store an answer: %s",
	    js->o->cache, strerror(errno));
}

void
chat_job_add(struct chat_job *sum, const struct chat_job *other)
{
	struct chat_used *all = &sum->used;

	sum->attempts += other->attempts;
	sum->cached += other->cached;
	all->prompt_tokens += other->used.prompt_tokens;
	all->completion_tokens += other->used.completion_tokens;
	all->cached_tokens += other->used.cached_tokens;
	if (sum->latency_ms < other->latency_ms)
		sum->latency_ms = other->latency_ms;
}
