/* check: a store counted */
#include "store/check.h"

#include <dirent.h>
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
#include "json/scan.h"
#include "json/string.h"
#include "store/entry.h"
#include "store/files.h"
#include "store/list.h"

/*
 * How often each name was met: exactly, so that it can be given to an option,
 * and sorted.
 */
struct row {
	char *name;
	size_t len, n;
};

struct table {
	struct row *v;
	size_t n, cap;
};

static struct span
row_name(const struct row *r)
{
	return (struct span){ r->name, r->len };
}

/* Rows stay sorted, so that names without end cost no more than memory. */
static void
table_add(struct table *t, struct span name)
{
	size_t low = 0, high = t->n, mid, n;
	int d;

	while (low < high) {
		mid = (low + high) / 2;
		n = t->v[mid].len < name.n ? t->v[mid].len : name.n;
		d = n > 0 ? memcmp(t->v[mid].name, name.p, n) : 0;
		if (d == 0 && t->v[mid].len == name.n) {
			t->v[mid].n++;
			return;
		}
		if (d < 0 || (d == 0 && t->v[mid].len < name.n))
			low = mid + 1;
		else
			high = mid;
	}
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 16;
		t->v = mem_array(t->v, t->cap, sizeof *t->v);
	}
	memmove(t->v + low + 1, t->v + low, (t->n - low) * sizeof *t->v);
	t->v[low] =
	    (struct row){ mem_dup(name.n ? name.p : "", name.n), name.n, 1 };
	t->n++;
}

static void
table_free(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->v[i].name);
	free(t->v);
	*t = (struct table){ 0 };
}

static void
table_write(struct table *t, struct buf *out)
{
	size_t i;

	buf_addc(out, '{');
	for (i = 0; i < t->n; i++) {
		buf_adds(out, i > 0 ? "," : "");
		js_quote(out, row_name(&t->v[i]));
		buf_fmt(out, ":%zu", t->v[i].n);
	}
	buf_addc(out, '}');
}

struct counts {
	size_t files, pairs, negatives, foreign, rejects, broken, temps;
	long long bytes;
	struct table tasks, keys, codes;
};

/* Count a string member by its value; what has none is not counted. */
static void
count_string(struct table *t, struct span v)
{
	struct arena mem = { 0 };

	if (js_is_string(v))
		table_add(t, js_string(v, &mem));
	arena_free(&mem);
}

static void
count_entry(struct counts *c, struct span entry, enum store_got kind)
{
	struct span tg = js_find(entry, "tg"), neg = js_find(entry, "neg");
	struct span with = js_find(tg, "with");

	if (kind == STORE_REJECT) {
		c->rejects++;
		count_string(
		    &c->codes, js_find(js_find(tg, "rejected"), "code"));
		return;
	}
	c->pairs++;
	c->negatives += js_is_string(neg) || js_count(neg) > 0;
	if (!js_is_string(js_find(tg, "fingerprint"))) {
		c->foreign++;
		return;
	}
	count_string(&c->tasks, js_find(tg, "task"));
	count_string(&c->keys, with.p != NULL ? with : span_of("\"\""));
}

/* Whether a file lies in the folder of other ids. */
static int
is_astray(const struct store_item *item)
{
	char shard[4];

	if (item->shard < 0)
		return 0;
	snprintf(shard, sizeof shard, "%02x", (unsigned char)item->shard);
	return strncmp(shard, item->id, 2) != 0;
}

const char *
check_file(
    const struct store_item *item, const struct store_file *f, struct buf *b)
{
	const char *why;
	size_t i;

	if (is_astray(item))
		return "in the folder of other ids";
	for (i = 0; i < f->n; i++) {
		why = entry_doubt(f->entries[i], item->kind, item->id);
		if (why == NULL)
			continue;
		b->n = 0;
		buf_fmt(b, "entry %zu: %s", i + 1, why);
		return buf_cstr(b);
	}
	return NULL;
}

/* Count a file that was read; of entries those that can be taken. */
static void
count_file(
    struct counts *c, const struct store_item *item, const struct store_file *f)
{
	struct buf b = { 0 };
	size_t i;

	c->files++;
	c->bytes += f->bytes;
	c->broken += check_file(item, f, &b) != NULL;
	for (i = 0; i < f->n; i++)
		if (entry_wrong(f->entries[i], item->kind) == NULL)
			count_entry(c, f->entries[i], item->kind);
	buf_free(&b);
}

