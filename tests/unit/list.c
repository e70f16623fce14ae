/* list and check: what lies in a store's folders, listed and counted */
#include "store/list.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "store/check.h"
#include "store/files.h"
#include "tap.h"

static char dir[1024];

static const char *
path(const char *name)
{
	static char p[2048];

	snprintf(p, sizeof p, "%s/%s", dir, name);
	return p;
}

static void
spill(const char *name, const char *text)
{
	FILE *f = fopen(path(name), "w");

	if (f == NULL || fputs(text, f) == EOF || fclose(f) == EOF) {
		printf("Bail out! %s\n", name);
		exit(3);
	}
}

#define A "0a000000000000000000000000000000"
#define B "b0000000000000000000000000000000"
#define C "c0000000000000000000000000000000"

static void
make_files(void)
{
	static const char *const folders[] = { "", "rejected", "rejected/b0",
		"b0", "xx", "broken", "broken/folder", "answers" };
	size_t i;

	for (i = 0; i < sizeof folders / sizeof *folders; i++)
		mkdir(path(folders[i]), 0700);
	spill(C ".json", "[]");
	spill(A ".json",
	    "[{\"query\":\"q\",\"pos\":[\"p\"],\"neg\":[\"n\"],\"tg\":{"
	    "\"fingerprint\":\"f\",\"task\":\"t\\n\",\"with\":\"m=\\\"x\"}},"
	    "{\"query\":\"q\",\"pos\":[\"p\"],\"tg\":{\"fingerprint\":\"g\","
	    "\"task\":\"s\"}},{\"query\":\"q\",\"pos\":[\"p\"]}]");
	spill("rejected/" A ".json",
	    "[{\"tg\":{\"fingerprint\":\"f\",\"rejected\":{\"code\":\"r\"}}}]");
	spill(B ".json", "torn");
	spill("rejected/" B ".json", "[]");
	spill("rejected/." C ".json.tmp", "");
	spill("b0/" A ".json", "[]");
	spill("rejected/b0/" B ".json", "[]");
	spill("." A ".json.tmp", "");
	spill("." A ".json.tm", "");
	spill("0A000000000000000000000000000000.json", "");
	spill("rejected/answers", "");
	spill("xx/" A ".json", "[]");
	spill("answers/a.jsonl", "{\"answer\":{}}\n\n{\"other\":1}\n{\"ans");
	spill("answers/.b.jsonl", "{\"answer\":{}}\n");
	spill("answers/c.json", "{\"answer\":{}}\n");
	if (symlink("a.jsonl", path("answers/link.jsonl")) == -1 ||
	    mkdir(path("answers/folder.jsonl"), 0700) == -1)
		exit(3);
	spill(".lock", "");
	spill("broken/any", "12345");
}

/* The items that were visited, and the status of the first one. */
struct visited {
	struct store_item v[8];
	size_t n, read;
	int status;
};

static int
visit(void *ctx, const struct store_item *item, const struct store_file *f)
{
	struct visited *seen = ctx;

	if (seen->n < 8)
		seen->v[seen->n] = *item;
	seen->read += f != NULL;
	return seen->n++ == 0 ? seen->status : TG_EX_OK;
}

