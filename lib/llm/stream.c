/* stream: the completion in a body that is no plain JSON */
#include "llm/stream.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "llm/content.h"

enum { CHOICES_MAX = 1024 }; /* choices of a stream that are read */

/* A choice, put together from the chunks of a stream. */
struct choice {
	struct buf text, reasoning; /* decoded */
	struct buf logprobs;        /* elements of a list, raw */
	struct span finish;         /* raw; p NULL: it has not ended */
	int found;                  /* flag: there was a text */
	int refused, reasoned, broken;
};

/* The documents of a body. */
struct documents {
	struct span first;        /* first document */
	size_t n;                 /* documents so far */
	int chunks;               /* flag: a document has a chunk of a choice */
	int done;                 /* flag: the stream has told its end */
	int failed;               /* flag: a document is an error */
	struct span model, usage; /* raw; p NULL: not told */
	struct choice *v;
	size_t nv;
};

/* Return the place behind the string at p, valid or not; NULL: it has no end.
 */
static const char *
skip_any_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : NULL;
}

/* Return the length of a number at p that JSON does not have; 0: none. */
static size_t
no_number(const char *p, const char *end)
{
	/* JavaScript, Python and C print these */
	static const char *const words[] = { "NaN", "-NaN", "Infinity",
		"-Infinity", "Inf", "-Inf" };
	size_t i, n;

	if (*p == '\0' || strchr("NnIi-", *p) == NULL)
		return 0;
	for (i = 0; i < sizeof words / sizeof *words; i++) {
		n = strlen(words[i]);
		if ((size_t)(end - p) >= n && strncasecmp(p, words[i], n) == 0)
			return n;
	}
	return 0;
}

/*
 * Append the object or list at *p with null for numbers that JSON does not have
 * and false for damaged strings, "" where they are keys, and without the field
 * of an event that continues on the next line. Move *p behind it.
 */
static void
mend_value(struct buf *b, const char **p, const char *end)
{
	static const char field[] = "\ndata:";
	const char *q, *after, *why;
	size_t depth = 0, n;

	do {
		if (**p == '"') {
			if ((q = skip_any_string(*p, end)) == NULL)
				q = end;
			after = js_space(q, end);
			if (js_value(*p, q, 0, &why) == q)
				buf_add(b, *p, (size_t)(q - *p));
			else if (after < end && *after == ':')
				buf_adds(b, "\"\"");
			else
				buf_adds(b, "false");
			*p = q;
			continue;
		}
		n = no_number(*p, end);
		if (n > 0) {
			buf_adds(b, "null");
			*p += n;
			continue;
		}
		n = sizeof field - 1;
		if ((size_t)(end - *p) > n && memcmp(*p, field, n) == 0) {
			*p += n;
			continue;
		}
		depth += **p == '{' || **p == '[';
		depth -= **p == '}' || **p == ']';
		buf_addc(b, *(*p)++);
	} while (*p < end && depth > 0);
}

/* Take the object off the start of *s, mended if need be; p NULL: *why. */
static struct span
take_object(struct span *s, struct arena *mem, const char **why)
{
	const char *end = span_end(*s), *p = s->p, *q;
	struct span v = { NULL, 0 };
	struct buf b = { 0 };

	q = js_value(p, end, 0, why);
	if (q != NULL) {
		v = (struct span){ p, (size_t)(q - p) };
	} else {
		mend_value(&b, &p, end);
		q = js_value(b.p, b.p + b.n, 0, why);
		if (q == b.p + b.n)
			v = (struct span){ arena_dup(mem, b.p, b.n), b.n };
		q = p;
	}
	buf_free(&b);
	*s = (struct span){ q, (size_t)(end - q) };
	return v;
}

/* Return the choice of an index, made if need be; NULL: there are too many. */
static struct choice *
choice_at(struct documents *d, struct span index)
{
	long long i = js_int(index, 0);

	if (i < 0 || i >= CHOICES_MAX)
		return NULL;
	if ((size_t)i >= d->nv) {
		d->v = mem_array(d->v, (size_t)i + 1, sizeof *d->v);
		memset(d->v + d->nv, 0, ((size_t)i + 1 - d->nv) * sizeof *d->v);
		d->nv = (size_t)i + 1;
	}
	return &d->v[i];
}

static void
add_chunk(struct documents *d, struct span one, struct arena *mem)
{
	enum { INDEX, DELTA, MESSAGE, FINISH, LOGPROBS, ERROR, NKEYS };
	static const char *const keys[] = { "index", "delta", "message",
		"finish_reason", "logprobs", "error" };
	struct span v[NKEYS], list, at;
	struct content c;
	struct choice *k;

	js_find_all(one, keys, v, NKEYS);
	if ((k = choice_at(d, v[INDEX])) == NULL)
		return;
	d->chunks |= js_is_object(v[DELTA]);
	d->failed |= content_is_error(v[ERROR]);
	at = js_is_object(v[DELTA]) ? v[DELTA] : v[MESSAGE];
	c = content_read(js_is_object(at) ? at : one, mem);
	/* a whole message takes the place of what has come in parts */
	if (js_is_object(v[MESSAGE]) && c.text.p != NULL)
		buf_clear(&k->text);
	if (c.text.p != NULL)
		buf_addspan(&k->text, c.text);
	if (c.reasoning.p != NULL)
		buf_addspan(&k->reasoning, c.reasoning);
	k->found |= c.text.p != NULL;
	k->refused |= c.refused;
	k->reasoned |= c.reasoned;
	k->broken |= c.broken;
	if (js_is_there(v[FINISH]) && v[FINISH].n > 2)
		k->finish = v[FINISH];
	list = js_find(v[LOGPROBS], "content");
	if (js_count(list) > 0) {
		if (k->logprobs.n > 0)
			buf_addc(&k->logprobs, ',');
		buf_add(&k->logprobs, list.p + 1, list.n - 2);
	}
}

