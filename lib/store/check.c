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

/* The counts of an empty store, and of an empty DIR/answers. */
static const char no_counts[] =
    "{\"files\":0,\"bytes\":0,\"entries\":0,\"with_negatives\":0,"
    "\"foreign\":0,\"tasks\":{},\"keys\":{},\"rejects\":0,\"rejected\":{},"
    "\"broken\":0,\"temps\":0,\"set_aside\":0,\"other\":0,\"answers\":null}";
static const char no_answers[] =
    "{\"files\":0,\"answers\":0,\"bytes\":0,\"torn\":0}";

/* Add n to a member of an object of counts. */
static void
count(json_t *counts, const char *key, long long n)
{
	n += json_integer_value(json_object_get(counts, key));
	json_object_set_new(counts, key, json_integer(n));
}

/* Count a string value by its text, in the table of that name. */
static void
count_string(json_t *counts, const char *table, struct span v)
{
	struct buf b = { 0 };

	if (js_decode(&b, v) == 0)
		count(json_object_get(counts, table), buf_cstr(&b), 1);
	buf_free(&b);
}

static void
count_entry(json_t *counts, struct span entry, enum store_kind kind)
{
	struct span tg = js_find(entry, "tg"), neg = js_find(entry, "neg");
	struct span with = js_find(tg, "with");
	struct span rejected = js_find(tg, "rejected");

	if (kind == STORE_REJECT) {
		count(counts, "rejects", 1);
		count_string(counts, "rejected", js_find(rejected, "code"));
		return;
	}
	count(counts, "entries", 1);
	count(counts, "with_negatives", js_is_string(neg) || js_count(neg) > 0);
	if (!js_is_string(js_find(tg, "fingerprint"))) {
		count(counts, "foreign", 1);
		return;
	}
	count_string(counts, "tasks", js_find(tg, "task"));
	count_string(counts, "keys", with.p != NULL ? with : span_of("\"\""));
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
	size_t i;

	if (f == NULL) {
		count(ctx, "temps", 1);
		return TG_EX_OK;
	}
	count(ctx, "broken", check_file(item, f, &i) != NULL);
	if (f->why != NULL)
		return TG_EX_OK;
	count(ctx, "files", 1);
	count(ctx, "bytes", f->bytes);
	for (i = 0; i < f->n; i++)
		if (entry_wrong(f->entries[i], item->kind) == NULL)
			count_entry(ctx, f->entries[i], item->kind);
	return TG_EX_OK;
}

/* Count a line of answers. */
static void
take_answer(void *ctx, struct span line, off_t at)
{
	const char *why;
	int whole;

	(void)at;
	if (js_space(line.p, span_end(line)) == span_end(line))
		return;
	whole = line.n <= ANSWER_MAX &&
		js_find(js_text(line, &why), "answer").p != NULL;
	count(ctx, whole ? "answers" : "torn", 1);
}

/* Count a file of the folder of answers: 0, or -1 with errno. */
static int
count_answers(void *ctx, int folder, const char *name)
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
		count(ctx, "files", 1);
		count(ctx, "bytes", st.st_size);
		status = log_follow(fd, &at, ANSWER_MAX, 1, take_answer, ctx);
	}
	close(fd);
	return status;
}

/* Sort a table of counts by name. */
static void
sort_table(json_t *counts, const char *table)
{
	json_t *old = json_object_get(counts, table);
	char *text = json_dumps(old, JSON_SORT_KEYS);

	json_object_set_new(counts, table, json_loads(text, 0, NULL));
	free(text);
}

int
check_counts(struct store *s, struct buf *out)
{
	json_t *counts = json_loads(no_counts, 0, NULL);
	json_t *answers = json_loads(no_answers, 0, NULL);
	int status = list_walk(s, 0, count_file, counts);
	int there = files_each(s, "answers", count_answers, answers);
	size_t aside;
	char *text;

	if (list_broken(s, &aside) == -1 || there == -1)
		status = TG_EX_IO;
	count(counts, "set_aside", (long long)aside);
	count(counts, "other", (long long)s->others);
	if (there == 1)
		json_object_set(counts, "answers", answers);
	sort_table(counts, "tasks");
	sort_table(counts, "keys");
	sort_table(counts, "rejected");
	text = json_dumps(counts, JSON_COMPACT);
	buf_fmt(out, "%s\n", text);
	free(text);
	json_decref(answers);
	json_decref(counts);
	return status;
}
