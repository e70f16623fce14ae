/* results: what a batch has answered */
#include "remote/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/io.h"
#include "json/scan.h"

enum { LINE_LIMIT = 64 * 1024 * 1024 };

/* The files of a batch: the member with its id, and what its name ends in. */
static const char *const files[][2] = { { "output_file_id", TICKET_OUTPUT },
	{ "error_file_id", TICKET_ERRORS } };

/* A file that is being checked. */
struct check {
	const struct secrets *secrets;
	int fd;
	long long lines; /* lines that are not blank */
	int is_json;     /* whether the last of them is JSON */
	int is_cut;      /* whether the last line breaks off */
	off_t bytes;     /* size of the file; -1: it was not fetched yet */
	int is_same;     /* whether it had this size when last fetched */
	int failed;      /* errno of a failed read or write; 0: none */
};

/* Count a line, and blank secrets in it where it stands. */
static void
check_line(void *ctx, struct span line, off_t at)
{
	struct check *k = ctx;
	struct arena mem = { 0 };
	struct span clean = secret_redact(k->secrets, line, SECRET_LEN, &mem);
	const char *why;

	if (js_space(line.p, span_end(line)) == span_end(line))
		return;
	k->lines++;
	k->is_json = js_text(line, &why).p != NULL;
	if (clean.p != line.p && io_write_at(k->fd, clean, at) == -1)
		k->failed = errno;
	arena_free(&mem);
}

/* Check all lines of a file: 0, or -1 if something is missing at its end. */
static int
check_file(struct check *k, long long expected)
{
	off_t at = 0, before = k->bytes;
	char last = '\n';

	k->lines = 0;
	k->is_json = 1;
	if (log_follow(k->fd, &at, LINE_LIMIT, 1, check_line, k) == -1)
		k->failed = errno;
	if (at > 0 && log_read_at(k->fd, &last, 1, at - 1) == -1)
		k->failed = errno;
	k->bytes = at;
	k->is_same = at == before;
	k->is_cut = last != '\n' && !k->is_json;
	return k->is_cut || k->lines < expected ? -1 : 0;
}

/*
 * Download a file to fd: a status. The end of a connection may pass for the end
 * of the file, so what lacks something is fetched again. What comes twice with
 * one size is all that the service has: it is taken, and a message says what it
 * lacks.
 */
static int
download(struct service *s, const char *id, int fd, long long expected)
{
	struct check k = { .secrets = &s->secrets, .fd = fd, .bytes = -1 };
	struct service_ask q = { .to = fd, .lags = 1 };
	char path[SERVICE_PATH];
	struct buf none = { 0 };
	int n, got = -1;

	q.path = service_path(path, "/files/", id, "/content");
	for (n = 0; n <= s->o->retries && got == -1; n++) {
		if ((n > 0 && service_wait(s, n - 1, 0) == -1) ||
		    service_ask(s, &q, &none) == -1) {
			buf_free(&none);
			return service_status(s);
		}
		got = check_file(&k, expected);
		if (k.failed || k.is_same)
			break;
	}
	buf_free(&none);
	if (!k.failed && fsync(fd) == -1 && errno != EINVAL)
		k.failed = errno;
	if (k.failed)
		service_fail(s, "%s", strerror(k.failed));
	else if (k.is_cut && !k.is_same)
		service_fail(s, "%s%s: its last line is cut", s->base, q.path);
	else if (got == -1)
		io_warn("%s%s: has %lld answers%s, of %lld that the service "
			"counts",
		    s->base, q.path, k.lines,
		    k.is_cut ? ", the last one cut" : "", expected);
	return k.failed                 ? TG_EX_IO
	       : k.is_cut && !k.is_same ? TG_EX_SERVICE
					: TG_EX_OK;
}

/* Fetch a file of the service under a name, by way of name.part: a status. */
static int
fetch_file(
    struct service *s, const char *id, const char *name, long long expected)
{
	struct buf part = { 0 };
	int fd, status = TG_EX_IO;

	buf_fmt(&part, "%s.part", name);
	fd = open(buf_cstr(&part),
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1) {
		service_fail(s, "%s: %s", buf_cstr(&part), strerror(errno));
	} else {
		status = download(s, id, fd, expected);
		if (close(fd) == -1 && status == TG_EX_OK) {
			service_fail(
			    s, "%s: %s", buf_cstr(&part), strerror(errno));
			status = TG_EX_IO;
		}
	}
	if (status == TG_EX_OK && rename(buf_cstr(&part), name) == -1) {
		service_fail(s, "%s: %s", name, strerror(errno));
		status = TG_EX_IO;
	}
	if (status != TG_EX_OK && fd != -1)
		unlink(buf_cstr(&part));
	buf_free(&part);
	return status;
}

int
results_fetch(struct service *s, const struct ticket *t)
{
	struct buf name = { 0 };
	const char *id;
	int status = TG_EX_OK;
	size_t i;

	for (i = 0; i < 2 && status == TG_EX_OK; i++)
		if ((id = ticket_text(t, files[i][0])) != NULL)
			status = fetch_file(s, id,
			    ticket_name(t, files[i][1], &name),
			    i == 0 ? ticket_count(t, "completed") : 0);
	buf_free(&name);
	return status;
}

int
results_are_there(const struct ticket *t)
{
	struct buf name = { 0 };
	int there = 1;
	size_t i;

	for (i = 0; i < 2; i++)
		there &= ticket_text(t, files[i][0]) == NULL ||
			 access(ticket_name(t, files[i][1], &name), F_OK) == 0;
	buf_free(&name);
	return there;
}
