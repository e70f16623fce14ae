/* tg-cache - answer documents from the document cache, and store results */
#include <errno.h>
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
#include "store/list.h"
#include "store/store.h"
#include "task/document.h"

enum { OUT_FULL = 64 * 1024, DAY_S = 24 * 60 * 60 };

/* The commands are bits, so that the table of options can name several. */
enum {
	GET = 1,
	PUT = 2,
	STAT = 4,
	EXPORT = 8,
	VERIFY = 16,
	GC = 32,
	IMPORT = 64,
};

struct cache {
	const char *dir, *key;
	struct store *store;
	struct buf out; /* output of a command that is no filter */
	int read_only, no_fsync;
	int foreign, any_edition, retry_rejected;
	int set_aside, broken, dry;
	double older_than; /* age of what gc removes, days; below 0: none */
	time_t oldest; /* time of the last write of what gc removes; 0: none */
	struct option_list keep_keys;
	struct catalogue *catalogue; /* NULL unless foreign is set */
	size_t temps, dropped;       /* files and entries that gc removed */
	int warned_text; /* records without text; the first was told */
};

#define AT(member) OPTION_AT(struct cache, member)

static const struct option_def options[] = {
	{ "dir", 'd', OPTION_STRING, OPTION_RUN, "DIR",
	    "the directory; get, put and import make it", AT(dir),
	    .forms = OPTION_ALL_FORMS, .required = 1 },
	{ "key", 'k', OPTION_STRING, OPTION_RUN, "KEY",
	    "what else the answers depend on: model, sampling ...", AT(key),
	    .forms = GET | PUT },
	{ "foreign", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "get: take entries of another program, too", AT(foreign),
	    .forms = GET },
	{ "any-edition", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "get: take pairs of another edition of the catalogue as they are",
	    AT(any_edition), .forms = GET },
	{ "retry-rejected", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "get: try documents again that were rejected", AT(retry_rejected),
	    .forms = GET },
	{ "read-only", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "get: the directory must be there; put: only pass", AT(read_only),
	    .forms = GET | PUT },
	{ "set-aside", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "verify: move what is no file of entries to DIR/broken",
	    AT(set_aside), .forms = VERIFY },
	{ "broken", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "gc: remove what was set aside", AT(broken), .forms = GC },
	{ "older-than", 0, OPTION_REAL, OPTION_RUN, "DAYS",
	    "gc: remove files not written for so long", AT(older_than),
	    .max = 36500, .forms = GC },
	{ "keep-key", 0, OPTION_LIST, OPTION_RUN, "KEY",
	    "gc: remove our entries of every other -k; repeatable",
	    AT(keep_keys), .forms = GC },
	{ "dry-run", 0, OPTION_FLAG, OPTION_RUN, NULL, "gc: only count",
	    AT(dry), .forms = GC },
	{ "no-fsync", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "leave it to the system when it is on the disk", AT(no_fsync),
	    .forms = PUT | GC | IMPORT },
	{ OPTION_MAX_LINE_DEF, .forms = GET | PUT | IMPORT },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-cache",
	.forms = { { GET | PUT, "get | put", "[file ...]" },
	    { STAT | EXPORT, "stat | export", "" }, { VERIFY, "verify", "" },
	    { GC, "gc", "" }, { IMPORT, "import", "[file | cache-dir ...]" } },
	.options = options,
	.about =
	    "Keep what became of each document in a directory of small "
	    "JSON files.\n"
	    "  get     give new records what they became before; the "
	    "others pass\n"
	    "  put     store pairs and rejects; everything passes\n"
	    "  stat    count what is there: a JSON object\n"
	    "  verify  list the files that are broken, status 1 if any\n"
	    "  gc      remove what killed writers left, and what the "
	    "options name\n"
	    "  export  write all entries as records, one a line, sorted\n"
	    "  import  store such records, or the files of another cache\n",
	.notes = "Example: tg-prompt generate -t code_summary_retrieval < "
		 "code.jsonl |\n"
		 "             tg-cache get -d cache | tg-llm | tg-arrange |\n"
		 "             tg-cache put -d cache | tg-emit\n",
};

static const struct task *
task_of(struct rec *r, const struct cache *c)
{
	return catalogue_find(c->catalogue, rec_tg_str(r, "task"));
}

