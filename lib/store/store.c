/* store: entries by their names, found and merged */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "record/triplet.h"
#include "store/files.h"

enum { WARN_MAX = 20 }; /* ignored files that are named */

/* Open a store's directory and what is in it: 0, or -1 after saying why. */
static int
open_all(struct store *s, int flags)
{
	if (flags & STORE_MAKE && mkdir(s->dir, 0700) == -1 && errno != EEXIST)
		return files_fail_name(s, "");
	s->fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd == -1)
		return files_fail_name(s, "");
	if (files_folder(s, "rejected", 0) == -1 && flags & STORE_WRITE)
		return -1;
	if (!(flags & STORE_WRITE))
		return 0;
	s->lock = openat(s->fd, ".lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    0600);
	if (s->lock == -1)
		return files_fail_name(s, ".lock");
	/* the lock may be there already, and nothing else allowed */
	if (faccessat(s->fd, ".", W_OK | X_OK, AT_EACCESS) == -1)
		return files_fail_name(s, "");
	return 0;
}

struct store *
store_open(const char *dir, int flags)
{
	struct store *s = mem_new(sizeof *s);

	s->dir = dir;
	s->fd = s->lock = -1;
	s->sync = !(flags & STORE_NO_SYNC);
	s->group = (flags & STORE_GROUP) != 0;
	if (open_all(s, flags) == 0)
		return s;
	store_free(s);
	return NULL;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	(void)store_commit(s);
	if (s->lock != -1)
		close(s->lock);
	if (s->fd != -1)
		close(s->fd);
	buf_free(&s->text);
	buf_free(&s->bytes);
	arena_free(&s->notes);
	free(s->file.entries);
	free(s);
}

int
store_is_hex(struct span s, size_t digits)
{
	return s.n == digits && strspn(s.p, "0123456789abcdef") >= digits;
}

/* Return the file of an id among the pairs or the rejects. */
static struct store_item
item_of(const char *id, enum store_kind kind)
{
	struct store_item i = { .kind = kind };

	memcpy(i.id, id, STORE_ID - 1);
	return i;
}

/* Warn of a file that is of no use, but not a million times. */
static void
warn_ignored(struct store *s, const struct store_item *item, const char *why)
{
	char what[128];

	if (++s->warned > WARN_MAX)
		return;
	snprintf(what, sizeof what, "ignored, %s", why);
	store_warn(s, item, what);
	if (s->warned == WARN_MAX)
		io_warn("%s: of further files nothing is said", s->dir);
}

/* Load a file for a reader; one that cannot be had has no entries. */
static void
load_or_ignore(struct store *s, const struct store_item *item)
{
	if (files_load(s, item) == -1)
		warn_ignored(s, item, strerror(errno));
	else if (s->file.why != NULL)
		warn_ignored(s, item, s->file.why);
}

static int
is_text(struct span raw, struct span text)
{
	return js_is_string(raw) && js_key_is(raw, text);
}

static int
is_named(struct span entry, const struct store_name *name)
{
	struct span tg = js_find(entry, "tg");

	return is_text(
		   js_find(tg, "fingerprint"), span_of(name->fingerprint)) &&
	       is_text(js_find(tg, "text_sha256"), span_of(name->text_sha256));
}

/* Tell an entry from elsewhere, which does not say what it answers. */
static int
is_foreign(struct span entry)
{
	return !js_is_string(js_find(js_find(entry, "tg"), "fingerprint"));
}

int
store_may_have(struct store *s, struct span id)
{
	struct store_item item;
	int kind;

	if (!store_is_hex(id, STORE_ID - 1))
		return 0;
	for (kind = STORE_PAIR; kind <= STORE_REJECT; kind++) {
		item = item_of(id.p, kind);
		if (files_is_there(s, &item))
			return 1;
	}
	return 0;
}

enum store_kind
store_get(struct store *s, const struct store_name *name, struct span *entry)
{
	const struct store_file *f = &s->file;
	struct store_item item;
	size_t i;
	int kind;

	for (kind = STORE_PAIR; kind <= STORE_REJECT; kind++) {
		item = item_of(name->id, kind);
		load_or_ignore(s, &item);
		for (i = 0; i < f->n; i++) {
			*entry = f->entries[i];
			if (is_named(*entry, name))
				return item.kind;
		}
	}
	return STORE_MISS;
}

struct span
store_foreign(struct store *s, const char *id, struct span prompt,
    const char *(*wrong)(struct span entry))
{
	struct store_item item = item_of(id, STORE_PAIR);
	struct span entry, found = { NULL, 0 };
	const char *bad, *why = NULL;
	int same = 0;
	size_t i;

	load_or_ignore(s, &item);
	for (i = 0; i < s->file.n && !same; i++) {
		entry = s->file.entries[i];
		if (!is_foreign(entry))
			continue;
		if ((bad = wrong(entry)) != NULL) {
			why = bad;
			continue;
		}
		same = prompt.p != NULL &&
		       is_text(js_find(entry, "prompt"), prompt);
		if (same || found.p == NULL)
			found = entry;
	}
	if (found.p == NULL && why != NULL)
		warn_ignored(s, &item, why);
	return found;
}

