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
#include "store/files.h"

enum { WARN_MAX = 20 }; /* ignored files that are named */

/* Open what writing needs, before anything is paid for: 0, or -1. */
static int
open_to_write(struct store *s)
{
	struct stat st;

	s->lock = openat(s->fd, ".lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    0666);
	if (s->lock == -1)
		return files_fail_name(s, ".lock");
	if (fstat(s->lock, &st) == -1 || !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return files_fail_name(s, ".lock");
	}
	/* the lock may be there already, and nothing else allowed */
	if (faccessat(s->fd, ".", W_OK | X_OK, AT_EACCESS) == -1)
		return files_fail_name(s, "");
	return 0;
}

/* Open a store's directory and what is in it: 0, or -1 after saying why. */
static int
open_all(struct store *s, int flags)
{
	const int how = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	s->fd = open(s->dir, how);
	if (s->fd == -1 && errno == ENOENT && flags & STORE_MAKE &&
	    (mkdir(s->dir, 0777) == 0 || errno == EEXIST))
		s->fd = open(s->dir, how);
	if (s->fd == -1)
		return files_fail_name(s, "");
	if (files_folder_of(s, STORE_REJECT, 0) == -1 && errno != ENOENT &&
	    files_fail_name(s, "rejected") == -1 && flags & STORE_WRITE)
		return -1;
	return flags & STORE_WRITE ? open_to_write(s) : 0;
}

struct store *
store_open(const char *tool, const char *dir, int flags)
{
	struct store *s = mem_new(sizeof *s);

	s->tool = tool;
	s->dir = dir;
	s->fd = s->rejects = s->lock = -1;
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
	if (s->lock != -1)
		close(s->lock);
	if (s->rejects != -1)
		close(s->rejects);
	if (s->fd != -1)
		close(s->fd);
	buf_free(&s->text);
	buf_free(&s->bytes);
	free(s->entries);
	free(s);
}

int
store_is_id(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (memchr("0123456789abcdef", s.p[i], 16) == NULL)
			return 0;
	return s.n == STORE_ID - 1;
}

/* Return the file of an id among the pairs or the rejects. */
static struct store_item
item_of(const char *id, enum store_got kind)
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
	files_warn(s, item, what);
	if (s->warned == WARN_MAX)
		io_warn(
		    s->tool, "%s: of further files nothing is said", s->dir);
}

/* Load a file for a reader, to whom one that cannot be had is a miss: 1 or 0.
 */
static int
load_or_ignore(struct store *s, const struct store_item *item)
{
	const char *why;
	enum store_state got = files_load(s, item, &why);

	if (got == STORE_BROKEN)
		warn_ignored(s, item, why);
	else if (got == STORE_FAILED)
		warn_ignored(s, item, strerror(errno));
	return got == STORE_READ;
}

/* Tell whether the raw string v is text, in which nothing needs an escape. */
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

/* Tell an entry from elsewhere, which does not say what it answers. */
static int
is_foreign(struct span entry)
{
	return !js_is_string(js_find(js_find(entry, "tg"), "fingerprint"));
}

/* Return the loaded entry of a name, or NULL. */
static const struct span *
find_entry(const struct store *s, const struct store_name *name)
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
	static const enum store_got kinds[] = { STORE_PAIR, STORE_REJECT };
	char name[STORE_ID + 5];
	struct stat st;
	int i, folder;

	if (!store_is_id(span_of(id)))
		return 0;
	memcpy(name, id, STORE_ID - 1);
	memcpy(name + STORE_ID - 1, ".json", 6);
	for (i = 0; i < 2; i++) {
		folder = files_folder_of(s, kinds[i], 0);
		if (folder != -1 &&
		    fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
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

	for (i = 0; i < 2 && store_is_id(span_of(name->id)); i++) {
		item = item_of(name->id, kinds[i]);
		if (!load_or_ignore(s, &item) ||
		    (found = find_entry(s, name)) == NULL)
			continue;
		*entry = *found;
		return item.kind;
	}
	return STORE_MISS;
}

/* Do what store_foreign does in the loaded file; *why if it passed one over. */
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

	if (!store_is_id(span_of(id)))
		return found;
	item = item_of(id, STORE_PAIR);
	if (!load_or_ignore(s, &item))
		return found;
	found = find_foreign(s, prompt, wrong, &why);
	if (found.p == NULL && why != NULL)
		warn_ignored(s, &item, why);
	return found;
}

static struct span
first_pos(struct span entry)
{
	struct span pos = js_find(entry, "pos");

	return js_is_array(pos) ? js_at(pos, 0) : pos;
}

/* Tell whether two entries are the same pair, to the byte. */
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

/* Tell whether the old entry is the new pair with negatives that it lacks. */
static int
is_more(struct span old, struct span new)
{
	return is_same_pair(old, new) && has_negatives(old) &&
	       !has_negatives(new);
}

/* Write the loaded entries, but for those with p NULL, to s->bytes: how many.
 */
static size_t
write_entries(struct store *s)
{
	size_t i, n = 0;

	s->bytes.n = 0;
	buf_need(&s->bytes, s->text.n + 8);
	buf_addc(&s->bytes, '[');
	for (i = 0; i < s->n; i++) {
		if (s->entries[i].p == NULL)
			continue;
		buf_adds(&s->bytes, n++ > 0 ? ",\n" : "");
		buf_addspan(&s->bytes, s->entries[i]);
	}
	buf_adds(&s->bytes, "]\n");
	return n;
}

/* Put the loaded entries in the place of a file, or remove it if none is left.
 */
