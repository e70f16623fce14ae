/*
 * cache: the document cache against the system calls that it cannot do without
 *
 *	usage: bench-cache directory [files]
 *
 * Both sides of a comparison run by turns, a hundred files at a time and of the
 * same sizes; what is printed is medians over the hundreds, of the ratios and
 * of the CPU time an operation took. All files are in the page cache. The
 * directory is left to the caller to remove: ext4 is slow to make files where
 * some have just been removed.
 *
 * get: both hashes of the text, and the entry found in the file after all of it
 * was validated, against open, read, close of the same files.
 *
 * put: a new entry each, without fsync, against open, write, close, rename of
 * as many bytes, into directories of their own.
 *
 * readers: two processes that get, against one: work done in the same time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/entry.h"
#include "base/hash.h"
#include "base/mem.h"
#include "store/store.h"
#include "json/string.h"

enum { FILES = 10000, BATCH = 100, PAIRS = 9, TEXT = 1000 };

/* A document, its id, and its entry: about 2 KB, text and answer. */
struct doc {
	char *text, *entry;
	char id[MD5_HEX];
};

static struct doc *docs;
static int n = FILES;

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(3);
}

/* Seconds by the clock, and of this process's CPU, its children's aside. */
struct took {
	double wall, cpu;
};

static double
seconds(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct took
now(void)
{
	return (struct took){ seconds(CLOCK_MONOTONIC),
		seconds(CLOCK_PROCESS_CPUTIME_ID) };
}

static struct took
since(struct took start)
{
	struct took t = now();

	return (struct took){ t.wall - start.wall, t.cpu - start.cpu };
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *v, int k)
{
	qsort(v, (size_t)k, sizeof *v, by_value);
	return v[k / 2];
}

/* The name of a document, its id aside: a writer has that from the record. */
static void
name_of(const struct doc *d, struct store_name *name)
{
	static const char key[] =
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

	memcpy(name->id, d->id, sizeof name->id);
	hash_sha256(span_of(d->text), name->text_sha256);
	entry_fingerprint(
	    span_of(key), span_of("model=m judge=m"), name->fingerprint);
}

static void
make_docs(void)
{
	struct buf b = { 0 };
	struct store_name name;
	int i;

	docs = mem_array(NULL, (size_t)n, sizeof *docs);
	for (i = 0; i < n; i++) {
		b.n = 0;
		buf_fmt(&b, "# %d\n", i);
		while (b.n < TEXT)
			buf_fmt(&b, "def f%zu(a, b):\n    return \"%zu\"\n",
			    b.n, b.n * b.n);
		docs[i].text = mem_dup(b.p, b.n);
		hash_md5(span_of(docs[i].text), docs[i].id);
		name_of(&docs[i], &name);
		b.n = 0;
		buf_adds(&b,
		    "{\"prompt\":\"Given a question, find code.\","
		    "\"query\":\"What does it return, and why?\",\"pos\":[");
		js_quote(&b, span_of(docs[i].text));
		buf_fmt(&b,
		    "],\"neg\":[],\"tg\":{\"fingerprint\":\"%s\","
		    "\"text_sha256\":\"%s\",\"task\":\"t\",\"language\":\"en\","
		    "\"code_language\":\"python\",\"model\":\"m\"}}",
		    name.fingerprint, name.text_sha256);
		docs[i].entry = mem_dup(b.p, b.n);
	}
	buf_free(&b);
}

static int
open_at(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		die(dir);
	return fd;
}

static void
raw_get(int at, int from)
{
	static char bytes[65536];
	char name[48];
	int i, fd;

	for (i = from; i < from + BATCH; i++) {
		snprintf(name, sizeof name, "%s.json", docs[i].id);
		if ((fd = openat(at, name, O_RDONLY)) == -1 ||
		    read(fd, bytes, sizeof bytes) <= 0)
			die(name);
		close(fd);
	}
}

static void
get(struct store *s, int from)
{
	struct store_name name;
	struct span e;
	int i;

	for (i = from; i < from + BATCH; i++) {
		name_of(&docs[i], &name);
		hash_md5(span_of(docs[i].text), name.id);
		if (store_get(s, &name, &e) != STORE_PAIR)
			die("get");
	}
}

/* As many bytes in each file as the store writes: "[", the entry, "]\n". */
static void
raw_put(int at, int from)
{
	static struct buf b;
	char name[48], temp[64];
	int i, fd;

	for (i = from; i < from + BATCH; i++) {
		b.n = 0;
		buf_fmt(&b, "[%s]\n", docs[i].entry);
		snprintf(name, sizeof name, "%s.json", docs[i].id);
		snprintf(temp, sizeof temp, ".%s.tmp", name);
		fd = openat(at, temp, O_WRONLY | O_CREAT | O_EXCL, 0666);
		if (fd == -1 || write(fd, b.p, b.n) != (ssize_t)b.n ||
		    close(fd) == -1 || renameat(at, temp, at, name) == -1)
			die(temp);
	}
}

static void
put(struct store *s, int from)
{
	struct store_name name;
	struct span entry;
	int i;

	for (i = from; i < from + BATCH; i++) {
		name_of(&docs[i], &name);
		entry = span_of(docs[i].entry);
		if (store_put(s, name.id, STORE_PAIR, &entry, 1, STORE_GROW) ==
		    -1)
			die("put");
	}
}

/* What is compared, and where. */
struct sides {
	void (*ours)(struct store *, int from);
	void (*plain)(int at, int from);
	struct store *s;
	int at;
};

static struct took
run_ours(const struct sides *c, int from)
{
	struct took start = now();

	c->ours(c->s, from);
	return since(start);
}

static struct took
run_plain(const struct sides *c, int from)
{
	struct took start = now();

	c->plain(c->at, from);
	return since(start);
}

/* A row of the table: all documents, a batch at a time, by turns. */
static void
row(const char *what, const char *least, const struct sides *c)
{
	int k = n / BATCH, i;
	double *wall = mem_array(NULL, (size_t)k, sizeof *wall);
	double *cpu = mem_array(NULL, (size_t)k, sizeof *cpu);
	double *us = mem_array(NULL, (size_t)k, sizeof *us);
	double *plain_us = mem_array(NULL, (size_t)k, sizeof *plain_us);
	struct took ours, plain;

	for (i = 0; i < k; i++) {
		/* who is second may find the machine warmed up */
		if (i % 2 == 0)
			ours = run_ours(c, i * BATCH);
		plain = run_plain(c, i * BATCH);
		if (i % 2 == 1)
			ours = run_ours(c, i * BATCH);
		wall[i] = plain.wall / ours.wall;
		cpu[i] = plain.cpu / ours.cpu;
		us[i] = ours.cpu / BATCH * 1e6;
		plain_us[i] = plain.cpu / BATCH * 1e6;
	}
	printf("| %s | %.2f | %.2f | %s | %.1f | %.1f |\n", what,
	    median(wall, k), median(cpu, k), least, median(us, k),
	    median(plain_us, k));
	fflush(stdout);
	free(wall);
	free(cpu);
	free(us);
	free(plain_us);
}

static struct store *
open_store(const char *dir, int flags)
{
	struct store *s = store_open(dir, flags);

	if (s == NULL)
		exit(3);
	return s;
}

/* The CPU seconds of all children that have been waited for. */
static double
cpu_of_children(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* That many processes get all of it: until the last has. */
static struct took
readers(const char *dir, int k)
{
	double start = seconds(CLOCK_MONOTONIC), cpu = cpu_of_children();
	struct store *s;
	int i, j, status;

	for (i = 0; i < k; i++)
		if (fork() == 0) {
			s = open_store(dir, 0);
			for (j = 0; j < n; j += BATCH)
				get(s, j);
			_exit(0);
		}
	for (i = 0; i < k; i++)
		if (wait(&status) == -1 || status != 0)
			die("reader");
	return (struct took){ seconds(CLOCK_MONOTONIC) - start,
		cpu_of_children() - cpu };
}

static void
measure_readers(const char *dir)
{
	double wall[PAIRS], cpu[PAIRS];
	struct took one, two;
	int i;

	for (i = 0; i < PAIRS; i++) {
		one = readers(dir, 1);
		two = readers(dir, 2);
		wall[i] = 2 * one.wall / two.wall;
		cpu[i] = 2 * 2 * one.cpu / two.cpu;
	}
	printf("| two readers ÷ one | %.2f | %.2f | 1.80 | | |\n",
	    median(wall, PAIRS), median(cpu, PAIRS));
	fflush(stdout);
}

static void
measure_get(const char *dir)
{
	struct sides c = { get, raw_get, open_store(dir, 0), open_at(dir) };

	row("cache get ÷ open, read, close", "0.25", &c);
	close(c.at);
	store_free(c.s);
}

static void
measure_put(const char *a, const char *b)
{
	struct sides c = { put, raw_put, NULL, -1 };

	if (mkdir(b, 0777) == -1)
		die(b);
	c.s = open_store(a, STORE_WRITE | STORE_MAKE | STORE_NO_SYNC);
	c.at = open_at(b);
	row("cache put ÷ open, write, close, rename", "0.80", &c);
	close(c.at);
	store_free(c.s);
}

/* A directory below the one that was named. */
static const char *
below(char path[1024], const char *top, const char *name)
{
	snprintf(path, 1024, "%s/%s", top, name);
	return path;
}

int
main(int argc, char *argv[])
{
	char a[1024], b[1024];

	if (argc < 2) {
		fputs("usage: bench-cache directory [files]\n", stderr);
		return 2;
	}
	n = argc > 2 ? atoi(argv[2]) : FILES;
	n -= n % BATCH;
	if (n < BATCH)
		return 2;
	make_docs();
	puts("| files of 2 KB | by the clock | by CPU | at least | CPU µs | "
	     "plain calls |");
	puts("| --- | --- | --- | --- | --- | --- |");
	below(a, argv[1], "store");
	below(b, argv[1], "plain");
	measure_put(a, b);
	measure_get(a);
	measure_readers(a);
	return 0;
}
