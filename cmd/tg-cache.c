/* tg-cache - answer documents from the cache, and store what became of them */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "record/filter.h"
#include "store/check.h"
#include "store/entry.h"
#include "store/import.h"
#include "store/list.h"
#include "store/store.h"
#include "task/document.h"

static const char usage[] =
    "usage: tg-cache get | put -d dir [-k key] [--foreign] [--retry-rejected]\n"
    "           [--read-only] [--no-fsync] [--max-line BYTES]\n"
    "           [file ...]\n"
    "       tg-cache stat | export -d dir\n"
    "       tg-cache verify -d dir [--set-aside]\n"
    "       tg-cache gc -d dir [--broken] [--older-than DAYS] [--keep-key "
    "KEY]...\n"
    "           [--dry-run] [--no-fsync]\n"
    "       tg-cache import -d dir [--no-fsync] [--max-line BYTES]\n"
    "           [file | cache-dir ...]\n"
    "\n"
    "Keep what became of each document in a directory of small JSON files.\n"
    "  get     stamped records that nothing was asked for yet become the "
    "pairs\n"
    "          or rejects they became before; the others pass\n"
    "  put     pairs and rejects are stored, and everything passes\n"
    "  stat    count what is there: a JSON object\n"
    "  verify  read every file; list those that are broken, status 1 if any\n"
    "  gc      remove what killed writers left, and what the options name\n"
    "  export  write all entries as records, one a line, sorted\n"
    "  import  store such records, or the files of another cache\n"
    "\n"
    "  -d, --dir DIR      the directory; get, put and import make it\n"
    "  -k, --key KEY      what else the answers depend on: model, sampling "
    "...\n"
    "  --foreign          get: take entries that another program left, too\n"
    "  --retry-rejected   get: let what was rejected before try again\n"
    "  --read-only        get: the directory must be there; put: only pass\n"
    "  --no-fsync         leave it to the system when it is on the disk\n"
    "  --set-aside        verify: move what is no file of entries to "
    "DIR/broken\n"
    "  --broken           gc: remove what was set aside\n"
    "  --older-than DAYS  gc: remove files not written for so long\n"
    "  --keep-key KEY     gc: remove our entries of every other -k; "
    "repeatable\n"
    "  --dry-run          gc: only count\n"
    "  --max-line BYTES   longest line taken, 64 MiB\n"
    "  --help, --version\n"
    "\n"
    "Example: tg-prompt generate -t code_summary_retrieval < code.jsonl |\n"
    "             tg-cache get -d cache | tg-llm | tg-arrange |\n"
    "             tg-cache put -d cache | tg-emit\n";

enum {
	FOREIGN = OPT_OWN,
	RETRY_REJECTED,
	READ_ONLY,
	NO_FSYNC,
	SET_ASIDE,
	BROKEN,
	OLDER_THAN,
	KEEP_KEY,
	DRY_RUN,
};

enum { OUT_FULL = 64 * 1024, DAY_S = 24 * 60 * 60 };

struct cache {
	const char *tool, *dir, *key;
	struct store *store;
	int flags, sync, read_only;
	int foreign, retry_rejected;
	int set_aside, broken, dry;
	time_t oldest; /* time of the newest files to drop; 0: none by age */
	const char **keep_keys;
	size_t keep_n;
	const struct catalogue *catalogue; /* rows; NULL unless foreign */
	int warned_no_text; /* whether a record without text was told */
};

/* Return the worse of two exit statuses. */
static int
worse(int a, int b)
{
	return a > b ? a : b;
}

/* Return the prompt that a record's pair would have; p NULL: not known. */
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
	buf_addc(&b, '"');
	prompt_prose(&b, t->instruction, &v);
	buf_addc(&b, '"');
	s = js_string(rec_hold(r, &b), &r->mem);
	buf_free(&b);
	return s;
}

/* Tell whether a record is where the cache can answer it. */
static int
is_asking(const struct rec *r)
{
	int step;

	switch (rec_state(r)) {
	case REC_NEW:
		return 1;
	case REC_ASKED:
		return rec_kind(r, "request", &step) == REC_GENERATE &&
		       step == 1;
	default:
		return 0;
	}
}

