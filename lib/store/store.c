/* store: entries by their names, found and merged */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "store/files.h"

enum { WARN_MAX = 20 };

/* Say that a file is of no use, but not a million times. */
static void
warn_ignored(struct store *s, const struct store_item *item, const char *why)
{
	char what[128];

	if (++s->warned > WARN_MAX)
		return;
	snprintf(what, sizeof what, "ignored, %s", why);
	item_warn(s, item, what);
	if (s->warned == WARN_MAX)
		io_warn(
		    s->tool, "%s: of further files nothing is said", s->dir);
}

/* For a reader: what cannot be had is a miss. */
static int
load_some(struct store *s, const struct store_item *item)
{
	const char *why;
	struct spot at;
	enum loaded got;

	if (spot_open(s, &at, item, 0) == -1)
		got = errno == ENOENT ? ABSENT : FAILED;
	else
		got = spot_load(s, &at, &why);
	if (got == BAD)
		warn_ignored(s, item, why);
	else if (got == FAILED)
		warn_ignored(s, item, strerror(errno));
	spot_close(&at);
	return got == LOADED;
}

/* The raw string v, whose text holds no escape, is text. */
static int
is_text(struct span v, const char *text)
{
	return js_is_string(v) &&
	       span_is((struct span){ v.p + 1, v.n - 2 }, text);
}

static int
is_named(struct span entry, const struct store_name *name)
{
	struct span tg = js_find(entry, "tg");

	return is_text(js_find(tg, "fingerprint"), name->fingerprint) &&
	       is_text(js_find(tg, "text_sha256"), name->text_sha256);
}

/* Whether an entry is from elsewhere: it does not say what it answers. */
static int
is_foreign(struct span entry)
{
	return !js_is_string(js_find(js_find(entry, "tg"), "fingerprint"));
}

/* The entry of that name in the loaded file; NULL if there is none. */
static const struct span *
find(const struct store *s, const struct store_name *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (is_named(s->entries[i], name))
			return &s->entries[i];
	return NULL;
}

int
store_may_have(struct store *s, const char *id)
{
	struct store_item item;
	struct spot at;
	struct stat st;
	int i, there;

	if (!store_is_id(span_of(id)))
		return 0;
	for (i = 0; i < 4; i++) {
		item =
		    spot_item(s, id, i < 2 ? STORE_PAIR : STORE_REJECT, i & 1);
		there =
		    spot_open(s, &at, &item, 0) == 0 &&
		    fstatat(at.fd, at.file + 1, &st, AT_SYMLINK_NOFOLLOW) == 0;
		spot_close(&at);
		if (there)
			return 1;
	}
	return 0;
}

enum store_got
store_get(struct store *s, const struct store_name *name, struct span *entry)
{
	static const enum store_got kinds[] = { STORE_PAIR, STORE_REJECT };
	const struct span *found;
	struct store_item item;
	int i;

	if (!store_is_id(span_of(name->id)))
		return STORE_MISS;
	for (i = 0; i < 4; i++) {
		item = spot_item(s, name->id, kinds[i / 2], i % 2);
		if (!load_some(s, &item) || (found = find(s, name)) == NULL)
			continue;
		*entry = *found;
		return item.kind;
	}
	return STORE_MISS;
}

/* As store_foreign, in the loaded file; *why if all are passed over. */
static struct span
find_foreign(struct store *s, struct span prompt,
    const char *(*wrong)(struct span entry), const char **why)
{
	struct span entry, first = { NULL, 0 };
	struct arena mem = { 0 };
	const char *bad;
	size_t i;

	for (i = 0; i < s->n; i++) {
		entry = s->entries[i];
		if (!is_foreign(entry))
			continue;
		if (wrong != NULL && (bad = wrong(entry)) != NULL) {
			*why = bad;
			continue;
		}
		if (first.p == NULL)
			first = entry;
		if (prompt.p == NULL ||
		    !span_eq(js_string(js_find(entry, "prompt"), &mem), prompt))
			continue;
		first = entry;
		break;
	}
	arena_free(&mem);
	return first;
}

