/* list and check: what lies in a store's folders, listed and counted */
#include "store/list.h"

#include <sys/stat.h>

#include "store/check.h"
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
	spill("." A ".json.tmp", "");
	spill("." A ".json.tm", "");
	spill("0A000000000000000000000000000000.json", "");
	spill("rejected/answers", "");
	spill("xx/" A ".json", "[]");
	spill(".lock", "");
	spill("broken/any", "12345");
}

static void
test_list(struct store *s)
{
	static const struct {
		const char *id;
		enum store_got kind;
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
	struct list l = { 0 };
	const struct store_item *i;
	char b[STORE_PATH];
	size_t k;

	is_int(list_read(&l, s), 0, "read");
	is_int((long long)l.n, 7, "files and temporary files");
	is_int((long long)l.others, 6, "others");
	for (k = 0; k < 7 && k < l.n; k++) {
		i = &l.v[k];
		ok(strcmp(i->id, want[k].id) == 0 && i->kind == want[k].kind &&
			i->temp == want[k].temp,
		    "number %zu: %s", k, store_path(i, b));
		ok(access(path(store_path(i, b)), F_OK) == 0,
		    "number %zu: its path", k);
	}
	list_free(&l);
}

static void
test_counts(struct store *s)
{
	struct buf b = { 0 };

	is_int(check_counts(s, &b), 0, "counted");
	is_span(buf_span(&b),
	    S("{\"files\":4,\"bytes\":236,\"entries\":3,"
	      "\"with_negatives\":1,\"foreign\":1,"
	      "\"tasks\":{\"s\":1,\"t\\n\":1},"
	      "\"keys\":{\"\":1,\"m=\\\"x\":1},\"rejects\":1,"
	      "\"rejected\":{\"r\":1},\"broken\":3,\"temps\":2,"
	      "\"set_aside\":2,\"other\":6,\"answers\":{\"files\":0,"
	      "\"answers\":0,\"bytes\":0,\"torn\":0}}\n"),
	    "the counts");
	buf_free(&b);
}

static void
test_broken(struct store *s)
{
	size_t n;

	is_int(list_broken(s, 0, &n), 0, "what is set aside");
	is_int((long long)n, 2, "a file and a folder");
	is_int(list_broken(s, 1, &n), 0, "removed");
	is_int((long long)n, 2, "both");
	is_int(list_broken(s, 0, &n), 0, "again");
	is_int((long long)n, 0, "none");
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
	if ((s = store_open("unit", dir, 0)) == NULL)
		return 3;
	test_list(s);
	test_counts(s);
	test_broken(s);
	store_free(s);
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		printf("# left: %s\n", dir);
	return done();
}
