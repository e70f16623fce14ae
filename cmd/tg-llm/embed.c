/* embed: the texts of lines, and their vectors */
#include "embed.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "llm/embed.h"

enum {
	/*
	 * Bytes of a text that is asked alone, as it may be longer than the
	 * model takes, and of all texts of a request.
	 */
	ALONE_BYTES = 4096,
	BATCH_BYTES = 256 * 1024,
	/* letters and digits that make no single token on average */
	CUT_CHARS = 6,
};

void
embed_field(const struct llm_opts *o, struct span *field, struct span *prefix)
{
	size_t n = strcspn(o->embed, "=");

	*field = (struct span){ o->embed, n };
	*prefix = span_of(o->embed + n + (o->embed[n] == '='));
}

void
embed_open(struct embed *e, const struct llm_opts *o)
{
	struct stat st;

	*e = (struct embed){ .o = o };
	embed_field(o, &e->field, &e->prefix);
	if (stat(o->vectors, &st) == 0 && !S_ISREG(st.st_mode))
		options_refuse("--vectors: %s: is no regular file", o->vectors);
	if (vectors_open(&e->out, o->vectors) == -1) {
		io_warn("%s: %s", e->out.temp, io_reason(errno));
		exit(TG_EX_IO);
	}
}

struct span
embed_next(struct rec *r, struct span field, struct span prefix, size_t *at)
{
	const struct span *value = rec_member(&r->top, field.p, field.n);
	struct span text = { NULL, 0 };
	struct buf b = { 0 };

	if (value == NULL)
		return text;
	if (js_is_string(*value) && (*at)++ == 0)
		text = *value;
	else if (js_is_array(*value))
		while (js_next(*value, at, &text) && !js_is_string(text))
			text.p = NULL;
	if (text.p == NULL || !js_is_string(text))
		return (struct span){ NULL, 0 };
	buf_addc(&b, '"');
	js_escape(&b, prefix);
	js_escape(&b, js_string(text, &r->mem));
	buf_addc(&b, '"');
	return rec_hold(r, &b);
}

void
embed_lacks(struct embed *e)
{
	e->rows++;
	e->lacks++;
}

/* Return a new batch with room for n texts. */
static struct embed_batch *
new_batch(size_t n)
{
	struct embed_batch *b = mem_new(sizeof *b);

	b->asked = mem_array(NULL, n, sizeof *b->asked);
	b->texts = mem_array(NULL, n, sizeof *b->texts);
	return b;
}

void
embed_batch_free(struct embed_batch *b)
{
	free(b->asked);
	free(b->texts);
	free(b);
}

/* Add a text to a batch, which has room. */
static void
batch_text(struct embed_batch *b, struct slot *p, size_t row, struct span text)
{
	int i;

	for (i = 0; i < b->job.want && !span_eq(b->asked[i], text);)
		i++;
	b->texts[b->n++] =
	    (struct embed_text){ .slot = p, .row = row, .sample = i };
	if (i < b->job.want)
		return;
	b->asked[b->job.want++] = text;
	b->bytes += text.n;
}

/* Ask for the vectors of a batch. */
static void
ask_batch(struct chat *chat, struct embed_batch *b)
{
	const struct slot *first = b->texts[0].slot;

	b->job.ctx = b;
	b->job.texts = b->asked;
	b->job.kind = "embed";
	b->job.file = first->job.file;
	b->job.lineno = first->job.lineno;
	chat_ask(chat, &b->job);
}

void
embed_flush(struct embed *e, struct chat *chat)
{
	struct embed_batch *b = e->batch;

	e->batch = NULL;
	if (b != NULL)
		ask_batch(chat, b);
}

void
embed_take(struct embed *e, struct chat *chat, struct slot *p)
{
	struct embed_batch *alone;
	struct span text;
	size_t at = 0, most = (size_t)e->o->embed_batch;

	p->texts = 0;
	while ((text = embed_next(&p->rec, e->field, e->prefix, &at)).p) {
		p->texts++;
		if (text.n > ALONE_BYTES) {
			alone = new_batch(1);
			batch_text(alone, p, e->rows++, text);
			ask_batch(chat, alone);
			continue;
		}
		if (e->batch != NULL &&
		    (e->batch->n == most ||
			e->batch->bytes + text.n > BATCH_BYTES))
			embed_flush(e, chat);
		if (e->batch == NULL)
			e->batch = new_batch(most);
		batch_text(e->batch, p, e->rows++, text);
	}
	if (e->batch != NULL && e->batch->n == most)
		embed_flush(e, chat);
}

