/* rec: reads a record, changes its members and writes it */
#include "record/rec.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

struct span *
rec_member(const struct js_members *m, const char *key, size_t n)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].key.n == n && memcmp(m->v[i].key.p, key, n) == 0)
			return &m->v[i].val;
	return NULL;
}

int
rec_read(struct rec *r, struct span line, const char **why)
{
	const char *end = span_end(line), *p = js_space(line.p, end);
	const struct span *tg;

	arena_reset(&r->mem);
	r->line = line;
	r->top.n = r->tg.n = 0;
	r->tg_text = span_of("{}");
	r->edited = r->tg_edited = r->failed = 0;
	if (p == end || *p != '{') {
		/* an error in the JSON is reported first */
		if (p == end || js_text(line, why).p != NULL)
			*why = "not a JSON object";
		return -1;
	}
	p = js_object(p, end, 0, &r->top, &r->mem, "tg", &r->tg, why);
	if (p == NULL)
		return -1;
	if (js_space(p, end) != end) {
		*why = "more behind the object";
		return -1;
	}
	if ((tg = rec_member(&r->top, "tg", 2)) != NULL) {
		if (!js_is_object(*tg)) {
			*why = "member \"tg\" is not an object";
			return -1;
		}
		r->tg_text = *tg;
	}
	return 0;
}

void
rec_free(struct rec *r)
{
	arena_free(&r->mem);
	free(r->top.v);
	free(r->tg.v);
	*r = (struct rec){ 0 };
}

/*
 * Append the object that was text, with its present members m. A member that
 * stayed is copied with the gap before it, from the end of its predecessor: a
 * comma, white space, key and colon. If tg is not NULL, member "tg" is made of
 * the members of that record's tg.
 */
static void
write_object(struct buf *b, const struct js_members *m, struct span text,
    const struct rec *tg)
{
	const char *end = span_end(text);
	const char *from = js_space(text.p, end) + 1, *gap, *comma;
	const struct js_member *e;
	int first = 1;
	size_t i;

	buf_add(b, text.p, (size_t)(from - text.p));
	for (i = 0; i < m->n; i++) {
		e = &m->v[i];
		gap = from;
		if (e->start != NULL)
			from = e->end;
		if (e->val.p == NULL)
			continue;
		if (e->start != NULL) {
			comma = js_space(gap, end);
			if (first && *comma == ',')
				gap = comma + 1;
			buf_add(b, gap, (size_t)(e->start - gap));
		} else {
			if (!first)
				buf_addc(b, ',');
			js_quote(b, e->key);
			buf_addc(b, ':');
		}
		if (tg != NULL && span_is(e->key, "tg"))
			write_object(b, &tg->tg, tg->tg_text, NULL);
		else
			buf_addspan(b, e->val);
		first = 0;
	}
	buf_add(b, from, (size_t)(end - from));
}

void
rec_write(struct rec *r, struct buf *out)
{
	if (r->tg_edited && rec_get(r, "tg").p == NULL)
		rec_put(r, "tg", span_of("{}")); /* makes a place for it */
	buf_need(out, r->line.n + 1);
	if (r->edited || r->tg_edited)
		write_object(out, &r->top, r->line, r->tg_edited ? r : NULL);
	else
		buf_addspan(out, r->line);
	buf_addc(out, '\n');
}

static void
put(struct js_members *m, const char *key, struct span json)
{
	struct span k = span_of(key), *old = rec_member(m, k.p, k.n);

	if (old != NULL)
		*old = json;
	else
		*js_member_new(m) = (struct js_member){ .key = k, .val = json };
}

void
rec_put(struct rec *r, const char *key, struct span json)
{
	put(&r->top, key, json);
	r->edited = 1;
}

void
rec_tg_put(struct rec *r, const char *key, struct span json)
{
	put(&r->tg, key, json);
	r->tg_edited = 1;
}

void
rec_del(struct rec *r, const char *key)
{
	if (rec_get(r, key).p != NULL)
		rec_put(r, key, (struct span){ NULL, 0 });
}

void
rec_tg_del(struct rec *r, const char *key)
{
	if (rec_tg(r, key).p != NULL)
		rec_tg_put(r, key, (struct span){ NULL, 0 });
}

struct span
rec_hold(struct rec *r, struct buf *b)
{
	struct span s = { arena_dup(&r->mem, b->p, b->n), b->n };

	buf_free(b);
	return s;
}

void
rec_tg_puts(struct rec *r, const char *key, struct span s)
{
	struct buf b = { 0 };
	char *quoted;

	if (js_needs_escape(s)) {
		js_quote(&b, s);
		rec_tg_put(r, key, rec_hold(r, &b));
		return;
	}
	/* names and hashes, seven in a record, take 5 % of tg-prompt's time */
	quoted = arena_get(&r->mem, s.n + 2);
	quoted[0] = '"';
	if (s.n > 0)
		memcpy(quoted + 1, s.p, s.n);
	quoted[s.n + 1] = '"';
	rec_tg_put(r, key, (struct span){ quoted, s.n + 2 });
}