static void
test_list(struct store *s)
{
	static const struct {
		const char *id;
		enum store_kind kind;
		int temp;
	} want[] = {
		{ A, STORE_PAIR, 0 },
		{ A, STORE_REJECT, 0 },
		{ A, STORE_PAIR, 1 },
		{ B, STORE_PAIR, 0 },
		{ B, STORE_REJECT, 0 },
		{ C, STORE_PAIR, 0 },
		{ C, STORE_REJECT, 1 },
	};
	struct visited all = { .status = TG_EX_SOME }, names = { .n = 0 },
		       first = { .status = TG_EX_IO }, second = { .n = 0 };
	const struct store_item *i;
	char b[STORE_PATH];
	size_t k;

	is_int(list_walk(s, 0, visit, &all), TG_EX_SOME,
	    "the walk gives the worst status of a visit");
	is_int((long long)all.n, 7, "files and temporary files are visited");
	is_int((long long)all.read, 5, "files are read before their visit");
	is_int((long long)s->others, 6, "other files are counted");
	for (k = 0; k < 7 && k < all.n; k++) {
		i = &all.v[k];
		ok(strcmp(i->id, want[k].id) == 0 && i->kind == want[k].kind &&
			i->temp == want[k].temp && !i->second,
		    "file %zu of the walk is %s", k, store_path(i, b));
		ok(access(path(store_path(i, b)), F_OK) == 0,
		    "file %zu of the walk has its path", k);
	}
	is_int(list_walk(s, LIST_NAMES, visit, &names), TG_EX_OK,
	    "a walk over names succeeds");
	ok(names.n == 7 && names.read == 0, "a walk over names reads no file");
	is_int(list_walk(s, 0, visit, &first), TG_EX_IO,
	    "a visit that fails makes the walk fail");
	is_int((long long)first.n, 1, "a visit that fails ends the walk");
	is_int(list_walk(s, LIST_SECOND, visit, &second), TG_EX_OK,
	    "a walk over the second level succeeds");
	is_int((long long)second.n, 1,
	    "only files in the folder of their id are visited");
	is_str(store_path(&second.v[0], b), "rejected/b0/" B ".json",
	    "the path of such a file is in that folder");
}

static void
test_counts(struct store *s)
{
	struct buf b = { 0 };

	is_int(check_counts(s, &b), 0, "the counts can be taken");
	is_span(buf_span(&b),
	    S("{\"files\":4,\"bytes\":236,\"entries\":3,"
	      "\"with_negatives\":1,\"foreign\":1,"
	      "\"tasks\":{\"s\":1,\"t\\n\":1},"
	      "\"keys\":{\"\":1,\"m=\\\"x\":1},\"rejects\":1,"
	      "\"rejected\":{\"r\":1},\"broken\":3,\"temps\":2,"
	      "\"set_aside\":2,\"other\":6,\"answers\":{\"files\":1,"
	      "\"answers\":1,\"bytes\":32,\"torn\":2}}\n"),
	    "the counts have all members");
	buf_free(&b);
}

static void
test_broken(struct store *s)
{
	struct store *w = store_open(dir, STORE_WRITE);
	size_t n;

	is_int(
	    list_broken(s, &n), 0, "files that are set aside can be counted");
	is_int((long long)n, 2, "a file and a folder are set aside");
	is_int(
	    list_broken(w, &n), 0, "files that are set aside can be removed");
	is_int((long long)n, 2, "both are removed");
	is_int(list_broken(s, &n), 0,
	    "files that are set aside can be counted again");
	is_int((long long)n, 0, "no file is set aside any more");
	store_free(w);
}

/* What cannot be listed is counted as nothing and told by the status. */
static void
test_unlisted(struct store *s)
{
	struct buf b = { 0 };
	char answers[2048];

	snprintf(answers, sizeof answers, "%s", path("answers"));
	rmdir(path("broken"));
	spill("broken", "no folder");
	is_int(check_counts(s, &b), TG_EX_IO,
	    "stat fails if DIR/broken is no folder");
	unlink(path("broken"));
	is_int(check_counts(s, &b), TG_EX_OK, "stat needs no DIR/broken");
	rename(answers, path("gone"));
	buf_clear(&b);
	is_int(check_counts(s, &b), TG_EX_OK, "stat needs no DIR/answers");
	ok(memmem(b.p, b.n, "\"answers\":null}", 15) != NULL,
	    "missing answers are null");
	spill("answers", "no folder");
	is_int(check_counts(s, &b), TG_EX_IO,
	    "stat fails if DIR/answers is no folder");
	buf_free(&b);
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");
	char cmd[1100];
	struct store *s;

	snprintf(dir, sizeof dir, "%s/tg-inventory.XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 3;
	make_files();
	if ((s = store_open(dir, 0)) == NULL)
		return 3;
	test_list(s);
	test_counts(s);
	test_broken(s);
	test_unlisted(s);
	store_free(s);
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		printf("# left: %s\n", dir);
	return done();
}