/* Ask the texts of a batch again, in halves, and free it. */
static void
ask_halves(struct chat *chat, struct embed_batch *b)
{
	size_t i, n = b->n;
	int half = b->job.want / 2;
	struct embed_batch *two[] = { new_batch(n), new_batch(n) };
	const struct embed_text *t;

	for (i = 0; i < n; i++) {
		t = &b->texts[i];
		batch_text(two[t->sample >= half], t->slot, t->row,
		    b->asked[t->sample]);
	}
	chat_job_free(&b->job);
	embed_batch_free(b);
	ask_batch(chat, two[0]);
	ask_batch(chat, two[1]);
}

/*
 * Return whether the tokens that a server has counted are too few for the texts
 * of a batch: it has left out the rest, as it seems.
 */
static int
is_cut(const struct embed_batch *b)
{
	long long tokens = b->job.used.prompt_tokens, chars = 0;
	size_t k;
	int i;

	if (tokens == 0 || b->job.cached > 0)
		return 0;
	for (i = 0; i < b->job.want; i++)
		for (k = 0; k < b->asked[i].n; k++)
			chars += isalnum((unsigned char)b->asked[i].p[k]) != 0;
	return chars > CUT_CHARS * tokens;
}

int
embed_done(struct embed *e, struct chat *chat, struct chat_job *j)
{
	static float floats[EMBED_DIMS_MAX];
	struct embed_batch *b = j->ctx;
	const struct embed_text *t;
	size_t dims;

	if (j->code != NULL && j->want > 1 && strcmp(j->code, "stopped") != 0) {
		ask_halves(chat, b);
		return 0;
	}
	if (j->code != NULL) {
		e->failed += b->n;
		return 1;
	}
	e->cut += is_cut(b) ? b->n : 0;
	for (t = b->texts; t < b->texts + b->n; t++) {
		dims = embed_decode(j->choices[t->sample].text, floats);
		if (vectors_put(&e->out, t->row, floats, dims) == -1)
			chat_stop(chat, "the vectors cannot be written", 0);
	}
	return 1;
}

/* Say what is to be known of the rows. */
static void
tell_rows(const struct embed *e)
{
	const char *file = e->out.file;

	io_warn("%s: %zu row%s of %zu floats", file, e->rows,
	    e->rows == 1 ? "" : "s", e->out.dims);
	if (e->lacks > 0)
		io_warn("%s: %zu row%s of zeros, for lines without a text in "
			"\"%.*s\"",
		    file, e->lacks, e->lacks == 1 ? "" : "s", (int)e->field.n,
		    e->field.p);
	if (e->failed > 0)
		io_warn("%s: %zu row%s of zeros, for texts that have no vector",
		    file, e->failed, e->failed == 1 ? "" : "s");
}

int
embed_close(struct embed *e, int whole)
{
	const char *file = e->out.file;
	int status = TG_EX_OK, is_empty = e->out.dims == 0, error;

	if (e->batch != NULL)
		embed_batch_free(e->batch);
	if (e->cut > 0)
		io_warn("the server has counted so few tokens for %zu text%s "
			"that it seems to have cut them to its limit; see "
			"tg-llm(1), Vectors",
		    e->cut, e->cut == 1 ? "" : "s");
	error = e->out.error;
	if (vectors_close(&e->out, e->rows, whole && error == 0) == -1)
		error = errno;
	if (error != 0) {
		io_warn("%s: %s", file, io_reason(error));
		status = TG_EX_IO;
	} else if (!whole) {
		io_warn("%s: not written, as not every line has been read and "
			"answered%s",
		    file,
		    e->o->chat.cache != NULL
			? "; the same command goes on from the cache"
			: "; with --cache, what was answered would be kept");
	} else if (is_empty) {
		io_warn("%s: not written, as no text has a vector", file);
		status = TG_EX_SOME;
	} else {
		tell_rows(e);
	}
	return status;
}
