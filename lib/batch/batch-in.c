/* batch-in: results of a batch, found by custom_id */
#include "batch/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum {
	LINE_LIMIT = 64 * 1024 * 1024, /* bytes of a line; more is damage */
	WARN_MAX = 20,                 /* lines that a warning names */
};

/* The line of a result. */
struct place {
	off_t at;
	size_t len;
	uint32_t file;  /* number of its file */
	uint16_t good;  /* whether it is a completion */
	uint16_t given; /* whether a caller has had it */
};

/*
 * Find the id and the result in a line: 0, or -1 with *why. Decoded strings are
 * the arena's.
 */
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

/* Warn of a line that is no result, but not a million times. */
static void
warn_bad_line(struct batch_in *r, const char *why)
{
	if (r->bad++ < WARN_MAX)
		io_warn("%s:%zu: not a result: %s", r->files[r->nfds - 1],
		    r->lineno, why);
	if (r->bad == WARN_MAX)
		io_warn("further lines that are no results are only "
			"counted");
}

/* Tell a completion from other bodies, which a later line may replace. */
static int
is_completion(const struct result *r)
{
	return r->status == 200 && js_count(js_find(r->body, "choices")) > 0;
}

static void
enter_result(struct batch_in *r, struct span line, off_t at)
{
	struct place *e;
	struct result got;
	struct span id;
	const char *why;

	if (read_line(line, &r->mem, &id, &got, &why) == -1) {
		warn_bad_line(r, why);
		return;
	}
	if (!batch_out_is_id(id)) {
		r->other++;
		return;
	}
	e = keyset_add(&r->index, keyset_key(span_of(""), 'i', id));
	if (!e->good)
		*e = (struct place){ at, line.n, (uint32_t)(r->nfds - 1),
			(uint16_t)is_completion(&got), 0 };
}

/* Take a line of the file that was opened last. */
static void
take_line(void *ctx, struct span line, off_t at)
{
	struct batch_in *r = ctx;

	r->lineno++;
	if (line.n > LINE_LIMIT)
		warn_bad_line(r, "it is too long");
	else if (js_space(line.p, line.p + line.n) != line.p + line.n)
		enter_result(r, line, at);
	arena_reset(&r->mem);
}

/* Open a file and enter its lines: 0, or -1 with errno. */
static int
read_file(struct batch_in *r, const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char mark[3];
	off_t at = 0;

	if (fd == -1)
		return -1;
	r->fds = mem_array(r->fds, r->nfds + 1, sizeof *r->fds);
	r->fds[r->nfds++] = fd;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		errno = ESPIPE; /* a line has to be read twice */
		return -1;
	}
	if (log_read_at(fd, mark, 3, 0) == 3 &&
	    memcmp(mark, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	r->lineno = 0;
	return log_follow(fd, &at, LINE_LIMIT, 1, take_line, r);
}

struct batch_in *
batch_in_new(const char *const *files, const char **why)
{
	static char why_buf[600];
	struct batch_in *r = mem_new(sizeof *r);

	r->files = files;
	r->index.value = sizeof(struct place);
	*why = why_buf;
	for (; *files != NULL; files++) {
		if (read_file(r, *files) == 0)
			continue;
		snprintf(why_buf, sizeof why_buf, "%s: %s", *files,
		    io_reason(errno));
		batch_in_free(r);
		return NULL;
	}
	return r;
}

int
batch_in_get(
    struct batch_in *r, const char *id, struct arena *mem, struct result *out)
{
	struct place *e =
	    keyset_find(&r->index, keyset_key(span_of(""), 'i', span_of(id)));
	struct span text = { NULL, 0 }, found;
	struct buf line = { 0 };
	const char *why;

	if (e != NULL && log_read(r->fds[e->file], e->at, e->len, &line) == 0)
		text = (struct span){ arena_dup(mem, line.p, line.n), line.n };
	buf_free(&line);
	if (text.p == NULL || read_line(text, mem, &found, out, &why) == -1 ||
	    !span_is(found, id))
		return 0;
	out->again = e->given;
	r->given += !out->again;
	e->given = 1;
	return 1;
}

void
batch_in_free(struct batch_in *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->nfds; i++)
		close(r->fds[i]);
	free(r->fds);
	keyset_free(&r->index);
	arena_free(&r->mem);
	free(r);
}
