/*
 * fuzz: a libFuzzer entry, or with -DFUZZ_MAIN a program of its own that needs
 * no clang: it replays files and makes mutations of them, always the same.
 *
 *	fuzz-x [-n mutations] file-or-folder ...
 *
 * A finding ends the program with abort(), after CHECK said what was wrong;
 * with FUZZ_MAIN the input is shown too.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(cond, ...)                                                      \
	do {                                                                  \
		if (!(cond)) {                                                \
			fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__,    \
			    #cond);                                           \
			fprintf(stderr, __VA_ARGS__);                         \
			fputc('\n', stderr);                                  \
			fuzz_show();                                          \
			abort();                                              \
		}                                                             \
	} while (0)

static struct span fuzz_input; /* the one that is tried */

static void
fuzz_show(void)
{
	size_t i;

	fprintf(stderr, "input: \"");
	for (i = 0; i < fuzz_input.n && i < 2000; i++)
		if (fuzz_input.p[i] < ' ' || fuzz_input.p[i] > '~' ||
		    fuzz_input.p[i] == '"' || fuzz_input.p[i] == '\\')
			fprintf(stderr, "\\%03o",
			    (unsigned)(unsigned char)fuzz_input.p[i]);
		else
			fputc(fuzz_input.p[i], stderr);
	fprintf(stderr, "\"%s\n", i < fuzz_input.n ? "..." : "");
}

/* xorshift64*: the same numbers everywhere. */
static uint64_t fuzz_seed = 88172645463325252u;

__attribute__((unused)) static size_t
fuzz_below(size_t n)
{
	fuzz_seed ^= fuzz_seed >> 12;
	fuzz_seed ^= fuzz_seed << 25;
	fuzz_seed ^= fuzz_seed >> 27;
	return n ? (size_t)((fuzz_seed * 2685821657736338717u) >> 20) % n : 0;
}

/* The folder of targets that read files, removed at the end. */
static char fuzz_dir[64];

__attribute__((unused)) static void
fuzz_remove(void)
{
	char command[100];

	snprintf(command, sizeof command, "rm -rf %s", fuzz_dir);
	if (system(command) != 0)
		perror(fuzz_dir);
}

/*
 * Give findings a descriptor of their own: messages of the library, which go to
 * STDERR_FILENO, are not wanted.
 */
__attribute__((unused)) static void
fuzz_keep_stderr(void)
{
	stderr = fdopen(dup(STDERR_FILENO), "w");
	if (stderr == NULL)
		abort();
	setvbuf(stderr, NULL, _IONBF, 0);
}

#ifdef FUZZ_MAIN
__attribute__((unused)) static void
fuzz_silence(void)
{
	int null = open("/dev/null", O_WRONLY);

	fuzz_keep_stderr();
	if (null == -1 || dup2(null, STDERR_FILENO) == -1)
		abort();
	close(null);
}
#else
/* libFuzzer calls this first, then silences the library: -close_fd_mask=2. */
int LLVMFuzzerInitialize(int *, char ***);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_keep_stderr();
	return 0;
}
#endif

/* Enter a new folder, in memory where there is room for it. */
__attribute__((unused)) static void
fuzz_enter(void)
{
	if (fuzz_dir[0] != '\0')
		return;
	strcpy(fuzz_dir, "/dev/shm/tg-fuzz.XXXXXX");
	if (mkdtemp(fuzz_dir) == NULL) {
		strcpy(fuzz_dir, "/tmp/tg-fuzz.XXXXXX");
		if (mkdtemp(fuzz_dir) == NULL)
			abort();
	}
	if (chdir(fuzz_dir) == -1)
		abort();
	atexit(fuzz_remove);
#ifdef FUZZ_MAIN
	fuzz_silence();
#endif
}

/* Remove a folder in that folder, and the files and folders in it. */
__attribute__((unused)) static void
fuzz_empty(const char *name)
{
	DIR *d = opendir(name);
	struct dirent *e;
	char path[600];

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", name, e->d_name);
		if (unlink(path) == -1)
			fuzz_empty(path);
	}
	if (d == NULL || closedir(d) == -1 || rmdir(name) == -1)
		abort();
}

/* Write s as the whole of a file in that folder. */
__attribute__((unused)) static void
fuzz_write(const char *file, struct span s)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, s.p, s.n) != (ssize_t)s.n || close(fd) == -1)
		abort();
}

/* Read a file in that folder as a whole. */
__attribute__((unused)) static void
fuzz_read(const char *file, struct buf *b)
{
	int fd = open(file, O_RDONLY);
	ssize_t n;

	if (fd == -1)
		abort();
	b->n = 0;
	do {
		buf_need(b, 4096);
		if ((n = read(fd, b->p + b->n, 4096)) == -1)
			abort();
		b->n += (size_t)n;
	} while (n > 0);
	close(fd);
}

#ifdef FUZZ_MAIN

static struct buf fuzz_seeds[1000];
static size_t fuzz_nseeds;

