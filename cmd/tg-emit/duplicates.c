/* duplicates: knows the pairs of this run and of earlier output */
#include "duplicates.h"

#include <errno.h>

#include "io/io.h"
#include "io/lines.h"
#include "json/escaped.h"
#include "json/find.h"
#include "json/string.h"

enum { WARN_MAX = 5 };

/* Raw values from a record, or from the meta of earlier output. */
struct origin {
	struct span task, language, code_language, tgt_code_language, prompt;
};

static void
add0(struct duplicates *s, struct span string)
{
	buf_add0(&s->name, esc_of(string, &s->mem));
}

/* Write the name of the scope of a text to s->name, and return it. */
static struct span
scope_name(struct duplicates *s, const struct origin *o, int by_prompt)
{
	s->name.n = 0;
	if (s->scope == DUPLICATES_RUN) {
		buf_addc(&s->name, 'r');
	} else if (by_prompt) {
		buf_addc(&s->name, 'p');
		add0(s, o->prompt);
	} else {
		buf_addc(&s->name, 't');
		add0(s, o->task);
		add0(s, o->language);
		add0(s, o->code_language);
		add0(s, o->tgt_code_language);
	}
	return buf_span(&s->name);
}

/* Make the keys of the texts of a pair; return whether one was noted before. */
static int
find_keys(struct duplicates *s, const struct origin *o, int by_prompt,
    const struct span text[2], struct keyset_key k[2])
{
	struct span name = scope_name(s, o, by_prompt);

	k[1] = keyset_key(name, 'p', text[1]);
	keyset_soon(&s->keys, k[1]);
	k[0] = keyset_key(name, 'q', text[0]);
	keyset_soon(&s->keys, k[0]);
	return keyset_find(&s->keys, k[1]) || keyset_find(&s->keys, k[0]);
}

/* Return query and positive as one text, borrowed from scratch space. */
static struct span
join(struct duplicates *s, const struct span text[2])
{
	buf_clear(&s->both);
	buf_add0(&s->both, text[0]);
	buf_addspan(&s->both, text[1]);
	return buf_span(&s->both);
}

static int
note(struct duplicates *s, const struct origin *o, const struct triplet *t)
{
	int by_prompt = s->scope != DUPLICATES_RUN && !js_is_string(o->task);
	struct keyset_key k[2], other[2];
	struct span text[2];

	arena_reset(&s->mem);
	text[0] = esc_trim(esc_of(t->query, &s->mem));
	text[1] = esc_trim(esc_of(t->first, &s->mem));
	if (s->scope == DUPLICATES_PAIR)
		text[0] = text[1] = join(s, text);
	if (find_keys(s, o, by_prompt, text, k))
		return 0;
	if (s->by_prompt && !by_prompt && find_keys(s, o, 1, text, other))
		return 0;
	s->by_prompt |= by_prompt;
	keyset_add(&s->keys, k[0]);
	if (s->scope != DUPLICATES_PAIR)
		keyset_add(&s->keys, k[1]);
	return 1;
}

int
duplicates_note(
    struct duplicates *s, const struct rec *r, const struct triplet *t)
{
	const struct origin o = {
		.task = rec_tg(r, "task"),
		.language = rec_tg(r, "language"),
		.code_language = rec_tg(r, "code_language"),
		.tgt_code_language = rec_tg(r, "tgt_code_language"),
		.prompt = t->prompt,
	};

	return s->scope == DUPLICATES_NONE || note(s, &o, t);
}

/* Note the pair in a line of earlier output; return NULL, or what is wrong. */
static const char *
earlier_line(struct duplicates *s, struct rec *r, struct span line)
{
	struct span meta;
	struct triplet t;
	struct origin o;
	const char *why;

	if (rec_read(r, line, &why) == -1)
		return why;
	if (span_is(rec_get(r, "rejected"), "true"))
		return NULL; /* a rejected pair of a --debug run */
	t = triplet_of(r);
	if ((why = triplet_wrong(&t)) != NULL)
		return why;
	meta = rec_get(r, "meta");
	o = (struct origin){
		.task = js_find(meta, "task"),
		.language = js_find(meta, "language"),
		.code_language = js_find(meta, "code_language"),
		.tgt_code_language = js_find(meta, "tgt_code_language"),
		.prompt = t.prompt,
	};
	s->earlier++;
	if (s->scope != DUPLICATES_NONE)
		note(s, &o, &t);
	return NULL;
}

int
duplicates_read(struct duplicates *s, const char *file, size_t max_line)
{
	const char *const files[] = { file, NULL };
	struct rec r = { 0 };
	struct lines in;
	struct span line;
	size_t bytes, bad = 0;
	enum lines_got got;
	const char *why;
	int error = 0;

	lines_init(&in, files, max_line);
	while ((got = lines_next(&in, &line, &bytes)) != LINES_END) {
		if (got == LINES_MORE) {
			if (lines_fill(&in) == 0)
				continue;
			error = errno;
			break;
		}
		why = got == LINES_LONG ? "line too long"
					: earlier_line(s, &r, line);
		if (why == NULL)
			continue;
		if (in.eof && in.buf.n > 0 && in.at == in.buf.n &&
		    in.buf.p[in.buf.n - 1] != '\n')
			why = "the last line is torn";
		if (bad++ < WARN_MAX)
			io_warn("%s:%zu: skipped, %s", file, in.lineno, why);
	}
	if (bad > WARN_MAX)
		io_warn("%s: %zu lines skipped in all", file, bad);
	rec_free(&r);
	lines_free(&in);
	errno = error;
	return error != 0 ? -1 : 0;
}

void
duplicates_free(struct duplicates *s)
{
	keyset_free(&s->keys);
	buf_free(&s->name);
	buf_free(&s->both);
	arena_free(&s->mem);
}