/* Return the prompt that a pair of the record's task has; p NULL: unknown. */
static struct span
prompt_of(struct rec *r, const struct cache *c)
{
	const struct task *t = task_of(r, c);

	if (t == NULL)
		return (struct span){ NULL, 0 };
	return js_string(document_prompt(r, t), &r->mem);
}

/* Return whether pairs of the record's task are judged. */
static int
is_judged(struct rec *r, const struct cache *c)
{
	const struct task *t = task_of(r, c);

	return t != NULL && t->judged;
}

/* Return whether the cache can answer a record in its present state. */
static int
is_asking(const struct rec *r)
{
	enum rec_state state = rec_state(r);

	return state == REC_NEW ||
	       (state == REC_ASKED && rec_kind(r, "request") == REC_GENERATE &&
		   rec_step(r, "request") == 1);
}

/* Give a record the entry that the cache has for it, if there is one. */
static void
take_hit(struct cache *c, struct rec *r)
{
	struct entry_asked asked = { .r = r, .with = span_of(c->key) };
	int is_foreign = 0, is_other = 0;
	enum store_kind kind;
	struct store_name n;
	struct span entry;
	const char *why;

	if (!store_may_have(c->store, rec_tg_str(r, "id")) ||
	    entry_name(r, span_of(c->key), &n) < 0)
		return;
	kind = store_get(c->store, &n, &entry);
	if (kind == STORE_MISS && c->any_edition) {
		asked.name = &n;
		entry = store_find(c->store, n.id, entry_answers, &asked);
		is_other = entry.p != NULL;
		kind = is_other ? STORE_PAIR : STORE_MISS;
	}
	if (kind == STORE_MISS && c->foreign) {
		entry = store_foreign(
		    c->store, n.id, prompt_of(r, c), entry_foreign_wrong);
		is_foreign = entry.p != NULL;
		kind = is_foreign ? STORE_PAIR : STORE_MISS;
	}
	if (kind == STORE_MISS || (kind == STORE_REJECT && c->retry_rejected))
		return;
	if ((why = entry_wrong(entry, kind)) != NULL) {
		io_warn("%s: ignored, %s", n.id, why);
		return;
	}
	entry_take(r, entry, kind);
	if (is_other)
		entry_take_vary(r, entry);
	if (is_foreign && is_judged(r, c))
		entry_take_accepted(r, entry);
}

static enum filter_did
get_pair(struct filter *f, struct rec *r)
{
	if (!is_asking(r) && !js_is_there(rec_tg(r, "replay")))
		return FILTER_PASS;
	take_hit(f->ctx, r);
	rec_tg_del(r, "replay");
	return FILTER_PASS;
}

/* Store an entry, or exit: a paid answer must not be lost without a word. */
static void
store_entry(struct cache *c, const struct store_name *n, enum store_kind kind,
    struct span entry, enum store_how how)
{
	/* an entry from elsewhere takes the place of none */
	if (n->fingerprint[0] == '\0')
		how = STORE_KEEP;
	if (store_put(c->store, n->id, kind, &entry, 1, how) == -1)
		exit(TG_EX_IO); /* the store has printed why */
}

/* Have what was put on the disk before its records leave, or exit. */
static void
commit_entries(struct filter *f)
{
	const struct cache *c = f->ctx;

	if (store_commit(c->store) == -1)
		exit(TG_EX_IO);
}

static enum filter_did
put_pair(struct filter *f, struct rec *r)
{
	struct cache *c = f->ctx;
	enum store_kind kind = entry_kind(r);
	static struct buf b;
	struct store_name n;
	int named;

	if (kind == STORE_MISS || c->read_only)
		return FILTER_PASS;
	named = entry_name(r, span_of(c->key), &n);
	if (named == -2 && !c->warned_text++)
		io_warn("a record without its text is not stored");
	if (named < 0)
		return FILTER_PASS;
	buf_clear(&b);
	entry_write(&b, r, &n, span_of(c->key));
	store_entry(c, &n, kind, buf_span(&b), STORE_GROW);
	return FILTER_PASS;
}

