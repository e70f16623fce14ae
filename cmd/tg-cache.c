/* tg-cache - answer documents from the cache, and store what became of them */
#include <stdlib.h>
#include <string.h>

#include "doc.h"
#include "filter.h"
#include "io.h"
#include "store.h"
#include "triplet.h"

static const char usage[] =
    "usage: tg-cache get | put -d dir [-k key] [--foreign] [--no-fsync]\n"
    "           [--max-line BYTES] [file ...]\n"
    "\n"
    "Keep what became of each document in a directory of small JSON files.\n"
    "  get   stamped records that nothing was asked for yet become the pairs\n"
    "        or rejects they became before; the others pass\n"
    "  put   pairs and rejects are stored, and everything passes\n"
    "\n"
    "  -d, --dir DIR     the directory; it is made if it is missing\n"
    "  -k, --key KEY     what else the answers depend on: model, sampling ...\n"
    "  --foreign         get: take entries that another program left, too\n"
    "  --no-fsync        put: leave it to the system when it is on the disk\n"
    "  --max-line BYTES  longest line taken, 64 MiB\n"
    "  --help, --version\n"
    "\n"
    "Example: tg-prompt generate -t code_summary_retrieval < code.jsonl |\n"
    "             tg-cache get -d cache | tg-llm | tg-arrange |\n"
    "             tg-cache put -d cache | tg-emit\n";

enum { FOREIGN = OPT_OWN, NO_FSYNC };

struct cache {
	struct store *store;
	const char *key;
	int foreign, sync;
	const struct catalogue *catalogue; /* with foreign */
	int said;                          /* of records without text */
};

/* What names a record's entry. */
struct name {
	struct store_name ptr;
	char fingerprint[SHA256_HEX], text_sha256[SHA256_HEX];
};

/* Whether the record has been stamped; if so, its id and key. */
static int
stamped(struct rec *r, struct span *id, struct span *key)
{
	*id = rec_tg_str(r, "id");
	*key = rec_tg_str(r, "key");
	return store_is_id(*id) && key->p != NULL;
}

/* 0, or -1 if the record has no text. */
static int
name_of(struct rec *r, const struct cache *c, struct span id, struct span key,
    struct name *n)
{
	struct span text = doc_text(r);
	struct hash *h;

	if (text.p == NULL)
		return -1;
	h = hash_new();
	hash_add0(h, key);
	hash_add0(h, span_of(c->key));
	hash_end(h, n->fingerprint);
	hash_sha256(text, n->text_sha256);
	n->ptr = (struct store_name){ arena_dup(&r->mem, id.p, id.n),
		n->fingerprint, n->text_sha256 };
	return 0;
}

/* What a row's pair would have as its prompt; p NULL if that is unknown. */
static struct span
prompt_of(struct rec *r, const struct cache *c)
{
	const struct task *t =
	    catalogue_find(c->catalogue, rec_tg_str(r, "task"));
	struct buf b = { 0 };
	struct values v;
	struct span s;

	if (t == NULL)
		return (struct span){ NULL, 0 };
	doc_values(r, c->catalogue, &v);
	prompt_prose(&b, t->instruction, &v);
	s = rec_hold(r, &b);
	buf_free(&b);
	return s;
}

/* A copy of a value of an entry in the record, on one line. */
static struct span
hold(struct rec *r, struct span v)
{
	struct buf b = { 0 };
	struct span s;

	triplet_flat(&b, v);
	s = rec_hold(r, &b);
	buf_free(&b);
	return s;
}

/* Set top-level members as the entry has them. */
static void
take_triplet(struct rec *r, struct span entry)
{
	static const char *const names[] = { "prompt", "query", "pos", "neg" };
	struct span v;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if ((v = js_find(entry, names[i])).p != NULL)
			rec_put(r, names[i], hold(r, v));
}

static void
take_hit(struct rec *r, struct span entry, enum store_got got)
{
	static const char *const names[] = { "model", "judge" };
	struct span tg = js_find(entry, "tg"), v;
	size_t i;

	rec_tg_del(r, "request");
	take_triplet(r, entry);
	if (got == STORE_PAIR || js_is_there(js_find(entry, "query")))
		rec_tg_put(r, "pair", span_of("true"));
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (js_is_there(v = js_find(tg, names[i])))
			rec_tg_put(r, names[i], hold(r, v));
	if (got == STORE_REJECT)
		rec_tg_put(r, "rejected", hold(r, js_find(tg, "rejected")));
	rec_tg_put(r, "cached", span_of("true"));
}

/* NULL, or why an entry is of no use. */
static const char *
entry_wrong(struct span entry, enum store_got got)
{
	struct triplet t = triplet_in(entry);

	if (got == STORE_PAIR)
		return triplet_wrong(&t);
	return js_is_object(js_find(js_find(entry, "tg"), "rejected"))
		   ? NULL
		   : "a reject without its reason";
}

