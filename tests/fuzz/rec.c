/*
 * rec: a record is read, edited at random and written. What comes out is, to
 * jansson, the record with those edits; what was not touched is the same bytes.
 */
#include "record/rec.h"

#include <jansson.h>
#include <openssl/evp.h>

#include "fuzz.h"
#include "json/scan.h"

enum { EDITS = 6, SIZE = 4096 }; /* a record; its bytes */

/* The keys that were set or deleted, at top level and under tg. */
struct edits {
	char *keys[EDITS + 1]; /* room for "tg" */
	size_t n;
};

static int
touched(const struct edits *e, struct span key)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (span_is(key, e->keys[i]))
			return 1;
	return 0;
}

static json_t *
parse(struct span s)
{
	return json_loadb(s.p, s.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

/* A key to edit: one that is there, or not; NULL if it cannot be asked for. */
static char *
some_key(struct rec *r, const struct js_members *m)
{
	static const char *const fresh[] = { "n", "new", "request", "a\"\n\\",
		"\xc3\xa4", "" };
	struct span key;

	if (m->n > 0 && fuzz_below(4) > 0)
		key = m->v[fuzz_below(m->n)].key;
	else
		key = span_of(fresh[fuzz_below(sizeof fresh / sizeof *fresh)]);
	if (memchr(key.p, '\0', key.n) != NULL)
		return NULL;
	return arena_dup(&r->mem, key.p, key.n);
}

static void
edit(struct rec *r, json_t *model, struct edits *top, struct edits *tg)
{
	static const char *const jsons[] = { "1", "null", "\"\\u00e4\"", "[ 1 ]",
		"{\"a\":{}}", "\"\"", "-0.5e3" };
	int below = fuzz_below(2) > 0, del = fuzz_below(3) == 0;
	struct edits *e = below ? tg : top;
	char *key = some_key(r, below ? &r->tg : &r->top);
	struct span json =
	    span_of(jsons[fuzz_below(sizeof jsons / sizeof *jsons)]);
	json_t *o = model;

	if (key == NULL || (!below && strcmp(key, "tg") == 0))
		return;
	e->keys[e->n++] = key;
	if (below && !del)
		rec_tg_put(r, key, json);
	else if (below)
		rec_tg_del(r, key);
	else if (!del)
		rec_put(r, key, json);
	else
		rec_del(r, key);
	CHECK(span_eq(below ? rec_tg(r, key) : rec_get(r, key),
		  del ? (struct span){ NULL, 0 } : json),
	    "an edit is not seen");
	if (model == NULL)
		return;
	if (below && (o = json_object_get(model, "tg")) == NULL && !del)
		json_object_set_new(model, "tg", o = json_object());
	if (del)
		json_object_del(o, key);
	else
		json_object_set_new(o, key, parse(json));
}

/* Does a member of the object that was stand in the one that is? */
static const struct js_member *
member(const struct js_members *m, struct span key)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (span_eq(m->v[i].key, key))
			return &m->v[i];
	return NULL;
}

/*
 * The members in the order they had, new ones behind; the untouched with their
 * bytes, and the bytes between two that were neighbours and are.
 */
static void
compare(const struct js_members *was, const struct js_members *is,
    const struct edits *e)
{
	const struct js_member *old, *new, *last_old = NULL, *last_new = NULL;
	size_t i, k = 0;
	ptrdiff_t gap;

	for (i = 0; i < was->n; i++) {
		old = &was->v[i];
		new = member(is, old->key);
		CHECK(new != NULL || touched(e, old->key), "a member is lost");
		if (new == NULL)
			continue;
		CHECK(new == &is->v[k++], "the order is another");
		CHECK(touched(e, old->key) || span_eq(old->val, new->val),
		    "an untouched value is changed");
		if (i > 0 && last_old == old - 1) {
			gap = old->start - last_old->end;
			CHECK(new->start - last_new->end == gap &&
				memcmp(old->start - gap, new->start - gap,
				    (size_t)gap) == 0,
			    "bytes between members are changed");
		}
		last_old = old;
		last_new = new;
	}
	for (; k < is->n; k++)
		CHECK(touched(e, is->v[k].key), "a member from nowhere");
}

/* The members as they are on reading, before edits move what points there. */
static struct js_members
copy(const struct js_members *m, struct arena *mem)
{
	struct js_members c = { arena_get(mem, (m->n + 1) * sizeof *m->v), m->n,
		m->n };
	size_t i;

	for (i = 0; i < m->n; i++) {
		c.v[i] = m->v[i];
		c.v[i].key.p = arena_dup(mem, m->v[i].key.p, m->v[i].key.n);
	}
	return c;
}

static void
good(struct rec *r, struct span line)
{
	struct arena mem = { 0 };
	struct js_members top_was = copy(&r->top, &mem),
			  tg_was = copy(&r->tg, &mem);
	struct edits top = { 0 }, tg = { 0 };
	json_t *model = parse(line), *got;
	struct rec again = { 0 };
	struct buf out = { 0 };
	const char *why = "", *p;
	size_t i, n = fuzz_below(EDITS + 1);
	struct span was_tg = rec_get(r, "tg");

	for (i = 0; i < n; i++)
		edit(r, model, &top, &tg);
	rec_write(r, &out);
	CHECK(out.p[out.n - 1] == '\n', "no newline");
	out.n--;
	CHECK(n > 0 || span_eq(buf_span(&out), line), "nothing is edited");
	CHECK(rec_read(&again, buf_span(&out), &why) == 0, "%s", why);
	got = parse(buf_span(&out));
	CHECK(model == NULL || json_equal(got, model), "%.*s", (int)out.n,
	    out.p);
	json_decref(got);
	json_decref(model);
	if (tg.n > 0) {
		compare(&tg_was, &again.tg, &tg);
		top.keys[top.n++] = arena_dup(&mem, "tg", 2);
	}
	compare(&top_was, &again.top, &top);
	CHECK(tg.n > 0 || span_eq(was_tg, rec_get(&again, "tg")),
	    "tg is untouched");
	/* around the object */
	p = memchr(line.p, '{', line.n);
	CHECK(memcmp(line.p, out.p, (size_t)(p - line.p) + 1) == 0, "before");
	p = memrchr(line.p, '}', line.n);
	i = (size_t)(line.p + line.n - p);
	CHECK(memcmp(p, out.p + out.n - i, i) == 0, "behind");
	rec_free(&again);
	arena_free(&mem);
	buf_free(&out);
}

static void
bad(struct span line, const char *why)
{
	struct buf out = { 0 }, raw = { 0 };
	struct rec r = { 0 };
	struct span s;
	size_t n = line.n < REC_RAW_MAX ? line.n : REC_RAW_MAX;
	json_t *got;

	rec_bad_line(&out, "bad_record", why, 1, line, line.n);
	out.n--;
	CHECK(rec_read(&r, buf_span(&out), &why) == 0, "%s", why);
	CHECK(rec_state(&r) == REC_ENDED, "it is not ended");
	CHECK((got = parse(buf_span(&out))) != NULL, "no JSON");
	json_decref(got);
	s = rec_tg_str(&r, "raw");
	buf_need(&raw, s.n + 1);
	CHECK(EVP_DecodeBlock((unsigned char *)raw.p,
		  (const unsigned char *)s.p, (int)s.n) >= (int)n &&
		memcmp(raw.p, line.p, n) == 0,
	    "raw is something else");
	CHECK(s.n == (n + 2) / 3 * 4, "raw has %zu bytes", s.n);
	rec_free(&r);
	buf_free(&out);
	buf_free(&raw);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span line = { (const char *)data, n };
	uint64_t seed = fuzz_seed;
	struct rec r = { 0 };
	const char *why = "";
	size_t i;
	int round;

	if (n == 0 || n > SIZE)
		return 0;
	fuzz_input = line;
	/* the edits depend on nothing but the input */
	fuzz_seed = 14695981039346656037u;
	for (i = 0; i < n; i++)
		fuzz_seed = (fuzz_seed ^ data[i]) * 1099511628211u;
	for (round = 0; round < 4; round++) {
		fuzz_seed |= 1;
		if (rec_read(&r, line, &why) == -1) {
			bad(line, why);
			break;
		}
		rec_state(&r);
		rec_kind(&r, "request");
		rec_step(&r, "request");
		rec_answered(&r, REC_JUDGE);
		rec_answer(&r);
		good(&r, line);
	}
	rec_free(&r);
	fuzz_seed = seed;
	return 0;
}
