/* entry: entries of the document cache, from records and back */
#include "store/entry.h"

#include <string.h>

#include "json/find.h"
#include "json/string.h"
#include "record/triplet.h"
#include "task/document.h"

/* The members of tg that an entry and its record share. */
static const char *const shared[] = { "task", "language", "code_language",
	"tgt_code_language", "model", "judge" };

enum { SHARED = sizeof shared / sizeof *shared };

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
entry_name(struct rec *r, struct span with, struct entry_name *n)
{
	struct span id = rec_tg_str(r, "id"), key = rec_tg_str(r, "key"), text;

	if (id.p == NULL || !store_is_id(id) || key.p == NULL)
		return -1;
	if ((text = doc_text(r)).p == NULL)
		return -2;
	memcpy(n->id, id.p, id.n);
	n->id[id.n] = '\0';
	entry_fingerprint(key, with, n->fingerprint);
	hash_sha256(text, n->text_sha256);
	n->ptr = (struct store_name){ n->id, n->fingerprint, n->text_sha256 };
	return 0;
}

enum store_got
entry_kind(const struct rec *r)
{
	struct triplet t;

	switch (rec_state(r)) {
	case REC_ENDED:
		return !js_is_there(rec_tg(r, "error")) &&
			       js_is_object(rec_tg(r, "rejected"))
			   ? STORE_REJECT
			   : STORE_MISS;
	case REC_PAIRED:
		t = triplet_of(r);
		return triplet_wrong(&t) == NULL ? STORE_PAIR : STORE_MISS;
	default:
		return STORE_MISS;
	}
}

static void
add_hex(struct buf *b, const char *key, const char *hex)
{
	buf_fmt(b, "\"%s\":\"%s\",", key, hex);
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

void
entry_write(struct buf *b, struct rec *r, enum store_got kind,
    const struct store_name *n, struct span with)
{
	struct triplet t = triplet_of(r);
	size_t i;

	buf_addc(b, '{');
	if (triplet_wrong(&t) == NULL) {
		triplet_write(b, &t);
		buf_addc(b, ',');
	}
	buf_adds(b, "\"tg\":{");
	add_hex(b, "fingerprint", n->fingerprint);
	add_hex(b, "text_sha256", n->text_sha256);
	add_member(b, "key", rec_tg(r, "key"));
	if (with.n > 0) {
		buf_adds(b, "\"with\":");
		js_quote_any(b, with);
		buf_addc(b, ',');
	}
	for (i = 0; i < SHARED; i++)
		add_member(b, shared[i], rec_tg(r, shared[i]));
	if (kind == STORE_REJECT)
		add_member(b, "rejected", rec_tg(r, "rejected"));
	b->n--; /* without the last comma */
	buf_adds(b, "}}");
}

/* Copy a value of an entry into the record, on one line. */
static struct span
hold_value(struct rec *r, struct span v)
{
	struct buf b = { 0 };
	struct span s;

	triplet_flat(&b, v);
	s = rec_hold(r, &b);
	buf_free(&b);
	return s;
}

/* Copy a member of an entry's tg into the record. */
static void
take_member(struct rec *r, struct span tg, const char *name)
{
	struct span v = js_find(tg, name);

	if (js_is_there(v))
		rec_tg_put(r, name, hold_value(r, v));
}

void
entry_take(struct rec *r, struct span entry, enum store_got got)
{
	struct triplet t = triplet_in(entry);
	const struct {
		const char *name;
		struct span v;
	} members[] = { { "prompt", t.prompt }, { "query", t.query },
		{ "pos", t.pos }, { "neg", t.neg } };
	struct span tg = js_find(entry, "tg");
	size_t i;

	rec_tg_del(r, "request");
	for (i = 0; i < sizeof members / sizeof *members; i++)
		if (members[i].v.p != NULL)
			rec_put(
			    r, members[i].name, hold_value(r, members[i].v));
	/* the record knows best what was asked; tools put these in this
	 * order */
	take_member(r, tg, "model");
	if (got == STORE_PAIR || js_is_there(t.query))
		rec_tg_put(r, "pair", span_of("true"));
	take_member(r, tg, "judge");
	if (got == STORE_REJECT)
		rec_tg_put(
		    r, "rejected", hold_value(r, js_find(tg, "rejected")));
	rec_tg_put(r, "cached", span_of("true"));
}

const char *
entry_wrong(struct span entry, enum store_got got)
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

	if (js_is_string(judge) && memchr(judge.p, '1', judge.n) == NULL)
		return "its judge refused it";
	return entry_wrong(entry, STORE_PAIR);
}