static int
has_member(const struct rec *r, const char *key)
{
	return js_is_there(rec_tg(r, key));
}

/* Return whether tg has only what users or tg-mine say of their pairs. */
static int
is_from_elsewhere(const struct rec *r)
{
	static const char *const theirs[] = { "task", "language",
		"code_language", "tgt_code_language", "mined", "planted" };
	size_t i, k, n = sizeof theirs / sizeof *theirs;

	if (rec_get(r, "tg").p != NULL && !js_is_object(rec_get(r, "tg")))
		return 0;
	for (i = 0; i < r->tg.n; i++) {
		for (k = 0; k < n; k++)
			if (span_is(r->tg.v[i].key, theirs[k]))
				break;
		if (k == n && js_is_there(r->tg.v[i].val))
			return 0;
	}
	return 1;
}

enum rec_state
rec_state(const struct rec *r)
{
	if (has_member(r, "error") || has_member(r, "rejected"))
		return REC_ENDED;
	if (has_member(r, "request"))
		return REC_ASKED;
	if (has_member(r, "response"))
		return REC_ANSWERED;
	if (span_is(rec_tg(r, "pair"), "true"))
		return REC_PAIRED;
	if (has_member(r, "parts"))
		return REC_SPLIT;
	if (js_is_there(rec_get(r, "query")) &&
	    js_is_there(rec_get(r, "pos")) && is_from_elsewhere(r))
		return REC_PAIRED;
	if (js_is_string(js_find(rec_tg(r, "mirror"), "query")))
		return REC_TURNED;
	return REC_NEW;
}

static const char *const kind_names[] = { "generate", "judge", "negatives",
	"verify", "mirror", "rescore" };

const char *
rec_kind_name(enum rec_kind k)
{
	return k < REC_NO_KIND ? kind_names[k] : "?";
}

enum rec_kind
rec_kind(const struct rec *r, const char *key)
{
	struct span kind = js_find(rec_tg(r, key), "kind");
	int k;

	if (!js_is_string(kind))
		return REC_NO_KIND;
	kind = (struct span){ kind.p + 1, kind.n - 2 };
	for (k = REC_GENERATE; k < REC_NO_KIND; k++)
		if (span_is(kind, kind_names[k]))
			return k;
	return REC_NO_KIND;
}

int
rec_step(const struct rec *r, const char *key)
{
	return (int)js_int(js_find(rec_tg(r, key), "step"), 1);
}

int
rec_answered(const struct rec *r, enum rec_kind kind)
{
	return rec_state(r) == REC_ANSWERED && rec_kind(r, "response") == kind;
}

struct span
rec_answer(struct rec *r)
{
	struct span choices = js_find(rec_tg(r, "response"), "choices");

	return js_string(js_find(js_at(choices, 0), "text"), &r->mem);
}

/* Append an object that tells why a record has ended, but for its last brace.
 */
static void
add_reason(struct buf *b, const char *code, const char *message)
{
	const char *const members[][2] = { { "{\"tool\":", io_program },
		{ ",\"code\":", code }, { ",\"message\":", message } };
	size_t i;

	for (i = 0; i < 3; i++) {
		buf_adds(b, members[i][0]);
		js_quote_any(b, span_of(members[i][1]));
	}
}

/* Set a member of tg to the reason why the record has ended. */
static void
put_reason(
    struct rec *r, const char *member, const char *code, const char *message)
{
	struct buf b = { 0 };

	add_reason(&b, code, message);
	buf_addc(&b, '}');
	rec_tg_put(r, member, rec_hold(r, &b));
}

void
rec_reject(struct rec *r, const char *code, const char *message)
{
	put_reason(r, "rejected", code, message);
}

int
rec_error(struct rec *r, const char *code, const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	put_reason(r, "error", code, message);
	r->failed = 1;
	return -1;
}

void
rec_bad_line(struct buf *out, const char *code, const char *why, size_t lineno,
    struct span head, size_t bytes)
{
	size_t n = head.n < REC_RAW_MAX ? head.n : REC_RAW_MAX;

	buf_adds(out, "{\"tg\":{\"error\":");
	add_reason(out, code, why);
	buf_fmt(out, ",\"line\":%zu,\"bytes\":%zu},\"raw\":\"", lineno, bytes);
	/* base64 has 4 bytes for each 3 begun; EVP adds a NUL */
	buf_need(out, (n + 2) / 3 * 4 + 1);
	out->n += (size_t)EVP_EncodeBlock((unsigned char *)out->p + out->n,
	    (const unsigned char *)head.p, (int)n);
	buf_adds(out, "\"}}\n");
}
