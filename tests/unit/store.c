/* store: entries merged into files, even into broken ones */
#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/lock.h"
#include "base/mem.h"
#include "store/files.h"
#include "store/list.h"
#include "tap.h"

#define ID "0123456789abcdef0123456789abcdef"
#define PRINT_A "aaaa"
#define SHA "5555"

enum { ROUNDS = 300 };

static char dir[1024];
static const struct store_name one = { ID, PRINT_A, SHA };

static struct store *
open_store(int flags)
{
	struct store *s = store_open(dir, flags);

	if (s == NULL) {
		printf("Bail out! no store\n");
		exit(3);
	}
	return s;
}

/* Return a path, which is good until the call after the next. */
static const char *
path(const char *name)
{
	static char p[2][2048];
	static int i;

	i = !i;
	snprintf(p[i], sizeof p[i], "%s/%s", dir, name);
	return p[i];
}

static void
spill(const char *name, struct span s)
{
	FILE *f = fopen(path(name), "w");

	if (f == NULL || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) == EOF) {
		printf("Bail out! %s\n", name);
		exit(3);
	}
}

/* Return the contents of a file; p is NULL if it cannot be read. */
static struct span
slurp(const char *name)
{
	static char bytes[1 << 20];
	FILE *f = fopen(path(name), "r");
	size_t n;

	if (f == NULL)
		return NONE;
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	return span_at(bytes, n);
}

/* Return an entry of the fingerprint, in a static buffer. */
static struct span
entry(const char *print, const char *query)
{
	static char b[512];

	snprintf(b, sizeof b,
	    "{\"query\":\"%s\",\"pos\":[\"p\"],\"tg\":{\"fingerprint\":\"%s\","
	    "\"text_sha256\":\"" SHA "\"}}",
	    query, print);
	return span_of(b);
}

static int
is_id(struct span s)
{
	return store_is_hex(s, STORE_ID - 1);
}

/* Accept any entry. */
static const char *
no_fault(struct span e)
{
	(void)e;
	return NULL;
}

/* Store an entry in the place of the entry of its name. */
static int
put(struct store *s, const struct store_name *name, enum store_kind kind,
    struct span e)
{
	return store_put(s, name->id, kind, &e, 1, STORE_GROW);
}

static void
test_ids(void)
{
	ok(is_id(S(ID)), "an MD5 in hex is an id");
	ok(!is_id(S("")), "an empty text is no id");
	ok(!is_id(S("0123456789abcdef0123456789abcde")),
	    "a short text is no id");
	ok(!is_id(S(ID "0")), "a long text is no id");
	ok(!is_id(S("0123456789ABCDEF0123456789abcdef")),
	    "an MD5 in upper case is no id");
	ok(!is_id(S("../../../../../../../../../../xx")), "a path is no id");
	ok(!is_id(S("0123456789abcdef0123456789abcde\0")),
	    "a text with a NUL is no id");
}

static void
test_put_get(struct store *s)
{
	struct store_name other = one, text = one;
	struct stat before, after;
	struct span e;

	strcpy(other.fingerprint, "bbbb");
	strcpy(text.text_sha256, "6666");
	is_int(store_get(s, &one, &e), STORE_MISS, "an empty store misses");
	ok(!store_may_have(s, S(ID)), "an empty store has no file for the id");
	is_int(put(s, &one, STORE_PAIR, entry(PRINT_A, "q")), 0,
	    "a pair is stored");
	ok(store_may_have(s, S(ID)), "the store has a file for the id");
	is_int(store_get(s, &one, &e), STORE_PAIR, "the stored pair hits");
	is_span(e, entry(PRINT_A, "q"), "the stored pair has the same bytes");
	is_int(
	    store_get(s, &other, &e), STORE_MISS, "another fingerprint misses");
	is_int(store_get(s, &text, &e), STORE_MISS, "another text misses");
	stat(path(ID ".json"), &before);
	is_int(put(s, &one, STORE_PAIR, entry(PRINT_A, "q")), 0,
	    "the same pair can be stored again");
	stat(path(ID ".json"), &after);
	ok(before.st_ino == after.st_ino, "the same pair is not written again");
	put(s, &other, STORE_PAIR, entry("bbbb", "r"));
	put(s, &one, STORE_PAIR, entry(PRINT_A, "changed"));
	is_int(store_get(s, &other, &e), STORE_PAIR,
	    "a second entry of the file hits");
	is_span(e, entry("bbbb", "r"),
	    "the second entry stays when the first is stored again");
	store_get(s, &one, &e);
	is_span(e, entry(PRINT_A, "changed"), "the first entry is replaced");
	ok(memcmp(slurp(ID ".json").p, "[{\"query\":\"changed\"", 19) == 0,
	    "the replaced entry keeps its place");
	stat(path("." ID ".json.tmp"), &after);
	ok(errno == ENOENT, "no temporary file stays");
}