struct span
store_find(struct store *s, const char *id,
    int (*fits)(const void *ctx, struct span entry), const void *ctx)
{
	struct store_item item = item_of(id, STORE_PAIR);
	size_t i;

	load_or_ignore(s, &item);
	for (i = 0; i < s->file.n; i++)
		if (fits(ctx, s->file.entries[i]))
			return s->file.entries[i];
	return (struct span){ NULL, 0 };
}

/* Tell whether two entries are the same pair, to the byte. */
static int
is_same_pair(struct span old, struct span new)
{
	struct triplet a = triplet_in(old), b = triplet_in(new);

	return b.query.p != NULL && span_eq(a.query, b.query) &&
	       span_eq(a.first, b.first);
}

/*
 * Return the number of an entry's negatives, those that a verification has
 * taken out with them; with some_only, 1 for any.
 */
static size_t
count_negatives(struct span entry, int some_only)
{
	size_t n = triplet_negatives(js_find(entry, "neg")) +
		   triplet_taken_out(js_find(js_find(entry, "tg"), "verified"));

	return some_only ? n > 0 : n;
}

/*
 * Tell whether two entries are one: by their names or, where one of them is
 * from elsewhere, as the same pair or bytes.
 */
static int
is_same_entry(struct span a, struct span b)
{
	struct span x = js_find(a, "tg"), y = js_find(b, "tg");

	if (is_foreign(a) || is_foreign(b))
		return span_eq(a, b) || is_same_pair(a, b);
	return span_eq(js_find(x, "fingerprint"), js_find(y, "fingerprint")) &&
	       span_eq(js_find(x, "text_sha256"), js_find(y, "text_sha256"));
}

/* Tell whether an entry gives way to a new one that is the same. */
static int
gives_way(struct span old, struct span new, enum store_how how)
{
	size_t more = count_negatives(new, how == STORE_EDIT);
	size_t had = count_negatives(old, how == STORE_EDIT);
	int same_pair = is_same_pair(old, new);

	if (how != STORE_KEEP && is_foreign(old))
		return 1;
	if (span_eq(old, new) || (same_pair && more < had))
		return 0;
	if (is_foreign(old) != is_foreign(new))
		return is_foreign(old);
	return how != STORE_KEEP || (same_pair && more > had);
}

/*
 * Return a new entry with the members that only the old one of the same pair
 * has: what another program has noted, such as the prompts of a debugging run.
 */
static struct span
keep_notes(struct store *s, struct span old, struct span new)
{
	struct span key, val;
	struct buf b = { 0 };
	size_t at = 0;

	buf_add(&b, new.p, new.n - 1);
	while (js_each(old, &at, &key, &val))
		if (!js_has(new, js_string(key, &s->notes))) {
			buf_addc(&b, ',');
			buf_addspan(&b, key);
			buf_addc(&b, ':');
			triplet_flat(&b, val);
		}
	buf_addc(&b, '}');
	new = (struct span){ arena_dup(&s->notes, b.p, b.n), b.n };
	buf_free(&b);
	return new;
}

/*
 * Put a new entry among the loaded ones: in the place of those that are the
 * same, unless one of them stays, else behind all. Return whether that changed
 * anything.
 */
static int
merge_entry(struct store *s, struct span new, enum store_how how)
{
	const struct store_file *f = &s->file;
	struct span left;
	size_t i;

	for (i = 0; i < f->n; i++)
		if (is_same_pair(f->entries[i], new) &&
		    is_same_entry(f->entries[i], new))
			new = keep_notes(s, f->entries[i], new);
	left = new;
	for (i = 0; i < f->n; i++)
		if (is_same_entry(f->entries[i], new) &&
		    !gives_way(f->entries[i], new, how))
			return 0;
	for (i = 0; i < f->n; i++)
		if (is_same_entry(f->entries[i], new)) {
			f->entries[i] = left;
			left = (struct span){ NULL, 0 };
		}
	if (left.p != NULL)
		files_add_entry(s, left);
	return 1;
}

/*
 * Put the loaded entries, but for those with p NULL, in the place of a file, or
 * remove it if none is left: 0, or -1 after saying why.
 */
static int
save_entries(struct store *s, const struct store_item *item)
{
	const struct store_file *f = &s->file;
	struct buf *b = &s->bytes;
	size_t i;

	b->n = 0;
	buf_need(b, s->text.n + 8);
	for (i = 0; i < f->n; i++) {
		if (f->entries[i].p == NULL)
			continue;
		buf_adds(b, b->n == 0 ? "[" : ",\n");
		buf_addspan(b, f->entries[i]);
	}
	if (b->n == 0)
		return files_remove(s, item) == -1 ? -1 : 0;
	buf_adds(b, "]\n");
	return files_replace(s, item);
}