/* Find the entry of a name, or one from elsewhere where that is wanted. */
static enum store_got
look_up(
    struct rec *r, struct cache *c, struct entry_name *n, struct span *entry)
{
	enum store_got got = store_get(c->store, &n->ptr, entry);

	if (got == STORE_REJECT && c->retry_rejected)
		return STORE_MISS;
	if (got != STORE_MISS || !c->foreign)
		return got;
	*entry = store_foreign(
	    c->store, n->id, prompt_of(r, c), entry_foreign_wrong);
	return entry->p != NULL ? STORE_PAIR : STORE_MISS;
}

static enum filter_did
get(struct filter *f, struct rec *r)
{
	struct cache *c = f->ctx;
	enum store_got got;
	struct span entry, id;
	const char *why;
	struct entry_name n;

	if (!is_asking(r) || (id = rec_tg_str(r, "id")).p == NULL ||
	    !store_may_have(c->store, arena_dup(&r->mem, id.p, id.n)) ||
	    entry_name(r, span_of(c->key), &n) < 0)
		return FILTER_PASS;
	if ((got = look_up(r, c, &n, &entry)) == STORE_MISS)
		return FILTER_PASS;
	if ((why = entry_wrong(entry, got)) != NULL)
		io_warn(f->tool, "%s: ignored, %s", n.id, why);
	else
		entry_take(r, entry, got);
	return FILTER_PASS;
}

/* Store an entry, or end: no answer may be lost unnoticed. */
static void
store_entry(struct cache *c, const struct entry_name *n, enum store_got kind,
    struct span entry)
{
	int status = n->ptr.fingerprint != NULL
			 ? store_put(c->store, &n->ptr, kind, entry, c->sync)
			 : store_add(c->store, n->id, kind, &entry, 1, c->sync);

	if (status == -1)
		exit(TG_EX_IO); /* the store has said why */
}

static enum filter_did
put(struct filter *f, struct rec *r)
{
	struct cache *c = f->ctx;
	enum store_got kind = entry_kind(r);
	static struct buf b;
	struct entry_name n;
	int named;

	if (kind == STORE_MISS || c->read_only)
		return FILTER_PASS;
	named = entry_name(r, span_of(c->key), &n);
	if (named == -2 && !c->warned_no_text++)
		io_warn(f->tool, "a record without its text is not stored");
	if (named < 0)
		return FILTER_PASS;
	buf_clear(&b);
	entry_write(&b, r, kind, &n.ptr, span_of(c->key));
	store_entry(c, &n, kind, buf_span(&b));
	return FILTER_PASS;
}

static enum filter_did
import(struct filter *f, struct rec *r)
{
	struct cache *c = f->ctx;
	struct buf b = { 0 };
	struct entry_name n;
	enum store_got kind;

	/* a record in error was never stored */
	if (js_is_there(rec_tg(r, "error")))
		return FILTER_PASS;
	if (entry_import(r, f->tool, &b, &kind, &n) == NULL)
		store_entry(c, &n, kind, buf_span(&b));
	buf_free(&b);
	return r->failed ? FILTER_PASS : FILTER_TAKE;
}

/* Open the store, but not one that import has to bring up first; NULL if so. */
static struct store *
open_store(const struct cache *c)
{
	struct store *s = store_open(c->tool, c->dir, c->flags);

	if (s == NULL || import_pending(s) == 0)
		return s;
	store_free(s);
	return NULL;
}

/*
 * Import the operands that are directories, and take them out of files: an exit
 * status. *left is set to 0 if no others are left to be read.
 */
static int
import_folders(struct cache *c, char **files, int *left)
{
	char **to = files;
	struct stat st;
	int status = TG_EX_OK, got;

	*left = *files == NULL;
	for (; *files != NULL; files++) {
		if (stat(*files, &st) == -1 || !S_ISDIR(st.st_mode)) {
			*to++ = *files;
			*left = 1;
			continue;
		}
		if ((got = import_folder(c->store, *files, c->sync)) == -1)
			return TG_EX_IO;
		if (got == 1)
			status = TG_EX_SOME;
	}
	*to = NULL;
	return status;
}