static void
test_kinds(struct store *s)
{
	struct span e;

	is_int(put(s, &one, STORE_REJECT, entry(PRINT_A, "no")), 0,
	    "a reject takes the place of a pair");
	is_int(store_get(s, &one, &e), STORE_REJECT,
	    "a stored reject hits as a reject");
	ok(memmem(slurp(ID ".json").p, slurp(ID ".json").n, "bbbb", 4) != NULL,
	    "the other pair of the file stays");
	is_int(put(s, &one, STORE_PAIR, entry(PRINT_A, "yes")), 0,
	    "a pair takes the place of a reject");
	is_int(store_get(s, &one, &e), STORE_PAIR,
	    "the pair in place of a reject hits");
	ok(slurp("rejected/" ID ".json").p == NULL,
	    "a file of rejects that became empty is removed");
}

/* Return the name of the i-th file of ID that is set aside. */
static const char *
broken(size_t i)
{
	static char name[80];

	if (i == 0)
		return "broken/" ID ".json";
	snprintf(name, sizeof name, "broken/" ID ".json.%zu", i);
	return name;
}

static void
test_broken(struct store *s)
{
	static const struct {
		struct span text;
		const char *what;
	} files[] = {
		{ { "", 0 }, "empty" },
		{ { "[{\"query\":\"q\",\"po", 16 }, "torn" },
		{ { "{\"a\":1}", 7 }, "an object" },
		{ { "[1,2]", 5 }, "a list of numbers" },
		{ { "[{},3]", 6 }, "a mixed list" },
		{ { "[{},]", 5 }, "a trailing comma" },
		{ { "[{}, ]\n", 7 }, "a trailing comma and blanks" },
		{ { "[,{}]", 5 }, "a leading comma" },
		{ { "[{} {}]", 7 }, "no comma" },
		{ { "[{}", 3 }, "an open list" },
		{ { "[{},", 4 }, "an open list behind a comma" },
		{ { "[{}]]", 5 }, "more behind the list" },
		{ { "[{\"q\":\"\\ud800\"}]", 16 }, "a lone surrogate" },
		{ { "\0\0\0\0", 4 }, "zeroes" },
	};
	struct span e;
	size_t i;

	for (i = 0; i < sizeof files / sizeof *files; i++) {
		spill(ID ".json", files[i].text);
		is_int(store_get(s, &one, &e), STORE_MISS, "%s is a miss",
		    files[i].what);
		is_int(put(s, &one, STORE_PAIR, entry(PRINT_A, "q")), 0,
		    "%s is replaced by a new entry", files[i].what);
		is_int(store_get(s, &one, &e), STORE_PAIR,
		    "%s is followed by a hit after that", files[i].what);
		is_span(slurp(broken(i)), files[i].text, "%s is set aside",
		    files[i].what);
	}
	spill(ID ".json", S("[ ]"));
	is_int(store_get(s, &one, &e), STORE_MISS, "an empty list is a miss");
	spill(ID ".json", S(" [\n{ } ,\n {\"tg\":7} ] \n"));
	is_int(store_get(s, &one, &e), STORE_MISS,
	    "a list of odd entries is a miss");
	put(s, &one, STORE_PAIR, entry(PRINT_A, "q"));
	is_int(store_get(s, &one, &e), STORE_PAIR,
	    "an own entry behind odd entries hits");
	ok(memcmp(slurp(ID ".json").p, "[{ },\n{\"tg\":7},\n{", 17) == 0,
	    "odd entries stay as they were");
}