static int
save_entries(struct store *s, const struct store_item *item, int sync)
{
	return write_entries(s) > 0 ? files_replace(s, item, sync)
				    : files_remove(s, item);
}

/*
 * Put new among the loaded entries: in the place of the one of its name and of
 * the same pair from elsewhere, else behind them.
 */
static void
merge_entry(struct store *s, const struct store_name *name, struct span new)
{
	struct span with = new;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (!is_named(s->entries[i], name) &&
		    !(is_foreign(s->entries[i]) &&
			is_same_pair(s->entries[i], new)))
			continue;
		s->entries[i] = with;
		with.p = NULL;
	}
	if (with.p != NULL)
		files_add_entry(s, with);
}

/* Take the entries of a name out of a file: 0, or -1 after saying why. */
static int
take_out(struct store *s, const struct store_item *item,
    const struct store_name *name, int sync)
{
	const char *why;
	size_t i;

	if (files_load(s, item, &why) != STORE_READ ||
	    find_entry(s, name) == NULL)
		return 0;
	for (i = 0; i < s->n; i++)
		if (is_named(s->entries[i], name))
			s->entries[i].p = NULL;
	return save_entries(s, item, sync) == -1 ? -1 : 0;
}

/*
 * Load a file for writing, where it is no obstacle that it is gone or broken:
 * a broken one is set aside. Return 0, or -1 after saying why.
 */
static int
load_or_set_aside(struct store *s, const struct store_item *item)
{
	const char *why;
	enum store_state got = files_load(s, item, &why);

	if (got == STORE_FAILED)
		return files_fail(s, item);
	if (got == STORE_BROKEN)
		return files_set_aside(s, s, item, why) == -1 ? -1 : 0;
	return 0;
}

/* Do what store_put does, with the lock held. */
static int
put_locked(struct store *s, const struct store_name *name, enum store_got kind,
    struct span new, int sync)
{
	struct store_item item = item_of(name->id, kind);
	struct store_item other =
	    item_of(name->id, kind == STORE_PAIR ? STORE_REJECT : STORE_PAIR);
	const struct span *old;

	if (load_or_set_aside(s, &item) == -1)
		return -1;
	old = find_entry(s, name);
	if (old == NULL || (!span_eq(*old, new) && !is_more(*old, new))) {
		merge_entry(s, name, new);
		if (save_entries(s, &item, sync) == -1)
			return -1;
	}
	/* only now that the new one stands */
	return take_out(s, &other, name, sync);
}

/* Lock an id, if it is one and the store is open to write: 0, or -1. */
static int
lock_id(struct store *s, const char *id)
{
	if (store_is_id(span_of(id)) && s->lock != -1)
		return files_lock(s, id);
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
	files_unlock(s, name->id);
	return status;
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
gives_way(struct span old, struct span new)
{
	if (is_more(old, new))
		return 0;
	if (is_foreign(old) != is_foreign(new))
		return is_foreign(old);
	return is_more(new, old);
}

/* Add an entry to the loaded ones: whether that changed them. */
static int
add_entry(struct store *s, struct span new)
{
	size_t i;

	for (i = 0; i < s->n && !is_same_entry(s->entries[i], new); i++)
		;
	if (i == s->n)
		files_add_entry(s, new);
	else if (gives_way(s->entries[i], new))
		s->entries[i] = new;
	else
		return 0;
	return 1;
}

/* Do what store_add does, with the lock held. */
static int
add_locked(struct store *s, const struct store_item *item,
    const struct span *entries, size_t n, int sync)
{
	int changed = 0;
	size_t i;

	if (load_or_set_aside(s, item) == -1)
		return -1;
	for (i = 0; i < n; i++)
		changed |= add_entry(s, entries[i]);
	return changed ? save_entries(s, item, sync) : 0;
}

int
store_add(struct store *s, const char *id, enum store_got kind,
    const struct span *entries, size_t n, int sync)
{
	struct store_item item;
	int status;

	if (lock_id(s, id) == -1)
		return -1;
	item = item_of(id, kind);
	status = add_locked(s, &item, entries, n, sync);
	files_unlock(s, id);
	return status;
}

enum store_state
store_read(struct store *s, const struct store_item *item, struct store_file *f)
{
	const char *why;
	enum store_state got = files_load(s, item, &why);

	*f = (struct store_file){ s->entries, s->n, (long long)s->text.n,
		s->written, why };
	return got;
}

/* Do what store_filter does, with the lock held unless it is dry. */
static int
filter_locked(struct store *s, const struct store_item *item, store_keep *keep,
    void *ctx, int dry, int sync)
{
	struct store_file f;
	int dropped = 0;
	enum store_state got = store_read(s, item, &f);
	size_t i;

	if (got == STORE_FAILED)
		return files_fail(s, item);
	for (i = 0; i < f.n && got == STORE_READ; i++)
		if (!keep(ctx, &f, s->entries[i])) {
			s->entries[i].p = NULL;
			dropped++;
		}
	if (dropped == 0 || dry)
		return dropped;
	return save_entries(s, item, sync) == -1 ? -1 : dropped;
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
	files_unlock(s, item->id);
	return status;
}

int
store_drop_temp(struct store *s, const struct store_item *item)
{
	int status;

	if (lock_id(s, item->id) == -1)
		return -1;
	status = files_remove(s, item);
	files_unlock(s, item->id);
	return status;
}

int
store_set_aside(struct store *s, const struct store_item *item)
{
	const char *why;
	int status = 0;

	if (lock_id(s, item->id) == -1)
		return -1;
	if (files_load(s, item, &why) == STORE_BROKEN)
		status = files_set_aside(s, s, item, why);
	files_unlock(s, item->id);
	return status;
}
