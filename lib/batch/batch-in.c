/* batch-in: what a batch brought, found by custom_id */
#include "batch/batch-in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "batch/batch-out.h"
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum {
	BLOCK = 1 << 20,
	LINE_LIMIT = 64 * 1024 * 1024, /* more is damage */
	WARN_MAX = 20,
	GIVEN = 1, /* asked for before */
	GOOD = 2,  /* a success */
	SHIFT = 2,
};

struct file {
	const char *name;
	int fd;
	uint64_t start, size; /* its place when all stand one behind another */
};

/* Where a line is. */
struct entry {
	uint64_t id; /* hashed; 0: empty */
	uint64_t at; /* above SHIFT; below, GIVEN and GOOD */
};

struct batch_in {
	const char *tool;
	struct file *files;
	size_t nfiles;
	struct entry *table;
	size_t cap; /* a power of two */
	struct batch_in_stats stats;
	struct buf line;
};

/* A line that is being read. */
struct line {
	struct span text;
	uint64_t at, no;
};

static char why_buf[600];

static uint64_t
hash_id(struct span id)
{
	unsigned char raw[HASH_TABLE];
	uint64_t h;

	hash_table(span_of(""), 'c', id, raw);
	memcpy(&h, raw, sizeof h);
	return h ? h : 1;
}

static struct entry *
place(const struct batch_in *r, uint64_t id)
{
	uint64_t i;

	for (i = id;; i++)
		if (r->table[i & (r->cap - 1)].id == id ||
		    r->table[i & (r->cap - 1)].id == 0)
			return &r->table[i & (r->cap - 1)];
}

static void
grow(struct batch_in *r)
{
	struct entry *old = r->table;
	size_t i, n = r->cap;

	r->cap = n ? n * 2 : 1024;
	r->table = mem_new(r->cap * sizeof *r->table);
	for (i = 0; i < n; i++)
		if (old[i].id != 0)
			*place(r, old[i].id) = old[i];
	free(old);
}

/* The parts of a line: 0, or -1 with *why. Decoded strings are the arena's. */
static int
read_line(struct span text, struct arena *mem, struct span *id,
    struct result *out, const char **why)
{
	struct span doc = js_text(text, why), response, error;

	if (doc.p == NULL)
		return -1;
	*id = js_string(js_find(doc, "custom_id"), mem);
	response = js_find(doc, "response");
	error = js_find(doc, "error");
	*why = "it has no custom_id";
	if (id->p == NULL)
		return -1;
	*why = "it has neither a response nor an error";
	if (!js_is_object(response) && !js_is_there(error))
		return -1;
	out->body = js_find(response, "body");
	out->status = (long)js_int(js_find(response, "status_code"),
	    js_is_object(out->body) ? 200 : 0);
	if (!js_is_there(out->body)) {
		/* a success that brings nothing is none */
		if (out->status == 200)
			out->status = 0;
		out->body = error;
	}
	if (js_is_string(out->body))
		out->body = js_string(out->body, mem);
	if (out->body.p == NULL)
		out->body = span_of("no reason given");
	return 0;
}

static void
bad_line(struct batch_in *r, const struct file *f, uint64_t no, const char *why)
{
	if (r->stats.bad++ < WARN_MAX)
		io_warn(r->tool, "%s:%llu: not a result: %s", f->name,
		    (unsigned long long)no, why);
	if (r->stats.bad == WARN_MAX)
		io_warn(r->tool, "further lines that are no results are only "
				 "counted");
}

/* A completion: of other bodies a later line may make up for it. */
static int
is_success(const struct result *r)
{
	return r->status == 200 && js_count(js_find(r->body, "choices")) > 0;
}

static void
enter(struct batch_in *r, const struct file *f, const struct line *l,
    struct arena *mem)
{
	struct span id;
	struct result got;
	struct entry *e;
	const char *why;
	uint64_t h;

	if (read_line(l->text, mem, &id, &got, &why) == -1) {
		bad_line(r, f, l->no, why);
		return;
	}
	if (!batch_out_is_id(id)) {
		r->stats.other++;
		return;
	}
	r->stats.lines++;
	if (r->stats.ids * 4 >= r->cap * 3)
		grow(r);
	h = hash_id(id);
	e = place(r, h);
	if (e->id != 0 && e->at & GOOD)
		return;
	r->stats.ids += e->id == 0;
	e->id = h;
	e->at = (f->start + l->at) << SHIFT | (is_success(&got) ? GOOD : 0);
}

/* Enter the lines in b, with last an unended one, too; how long they were. */
static size_t
enter_lines(struct batch_in *r, const struct file *f, struct line *l,
    struct span b, int last)
{
	struct arena mem = { 0 };
	const char *nl;
	size_t done = 0, n;