static enum filter_did
get(struct filter *f, struct rec *r)
{
	const struct cache *c = f->ctx;
	enum rec_state state = rec_state(r);
	enum store_got got;
	struct span id, key, entry = { NULL, 0 };
	const char *why;
	struct name n;
	int step;

	if (state == REC_ASKED) {
		if (rec_kind(r, "request", &step) != REC_GENERATE || step != 1)
			return FILTER_PASS;
	} else if (state != REC_NEW) {
		return FILTER_PASS;
	}
	if (!stamped(r, &id, &key) ||
	    !store_may_have(c->store, arena_dup(&r->mem, id.p, id.n)) ||
	    name_of(r, c, id, key, &n) == -1)
		return FILTER_PASS;
	got = store_get(c->store, &n.ptr, &entry);
	if (got == STORE_MISS && c->foreign) {
		entry = store_foreign(c->store, n.ptr.id, prompt_of(r, c));
		got = entry.p != NULL ? STORE_PAIR : STORE_MISS;
	}
	if (got == STORE_MISS)
		return FILTER_PASS;
	if ((why = entry_wrong(entry, got)) != NULL)
		io_warn(f->tool, "%s: ignored, %s", n.ptr.id, why);
	else
		take_hit(r, entry, got);
	return FILTER_PASS;
}

static void
add_string(struct buf *b, const char *key, const char *s)
{
	buf_fmt(b, "\"%s\":\"%s\",", key, s);
}

/* The entry of a record, raw JSON. */
static void
write_entry(struct buf *b, struct rec *r, const struct name *n, int rejected)
{
	static const char *const names[] = { "task", "language",
		"code_language", "tgt_code_language", "model", "judge" };
	struct triplet t = triplet_of(r);
	struct span v;
	size_t i;

	buf_addc(b, '{');
	if (triplet_wrong(&t) == NULL) {
		triplet_write(b, &t);
		buf_addc(b, ',');
	}
	buf_adds(b, "\"tg\":{");
	add_string(b, "fingerprint", n->fingerprint);
	add_string(b, "text_sha256", n->text_sha256);
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (js_is_there(v = rec_tg(r, names[i]))) {
			buf_fmt(b, "\"%s\":", names[i]);
			buf_addspan(b, v);
			buf_addc(b, ',');
		}
	if (rejected) {
		buf_adds(b, "\"rejected\":");
		buf_addspan(b, rec_tg(r, "rejected"));
	} else {
		b->n--; /* the last comma */
	}
	buf_adds(b, "}}");
}

static enum filter_did
put(struct filter *f, struct rec *r)
{
	struct cache *c = f->ctx;
	enum rec_state state = rec_state(r);
	int rejected = state == REC_ENDED;
	struct triplet t = triplet_of(r);
	struct buf b = { 0 };
	struct span id, key;
	struct name n;
	int status;

	if (rejected ? js_is_there(rec_tg(r, "error")) ||
			   !js_is_object(rec_tg(r, "rejected"))
		     : state != REC_PAIRED || triplet_wrong(&t) != NULL)
		return FILTER_PASS;
	if (!stamped(r, &id, &key))
		return FILTER_PASS;
	if (name_of(r, c, id, key, &n) == -1) {
		if (!c->said)
			io_warn(
			    f->tool, "a record without its text is not stored");
		c->said = 1;
		return FILTER_PASS;
	}
	write_entry(&b, r, &n, rejected);
	status = store_put(c->store, &n.ptr,
	    rejected ? STORE_REJECT : STORE_PAIR, buf_span(&b), c->sync);
	buf_free(&b);
	if (status == -1)
		exit(TG_EX_IO); /* it has said why */
	return FILTER_PASS;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ "key", required_argument, NULL, 'k' },
		{ "foreign", no_argument, NULL, FOREIGN },
		{ "no-fsync", no_argument, NULL, NO_FSYNC },
		FILTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct cache c = { .key = "", .sync = 1 };
	struct filter f = { .tool = "tg-cache", .usage = usage, .ctx = &c };
	struct catalogue *catalogue = NULL;
	const char *dir = NULL, *why;
	int ch, status;

	while ((ch = getopt_long(argc, argv, "d:k:", options, NULL)) != -1) {
		switch (ch) {
		case 'd':
			dir = optarg;
			break;
		case 'k':
			c.key = optarg;
			break;
		case FOREIGN:
			c.foreign = 1;
			break;
		case NO_FSYNC:
			c.sync = 0;
			break;
		default:
			filter_option(&f, ch);
		}
	}
	argv += optind;
	if (*argv == NULL)
		filter_usage(&f, "get or put?");
	if (strcmp(*argv, "get") == 0)
		f.serve = get;
	else if (strcmp(*argv, "put") == 0)
		f.serve = put;
	else
		filter_usage(&f, "\"%s\" is not get or put", *argv);
	if (dir == NULL || *dir == '\0')
		filter_usage(&f, "-d names no directory");
	filter_tty(&f, ++argv);
	if (c.foreign && f.serve == get) {
		catalogue = catalogue_new(getenv("TG_TASKS"), &why);
		if (catalogue == NULL) {
			io_warn(f.tool, "%s", why);
			return TG_EX_USAGE;
		}
	}
	c.catalogue = catalogue;
	if ((c.store = store_open(f.tool, dir, f.serve == put)) == NULL)
		return TG_EX_IO;
	status = filter_run(&f, argv);
	store_free(c.store);
	catalogue_free(catalogue);
	return status;
}