struct span
store_foreign(struct store *s, const char *id, struct span prompt,
    const char *(*wrong)(struct span entry))
{
	struct span found = { NULL, 0 };
	struct store_item item;
	const char *why = NULL;
	int i;

	for (i = 0; i < 2 && store_is_id(span_of(id)); i++) {
		item = spot_item(s, id, STORE_PAIR, i);
		if (!load_some(s, &item))
			continue;
		found = find_foreign(s, prompt, wrong, &why);
		if (found.p != NULL)
			break;
		if (why != NULL)
			warn_ignored(s, &item, why);
	}
	return found;
}

static struct span
first_pos(struct span entry)
{
	struct span pos = js_find(entry, "pos");

	return js_is_array(pos) ? js_at(pos, 0) : pos;
}

/* Whether two entries are the same pair, to the byte. */
static int
is_same_pair(struct span old, struct span new)
{
	struct span query = js_find(new, "query");

	return query.p != NULL && span_eq(js_find(old, "query"), query) &&
	       span_eq(first_pos(old), first_pos(new));
}

static int
has_negatives(struct span entry)
{
	struct span neg = js_find(entry, "neg");

	return js_is_string(neg) || js_count(neg) > 0;
}

/* Whether the old entry is the new one with negatives, too. */
static int
is_more(struct span old, struct span new)
{
	return is_same_pair(old, new) && has_negatives(old) &&
	       !has_negatives(new);
}

static void
add_entry(struct buf *b, struct span entry)
{
	buf_adds(b, b->n > 1 ? ",\n" : "");
	buf_addspan(b, entry);
}

/*
 * The loaded entries into s->bytes, with new (if there is one) in the place of
 * what goes by its name (if it has one) or is the same pair from elsewhere,
 * else behind them. Whether there are any.
 */
static int
merge(struct store *s, const struct store_name *name, struct span new)
{
	struct span entry, with = new;
	size_t i;

	s->bytes.n = 0;
	buf_need(&s->bytes, s->text.n + new.n + 8);
	buf_addc(&s->bytes, '[');
	for (i = 0; i < s->n; i++) {
		entry = s->entries[i];
		if ((name != NULL && is_named(entry, name)) ||
		    (new.p != NULL &&is_foreign(entry) &&
			is_same_pair(entry, new))) {
			entry = with;
			with.p = NULL;
		}
		if (entry.p != NULL)
			add_entry(&s->bytes, entry);
	}
	if (with.p != NULL)
		add_entry(&s->bytes, with);
	if (s->bytes.n == 1)
		return 0;
	buf_adds(&s->bytes, "]\n");
	return 1;
}

/* Take the entry of that name out of a file: 0, or -1. */
static int
take_out(struct store *s, const struct store_item *item,
    const struct store_name *name, int sync)
{
	const char *why;
	struct spot at;
	int status = 0;

	if (spot_open(s, &at, item, 0) == 0 &&
	    spot_load(s, &at, &why) == LOADED && find(s, name) != NULL)
		status = merge(s, name, (struct span){ NULL, 0 })
			     ? spot_replace(s, &at, sync)
			     : spot_unlink(s, &at);
	spot_close(&at);
	return status == -1 ? -1 : 0;
}

/*
 * Open a file's spot and load it, for writing: what is no file of entries is
 * moved out of the way. FAILED after saying why.
 */
static enum loaded
load_or_set_aside(
    struct store *s, struct spot *at, const struct store_item *item)
{
	enum loaded got;
	const char *why;

	s->n = s->text.n = 0;
	if (spot_open(s, at, item, 0) == -1)
		got = errno == ENOENT ? ABSENT : FAILED;
	else
		got = spot_load(s, at, &why);
	if (got == FAILED)
		item_fail(s, &at->item);
	if (got != BAD)
		return got;
	return spot_set_aside(s, at, why) == -1 ? FAILED : ABSENT;
}