static void
test_no_files(struct store *s)
{
	struct span e;

	spill("victim", S("precious"));
	unlink(path(ID ".json"));
	ok(symlink("victim", path(ID ".json")) == 0, "a symbolic link is made");
	is_int(store_get(s, &one, &e), STORE_MISS, "a symbolic link is a miss");
	is_int(put(s, &one, STORE_PAIR, entry(PRINT_A, "q")), 0,
	    "a symbolic link is replaced");
	is_span(slurp("victim"), S("precious"),
	    "the target of a symbolic link stays");
	is_int(store_get(s, &one, &e), STORE_PAIR,
	    "the entry in place of a symbolic link hits");
	unlink(path(ID ".json"));
	mkfifo(path(ID ".json"), 0600);
	is_int(store_get(s, &one, &e), STORE_MISS, "a FIFO is a miss");
	is_int(put(s, &one, STORE_PAIR, entry(PRINT_A, "q")), 0,
	    "a FIFO is replaced");
	unlink(path(ID ".json"));
	mkdir(path(ID ".json"), 0700);
	is_int(store_get(s, &one, &e), STORE_MISS, "a directory is a miss");
	is_int(put(s, &one, STORE_PAIR, entry(PRINT_A, "q")), 0,
	    "a directory is moved aside");
	is_int(store_get(s, &one, &e), STORE_PAIR,
	    "the entry in place of a directory hits");
	spill("." ID ".json.tmp", S("left by a kill"));
	is_int(put(s, &one, STORE_PAIR, entry(PRINT_A, "r")), 0,
	    "a stale temporary file does not stop a put");
	ok(slurp("." ID ".json.tmp").p == NULL,
	    "a stale temporary file is replaced");
}

static void
test_foreign(struct store *s)
{
	struct span e;

	spill(ID ".json",
	    S("[\n    {\n        \"prompt\": \"x\",\n        \"query\": "
	      "\"q\",\n"
	      "        \"pos\": [\n            \"p\"\n        ]\n    },\n"
	      "    {\"prompt\": \"y\", \"query\": \"r\", \"pos\": "
	      "[\"s\"]}\n]"));
	is_int(store_get(s, &one, &e), STORE_MISS,
	    "a foreign entry does not hit by name");
	e = store_foreign(s, ID, S("y"), no_fault);
	ok(e.p != NULL && memmem(e.p, e.n, "\"r\"", 3) != NULL,
	    "the foreign entry with the right prompt is preferred");
	e = store_foreign(s, ID, S("z"), no_fault);
	ok(e.p != NULL && memmem(e.p, e.n, "\"q\"", 3) != NULL,
	    "without the right prompt the first foreign entry is taken");
	put(s, &one, STORE_PAIR, entry(PRINT_A, "q"));
	is_int(store_get(s, &one, &e), STORE_PAIR,
	    "a foreign entry that was stored again is an own one");
	e = store_foreign(s, ID, NONE, no_fault);
	ok(e.p != NULL && memmem(e.p, e.n, "\"r\"", 3) != NULL,
	    "a foreign entry that was stored again keeps its place");
	spill(ID ".json",
	    S("[{\"query\": \"q\"}, {\"prompt\": \"\", \"query\": \"r\"}]"));
	e = store_foreign(s, ID, NONE, no_fault);
	ok(e.p != NULL && memmem(e.p, e.n, "\"q\"", 3) != NULL,
	    "an unknown prompt is not taken for an empty one");
}