	while (done < b.n) {
		nl = memchr(b.p + done, '\n', b.n - done);
		if (nl == NULL && !last && b.n - done <= LINE_LIMIT)
			break;
		n = nl ? (size_t)(nl - b.p) - done : b.n - done;
		l->text = (struct span){ b.p + done, n };
		l->no++;
		if (n > LINE_LIMIT)
			bad_line(r, f, l->no, "it is too long");
		else if (js_space(l->text.p, l->text.p + n) != l->text.p + n)
			enter(r, f, l, &mem);
		arena_reset(&mem);
		n += nl != NULL;
		l->at += n;
		done += n;
	}
	arena_free(&mem);
	return done;
}

/* Fill the index from a file: 0, or -1 with errno. */
static int
follow(struct batch_in *r, const struct file *f)
{
	struct buf b = { 0 };
	struct line l = { .at = 0 };
	char mark[3];
	size_t done;
	ssize_t n;

	if (pread(f->fd, mark, 3, 0) == 3 &&
	    memcmp(mark, "\xEF\xBB\xBF", 3) == 0)
		l.at = 3;
	do {
		buf_need(&b, BLOCK);
		n = pread(f->fd, b.p + b.n, BLOCK, (off_t)(l.at + b.n));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break;
		b.n += (size_t)n;
		done = enter_lines(r, f, &l, buf_span(&b), n == 0);
		memmove(b.p, b.p + done, b.n - done);
		b.n -= done;
	} while (n != 0);
	buf_free(&b);
	return n == -1 ? -1 : 0;
}

static int
open_file(struct batch_in *r, const char *name)
{
	struct file *f;
	struct stat st;
	uint64_t start = 0;
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = ESPIPE; /* it has to be read twice */
		return -1;
	}
	if (r->nfiles > 0)
		start = r->files[r->nfiles - 1].start +
			r->files[r->nfiles - 1].size;
	r->files = mem_array(r->files, r->nfiles + 1, sizeof *r->files);
	f = &r->files[r->nfiles++];
	*f = (struct file){ name, fd, start, (uint64_t)st.st_size };
	return follow(r, f);
}

struct batch_in *
batch_in_new(const char *tool, const char *const *files, const char **why)
{
	struct batch_in *r = mem_new(sizeof *r);

	r->tool = tool;
	grow(r);
	*why = why_buf;
	for (; *files != NULL; files++) {
		if (open_file(r, *files) == 0)
			continue;
		snprintf(why_buf, sizeof why_buf, "%s: %s", *files,
		    errno == ESPIPE ? "is no regular file" : strerror(errno));
		batch_in_free(r);
		return NULL;
	}
	return r;
}

/* The line that begins at a place, into r->line: 0, or -1. */
static int
fetch(struct batch_in *r, uint64_t at)
{
	const struct file *f = r->files;
	struct buf *b = &r->line;
	const char *nl = NULL;
	ssize_t n = 1;
	size_t step = 8192;

	while (at >= f->start + f->size)
		if (++f == r->files + r->nfiles)
			return -1;
	buf_clear(b);
	while (nl == NULL && n > 0 && b->n <= LINE_LIMIT) {
		buf_need(b, step);
		n = pread(
		    f->fd, b->p + b->n, step, (off_t)(at - f->start + b->n));
		if (n > 0) {
			nl = memchr(b->p + b->n, '\n', (size_t)n);
			b->n += (size_t)n;
		}
		step = step < BLOCK ? step * 4 : BLOCK;
	}
	if (nl != NULL)
		b->n = (size_t)(nl - b->p);
	return n == -1 ? -1 : 0;
}

int
batch_in_get(
    struct batch_in *r, const char *id, struct arena *mem, struct result *out)
{
	struct entry *e = place(r, hash_id(span_of(id)));
	struct span text, found;
	const char *why;

	if (e->id == 0 || fetch(r, e->at >> SHIFT) == -1)
		return 0;
	text = (struct span){ arena_dup(mem, r->line.p, r->line.n), r->line.n };
	if (read_line(text, mem, &found, out, &why) == -1 ||
	    !span_is(found, id))
		return 0;
	out->again = (e->at & GIVEN) != 0;
	r->stats.given += !out->again;
	e->at |= GIVEN;
	return 1;
}

const struct batch_in_stats *
batch_in_stats(const struct batch_in *r)
{
	return &r->stats;
}

void
batch_in_free(struct batch_in *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->nfiles; i++)
		close(r->files[i].fd);
	free(r->files);
	free(r->table);
	buf_free(&r->line);
	free(r);
}