/*
 * Load a file for writing, where it is no obstacle that it is gone or broken:
 * a broken one is set aside. Return 0, or -1 after saying why.
 */
static int
load_or_set_aside(struct store *s, const struct store_item *item)
{
	if (files_load(s, item) == -1)
		return files_fail(s, item);
	return s->file.why != NULL ? files_set_aside(s, item) : 0;
}

/* Merge entries into a file, its lock held: 0, or -1 after saying why. */
static int
merge_file(struct store *s, const struct store_item *item,
    const struct span *entries, size_t n, enum store_how how)
{
	int changed = 0;
	size_t i;

	if (load_or_set_aside(s, item) == -1)
		return -1;
	arena_reset(&s->notes);
	for (i = 0; i < n; i++)
		changed |= merge_entry(s, entries[i], how);
	return changed ? save_entries(s, item) : 0;
}

/* Do what store_filter does, with the lock held if the store has one. */
static int
filter_file(struct store *s, const struct store_item *item, store_keep *keep,
    const void *ctx)
{
	const struct store_file *f = &s->file;
	int dropped = 0;
	size_t i;

	if (files_load(s, item) == -1)
		return files_fail(s, item);
	for (i = 0; i < f->n; i++)
		if (!keep(ctx, f, f->entries[i])) {
			f->entries[i].p = NULL;
			dropped++;
		}
	if (dropped > 0 && s->lock != -1 && save_entries(s, item) == -1)
		return -1;
	return dropped;
}

/* Tell whether an entry has another name than the one in ctx, or none. */
static int
is_other(const void *ctx, const struct store_file *f, struct span entry)
{
	const struct span *new = ctx;

	(void)f;
	return is_foreign(entry) || !is_same_entry(entry, *new);
}

int
store_commit(struct store *s)
{
	int status = files_commit(s);
	size_t i;

	for (i = 0; i < s->nheld; i++)
		files_unlock(s, s->held[i]);
	s->nheld = 0;
	return status;
}

/* Return whether the group has an id. */
static int
is_held(const struct store *s, const char *id)
{
	size_t i;

	for (i = 0; i < s->nheld; i++)
		if (strcmp(s->held[i], id) == 0)
			return 1;
	return 0;
}

/*
 * Lock an id that the group does not hold: 0, or -1 after saying why. Whoever
 * waits for a lock holds none, so no two writers wait for each other.
 */
static int
lock_id(struct store *s, const char *id)
{
	int got;

	if (is_held(s, id) && store_commit(s) == -1)
		return -1;
	got = s->nheld > 0 ? files_lock(s, id, 1) : 0;
	if (got == 0 && s->nheld > 0 && store_commit(s) == -1)
		return -1;
	if (got == 0)
		got = files_lock(s, id, 0);
	return got == -1 ? -1 : 0;
}

/* Unlock an id, or let its lock wait with its file for the end of the group. */
static int
unlock_id(struct store *s, const char *id)
{
	if (!s->group) {
		files_unlock(s, id);
		return 0;
	}
	snprintf(s->held[s->nheld++], STORE_ID, "%s", id);
	return s->nheld == FILES_GROUP ? store_commit(s) : 0;
}

int
store_put(struct store *s, const char *id, enum store_kind kind,
    const struct span *entries, size_t n, enum store_how how)
{
	struct store_item item = item_of(id, kind);
	struct store_item other =
	    item_of(id, kind == STORE_PAIR ? STORE_REJECT : STORE_PAIR);
	int status;

	if (lock_id(s, id) == -1) {
		(void)store_commit(s);
		return -1;
	}
	status = merge_file(s, &item, entries, n, how);
	/* only once the new one stands */
	if (status == 0 && how != STORE_KEEP && files_is_there(s, &other)) {
		status = files_commit(s);
		if (status == 0)
			status = filter_file(s, &other, is_other, entries);
	}
	if (unlock_id(s, id) == -1 || status == -1) {
		(void)store_commit(s);
		return -1;
	}
	return 0;
}

int
store_filter(struct store *s, const struct store_item *item, store_keep *keep,
    const void *ctx)
{
	int dropped;

	if (s->lock == -1)
		return keep != NULL ? filter_file(s, item, keep, ctx) : 1;
	if (lock_id(s, item->id) == -1)
		return -1;
	dropped = keep != NULL ? filter_file(s, item, keep, ctx)
			       : files_remove(s, item);
	files_unlock(s, item->id);
	return dropped;
}

int
store_set_aside(struct store *s, const struct store_item *item)
{
	int status;

	if (lock_id(s, item->id) == -1)
		return -1;
	status = load_or_set_aside(s, item);
	files_unlock(s, item->id);
	return status;
}