/*
 * How many places a writer looks at. In a flat directory there are no others;
 * should somebody make it one of two levels meanwhile, what is written flat is
 * read all the same.
 */
static int
places(const struct store *s)
{
	return s->two_level ? 2 : 1;
}

/*
 * Open and load the file that an entry of this kind goes to: the one that has
 * the name (any, if it is NULL), else one that is there, else a new one. The
 * caller closes the spot. 0, or -1.
 */
static int
load_target(struct store *s, struct spot *at, const char *id,
    enum store_got kind, const struct store_name *name)
{
	struct spot spots[2];
	struct store_item item;
	enum loaded got[2] = { ABSENT, ABSENT };
	int i, n = 0, to = -1, status = 0;

	while (to == -1 && n < places(s)) {
		item = spot_item(s, id, kind, n);
		got[n] = load_or_set_aside(s, &spots[n], &item);
		if (got[n] == FAILED)
			status = -1;
		if (got[n] == FAILED ||
		    (got[n] == LOADED && (name == NULL || find(s, name))))
			to = n;
		n++;
	}
	if (to == -1) {
		to = got[0] != LOADED && got[1] == LOADED;
		/* what was loaded last may be the other one */
		if (got[to] == LOADED && to != n - 1) {
			spot_close(&spots[to]);
			item = spot_item(s, id, kind, to);
			if (load_or_set_aside(s, &spots[to], &item) != LOADED)
				status = -1;
		} else if (spots[to].fd == -1) {
			item = spot_item(s, id, kind, to);
			if (spot_open(s, &spots[to], &item, 1) == -1)
				status = item_fail(s, &item);
		}
	}
	*at = spots[to];
	for (i = 0; i < n; i++)
		if (i != to || status == -1)
			spot_close(&spots[i]);
	return status;
}

/* Put new, which is not there yet, into the loaded file: 0, or -1. */
static int
put_in(struct store *s, const struct spot *at, const struct store_name *name,
    struct span new, int sync)
{
	merge(s, name, new);
	return spot_replace(s, at, sync);
}

/* store_put with the lock held. */
static int
put_locked(struct store *s, const struct store_name *name, enum store_got kind,
    struct span new, int sync)
{
	enum store_got other = kind == STORE_PAIR ? STORE_REJECT : STORE_PAIR;
	struct store_item item;
	const struct span *old;
	struct spot at;
	int i, n = places(s), status = 0;

	if (load_target(s, &at, name->id, kind, name) == -1)
		return -1;
	old = find(s, name);
	if (old == NULL || (!span_eq(*old, new) && !is_more(*old, new)))
		status = put_in(s, &at, name, new, sync);
	spot_close(&at);
	/* only now that the new one stands */
	for (i = 0; i < 2 * n && status == 0; i++) {
		item = spot_item(s, name->id, i < n ? kind : other, i % n);
		if (item.kind != kind || item.shard != at.item.shard)
			status = take_out(s, &item, name, sync);
	}
	return status;
}

/* The lock, once it is known to be one's to have: 0, or -1. */
static int
lock_id(struct store *s, const char *id)
{
	if (store_is_id(span_of(id)) && s->lock != -1)
		return store_lock(s, id);
	io_warn(s->tool, "%s: %s", s->dir,
	    s->lock == -1 ? "opened to read" : "not an id");
	return -1;
}

int
store_put(struct store *s, const struct store_name *name, enum store_got kind,
    struct span new, int sync)
{
	int status;

	if (lock_id(s, name->id) == -1)
		return -1;
	status = put_locked(s, name, kind, new, sync);
	store_unlock(s, name->id);
	return status;
}

static int
put_foreign_locked(struct store *s, const char *id, struct span new, int sync)
{
	struct spot at;
	int status = 0;
	size_t i;

	if (load_target(s, &at, id, STORE_PAIR, NULL) == -1)
		return -1;
	for (i = 0; i < s->n; i++)
		if (is_same_pair(s->entries[i], new))
			break;
	if (i == s->n ||
	    (is_foreign(s->entries[i]) && !span_eq(s->entries[i], new) &&
		is_more(new, s->entries[i])))
		status = put_in(s, &at, NULL, new, sync);
	spot_close(&at);
	return status;
}