static int
is_hash(struct span v)
{
	const char *p = v.p;

	if (!js_is_string(v) || v.n != SHA256_HEX + 1)
		return 0;
	for (p++; p < v.p + v.n - 1; p++)
		if (memchr("0123456789abcdef", *p, 16) == NULL)
			return 0;
	return 1;
}

/* Tell whether the raw string v, an accepted hash, is hex. */
static int
is_hex(struct span v, const char *hex)
{
	return memcmp(v.p + 1, hex, v.n - 2) == 0;
}

/* Tell by each of the text's hashes whether a value is the text. */
static void
compare_text(struct span v, const char *id, struct span sha, int *md5_fits,
    int *sha_fits, struct arena *mem)
{
	struct span s = js_string(js_is_array(v) ? js_at(v, 0) : v, mem);
	char md5[MD5_HEX], sha256[SHA256_HEX];

	*md5_fits = *sha_fits = 0;
	if (s.p == NULL)
		return;
	hash_md5(s, md5);
	hash_sha256(s, sha256);
	*md5_fits = strcmp(md5, id) == 0;
	*sha_fits = is_hex(sha, sha256);
}

static const char *
check_text(struct span entry, const char *id, struct span sha)
{
	static const char *const members[] = { "query", "pos" };
	struct arena mem = { 0 };
	const char *why = NULL;
	int md5_fits, sha_fits;
	size_t i;

	for (i = 0; i < 2 && why == NULL; i++) {
		compare_text(js_find(entry, members[i]), id, sha, &md5_fits,
		    &sha_fits, &mem);
		if (sha_fits && !md5_fits)
			why = "it is of a text that the file is not named by";
		else if (md5_fits && !sha_fits)
			why = "text_sha256 is not that of the text";
	}
	arena_free(&mem);
	return why;
}

static const char *
check_fingerprint(struct span tg, struct span print)
{
	struct span with, key = js_find(tg, "key");
	struct arena mem = { 0 };
	char hex[SHA256_HEX];

	if (!js_is_string(key))
		return NULL;
	with = js_string(js_find(tg, "with"), &mem);
	entry_fingerprint(js_string(key, &mem), with, hex);
	arena_free(&mem);
	return is_hex(print, hex) ? NULL
				  : "fingerprint is not that of key and with";
}

const char *
entry_check(struct span entry, enum store_got kind, const char *id)
{
	struct span tg = js_find(entry, "tg");
	struct span print = js_find(tg, "fingerprint");
	struct span sha = js_find(tg, "text_sha256");
	const char *why = entry_wrong(entry, kind);

	if (why != NULL)
		return why;
	if (print.p == NULL)
		return kind == STORE_REJECT ? "a reject without fingerprint"
					    : NULL;
	if (!is_hash(print))
		return "fingerprint is no SHA-256";
	if (!is_hash(sha))
		return "text_sha256 is no SHA-256";
	if ((why = check_fingerprint(tg, print)) != NULL)
		return why;
	return check_text(entry, id, sha);
}

int
entry_export(struct buf *b, struct span entry, const char *id,
    enum store_got kind, const char **why)
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
	b->n--; /* without the newline */
}

static const char *
import_fails(struct rec *r, const char *tool, const char *code, const char *why)
{
	rec_error(r, tool, code, "%s", why);
	return code;
}

const char *
entry_import(struct rec *r, const char *tool, struct buf *b,
    enum store_got *kind, struct entry_name *n)
{
	struct span id = rec_tg_str(r, "id"), with = rec_tg_str(r, "with");
	struct span print = rec_tg(r, "fingerprint");
	struct span sha = rec_tg(r, "text_sha256");

	*kind = entry_kind(r);
	if (*kind == STORE_MISS)
		return import_fails(r, tool, "not_finished",
		    "the record is neither a pair nor a reject");
	if (id.p == NULL || !store_is_id(id))
		return import_fails(
		    r, tool, "no_id", "tg.id is not the MD5 of a text");
	memcpy(n->id, id.p, id.n);
	n->id[id.n] = '\0';
	n->ptr = (struct store_name){ .id = n->id };
	if (print.p == NULL && *kind == STORE_PAIR) {
		write_foreign(b, r);
		return NULL;
	}
	if (!is_hash(print) || !is_hash(sha))
		return import_fails(r, tool, "no_name",
		    "tg.fingerprint or tg.text_sha256 is no SHA-256");
	memcpy(n->fingerprint, print.p + 1, print.n - 2);
	memcpy(n->text_sha256, sha.p + 1, sha.n - 2);
	n->fingerprint[print.n - 2] = n->text_sha256[sha.n - 2] = '\0';
	n->ptr.fingerprint = n->fingerprint;
	n->ptr.text_sha256 = n->text_sha256;
	entry_write(b, r, *kind, &n->ptr, with);
	return NULL;
}