/* In memory that ends where the input does, so that a step over is seen. */
static void
fuzz_try(struct span s)
{
	uint8_t *p = malloc(s.n ? s.n : 1);

	if (p == NULL)
		exit(3);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	fuzz_input = (struct span){ (char *)p, s.n };
	LLVMFuzzerTestOneInput(p, s.n);
	free(p);
}

static int
fuzz_by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
fuzz_load(const char *path)
{
	struct buf *b = &fuzz_seeds[fuzz_nseeds];
	char *names[1000], piece[4096];
	struct buf name = { 0 };
	struct dirent *e;
	DIR *d = opendir(path);
	size_t i, n = 0;
	FILE *f;

	if (d != NULL) {
		while (n < 1000 && (e = readdir(d)) != NULL)
			if (e->d_name[0] != '.')
				names[n++] = strdup(e->d_name);
		closedir(d);
		/* a folder's own order differs from one machine to the next */
		qsort(names, n, sizeof *names, fuzz_by_name);
		for (i = 0; i < n; i++) {
			name.n = 0;
			buf_fmt(&name, "%s/%s", path, names[i]);
			fuzz_load(buf_cstr(&name));
			free(names[i]);
		}
		buf_free(&name);
		return;
	}
	if (fuzz_nseeds == 1000 || (f = fopen(path, "rb")) == NULL) {
		perror(path);
		exit(3);
	}
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(b, piece, n);
	fclose(f);
	fuzz_nseeds++;
}

/* One change: bytes flipped, replaced, cut, doubled, or from another seed. */
static void
fuzz_mutate(struct buf *b)
{
	static const char *const words[] = { "\"", "\\", "{", "}", "[", "]", ",",
		":", "\\u0000", "\\ud83d", "\\ude00", "\\\"", "null", "true", "0",
		"-", "1e9", ".5", "\"tg\":{", "\"a\":1,", "\xc3\xa4", "\xf0", "\n",
		" ", "\x80", "```", "```py\n", "\n```\n", "~~~", "'", "<think>",
		"</think>", "\r\n", "{\"tg\":{\"id\":\"x\"},", "[[[[[[[[[[[[[[[[",
		"]]]]]]]]]]]]]]]]", "99999999999999999999", "\\u00e4", "\xef\xbf\xbd" };
	const struct buf *o;
	const char *w;
	size_t at = fuzz_below(b->n + 1), n, from;
	struct buf rest = { 0 };

	switch (fuzz_below(6)) {
	case 0:
		if (at < b->n)
			b->p[at] ^= (char)(1 << fuzz_below(8));
		return;
	case 1:
		if (at < b->n)
			b->p[at] = (char)fuzz_below(256);
		return;
	case 2: /* cut */
		n = fuzz_below(8) ? fuzz_below(8) : fuzz_below(b->n - at + 1);
		n = n < b->n - at ? n : b->n - at;
		if (n > 0)
			memmove(b->p + at, b->p + at + n, b->n - at - n);
		b->n -= n;
		return;
	case 3: /* insert a word */
		w = words[fuzz_below(sizeof words / sizeof *words)];
		buf_add(&rest, b->p + at, b->n - at);
		b->n = at;
		buf_adds(b, w);
		break;
	case 4: /* or a piece of any seed */
		o = &fuzz_seeds[fuzz_below(fuzz_nseeds)];
		from = fuzz_below(o->n + 1);
		n = fuzz_below(o->n - from + 1);
		buf_add(&rest, b->p + at, b->n - at);
		b->n = at;
		if (n > 0)
			buf_add(b, o->p + from, n < 200 ? n : 200);
		break;
	default: /* double a piece */
		n = fuzz_below(b->n - at + 1);
		n = n < 100 ? n : 100;
		buf_add(&rest, b->p + at, b->n - at);
		b->n = at;
		buf_add(b, rest.p, n);
	}
	buf_add(b, rest.p, rest.n);
	buf_free(&rest);
}

int
main(int argc, char *argv[])
{
	struct buf b = { 0 };
	long i, mutations = 0;
	size_t k;
	int a = 1;

	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		mutations = strtol(argv[2], NULL, 10);
		a = 3;
	}
	for (; a < argc; a++)
		fuzz_load(argv[a]);
	if (fuzz_nseeds == 0) {
		fprintf(stderr, "usage: %s [-n mutations] file ...\n", argv[0]);
		return 2;
	}
	for (k = 0; k < fuzz_nseeds; k++)
		fuzz_try(buf_span(&fuzz_seeds[k]));
	for (i = 0; i < mutations; i++) {
		b.n = 0;
		buf_addspan(&b, buf_span(&fuzz_seeds[fuzz_below(fuzz_nseeds)]));
		for (k = 1 + fuzz_below(4); k > 0; k--)
			fuzz_mutate(&b);
		fuzz_try(buf_span(&b));
	}
	printf("%zu seeds, %ld mutations\n", fuzz_nseeds, mutations);
	for (k = 0; k < fuzz_nseeds; k++)
		buf_free(&fuzz_seeds[k]);
	buf_free(&b);
	return 0;
}

#endif
#endif