int
store_put_foreign(struct store *s, const char *id, struct span new, int sync)
{
	int status;

	if (lock_id(s, id) == -1)
		return -1;
	status = put_foreign_locked(s, id, new, sync);
	store_unlock(s, id);
	return status;
}

/* Open a file's spot and load it: as store_read. */
static enum store_state
read_spot(struct store *s, struct spot *at, const struct store_item *item,
    struct store_file *f)
{
	enum loaded got;

	*f = (struct store_file){ 0 };
	s->n = s->text.n = 0;
	if (spot_open(s, at, item, 0) == -1)
		got = errno == ENOENT ? ABSENT : FAILED;
	else
		got = spot_load(s, at, &f->why);
	f->entries = s->entries;
	f->n = s->n;
	f->bytes = (long long)s->text.n;
	f->written = s->written;
	return got == LOADED   ? STORE_READ
	       : got == ABSENT ? STORE_GONE
	       : got == BAD    ? STORE_BROKEN
			       : STORE_FAILED;
}

enum store_state
store_read(struct store *s, const struct store_item *item, struct store_file *f)
{
	struct spot at;
	enum store_state state = read_spot(s, &at, item, f);
	int error = errno;

	spot_close(&at);
	errno = error;
	return state;
}

/* The loaded entries that keep() keeps into s->bytes; how many it drops. */
static int
sift(struct store *s, const struct store_file *f, store_keep *keep, void *ctx)
{
	int dropped = 0;
	size_t i;

	s->bytes.n = 0;
	buf_addc(&s->bytes, '[');
	for (i = 0; i < f->n; i++)
		if (keep(ctx, f, f->entries[i]))
			add_entry(&s->bytes, f->entries[i]);
		else
			dropped++;
	buf_adds(&s->bytes, "]\n");
	return dropped;
}

/* store_filter with the lock held, if it takes one. */
static int
filter_locked(struct store *s, const struct store_item *item, store_keep *keep,
    void *ctx, int dry, int sync)
{
	struct store_file f;
	struct spot at;
	int dropped = 0, status = 0;
	enum store_state got = read_spot(s, &at, item, &f);

	if (got == STORE_FAILED)
		status = item_fail(s, &at.item);
	if (got == STORE_READ)
		dropped = sift(s, &f, keep, ctx);
	if (dropped > 0 && !dry)
		status = (size_t)dropped < f.n ? spot_replace(s, &at, sync)
					       : spot_unlink(s, &at);
	spot_close(&at);
	return status == -1 ? -1 : dropped;
}

int
store_filter(struct store *s, const struct store_item *item, store_keep *keep,
    void *ctx, int dry, int sync)
{
	int status;

	if (dry)
		return filter_locked(s, item, keep, ctx, dry, sync);
	if (lock_id(s, item->id) == -1)
		return -1;
	status = filter_locked(s, item, keep, ctx, dry, sync);
	store_unlock(s, item->id);
	return status;
}

int
store_drop_temp(struct store *s, const struct store_item *item)
{
	struct spot at;
	int status;

	if (lock_id(s, item->id) == -1)
		return -1;
	if (spot_open(s, &at, item, 0) == 0)
		status = spot_unlink(s, &at);
	else
		status = errno == ENOENT ? 0 : item_fail(s, &at.item);
	spot_close(&at);
	store_unlock(s, item->id);
	return status;
}

int
store_set_aside(struct store *s, const struct store_item *item)
{
	struct store_file f;
	struct spot at;
	int status = 0;

	if (lock_id(s, item->id) == -1)
		return -1;
	if (read_spot(s, &at, item, &f) == STORE_BROKEN)
		status = spot_set_aside(s, &at, f.why);
	spot_close(&at);
	store_unlock(s, item->id);
	return status;
}
