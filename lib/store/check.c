/* check: the files of a store counted, and what is wrong with them */
#include "store/check.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
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
	json_t *tasks, *keys, *codes; /* number of entries by name */
	size_t answer_files, answers, torn;
	long long answer_bytes;
};

/* Count a string value by its text. */
static void
count_string(json_t *table, struct span v)
{
	struct buf b = { 0 };
	const char *name;
	json_int_t n;

	if (js_decode(&b, v) == 0) {
		name = buf_cstr(&b);
		n = json_integer_value(json_object_get(table, name));
		json_object_set_new(table, name, json_integer(n + 1));
	}
	buf_free(&b);
}

static void
count_entry(struct counts *c, struct span entry, enum store_kind kind)
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
    const struct store_item *item, const struct store_file *f, size_t *entry)
{
	const char *why;
	size_t i;

	for (i = 0; i < f->n; i++) {
		*entry = i + 1;
		why = entry_check(f->entries[i], item->kind, item->id);
		if (why != NULL)
			return why;
	}
	*entry = 0;
	return f->why;
}

/* Count a file, and of its entries those that can be taken. */
static int
count_file(void *ctx, const struct store_item *item, const struct store_file *f)
{
	struct counts *c = ctx;
	size_t i;

	if (f == NULL) {
		c->temps++;
		return TG_EX_OK;
	}
	c->broken += check_file(item, f, &i) != NULL;
	if (f->why != NULL)
		return TG_EX_OK;
	c->files++;
	c->bytes += f->bytes;
	for (i = 0; i < f->n; i++)
		if (entry_wrong(f->entries[i], item->kind) == NULL)
			count_entry(c, f->entries[i], item->kind);
	return TG_EX_OK;
}

/* Count a line of answers. */
static void
take_answer(void *ctx, struct span line, off_t at)
{
	struct counts *c = ctx;
	const char *why;

	(void)at;
	if (js_space(line.p, span_end(line)) == span_end(line))
		return;
	if (line.n <= ANSWER_MAX &&
	    js_find(js_text(line, &why), "answer").p != NULL)
		c->answers++;
	else
		c->torn++;
}

/* Count a file of the folder of answers: 0, or -1 with errno. */
static int
count_answers(void *ctx, int folder, const char *name)
{
	struct counts *c = ctx;
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
		c->answer_files++;
		c->answer_bytes += st.st_size;
		status = log_follow(fd, &at, ANSWER_MAX, 1, take_answer, c);
	}
	close(fd);
	return status;
}

/* Append a table as a member of that key, sorted by name, and free it. */
static void
write_table(struct buf *out, const char *key, json_t *table)
{
	char *text = json_dumps(table, JSON_COMPACT | JSON_SORT_KEYS);

	buf_fmt(out, "\"%s\":%s,", key, text);
	free(text);
	json_decref(table);
}

/* Append the counts of the store's own files, and free their tables. */
static void
write_counts(struct buf *out, const struct counts *c)
{
	buf_fmt(out,
	    "{\"files\":%zu,\"bytes\":%lld,\"entries\":%zu,"
	    "\"with_negatives\":%zu,\"foreign\":%zu,",
	    c->files, c->bytes, c->pairs, c->negatives, c->foreign);
	write_table(out, "tasks", c->tasks);
	write_table(out, "keys", c->keys);
	buf_fmt(out, "\"rejects\":%zu,", c->rejects);
	write_table(out, "rejected", c->codes);
	buf_fmt(out, "\"broken\":%zu,\"temps\":%zu,", c->broken, c->temps);
}

int
check_counts(struct store *s, struct buf *out)
{
	struct counts c = { .tasks = json_object(),
		.keys = json_object(),
		.codes = json_object() };
	int status = list_walk(s, 0, count_file, &c);
	int there = files_each(s, "answers", count_answers, &c);
	size_t aside;

	if (list_broken(s, &aside) == -1 || there == -1)
		status = TG_EX_IO;
	write_counts(out, &c);
	buf_fmt(out, "\"set_aside\":%zu,\"other\":%zu,\"answers\":", aside,
	    s->others);
	if (there == 1)
		buf_fmt(out,
		    "{\"files\":%zu,\"answers\":%zu,\"bytes\":%lld,"
		    "\"torn\":%zu}}\n",
		    c.answer_files, c.answers, c.answer_bytes, c.torn);
	else
		buf_adds(out, "null}\n");
	return status;
}