/* 0, or -1 after saying why. */
static int
count_item(struct counts *c, struct store *s, const struct store_item *item)
{
	struct store_file f;
	struct buf path = { 0 };

	if (item->temp) {
		c->temps++;
		return 0;
	}
	switch (store_read(s, item, &f)) {
	case STORE_READ:
		count_file(c, item, &f);
		return 0;
	case STORE_BROKEN:
		c->broken++;
		return 0;
	case STORE_GONE:
		return 0;
	case STORE_FAILED:
		break;
	}
	io_warn(s->tool, "%s/%s: %s", s->dir, store_item_path(item, &path),
	    strerror(errno));
	buf_free(&path);
	return -1;
}

struct answer_counts {
	size_t files, answers, torn;
	long long bytes;
};

/* Count the lines of an open file of answers; takes fd. 0, or -1. */
static int
count_lines(struct answer_counts *c, int fd)
{
	static const char *const no_more[] = { NULL };
	struct span line, v;
	const char *why;
	struct lines l;
	enum lines_got got;
	size_t bytes;
	int status = 0;

	lines_init(&l, NULL, LINES_LIMIT);
	l.files = no_more;
	l.fd = fd;
	while ((got = lines_next(&l, &line, &bytes)) != LINES_END) {
		if (got == LINES_MORE) {
			if ((status = lines_fill(&l)) == -1)
				break;
			continue;
		}
		v = got == LINES_LINE ? js_text(line, &why)
				      : (struct span){ NULL, 0 };
		if (v.p != NULL && js_find(v, "answer").p != NULL)
			c->answers++;
		else
			c->torn++;
	}
	lines_free(&l);
	return status;
}

/* A file of the answers' folder: 0, or -1 with errno. */
static int
count_answers_file(struct answer_counts *c, int at, const char *name)
{
	const char *dot = strrchr(name, '.');
	struct stat st;
	int fd;

	if (name[0] == '.' || dot == NULL || strcmp(dot, ".jsonl") != 0)
		return 0;
	fd = openat(at, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT || errno == ELOOP ? 0 : -1;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		close(fd);
		return 0;
	}
	c->files++;
	c->bytes += st.st_size;
	return count_lines(c, fd);
}

/* 1 if there is such a folder, 0 if not, -1 after saying why. */
static int
count_answers(struct answer_counts *c, struct store *s)
{
	int fd = files_folder(s->fd, "answers", 0), status = 0;
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	*c = (struct answer_counts){ 0 };
	if (d == NULL) {
		if (fd == -1 && errno == ENOENT)
			return 0;
		io_warn(s->tool, "%s/answers: %s", s->dir, strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	while (status == 0 && (e = readdir(d)) != NULL)
		if ((status = count_answers_file(c, fd, e->d_name)) == -1)
			io_warn(s->tool, "%s/answers/%s: %s", s->dir, e->d_name,
			    strerror(errno));
	closedir(d);
	return status == -1 ? -1 : 1;
}

static void
add_count(struct buf *out, const char *key, long long n)
{
	buf_fmt(out, "\"%s\":%lld,", key, n);
}

static void
add_table(struct buf *out, const char *key, struct table *t)
{
	buf_fmt(out, "\"%s\":", key);
	table_write(t, out);
	buf_addc(out, ',');
	table_free(t);
}

static void
write_counts(struct buf *out, struct counts *c, int two_level)
{
	buf_fmt(out, "{\"layout\":\"%s\",", two_level ? "two-level" : "flat");
	add_count(out, "files", (long long)c->files);
	add_count(out, "bytes", c->bytes);
	add_count(out, "entries", (long long)c->pairs);
	add_count(out, "with_negatives", (long long)c->negatives);
	add_count(out, "foreign", (long long)c->foreign);
	add_table(out, "tasks", &c->tasks);
	add_table(out, "keys", &c->keys);
	add_count(out, "rejects", (long long)c->rejects);
	add_table(out, "rejected", &c->codes);
	add_count(out, "broken", (long long)c->broken);
	add_count(out, "temps", (long long)c->temps);
}

int
check_counts(struct store *s, struct buf *out)
{
	struct counts c = { 0 };
	struct list l;
	struct store_item item;
	struct answer_counts a;
	long long bytes;
	size_t i, aside;
	int status = list_read(&l, s), there;

	for (i = 0; i < l.n && status == 0; i++) {
		item = list_at(&l, i);
		status = count_item(&c, s, &item);
	}
	there = count_answers(&a, s);
	if (list_broken(s, 0, &aside, &bytes) == -1 || there == -1)
		status = -1;
	write_counts(out, &c, s->two_level);
	add_count(out, "set_aside", (long long)aside);
	add_count(out, "other", (long long)l.others);
	if (there == 1)
		buf_fmt(out,
		    "\"answers\":{\"files\":%zu,\"answers\":%zu,"
		    "\"bytes\":%lld,\"torn\":%zu}}\n",
		    a.files, a.answers, a.bytes, a.torn);
	else
		buf_adds(out, "\"answers\":null}\n");
	list_free(&l);
	return status;
}