/* Open the store, and filter the files through the command: an exit status. */
static int
filter_files(struct filter *f, char **files)
{
	struct cache *c = f->ctx;
	int status = TG_EX_OK, left = 1;

	c->store = f->serve == import ? store_open(f->tool, c->dir, c->flags)
				      : open_store(c);
	if (c->store == NULL)
		return TG_EX_IO;
	if (f->serve == import)
		status = import_folders(c, files, &left);
	if (left && status != TG_EX_IO)
		status = worse(status, filter_run(f, files));
	store_free(c->store);
	return status;
}

/* Filter the files through get, put or import: an exit status. */
static int
run_filter(struct filter *f, char **files)
{
	struct cache *c = f->ctx;
	struct catalogue *catalogue = NULL;
	const char *why;
	int status;

	filter_tty(f, files);
	if (c->foreign) {
		catalogue = catalogue_new(getenv("TG_TASKS"), &why);
		if (catalogue == NULL) {
			io_warn(f->tool, "%s", why);
			return TG_EX_USAGE;
		}
	}
	c->catalogue = catalogue;
	status = filter_files(f, files);
	catalogue_free(catalogue);
	return status;
}

/* Write what is in b and empty it, if it is enough. */
static void
flush(const struct cache *c, struct buf *b, size_t enough)
{
	if (b->n < enough)
		return;
	if (io_write(STDOUT_FILENO, buf_span(b)) == -1)
		io_die_stdout(c->tool);
	buf_clear(b);
}

static int
stat_all(struct cache *c, struct buf *out)
{
	return check_counts(c->store, out) == -1 ? TG_EX_IO : TG_EX_OK;
}

/* Say what is the matter with a file: TG_EX_IO. */
static int
item_fail(const struct cache *c, const struct store_item *item, const char *why)
{
	struct buf path = { 0 };

	io_warn(
	    c->tool, "%s/%s: %s", c->dir, store_item_path(item, &path), why);
	buf_free(&path);
	return TG_EX_IO;
}

/* List a file if it is broken, and set it aside if asked: an exit status. */
static int
verify_item(struct cache *c, const struct store_item *item, struct buf *out)
{
	struct buf b = { 0 }, path = { 0 };
	struct store_file f;
	const char *why = NULL;
	int status = TG_EX_OK;

	switch (store_read(c->store, item, &f)) {
	case STORE_READ:
		why = check_file(item, &f, &b);
		break;
	case STORE_BROKEN:
		why = f.why;
		break;
	case STORE_GONE:
		break;
	case STORE_FAILED:
		status = item_fail(c, item, strerror(errno));
	}
	if (why != NULL) {
		buf_fmt(out, "%s/%s\t%s\n", c->dir,
		    store_item_path(item, &path), why);
		status = TG_EX_SOME;
		if (f.why != NULL && c->set_aside &&
		    store_set_aside(c->store, item) == -1)
			status = TG_EX_IO;
	}
	buf_free(&b);
	buf_free(&path);
	return status;
}

static int
export_item(struct cache *c, const struct store_item *item, struct buf *out)
{
	struct store_file f;
	const char *why;
	int status = TG_EX_OK;
	size_t i;

	switch (store_read(c->store, item, &f)) {
	case STORE_GONE:
		return TG_EX_OK;
	case STORE_FAILED:
		return item_fail(c, item, strerror(errno));
	case STORE_BROKEN:
		item_fail(c, item, f.why);
		return TG_EX_SOME;
	case STORE_READ:
		break;
	}
	for (i = 0; i < f.n; i++)
		if (entry_export(
			out, f.entries[i], item->id, item->kind, &why) == -1) {
			item_fail(c, item, why);
			status = TG_EX_SOME;
		}
	return status;
}

/* The counts of gc. */
struct dropped {
	size_t temps, entries;
};

/* Tell whether an entry stays: none of gc's options names it. */
static int
is_kept(void *ctx, const struct store_file *f, struct span entry)
{
	const struct cache *c = ctx;
	struct span tg = js_find(entry, "tg"), with;
	struct arena mem = { 0 };
	size_t i;

	if (c->oldest != 0 && f->written <= c->oldest)
		return 0;
	if (c->keep_n == 0 || !js_is_string(js_find(tg, "fingerprint")))
		return 1;
	with = js_string(js_find(tg, "with"), &mem);
	for (i = 0; i < c->keep_n; i++)
		if (span_eq(span_of(c->keep_keys[i]), with))
			break;
	arena_free(&mem);
	return i < c->keep_n;
}

