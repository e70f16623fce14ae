/* entry: entries of the document cache, from records and back */
#include "store/entry.h"

#include <string.h>

#include "json/find.h"
#include "json/string.h"
#include "llm/verdict.h"
#include "record/judged.h"
#include "record/triplet.h"
#include "task/document.h"

/* The members of tg that an entry and its record share. */
static const char *const shared[] = { "task", "language", "code_language",
	"tgt_code_language", "draw", "vary", "out", "model", "judge",
	"judge_first", "mined", "verify", "verified", "rejected" };

void
entry_fingerprint(struct span key, struct span with, char hex[SHA256_HEX])
{
	struct buf b = { 0 };

	buf_add0(&b, key);
	buf_add0(&b, with);
	hash_sha256(buf_span(&b), hex);
	buf_free(&b);
}

int
entry_name(struct rec *r, struct span with, struct store_name *n)
{
	struct span id = rec_tg_str(r, "id"), key = rec_tg_str(r, "key"), text;

	if (!store_is_hex(id, STORE_ID - 1) || key.p == NULL)
		return -1;
	if ((text = document_text(r)).p == NULL)
		return -2;
	memcpy(n->id, id.p, id.n);
	n->id[id.n] = '\0';
	entry_fingerprint(key, with, n->fingerprint);
	hash_sha256(text, n->text_sha256);
	return 0;
}

/* Return whether a pair was rejected for its few negatives alone. */
static int
lacks_negatives(const struct rec *r)
{
	struct span code = js_find(rec_tg(r, "rejected"), "code");

	return span_is(code, "\"few_negatives\"") &&
	       !js_is_there(rec_tg(r, "error"));
}

enum store_kind
entry_kind(const struct rec *r)
{
	enum rec_state state = rec_state(r);
	struct triplet t = triplet_of(r);

	/* a mirror is made of its pair, whose name it has */
	if (judged_undecided(r) || js_is_there(rec_tg(r, "mirror")))
		return STORE_MISS;
	if ((state == REC_PAIRED || lacks_negatives(r)) &&
	    triplet_wrong(&t) == NULL)
		return STORE_PAIR;
	if (state == REC_ENDED && !js_is_there(rec_tg(r, "error")) &&
	    js_is_object(rec_tg(r, "rejected")))
		return STORE_REJECT;
	return STORE_MISS;
}

static void
add_member(struct buf *b, const char *key, struct span v)
{
	if (!js_is_there(v))
		return;
	buf_fmt(b, "\"%s\":", key);
	triplet_flat(b, v);
	buf_addc(b, ',');
}

/* Return whether a raw string stands in another, but for its quotes. */
static int
stands_in(struct span s, struct span in)
{
	return s.n >= 2 && in.p != NULL &&
	       memmem(in.p, in.n, s.p + 1, s.n - 2) != NULL;
}

/*
 * Return whether a pair has an answer that neither query nor positive holds: a
 * negative can be made of that for nothing.
 */
static int
has_more_answers(const struct rec *r)
{
	struct span out = rec_tg(r, "out"), one;
	struct triplet t = triplet_of(r);
	size_t at = 0;

	while (js_next(out, &at, &one))
		if (!stands_in(one, t.query) && !stands_in(one, t.first))
			return 1;
	return 0;
}

/*
 * Return whether an entry has a member of its record. One that is unverified is
 * asked about again.
 */
static int
is_stored(const struct rec *r, const char *name)
{
	if (strcmp(name, "out") == 0)
		return has_more_answers(r);
	if (strcmp(name, "rejected") == 0)
		return !lacks_negatives(r);
	return strcmp(name, "verify") != 0 ||
	       !span_is(rec_tg(r, "verify"), "\"unverified\"");
}

void
entry_write(
    struct buf *b, struct rec *r, const struct store_name *n, struct span with)
{
	struct triplet t = triplet_of(r);
	size_t i;

	buf_addc(b, '{');
	if (triplet_wrong(&t) == NULL) {
		triplet_write(b, &t);
		buf_addc(b, ',');
	}
	buf_fmt(b, "\"tg\":{\"fingerprint\":\"%s\",\"text_sha256\":\"%s\",",
	    n->fingerprint, n->text_sha256);
	add_member(b, "key", rec_tg(r, "key"));
	if (with.n > 0) {
		buf_adds(b, "\"with\":");
		js_quote_any(b, with);
		buf_addc(b, ',');
	}
	for (i = 0; i < sizeof shared / sizeof *shared; i++)
		if (is_stored(r, shared[i]))
			add_member(b, shared[i], rec_tg(r, shared[i]));
	b->n--; /* drop the last comma */
	buf_adds(b, "}}");
}

/* Give a record a member of an entry's tg. */
static void
take_member(struct rec *r, struct span tg, const char *name)
{
	struct span v = js_find(tg, name);

	if (js_is_there(v))
		rec_tg_put(r, name, v);
}

