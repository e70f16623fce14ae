/* input: a file of requests for a batch API */
#include "remote/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/keyset.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum { LINE_LIMIT = 256 * 1024 * 1024 };

static char why_buf[600];

/* A file that is being read. */
struct reading {
	struct input *in;
	struct keyset seen; /* custom_ids */
	struct arena mem;   /* strings of a line */
	struct buf model;   /* model of all requests */
	size_t lineno;
	const char *wrong; /* fault of line lineno; NULL: none so far */
};

int
input_open(struct input *in, const char *file, const char **why)
{
	struct stat st;
	int error = 0;

	*why = why_buf;
	*in = (struct input){ .file = file };
	in->fd = open(file, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (in->fd == -1 || fstat(in->fd, &st) == -1)
		error = errno;
	else if (!S_ISREG(st.st_mode))
		error = ESPIPE;
	else if (lock_try(in->fd, 0) == -1)
		error = errno;
	in->bytes = error ? 0 : (long long)st.st_size;
	if (error == 0)
		return 0;
	snprintf(why_buf, sizeof why_buf, "%s: %s", file,
	    error == EAGAIN ? "another tg-llm is at work on it"
			    : io_reason(error));
	input_close(in);
	return -1;
}

/* Return what is wrong with a request, or NULL. */
static const char *
check_request(struct reading *r, struct span line)
{
	struct input *in = r->in;
	const char *why;
	struct span doc = js_text(line, &why);
	struct span id = js_string(js_find(doc, "custom_id"), &r->mem);
	struct span url = js_string(js_find(doc, "url"), &r->mem);
	struct span model =
	    js_string(js_find(js_find(doc, "body"), "model"), &r->mem);
	struct keyset_key key = keyset_key(span_of(""), 'c', id);
	struct buf chain = { 0 };

	if (doc.p == NULL)
		return why;
	if (id.p == NULL || url.n == 0 || url.n >= sizeof in->url)
		return "is no request of a batch, as tg-llm --export writes it";
	if (keyset_find(&r->seen, key) != NULL)
		return "its custom_id stands there twice";
	keyset_add(&r->seen, key);
	if (in->requests++ == 0) {
		snprintf(in->url, sizeof in->url, "%.*s", (int)url.n, url.p);
		buf_addspan(&r->model, model);
	}
	if (!span_is(url, in->url))
		return "it is for another path than the lines before";
	if (!span_eq(model, buf_span(&r->model)))
		return "it is for another model than the lines before";
	buf_adds(&chain, in->ids);
	buf_addspan(&chain, id);
	hash_sha256(buf_span(&chain), in->ids);
	buf_free(&chain);
	return NULL;
}

/* Take a line of the file. */
static void
take_line(void *ctx, struct span line, off_t at)
{
	struct reading *r = ctx;

	(void)at;
	if (r->wrong != NULL)
		return;
	if (r->lineno++ == 0)
		line = text_skip_bom(line);
	if (js_space(line.p, line.p + line.n) != line.p + line.n)
		r->wrong = check_request(r, line);
	arena_reset(&r->mem);
}

int
input_read(struct input *in, size_t max, long long max_bytes, const char **why)
{
	struct reading r = { .in = in };
	off_t at = 0;

	*why = why_buf;
	why_buf[0] = '\0';
	in->requests = 0;
	in->ids[0] = '\0';
	if (in->bytes > max_bytes)
		snprintf(why_buf, sizeof why_buf,
		    "%s: has %lld bytes, and a service takes %lld; export it "
		    "again with a lower --export-bytes",
		    in->file, in->bytes, max_bytes);
	else if (log_follow(in->fd, &at, LINE_LIMIT, 1, take_line, &r) == -1)
		snprintf(why_buf, sizeof why_buf, "%s: %s", in->file,
		    strerror(errno));
	else if (r.wrong != NULL)
		snprintf(why_buf, sizeof why_buf, "%s:%zu: %s", in->file,
		    r.lineno, r.wrong);
	else if (in->requests == 0)
		snprintf(
		    why_buf, sizeof why_buf, "%s: holds no request", in->file);
	else if (in->requests > max)
		snprintf(why_buf, sizeof why_buf,
		    "%s: has %zu requests, and a service takes %zu; export it "
		    "again with a lower --export-max",
		    in->file, in->requests, max);
	keyset_free(&r.seen);
	arena_free(&r.mem);
	buf_free(&r.model);
	return why_buf[0] == '\0' ? 0 : -1;
}

void
input_close(struct input *in)
{
	if (in->fd != -1)
		close(in->fd);
	in->fd = -1;
}