static enum filter_did
import_record(struct filter *f, struct rec *r)
{
	struct cache *c = f->ctx;
	struct buf b = { 0 };
	struct store_name n;
	enum store_kind kind;

	/* a record in error was never stored: it passes unchanged */
	if (js_is_there(rec_tg(r, "error")))
		return FILTER_PASS;
	if (entry_import(r, &b, &kind, &n) == 0)
		store_entry(c, &n, kind, buf_span(&b), STORE_EDIT);
	buf_free(&b);
	return r->failed ? FILTER_PASS : FILTER_TAKE;
}

/*
 * Import the operands that are directories, then filter the others, if there
 * were no directories stdin: an exit status.
 */
static int
import_operands(struct filter *f, char **operands)
{
	struct cache *c = f->ctx;
	char **from = operands, **to = operands;
	int worst = TG_EX_OK, status;
	struct stat st;

	for (; *from != NULL && worst != TG_EX_IO; from++)
		if (stat(*from, &st) == -1 || !S_ISDIR(st.st_mode))
			*to++ = *from;
		else if ((status = list_import(c->store, *from)) > worst)
			worst = status;
	*to = NULL;
	if (worst == TG_EX_IO || (from > to && to == operands))
		return worst;
	status = filter_run(f, operands);
	return status > worst ? status : worst;
}

/* Write what waits for stdout. */
static void
flush_out(struct cache *c)
{
	if (io_write(STDOUT_FILENO, buf_span(&c->out)) == -1)
		io_die_stdout();
	buf_clear(&c->out);
}

static int
stat_all(struct cache *c)
{
	return check_counts(c->store, &c->out);
}

/* Write a line if a file is broken, and return an exit status. */
static int
verify_file(
    void *ctx, const struct store_item *item, const struct store_file *f)
{
	struct cache *c = ctx;
	char path[STORE_PATH];
	const char *why;
	size_t entry;

	if (f == NULL || (why = check_file(item, f, &entry)) == NULL)
		return TG_EX_OK;
	buf_fmt(&c->out, "%s/%s\t", c->dir, store_path(item, path));
	if (entry > 0)
		buf_fmt(&c->out, "entry %zu: ", entry);
	buf_fmt(&c->out, "%s\n", why);
	if (c->out.n >= OUT_FULL)
		flush_out(c);
	if (f->why != NULL && c->set_aside &&
	    store_set_aside(c->store, item) == -1)
		return TG_EX_IO;
	return TG_EX_SOME;
}

static int
export_file(
    void *ctx, const struct store_item *item, const struct store_file *f)
{
	struct cache *c = ctx;
	int status = TG_EX_OK;
	const char *why;
	size_t i;

	if (f == NULL)
		return TG_EX_OK;
	if (f->why != NULL) {
		store_warn(c->store, item, f->why);
		return TG_EX_SOME;
	}
	for (i = 0; i < f->n; i++)
		if (entry_export(&c->out, f->entries[i], item->id, item->kind,
			&why) == -1) {
			store_warn(c->store, item, why);
			status = TG_EX_SOME;
		}
	if (c->out.n >= OUT_FULL)
		flush_out(c);
	return status;
}

/* Return whether none of gc's options names an entry, so that it stays. */
static int
is_kept(const void *ctx, const struct store_file *f, struct span entry)
{
	const struct cache *c = ctx;
	struct span tg = js_find(entry, "tg"), with = js_find(tg, "with");
	size_t i;

	if (c->oldest != 0 && f->written <= c->oldest)
		return 0;
	if (c->keep_keys.n == 0 || !js_is_string(js_find(tg, "fingerprint")))
		return 1;
	if (!js_is_string(with))
		with = span_of("\"\"");
	for (i = 0; i < c->keep_keys.n; i++)
		if (js_key_is(with, span_of(c->keep_keys.v[i])))
			return 1;
	return 0;
}

static int
gc_file(void *ctx, const struct store_item *item, const struct store_file *f)
{
	struct cache *c = ctx;
	int n = 0;

	(void)f;
	if (item->temp || c->oldest != 0 || c->keep_keys.n > 0)
		n = store_filter(
		    c->store, item, item->temp ? NULL : is_kept, c);
	if (n == -1)
		return TG_EX_IO;
	*(item->temp ? &c->temps : &c->dropped) += (size_t)n;
	return TG_EX_OK;
}