/* Append an entry of a log: the raw prompt and answer, or null. */
static void
add_log(
    struct buf *b, enum rec_kind kind, struct span prompt, struct span answer)
{
	buf_addc(b, b->n == 0 ? '[' : ',');
	buf_fmt(b, "{\"kind\":\"%s\",\"prompt\":", rec_kind_name(kind));
	buf_addspan(b, js_is_string(prompt) ? prompt : span_of("null"));
	buf_adds(b, ",\"answer\":");
	buf_addspan(b, js_is_string(answer) ? answer : span_of("null"));
	buf_addc(b, '}');
}

/* Make a log of what a debugging run of the published generator has noted. */
static void
take_notes(struct rec *r, struct span entry)
{
	enum { PROMPT, RESPONSE, JUDGED, NMEMBERS };
	static const char *const members[] = { "generation_prompt", "response",
		"judge_response" };
	struct span v[NMEMBERS], none = { NULL, 0 };
	struct buf log = { 0 };

	js_find_all(entry, members, v, NMEMBERS);
	if (!js_is_string(v[PROMPT]))
		return;
	add_log(&log, REC_GENERATE, v[PROMPT], v[RESPONSE]);
	add_log(&log, REC_JUDGE, none, v[JUDGED]);
	buf_addc(&log, ']');
	rec_tg_put(r, "log", rec_hold(r, &log));
}

void
entry_take(struct rec *r, struct span entry, enum store_kind got)
{
	static const char *const members[] = { "prompt", "query", "pos",
		"neg" };
	/* members that a replay may have left */
	static const char *const made[] = { "request", "response", "error",
		"rejected", "out", "parts", "pair", "judge", "judge_first",
		"mined", "planted", "verify", "verified" };
	struct buf b = { 0 };
	struct span tg, v;
	size_t i;

	triplet_flat(&b, entry);
	entry = rec_hold(r, &b);
	tg = js_find(entry, "tg");
	for (i = 0; i < sizeof made / sizeof *made; i++)
		rec_tg_del(r, made[i]);
	for (i = 0; i < sizeof members / sizeof *members; i++)
		if ((v = js_find(entry, members[i])).p != NULL)
			rec_put(r, members[i], v);
	/* the record knows best what was asked; tools put these in this
	 * order */
	take_member(r, tg, "out");
	take_member(r, tg, "model");
	if (got == STORE_PAIR || js_is_there(js_find(entry, "query")))
		rec_tg_put(r, "pair", span_of("true"));
	take_member(r, tg, "judge_first");
	take_member(r, tg, "judge");
	take_member(r, tg, "mined");
	take_member(r, tg, "verify");
	take_member(r, tg, "verified");
	if (got == STORE_REJECT)
		take_member(r, tg, "rejected");
	rec_tg_put(r, "cached", span_of("true"));
	take_notes(r, entry);
}

int
entry_answers(const void *asked, struct span entry)
{
	static const char *const same[] = { "task", "language", "code_language",
		"tgt_code_language" };
	const struct entry_asked *a = asked;
	struct span tg = js_find(entry, "tg"), with = js_find(tg, "with"), v;
	size_t i;

	v = js_find(tg, "text_sha256");
	if (!js_is_string(v) || !js_key_is(v, span_of(a->name->text_sha256)))
		return 0;
	if (!js_is_string(with) ? a->with.n > 0 : !js_key_is(with, a->with))
		return 0;
	for (i = 0; i < sizeof same / sizeof *same; i++) {
		v = js_find(tg, same[i]);
		if (js_is_string(v) ? !js_key_is(v, rec_tg_str(a->r, same[i]))
				    : rec_tg_str(a->r, same[i]).n > 0)
			return 0;
	}
	return js_int(js_find(tg, "draw"), 0) ==
		   js_int(rec_tg(a->r, "draw"), 0) &&
	       entry_wrong(entry, STORE_PAIR) == NULL;
}

void
entry_take_vary(struct rec *r, struct span entry)
{
	rec_tg_del(r, "vary");
	take_member(r, js_find(entry, "tg"), "vary");
}

void
entry_take_accepted(struct rec *r, struct span entry)
{
	struct span answer = js_find(entry, "judge_response");
	struct buf b = { 0 };

	buf_adds(&b, "{\"verdict\":1");
	if (js_is_string(answer)) {
		buf_adds(&b, ",\"answer\":");
		buf_addspan(&b, answer);
	}
	buf_addc(&b, '}');
	rec_tg_put(r, "judge", rec_hold(r, &b));
}

const char *
entry_wrong(struct span entry, enum store_kind got)
{
	struct triplet t = triplet_in(entry);

	if (got == STORE_PAIR)
		return triplet_wrong(&t);
	return js_is_object(js_find(js_find(entry, "tg"), "rejected"))
		   ? NULL
		   : "a reject without its reason";
}

