/* check: the files of a store counted, and what is wrong with them */
#include "store/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/io.h"
#include "io/lines.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "store/entry.h"
#include "store/files.h"
#include "store/list.h"

enum { ANSWER_MAX = 1 << 30 }; /* bytes of a stored answer; more is damage */

struct counts {
	size_t files, pairs, negatives, foreign, rejects, broken, temps;
	long long bytes;
	json_t *tasks, *keys, *codes; /* numbers by name */
};

/* Count a string value by its text. */
static void
count_string(json_t *names, struct span v)
{
	struct buf b = { 0 };
	const char *name;
	json_int_t n;

	if (js_decode(&b, v) == 0) {
		name = buf_cstr(&b);
		n = json_integer_value(json_object_get(names, name));
		json_object_set_new(names, name, json_integer(n + 1));
	}
	buf_free(&b);
}

static void
count_entry(struct counts *c, struct span entry, enum store_got kind)
{
	struct span tg = js_find(entry, "tg"), neg = js_find(entry, "neg");
	struct span with = js_find(tg, "with");

	if (kind == STORE_REJECT) {
		c->rejects++;
		count_string(
		    c->codes, js_find(js_find(tg, "rejected"), "code"));
		return;
	}
	c->pairs++;
	c->negatives += js_is_string(neg) || js_count(neg) > 0;
	if (!js_is_string(js_find(tg, "fingerprint"))) {
		c->foreign++;
		return;
	}
	count_string(c->tasks, js_find(tg, "task"));
	count_string(c->keys, with.p != NULL ? with : span_of("\"\""));
}

const char *
check_file(
    const struct store_item *item, const struct store_file *f, struct buf *b)
{
	const char *why;
	size_t i;

	for (i = 0; i < f->n; i++) {
		why = entry_check(f->entries[i], item->kind, item->id);
		if (why == NULL)
			continue;
		b->n = 0;
		buf_fmt(b, "entry %zu: %s", i + 1, why);
		return buf_cstr(b);
	}
	return NULL;
}

/* Count a file that was read, and of its entries those that can be taken. */
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

/* Count a file of a list: 0, or -1 after saying why. */
static int
count_item(struct counts *c, struct store *s, const struct store_item *item)
{
	struct store_file f;

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
	return files_fail(s, item);
}

struct answer_counts {
	size_t files, answers, torn;
	long long bytes;
};

/* Count a line of answers. */
static void
take_answer(void *ctx, struct span line, off_t at)
{
	struct answer_counts *c = ctx;
	const char *why;

	(void)at;
	if (js_space(line.p, line.p + line.n) == line.p + line.n)
		return;
	if (line.n <= ANSWER_MAX && js_text(line, &why).p != NULL &&
	    js_find(js_text(line, &why), "answer").p != NULL)
		c->answers++;
	else
		c->torn++;
}

/* Count a file of the folder of answers: 0, or -1 with errno. */
static int
count_answers_file(struct answer_counts *c, int folder, const char *name)
{
	const char *dot = strrchr(name, '.');
	struct stat st;
	off_t at = 0;
	int fd, status = 0;

	if (name[0] == '.' || dot == NULL || strcmp(dot, ".jsonl") != 0)
		return 0;
	fd = openat(folder, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT || errno == ELOOP ? 0 : -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		c->files++;
		c->bytes += st.st_size;
		status = log_follow(fd, &at, ANSWER_MAX, 1, take_answer, c);
	}
	close(fd);
	return status;
}

/* Count DIR/answers: 1, 0 if there is none, or -1 after saying why. */
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

/* Append names, sorted, as the member key; and free them. */
static void
add_names(struct buf *out, const char *key, json_t *names)
{
	char *text = json_dumps(names, JSON_COMPACT | JSON_SORT_KEYS);

	buf_fmt(out, "\"%s\":%s,", key, text);
	free(text);
	json_decref(names);
}

static void
write_counts(struct buf *out, struct counts *c)
{
	buf_addc(out, '{');
	add_count(out, "files", (long long)c->files);
	add_count(out, "bytes", c->bytes);
	add_count(out, "entries", (long long)c->pairs);
	add_count(out, "with_negatives", (long long)c->negatives);
	add_count(out, "foreign", (long long)c->foreign);
	add_names(out, "tasks", c->tasks);
	add_names(out, "keys", c->keys);
	add_count(out, "rejects", (long long)c->rejects);
	add_names(out, "rejected", c->codes);
	add_count(out, "broken", (long long)c->broken);
	add_count(out, "temps", (long long)c->temps);
}

int
check_counts(struct store *s, struct buf *out)
{
	struct counts c = { .tasks = json_object(),
		.keys = json_object(),
		.codes = json_object() };
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
	write_counts(out, &c);
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