static void
writer(struct store *parents, const char *print)
{
	struct store_name n = one;
	struct store *s = open_store(STORE_WRITE | STORE_NO_SYNC);
	char query[32];
	int i, bad = 0;

	strcpy(n.fingerprint, print);
	store_free(parents);
	for (i = 0; i < ROUNDS; i++) {
		snprintf(query, sizeof query, "%s %d", print, i);
		bad |= put(s, &n, STORE_PAIR, entry(print, query));
	}
	store_free(s);
	_exit(bad ? 1 : 0);
}

/* Warnings about broken files are told up to a limit. */
static void
test_warnings(void)
{
	struct store *s = open_store(0);
	struct span e, text;
	size_t i, lines = 0;

	spill(ID ".json", S("torn"));
	if (freopen(path("err"), "w", stderr) == NULL)
		exit(3);
	store_get(s, &one, &e);
	text = slurp("err");
	ok(memmem(text.p, text.n, ID ".json: ignored, ", 47) != NULL,
	    "a broken file that is read is named");
	for (i = 0; i < 24; i++)
		store_get(s, &one, &e);
	text = slurp("err");
	for (i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	is_int(
	    (long long)lines, 21, "25 broken files give 20 warnings and one");
	if (freopen("/dev/null", "w", stderr) == NULL)
		exit(3);
	unlink(path("err"));
	unlink(path(ID ".json"));
	store_free(s);
}

/* The lock of an id is the byte of its first 60 bits. */
static void
test_lock(struct store *s)
{
	struct store *other = open_store(STORE_WRITE);

	is_int(files_lock(s, ID, 0), 1, "an id can be locked");
	is_int(lock_held(other->lock, 0x0123456789abcde, 1), 1,
	    "the lock is the byte that the id names");
	is_int(files_lock(other, "1123456789abcdef0123456789abcdef", 1), 1,
	    "another id can be locked at the same time");
	is_int(files_lock(other, ID, 1), 0, "the id cannot be locked again");
	files_unlock(s, ID);
	is_int(lock_held(other->lock, 0x0123456789abcde, 1), 0,
	    "an unlocked id is free");
	store_free(other);
}

static void
test_two_writers(struct store *s)
{
	struct store_name a = one, b = one;
	int i, status, hits = 0, clean = 0;
	struct span e, text;

	strcpy(a.fingerprint, "cccc");
	strcpy(b.fingerprint, "dddd");
	unlink(path(ID ".json"));
	put(s, &one, STORE_PAIR, entry(PRINT_A, "q"));
	fflush(stdout);
	for (i = 0; i < 2; i++)
		if (fork() == 0)
			writer(s, i ? "cccc" : "dddd");
	for (i = 0; i < 2000; i++)
		hits += store_get(s, &one, &e) == STORE_PAIR;
	for (i = 0; i < 2; i++) {
		wait(&status);
		clean += status == 0;
	}
	is_int(clean, 2, "two writers at once end well");
	is_int(hits, 2000, "a reader beside two writers never misses");
	text = slurp(ID ".json");
	is_int(store_get(s, &a, &e), STORE_PAIR,
	    "the entry of the first writer is there");
	is_span(e, entry("cccc", "cccc 299"),
	    "the last entry of the first writer counts");
	is_int(store_get(s, &b, &e), STORE_PAIR,
	    "the entry of the second writer is there");
	is_span(e, entry("dddd", "dddd 299"),
	    "the last entry of the second writer counts");
	ok(text.n < 1000, "the file has three entries and no more");
}

/* Accept entries whose fingerprint is not the one in ctx. */
static int
is_other(const void *ctx, const struct store_file *f, struct span e)
{
	(void)f;
	return memmem(e.p, e.n, ctx, strlen(ctx)) == NULL;
}

static void
test_filter(struct store *s)
{
	struct store_item item = { .id = ID, .kind = STORE_PAIR };
	struct store_item none = item, temp = item;
	struct store_name other = one;
	struct store *reader = open_store(0);
	const struct store_file *f = &s->file;
	char gone[] = PRINT_A, stays[] = "bbbb";

	strcpy(other.fingerprint, stays);
	unlink(path(ID ".json"));
	put(s, &one, STORE_PAIR, entry(PRINT_A, "q"));
	put(s, &other, STORE_PAIR, entry(stays, "r"));
	is_int(files_load(s, &item), 1, "a file is read");
	ok(f->n == 2 && f->bytes == (long long)slurp(ID ".json").n,
	    "a file has its two entries");
	is_int(store_filter(reader, &item, is_other, gone), 1,
	    "a filter on a read-only store counts what it would drop");
	files_load(s, &item);
	is_int(
	    (long long)f->n, 2, "a filter on a read-only store drops nothing");
	is_int(store_filter(s, &item, is_other, gone), 1,
	    "a filter counts what it drops");
	files_load(s, &item);
	ok(f->n == 1 &&
		memmem(f->entries[0].p, f->entries[0].n, stays, 4) != NULL,
	    "a filter drops one entry and leaves the other");
	is_int(store_filter(s, &item, is_other, stays), 1,
	    "a filter drops the last entry");
	is_int(files_load(s, &item), 0, "a file that became empty is removed");
	is_int(store_filter(s, &item, is_other, stays), 0,
	    "a filter of a missing file drops nothing");
	spill(ID ".json", S("torn"));
	is_int(store_filter(s, &item, is_other, stays), 0,
	    "a filter leaves a broken file alone");
	is_int(files_load(s, &item), 1, "a broken file is read");
	ok(f->n == 0 && f->why != NULL,
	    "a broken file has a reason and no entries");
	is_int(store_set_aside(s, &item), 0, "a broken file is set aside");
	is_int(files_load(s, &item), 0, "a file that was set aside is gone");
	is_int(store_set_aside(s, &item), 0,
	    "a missing file can be set aside without an error");
	temp.temp = 1;
	spill("." ID ".json.tmp", S("left"));
	is_int(store_filter(s, &temp, NULL, NULL), 1,
	    "a temporary file is dropped");
	is_int(store_filter(s, &temp, NULL, NULL), 0,
	    "a temporary file is dropped only once");
	none.kind = STORE_REJECT;
	is_int(files_load(s, &none), 0, "a missing reject is not read");
	store_free(reader);
}

/* Test entries that an import adds to those that are there. */
static void
test_add(struct store *s)
{
	static const char bare[] = "{\"query\":\"q\",\"pos\":[\"p\"]}";
	static const char more[] =
	    "{\"query\":\"q\",\"pos\":[\"p\"],\"neg\":[\"n\"]}";
	char named[512], others[512], richer[600];
	struct span add[2];

	unlink(path(ID ".json"));
	snprintf(named, sizeof named, "%s", entry(PRINT_A, "q").p);
	snprintf(others, sizeof others, "%s", entry("bbbb", "r").p);
	snprintf(richer, sizeof richer, "{\"neg\":[\"n\"],%s", named + 1);
	add[0] = S(bare);
	add[1] = span_of(others);
	add[0].n = strlen(bare);
	is_int(store_put(s, ID, STORE_PAIR, add, 2, STORE_KEEP), 0,
	    "two entries are added");
	is_int(store_put(s, ID, STORE_PAIR, add, 2, STORE_KEEP), 0,
	    "two entries are added only once");
	add[0] = span_of(more);
	store_put(s, ID, STORE_PAIR, add, 1, STORE_KEEP);
	ok(memmem(slurp(ID ".json").p, slurp(ID ".json").n, bare,
	       strlen(bare)) == NULL,
	    "an entry without negatives gives way to the same pair with "
	    "negatives");
	add[0] = span_of(bare);
	store_put(s, ID, STORE_PAIR, add, 1, STORE_KEEP);
	ok(memmem(slurp(ID ".json").p, slurp(ID ".json").n, more,
	       strlen(more)) != NULL,
	    "an entry without negatives takes none away");
	add[0] = entry("bbbb", "changed");
	store_put(s, ID, STORE_PAIR, add, 1, STORE_KEEP);
	ok(memmem(slurp(ID ".json").p, slurp(ID ".json").n, "changed", 7) ==
		NULL,
	    "an entry of the same name stays");
	unlink(path(ID ".json"));
	add[0] = span_of(bare);
	add[1] = span_of(named);
	store_put(s, ID, STORE_PAIR, add, 2, STORE_KEEP);
	ok(memcmp(slurp(ID ".json").p, "[{\"query\":\"q\",\"pos\":[\"p\"],\"tg",
	       29) == 0,
	    "a foreign entry gives way to an own one of the same pair");
	add[0] = span_of(richer);
	store_put(s, ID, STORE_PAIR, add, 1, STORE_KEEP);
	ok(memcmp(slurp(ID ".json").p, "[{\"neg\":[\"n\"],", 14) == 0,
	    "an own entry without negatives gives way to one with negatives");
}

/* Test that a second level is found, and imported. */
static void
test_import(struct store *s)
{
	struct span e;
	struct store *to;
	char other[1100];

	unlink(path(ID ".json"));
	is_int(
	    list_pending(s), TG_EX_OK, "a cache in one level needs no import");
	mkdir(path("01"), 0700);
	mkdir(path("rejected"), 0700);
	mkdir(path("rejected/01"), 0700);
	spill("01/note", S("x"));
	is_int(list_pending(s), TG_EX_OK,
	    "a folder of other files needs no import");
	spill("rejected/01/" ID ".json", entry(PRINT_A, "q"));
	is_int(list_pending(s), TG_EX_IO,
	    "a reject in a second level needs an import");
	put(s, &one, STORE_PAIR, entry(PRINT_A, "q"));
	is_int(list_import(s, dir), TG_EX_SOME,
	    "an import of a broken file exits with 1");
	is_int(list_pending(s), TG_EX_OK,
	    "a broken file is set aside by the import");
	is_int(store_get(s, &one, &e), STORE_PAIR,
	    "the import of a folder into itself keeps its first level");
	ok(slurp("01/note").p != NULL, "other files stay after an import");
	if (freopen(path("err"), "w", stderr) == NULL)
		exit(3);
	snprintf(other, sizeof other, "%s/other", dir);
	mkdir(other, 0700);
	to = store_open(other, STORE_WRITE);
	unlink(path(ID ".json"));
	spill(ID ".json", S("torn"));
	is_int(list_import(to, dir), TG_EX_SOME,
	    "an import of another cache with a broken file exits with 1");
	ok(memmem(slurp("err").p, slurp("err").n, ID ".json: ", 38) != NULL &&
		slurp(ID ".json").p != NULL,
	    "a broken file of another cache is named and stays there");
	store_free(to);
	if (freopen("/dev/null", "w", stderr) == NULL)
		exit(3);
	is_int(list_import(s, "/proc/none"), TG_EX_IO,
	    "an import of a missing folder fails");
}

static void
sweep(void)
{
	char cmd[1100];

	snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		printf("# left: %s\n", dir);
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");
	struct store *s;

	snprintf(dir, sizeof dir, "%s/tg-store.XXXXXX", tmp ? tmp : "/tmp");
	/* warnings are expected */
	if (mkdtemp(dir) == NULL || freopen("/dev/null", "w", stderr) == NULL)
		return 3;
	strcat(dir, "/made");
	s = open_store(STORE_WRITE | STORE_MAKE);
	test_ids();
	test_put_get(s);
	test_kinds(s);
	test_broken(s);
	test_no_files(s);
	test_foreign(s);
	test_warnings();
	test_lock(s);
	test_two_writers(s);
	test_filter(s);
	test_add(s);
	test_import(s);
	store_free(s);
	s = store_open("/proc/none/such", 0);
	ok(s == NULL, "a missing folder gives no store");
	*strrchr(dir, '/') = '\0';
	sweep();
	return done();
}