const char *
entry_foreign_wrong(struct span entry)
{
	struct span judge = js_find(entry, "judge");
	struct arena mem = { 0 };
	int v;

	if (!js_is_string(judge))
		return entry_wrong(entry, STORE_PAIR);
	v = verdict_read(js_string(judge, &mem));
	arena_free(&mem);
	/* that program keeps a pair for any 1 in the answer */
	if (v == 0 || v == 2 || memchr(judge.p, '1', judge.n) == NULL)
		return "its judge refused it";
	return entry_wrong(entry, STORE_PAIR);
}

/* Check a text of an entry that may be the document: NULL, or what is wrong. */
static const char *
check_text(struct span text, const char *id, struct span sha)
{
	char md5[MD5_HEX], sha256[SHA256_HEX];
	int is_id, is_sha;

	if (text.p == NULL)
		return NULL;
	hash_md5(text, md5);
	hash_sha256(text, sha256);
	is_id = strcmp(md5, id) == 0;
	is_sha = span_is(sha, sha256);
	if (is_id == is_sha)
		return NULL;
	return is_sha ? "it is of a text that the file is not named by"
		      : "text_sha256 is not that of the text";
}

/* Check the hashes of a pair or a reject: NULL, or what is wrong. */
static const char *
check_hashes(
    struct span entry, enum store_kind kind, const char *id, struct arena *mem)
{
	struct triplet t = triplet_in(entry);
	struct span tg = js_find(entry, "tg");
	struct span print = js_find(tg, "fingerprint");
	struct span sha = js_string(js_find(tg, "text_sha256"), mem);
	struct span key = js_string(js_find(tg, "key"), mem);
	const char *why;
	char hex[SHA256_HEX];

	if (print.p == NULL)
		return kind == STORE_REJECT ? "a reject without fingerprint"
					    : NULL;
	print = js_string(print, mem);
	if (!store_is_hex(print, SHA256_HEX - 1))
		return "fingerprint is no SHA-256";
	if (!store_is_hex(sha, SHA256_HEX - 1))
		return "text_sha256 is no SHA-256";
	entry_fingerprint(key, js_string(js_find(tg, "with"), mem), hex);
	if (key.p != NULL && !span_is(print, hex))
		return "fingerprint is not that of key and with";
	why = check_text(js_string(t.query, mem), id, sha);
	return why != NULL ? why : check_text(js_string(t.first, mem), id, sha);
}

const char *
entry_check(struct span entry, enum store_kind kind, const char *id)
{
	const char *why = entry_wrong(entry, kind);
	struct arena mem = { 0 };

	if (why == NULL)
		why = check_hashes(entry, kind, id, &mem);
	arena_free(&mem);
	return why;
}

int
entry_export(struct buf *b, struct span entry, const char *id,
    enum store_kind kind, const char **why)
{
	struct rec r = { 0 };
	struct buf line = { 0 };
	int status;

	triplet_flat(&line, entry);
	status = rec_read(&r, buf_span(&line), why);
	if (status == 0) {
		rec_tg_puts(&r, "id", span_of(id));
		if (kind == STORE_PAIR || js_is_there(rec_get(&r, "query")))
			rec_tg_put(&r, "pair", span_of("true"));
		rec_write(&r, b);
	}
	rec_free(&r);
	buf_free(&line);
	return status;
}

/* Append an entry from elsewhere as it was, without a tg that was empty. */
static void
write_foreign(struct buf *b, struct rec *r)
{
	size_t i, left = 0;

	rec_tg_del(r, "id");
	rec_tg_del(r, "pair");
	rec_tg_del(r, "cached");
	for (i = 0; i < r->tg.n; i++)
		left += r->tg.v[i].val.p != NULL;
	if (left == 0) {
		rec_del(r, "tg");
		r->tg_edited = 0;
	}
	rec_write(r, b);
	b->n--; /* drop the newline */
}

int
entry_import(
    struct rec *r, struct buf *b, enum store_kind *kind, struct store_name *n)
{
	struct span id = rec_tg_str(r, "id"), with = rec_tg_str(r, "with");
	struct span print = rec_tg_str(r, "fingerprint");
	struct span sha = rec_tg_str(r, "text_sha256");

	*kind = entry_kind(r);
	if (*kind == STORE_MISS)
		return rec_error(r, "not_finished",
		    "the record is neither a pair nor a reject");
	if (!store_is_hex(id, STORE_ID - 1))
		return rec_error(r, "no_id", "tg.id is not the MD5 of a text");
	*n = (struct store_name){ .id = "" };
	memcpy(n->id, id.p, id.n);
	if (rec_tg(r, "fingerprint").p == NULL && *kind == STORE_PAIR) {
		write_foreign(b, r);
		return 0;
	}
	if (!store_is_hex(print, SHA256_HEX - 1) ||
	    !store_is_hex(sha, SHA256_HEX - 1))
		return rec_error(r, "no_name",
		    "tg.fingerprint or tg.text_sha256 is no SHA-256");
	memcpy(n->fingerprint, print.p, print.n);
	memcpy(n->text_sha256, sha.p, sha.n);
	entry_write(b, r, n, with);
	return 0;
}
