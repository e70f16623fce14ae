/* job: the samples of a job, which of them are good, and which are kept */
#include "chat/chat-in.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/io.h"

void
chat_job_finish(struct chat *c, struct chat_job *j)
{
	j->next = NULL;
	*c->done_tail = j;
	c->done_tail = &j->next;
	if (j->claimed) {
		responses_unclaim(c->answers, j->cache_key);
		j->claimed = 0;
	}
}

void
chat_job_fails(
    struct chat_job *j, const char *code, long status, const char *fmt, ...)
{
	va_list ap;

	if (j->code != NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(j->message, sizeof j->message, fmt, ap);
	va_end(ap);
	j->code = code;
	j->status = status;
}

static int
says_nothing(const struct chat *c, const struct reply_choice *s)
{
	struct span t = s->text;

	if (t.p != NULL && !c->o.keep_thinking)
		t = text_unthink(t);
	return t.p == NULL || text_trim(t).n == 0;
}

int
chat_is_cut_off(const struct chat *c, const struct reply_choice *s)
{
	return !s->refused && reply_finish(s) == FINISH_LENGTH &&
	       says_nothing(c, s);
}

int
chat_is_empty(const struct chat *c, const struct reply_choice *s)
{
	enum reply_finish end = reply_finish(s);

	return !s->refused && end != FINISH_LENGTH && end != FINISH_FILTER &&
	       says_nothing(c, s);
}

/*
 * What says nothing was not worth its money: it may be asked again. A judge
 * may get more tokens then.
 */
int
chat_is_kept(const struct chat *c, const struct chat_job *j,
    const struct reply_choice *s)
{
	if (reply_finish(s) == FINISH_ABORT || chat_is_empty(c, s) ||
	    (j->length_ok && chat_is_cut_off(c, s)))
		return 0;
	return !s->reasoned || s->refused || !says_nothing(c, s);
}

/* Why a sample is of no use, NULL if it is good. Takes off its thinking. */
static const char *
bad_sample(
    const struct chat *c, const struct chat_job *j, struct reply_choice *s)
{
	enum reply_finish end = reply_finish(s);
	size_t all = s->text.n;

	if (!c->o.keep_thinking && s->text.p != NULL)
		s->text = text_unthink(s->text);
	if (s->refused)
		return "refusal";
	if (end == FINISH_FILTER)
		return "content_filter";
	if (end == FINISH_ABORT)
		return "aborted";
	if (s->text.p != NULL && text_trim(s->text).n > 0)
		return end == FINISH_LENGTH && !j->length_ok ? "truncated"
							     : NULL;
	if (end == FINISH_TOOL)
		return "tool_call";
	if (s->reasoned || s->text.n < all)
		return "only_reasoning";
	return end == FINISH_LENGTH ? "truncated" : "empty_answer";
}

const char *
chat_in_words(const char *code)
{
	static const char *const words[][2] = {
		{ "refusal", "the model refused" },
		{ "content_filter", "the service's content filter took it" },
		{ "truncated", "the answer reached the token limit; see "
			       "--max-tokens (of a judge in tg-run: with "
			       "--judge-opts)" },
		{ "aborted", "the server aborted the answer" },
		{ "tool_call", "the model calls a tool and answers nothing" },
		{ "only_reasoning",
		    "the model reasons and then answers nothing: raise "
		    "--max-tokens (of a judge in tg-run: with --judge-opts), "
		    "or turn its reasoning off with --extra-body, see "
		    "tg-llm(1)" },
		{ "empty_answer", "the answer is empty" },
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i][0], code) == 0)
			return words[i][1];
	return code;
}

/* All calls of a job are back: keep its good samples. */
void
chat_job_concludes(struct chat *c, struct chat_job *j)
{
	const char *bad, *first_bad = NULL;
	int i;

	/* some good samples will do, unless a later run is to get them all */
	if (j->code == NULL || strcmp(j->code, "stopped") != 0) {
		j->choices =
		    arena_get(&j->mem, (size_t)j->want * sizeof *j->choices);
		for (i = 0; i < j->want; i++) {
			if (!j->samples[i].have)
				continue;
			bad = bad_sample(c, j, &j->samples[i].choice);
			if (bad == NULL)
				j->choices[j->nchoices++] =
				    j->samples[i].choice;
			else if (first_bad == NULL)
				first_bad = bad;
		}
		if (j->nchoices > 0)
			j->code = NULL;
		else
			chat_job_fails(j,
			    first_bad ? first_bad : "empty_answer", 0, "%s",
			    chat_in_words(
				first_bad ? first_bad : "empty_answer"));
	}
	chat_job_finish(c, j);
}

int
chat_job_missing(const struct chat_job *j)
{
	int i, n = 0;

	for (i = 0; i < j->want; i++)
		n += !j->samples[i].have;
	return n;
}

void
call_keep(struct chat *c, struct chat_job *j, int i)
{
	struct buf b = { 0 };

	if (c->answers == NULL || !chat_is_kept(c, j, &j->samples[i].choice))
		return;
	if (c->o.cache_read_only) {
		if (!c->said_unkept++)
			io_warn(c->o.tool,
			    "%s: read only; new answers are not stored there",
			    c->o.cache);
		return;
	}
	reply_choice_write(&b, &j->samples[i].choice);
	responses_add(c->answers, j->cache_key, i, buf_span(&b));
	buf_free(&b);
}

void
call_store(struct chat *c)
{
	if (c->answers == NULL || responses_write(c->answers) == 0 ||
	    c->cache_errno != 0)
		return;
	c->cache_errno = errno;
	chat_halt(c, "%s: cannot store an answer: %s", c->o.cache,
	    strerror(errno));
}