static void
add_document(struct documents *d, struct span doc, struct arena *mem)
{
	enum { CHOICES, MODEL, USAGE, ERROR, OBJECT, TYPE, MESSAGE, NKEYS };
	static const char *const keys[] = { "choices", "model", "usage",
		"error", "object", "type", "message" };
	struct span v[NKEYS], one;
	size_t at = 0;

	if (d->n++ == 0)
		d->first = doc;
	js_find_all(doc, keys, v, NKEYS);
	/* an error may be all of a document, without a member of that name */
	d->failed |= js_is_there(v[ERROR]) || js_is_string(v[MESSAGE]) ||
		     span_is(v[OBJECT], "\"error\"") ||
		     span_is(v[TYPE], "\"error\"");
	if (js_is_string(v[MODEL]))
		d->model = v[MODEL];
	if (js_is_object(v[USAGE]))
		d->usage = v[USAGE];
	while (js_next(v[CHOICES], &at, &one))
		add_chunk(d, one, mem);
}

/* Cut word off the start of *s: 1 if it was there. */
static int
take_prefix(struct span *s, const char *word)
{
	size_t n = strlen(word);

	if (s->n < n || memcmp(s->p, word, n) != 0)
		return 0;
	*s = span_skip(*s, n);
	return 1;
}

/* Skip white space, byte order marks, comments and fields without data. */
static void
skip_rest(struct span *s)
{
	static const char *const fields[] = { ":", "event:", "id:", "retry:" };
	const char *p, *nl;
	size_t i;

	for (;;) {
		p = js_space(s->p, span_end(*s));
		*s = (struct span){ p, (size_t)(span_end(*s) - p) };
		if (take_prefix(s, "\xef\xbb\xbf"))
			continue;
		for (i = 0; i < sizeof fields / sizeof *fields; i++)
			if (take_prefix(s, fields[i]))
				break;
		if (i == sizeof fields / sizeof *fields)
			return;
		nl = memchr(s->p, '\n', s->n);
		p = nl != NULL ? nl : span_end(*s);
		*s = (struct span){ p, (size_t)(span_end(*s) - p) };
	}
}

/* Read all documents of a body: NULL, or why that can't be done. */
static const char *
read_documents(struct documents *d, struct span s, struct arena *mem)
{
	const char *why = NULL;
	struct span doc;

	for (skip_rest(&s); s.n > 0; skip_rest(&s)) {
		if (take_prefix(&s, "data:"))
			continue;
		if (take_prefix(&s, "[DONE]")) {
			d->done = 1;
			continue;
		}
		if (s.p[0] != '{')
			return d->n > 0 ? "more behind the value"
					: "not a value";
		doc = take_object(&s, mem, &why);
		if (doc.p == NULL)
			return why;
		add_document(d, doc, mem);
	}
	return d->n > 0 ? NULL : "a value is missing";
}

/* Append a choice as a plain completion has it. */
static void
write_choice(struct buf *b, const struct choice *k)
{
	buf_adds(b, "{\"message\":{");
	if (k->reasoned) {
		buf_adds(b, "\"reasoning\":");
		js_quote(b, k->reasoning.n > 0 ? buf_span(&k->reasoning)
					       : span_of("..."));
		buf_addc(b, ',');
	}
	buf_adds(b, k->refused ? "\"refusal\":" : "\"content\":");
	if (k->broken)
		buf_adds(b, "false");
	else if (k->found)
		js_quote(b, buf_span(&k->text));
	else
		buf_adds(b, "null");
	buf_adds(b, "},\"finish_reason\":");
	buf_addspan(b, k->finish.p ? k->finish : span_of("null"));
	if (k->logprobs.n > 0) {
		buf_adds(b, ",\"logprobs\":{\"content\":[");
		buf_addspan(b, buf_span(&k->logprobs));
		buf_adds(b, "]}");
	}
	buf_addc(b, '}');
}

/* Put the chunks together: a completion in the arena; p NULL with *why. */
static struct span
put_together(struct documents *d, struct arena *mem, const char **why)
{
	struct span all;
	struct buf b = { 0 };
	size_t i;

	*why = "the event stream ends before its answer does";
	buf_adds(&b, "{\"choices\":[");
	for (i = 0; i < d->nv; i++) {
		if (d->v[i].finish.p == NULL && !d->done)
			break;
		if (i > 0)
			buf_addc(&b, ',');
		write_choice(&b, &d->v[i]);
	}
	buf_adds(&b, "],\"model\":");
	buf_addspan(&b, d->model.p ? d->model : span_of("\"\""));
	buf_adds(&b, ",\"usage\":");
	buf_addspan(&b, d->usage.p ? d->usage : span_of("null"));
	buf_addc(&b, '}');
	all = (struct span){ NULL, 0 };
	if (i == d->nv)
		all = (struct span){ arena_dup(mem, b.p, b.n), b.n };
	buf_free(&b);
	return all;
}

struct span
stream_read(struct span body, struct arena *mem, const char **why)
{
	struct documents d = { 0 };
	struct span all = { NULL, 0 };
	const char *wrong = read_documents(&d, body, mem);
	size_t i;

	if (wrong == NULL && d.failed && (d.n > 1 || d.chunks))
		wrong = "the event stream holds an error";
	if (wrong != NULL)
		*why = wrong;
	else if (d.n == 1 && !d.chunks)
		all = d.first;
	else
		all = put_together(&d, mem, why);
	for (i = 0; i < d.nv; i++) {
		buf_free(&d.v[i].text);
		buf_free(&d.v[i].reasoning);
		buf_free(&d.v[i].logprobs);
	}
	free(d.v);
	return all;
}