static int
gc_item(struct cache *c, const struct store_item *item, struct dropped *d)
{
	int n = 0;

	if (item->temp)
		n = c->dry ? 1 : store_drop_temp(c->store, item);
	else if (c->oldest != 0 || c->keep_n > 0)
		n = store_filter(c->store, item, is_kept, c, c->dry, c->sync);
	if (n == -1)
		return TG_EX_IO;
	*(item->temp ? &d->temps : &d->entries) += (size_t)n;
	return TG_EX_OK;
}

/* Export or verify file by file: the worst exit status. */
static int
each_item(struct cache *c, struct buf *out,
    int (*one)(struct cache *, const struct store_item *, struct buf *))
{
	struct list l;
	struct store_item item;
	int status = TG_EX_OK;
	size_t i;

	if (list_read(&l, c->store) == -1)
		status = TG_EX_IO;
	for (i = 0; i < l.n; i++) {
		item = list_at(&l, i);
		if (!item.temp)
			status = worse(status, one(c, &item, out));
		flush(c, out, OUT_FULL);
	}
	list_free(&l);
	return status;
}

static int
verify_all(struct cache *c, struct buf *out)
{
	return each_item(c, out, verify_item);
}

static int
export_all(struct cache *c, struct buf *out)
{
	return each_item(c, out, export_item);
}

static int
gc_all(struct cache *c, struct buf *out)
{
	struct dropped d = { 0 };
	struct list l;
	struct store_item item;
	int status = TG_EX_OK;
	size_t i, broken = 0;
	long long bytes;

	if (list_read(&l, c->store) == -1)
		status = TG_EX_IO;
	for (i = 0; i < l.n; i++) {
		item = list_at(&l, i);
		status = worse(status, gc_item(c, &item, &d));
	}
	list_free(&l);
	if (c->broken &&
	    list_broken(c->store, !c->dry, &broken, &bytes) == -1)
		status = TG_EX_IO;
	buf_fmt(out, "{\"temps\":%zu,\"entries\":%zu,\"broken\":%zu}\n",
	    d.temps, d.entries, broken);
	return status;
}

/* Each command: what it opens the directory for, and its options. */
static const struct command {
	const char *name;
	int flags; /* flags of store_open */
	enum filter_did (*serve)(struct filter *, struct rec *);
	int (*all)(struct cache *, struct buf *out);
	int options[8]; /* --dir and the common ones aside */
} commands[] = {
	{ "get", STORE_MAKE, get, NULL,
	    { 'k', FOREIGN, RETRY_REJECTED, READ_ONLY, OPT_MAX_LINE } },
	{ "put", STORE_WRITE | STORE_MAKE, put, NULL,
	    { 'k', READ_ONLY, NO_FSYNC, OPT_MAX_LINE } },
	{ "stat", 0, NULL, stat_all, { 0 } },
	{ "export", 0, NULL, export_all, { 0 } },
	{ "verify", 0, NULL, verify_all, { SET_ASIDE } },
	{ "gc", STORE_WRITE, NULL, gc_all,
	    { BROKEN, OLDER_THAN, KEEP_KEY, DRY_RUN, NO_FSYNC } },
	{ "import", STORE_WRITE | STORE_MAKE, import, NULL,
	    { NO_FSYNC, OPT_MAX_LINE } },
};