static int
gc_all(struct cache *c)
{
	int status = list_walk(c->store, LIST_NAMES, gc_file, c);
	size_t broken = 0;

	if (c->broken && list_broken(c->store, &broken) == -1)
		status = TG_EX_IO;
	buf_fmt(&c->out, "{\"temps\":%zu,\"entries\":%zu,\"broken\":%zu}\n",
	    c->temps, c->dropped, broken);
	return status;
}

/* A command filters records, visits files or does all by itself. */
static const struct command {
	const char *name;
	unsigned bit;
	int flags; /* flags of store_open */
	enum filter_did (*serve)(struct filter *, struct rec *);
	list_visit *visit;
	int (*all)(struct cache *);
} commands[] = {
	{ "get", GET, STORE_MAKE, .serve = get_pair },
	{ "put", PUT, STORE_WRITE | STORE_MAKE | STORE_GROUP,
	    .serve = put_pair },
	{ "stat", STAT, 0, .all = stat_all },
	{ "export", EXPORT, 0, .visit = export_file },
	{ "verify", VERIFY, 0, .visit = verify_file },
	{ "gc", GC, STORE_WRITE, .all = gc_all },
	{ "import", IMPORT, STORE_WRITE | STORE_MAKE, .serve = import_record },
};

/* Return the command of a name, or exit. */
static const struct command *
find_command(const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	options_refuse(
	    "\"%s\" is not get, put, stat, verify, gc, export or import",
	    name != NULL ? name : "");
}

/* Refuse a key that is not UTF-8: what is stored with it must be JSON. */
static void
check_key(const char *opt, const char *key)
{
	const char *p, *end = span_end(span_of(key));
	size_t n;

	for (p = key; p < end; p += n)
		if ((n = text_utf8(p, end)) == 0)
			options_refuse("%s: not UTF-8", opt);
}

/* Check the options, set the age they name, and return flags of store_open. */
static int
settle(struct cache *c, const struct command *cmd)
{
	size_t i;

	if (c->dir == NULL || *c->dir == '\0')
		options_refuse("-d names no directory");
	check_key("-k", c->key);
	for (i = 0; i < c->keep_keys.n; i++)
		check_key("--keep-key", c->keep_keys.v[i]);
	if (c->older_than >= 0)
		c->oldest = time(NULL) - (time_t)(c->older_than * DAY_S);
	if (c->dry || c->read_only)
		return 0;
	return cmd->flags | (c->set_aside ? STORE_WRITE : 0) |
	       (c->no_fsync ? STORE_NO_SYNC : 0);
}

/* Run a command on the open store: an exit status. */
static int
run(struct filter *f, const struct command *cmd, char **files)
{
	struct cache *c = f->ctx;
	int status;

	if (cmd->bit == IMPORT)
		return import_operands(f, files);
	/* import has to bring up a second level first */
	if (list_pending(c->store) != TG_EX_OK)
		return TG_EX_IO;
	if (cmd->serve != NULL)
		return filter_run(f, files);
	if (cmd->visit != NULL)
		status = list_walk(c->store, 0, cmd->visit, c);
	else
		status = cmd->all(c);
	flush_out(c);
	io_close_stdout();
	return status;
}

int
main(int argc, char *argv[])
{
	struct cache c = { .key = "", .older_than = -1 };
	struct filter f = { .program = &program, .ctx = &c };
	const struct command *cmd;
	char **words;
	int status = TG_EX_IO, flags;

	words = filter_options(&f, &c, argc, argv);
	cmd = find_command(words[0]);
	options_only(&program, f.found.given, cmd->name, cmd->bit);
	flags = settle(&c, cmd);
	f.serve = cmd->serve;
	f.before = cmd->flags & STORE_GROUP ? commit_entries : NULL;
	if (cmd->serve != NULL)
		filter_tty(&f, words + 1);
	else if (words[1] != NULL)
		options_refuse("%s takes no file", cmd->name);
	if (c.foreign)
		c.catalogue = catalogue_open(NULL);
	if ((c.store = store_open(c.dir, flags)) != NULL)
		status = run(&f, cmd, words + 1);
	store_free(c.store);
	catalogue_free(c.catalogue);
	buf_free(&c.out);
	free(c.keep_keys.v);
	return status;
}