static const struct option options[] = {
	{ "dir", required_argument, NULL, 'd' },
	{ "key", required_argument, NULL, 'k' },
	{ "foreign", no_argument, NULL, FOREIGN },
	{ "retry-rejected", no_argument, NULL, RETRY_REJECTED },
	{ "read-only", no_argument, NULL, READ_ONLY },
	{ "no-fsync", no_argument, NULL, NO_FSYNC },
	{ "set-aside", no_argument, NULL, SET_ASIDE },
	{ "broken", no_argument, NULL, BROKEN },
	{ "older-than", required_argument, NULL, OLDER_THAN },
	{ "keep-key", required_argument, NULL, KEEP_KEY },
	{ "dry-run", no_argument, NULL, DRY_RUN },
	FILTER_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

/* Return optarg as a key, or end: JSON must be able to hold it. */
static const char *
key_option(const struct filter *f, const char *opt)
{
	const char *p, *end = span_end(span_of(optarg));
	size_t n;

	for (p = optarg; p < end; p += n)
		if ((n = text_utf8(p, end)) == 0)
			filter_usage(f, "%s: not UTF-8", opt);
	return optarg;
}

static void
option(struct filter *f, int ch)
{
	struct cache *c = f->ctx;

	switch (ch) {
	case 'd':
		c->dir = optarg;
		break;
	case 'k':
		c->key = key_option(f, "-k");
		break;
	case FOREIGN:
		c->foreign = 1;
		break;
	case RETRY_REJECTED:
		c->retry_rejected = 1;
		break;
	case READ_ONLY:
		c->read_only = 1;
		break;
	case NO_FSYNC:
		c->sync = 0;
		break;
	case SET_ASIDE:
		c->set_aside = 1;
		c->flags |= STORE_WRITE;
		break;
	case BROKEN:
		c->broken = 1;
		break;
	case OLDER_THAN:
		c->oldest =
		    time(NULL) -
		    (time_t)(filter_real(f, "--older-than", 0, 36500) * DAY_S);
		break;
	case KEEP_KEY:
		c->keep_keys = mem_array(
		    c->keep_keys, c->keep_n + 1, sizeof *c->keep_keys);
		c->keep_keys[c->keep_n++] = key_option(f, "--keep-key");
		break;
	case DRY_RUN:
		c->dry = 1;
		break;
	default:
		filter_option(f, ch);
	}
}

/* Return the name of an option, with its dashes. */
static const char *
option_name(int ch, char b[32])
{
	size_t i;

	for (i = 0; options[i].val != ch; i++)
		;
	snprintf(b, 32, "--%s", options[i].name);
	return b;
}

/* Return the command of a name, if it takes all options that were given. */
static const struct command *
command(const struct filter *f, const char *name, const char *given)
{
	const struct command *c = NULL;
	char b[32];
	size_t i, k;

	if (name == NULL)
		filter_usage(
		    f, "get, put, stat, verify, gc, export or import?");
	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(commands[i].name, name) == 0)
			c = &commands[i];
	if (c == NULL)
		filter_usage(f,
		    "\"%s\" is not get, put, stat, verify, gc, "
		    "export or import",
		    name);
	for (i = 0; options[i].name != NULL; i++) {
		if (!given[i])
			continue;
		for (k = 0; c->options[k] != 0; k++)
			if (c->options[k] == options[i].val)
				break;
		if (c->options[k] == 0)
			filter_usage(f, "%s does not take %s", name,
			    option_name(options[i].val, b));
	}
	return c;
}

static int
run_all(struct cache *c, const struct command *cmd)
{
	struct buf out = { 0 };
	int status;

	if ((c->store = open_store(c)) == NULL)
		return TG_EX_IO;
	status = cmd->all(c, &out);
	flush(c, &out, 1);
	io_close_stdout(c->tool);
	buf_free(&out);
	store_free(c->store);
	return status;
}

int
main(int argc, char *argv[])
{
	struct cache c = { .tool = "tg-cache", .key = "", .sync = 1 };
	struct filter f = { .tool = c.tool, .usage = usage, .ctx = &c };
	char given[sizeof options / sizeof *options] = { 0 };
	const struct command *cmd;
	int ch, status;
	size_t i;

	io_start();
	while ((ch = getopt_long(argc, argv, "d:k:", options, NULL)) != -1) {
		option(&f, ch);
		for (i = 0; options[i].name != NULL; i++)
			given[i] |= options[i].val == ch && ch != 'd';
	}
	argv += optind;
	cmd = command(&f, *argv, given);
	if (c.dir == NULL || *c.dir == '\0')
		filter_usage(&f, "-d names no directory");
	c.flags |= cmd->flags;
	if (c.dry || c.read_only)
		c.flags = 0;
	if (cmd->serve != NULL) {
		f.serve = cmd->serve;
		status = run_filter(&f, argv + 1);
	} else if (argv[1] != NULL) {
		filter_usage(&f, "%s takes no file", cmd->name);
	} else {
		status = run_all(&c, cmd);
	}
	free(c.keep_keys);
	return status;
}
