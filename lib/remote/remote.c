/* remote: batches at a service */
#include "remote/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/io.h"
#include "remote/answer.h"
#include "remote/results.h"

enum {
	PAGES_MAX = 1000, /* pages of a list that are read */
	LOOKS = 3,        /* times that a batch is looked for */
	UNNAMED_MAX = 10, /* answers that name no file of a completed batch */
};

/* Have the ticket on the disk; the status says whether it is there. */
static int
save_ticket(struct service *s, const struct ticket *t)
{
	const char *why;

	if (ticket_write(t, &why) == 0)
		return TG_EX_OK;
	service_fail(s, "%s", why);
	return TG_EX_IO;
}

/* Go to a step, and have that on the disk. */
static int
save_step(struct service *s, struct ticket *t, enum ticket_step step)
{
	ticket_move(t, step);
	return save_ticket(s, t);
}

/* Looking for what a killed process may have left at the service. */

/* A list, and what to find there. */
struct search {
	const char *path;           /* path of the first page */
	const char *member, *value; /* member that the element has */
	int (*take)(struct ticket *, struct span, const char **why);
};

/* Read a page of a list: 0, or -1. */
static int
read_page(struct service *s, const struct search *w, const char *path,
    struct buf *body, struct answer_page *page)
{
	const struct service_ask q = { .path = path };
	const char *why;

	if (service_ask(s, &q, body) == -1)
		return -1;
	if (answer_read_page(buf_span(body), w->member, w->value, page, &why) ==
	    0)
		return 0;
	return service_fail(s, "%s%s: %s", s->base, path, why);
}

/*
 * Look for an element and take it into the ticket: 1; 0 if it is not there; -1
 * if the list cannot be had.
 */
static int
look_through(struct service *s, struct ticket *t, const struct search *w)
{
	char path[SERVICE_PATH], next[100], before[TICKET_ID + 1] = "";
	struct answer_page page = { .more = 1 };
	struct buf body = { 0 };
	const char *why;
	int i, got = 0;

	snprintf(path, sizeof path, "%s", w->path);
	snprintf(next, sizeof next, "%s&after=", w->path);
	for (i = 0; i < PAGES_MAX && got == 0 && page.more; i++) {
		got = read_page(s, w, path, &body, &page);
		if (got == -1)
			break;
		if (page.found.p != NULL)
			got = w->take(t, page.found, &why) == 0
				  ? 1
				  : service_fail(
					s, "%s%s: %s", s->base, path, why);
		/* a service may not know "after", and repeat its first page */
		page.more &= strcmp(page.last, before) != 0;
		snprintf(before, sizeof before, "%s", page.last);
		service_path(path, next, page.last, "");
	}
	buf_free(&body);
	return got;
}

/* Look for the file that was being uploaded: 1 if the ticket has it now. */
static int
find_file(struct service *s, struct ticket *t)
{
	const struct search w = { "/files?purpose=batch&limit=100", "filename",
		ticket_text(t, "upload_name"), answer_take_file };

	return look_through(s, t, &w) == 1;
}

/*
 * Look for the batch that may have been made: 1, and the ticket has it; 0, or
 * -1, as look_through. A list may lag behind: there are several looks.
 */
static int
find_batch(struct service *s, struct ticket *t)
{
	const struct search w = { "/batches?limit=100", "input_file_id",
		ticket_text(t, "input_file_id"), answer_take_batch };
	int i, got = 0;

	for (i = 0; i < LOOKS && got == 0; i++) {
		if (service_wait(s, i, 0) == -1)
			return -1;
		got = look_through(s, t, &w);
	}
	if (got == 1)
		io_warn("%s: batch %s had been made of it", t->file,
		    ticket_text(t, "batch_id"));
	return got;
}

/*
 * Return whether the service knows the uploaded file. With another account's
 * key it does not, and its list is not the one to look at.
 */
static int
knows_file(struct service *s, const struct ticket *t)
{
	struct service_ask q = { 0 };
	struct buf body = { 0 };
	char path[SERVICE_PATH];
	int got;

	q.path =
	    service_path(path, "/files/", ticket_text(t, "input_file_id"), "");
	got = service_ask(s, &q, &body);
	buf_free(&body);
	return got == 0;
}

/* Settle whether a batch was made, which the ticket says may be. */
static int
settle_batch(struct service *s, struct ticket *t)
{
	char why[sizeof s->why];
	int got = find_batch(s, t);

	if (got == 0 && !knows_file(s, t))
		got = -1;

	if (got >= 0)
		return save_step(s, t, got ? t->step : TICKET_UPLOADED);
	snprintf(why, sizeof why, "%s", s->why);
	service_fail(s,
	    "whether a batch was made of it is not known (%.300s); look at the "
	    "service for a batch of %.100s, and remove %.100s%s if there is "
	    "none",
	    why, ticket_text(t, "input_file_id"), t->file, TICKET_SUFFIX);
	return TG_EX_SERVICE;
}

/* Submitting. */

/*
 * Give the file a name at the service that no other file has: 0, or -1, as one
 * that others may have would find their batches.
 */
static int
name_upload(struct service *s, struct ticket *t)
{
	unsigned char random[8];
	char name[40] = "tg-";
	size_t i;

	if (getrandom(random, sizeof random, 0) != sizeof random)
		return service_fail(s, "no random name: %s", strerror(errno));
	for (i = 0; i < sizeof random; i++)
		snprintf(name + 3 + 2 * i, 3, "%02x", random[i]);
	snprintf(name + 3 + 2 * i, 7, ".jsonl");
	ticket_set_text(t, "upload_name", name);
	return 0;
}

/* Return whether the service still looks at an uploaded file. */
static int
is_pending(const struct ticket *t)
{
	const char *status = ticket_text(t, "file_status");

	return text_is_one_of(span_of(status ? status : ""),
	    span_of("pending|running|notrunning|uploading|processing"));
}

/* Wait until the service has looked at the uploaded file. */
static int
await_file(struct service *s, struct ticket *t)
{
	long long start = clock_ms();
	struct service_ask q = { 0 };
	struct buf body = { 0 };
	char path[SERVICE_PATH];
	const char *why;
	int n, got = 0;

	q.path =
	    service_path(path, "/files/", ticket_text(t, "input_file_id"), "");
	for (n = 0; got == 0 && is_pending(t); n++) {
		if (clock_ms() - start > s->o->retry_ms)
			got = service_fail(s,
			    "%s: the service still checks the file (%s) after "
			    "%ld s; run the same command later",
			    s->base, ticket_text(t, "file_status"),
			    s->o->retry_ms / 1000);
		else if (service_wait(s, n, 0) == -1 ||
			 service_ask(s, &q, &body) == -1)
			got = -1;
		else if (answer_take_file(t, buf_span(&body), &why) == -1)
			got = service_fail(s, "%s%s: %s", s->base, q.path, why);
	}
	buf_free(&body);
	if (got == -1)
		return service_status(s);
	return save_ticket(s, t);
}

/* Upload the file, and note its id. */
static int
upload(struct service *s, struct ticket *t, const struct input *in)
{
	struct http_form form = { .field = "purpose",
		.value = "batch",
		.type = "application/json",
		.fd = in->fd,
		.size = in->bytes };
	struct service_ask q = { .path = "/files", .form = &form };
	struct buf body = { 0 };
	const char *why;
	int status = TG_EX_OK;

	if (t->step == TICKET_NEW) {
		if (name_upload(s, t) == -1)
			return TG_EX_IO;
		ticket_set_text(t, "service", s->base);
		ticket_set_text(t, "endpoint", in->url);
		ticket_set_text(t, "ids", in->ids);
		ticket_set_number(t, "requests", (long long)in->requests);
		ticket_set_number(t, "bytes", in->bytes);
	}
	if ((status = save_step(s, t, TICKET_UPLOADING)) != TG_EX_OK)
		return status;
	form.name = ticket_text(t, "upload_name");
	if (service_ask(s, &q, &body) == -1)
		status = service_status(s);
	else if (answer_take_file(t, buf_span(&body), &why) == -1) {
		service_fail(s, "%s/files: %s", s->base, why);
		status = TG_EX_SERVICE;
	} else {
		status = save_ticket(s, t);
	}
	buf_free(&body);
	return status;
}

/* Write the request for a batch. */
static void
write_create(const struct ticket *t, struct buf *b)
{
	json_t *o = json_object();
	char *text;

	json_object_set(
	    o, "input_file_id", json_object_get(t->said, "input_file_id"));
	json_object_set(o, "endpoint", json_object_get(t->said, "endpoint"));
	json_object_set_new(o, "completion_window", json_string("24h"));
	text = json_dumps(o, JSON_COMPACT);
	buf_adds(b, text);
	free(text);
	json_decref(o);
}

/* Ask once for a batch: 0; -1, and s->unsure says whether one may be there. */
static int
ask_for_batch(struct service *s, struct ticket *t)
{
	struct service_ask q = { .path = "/batches", .once = 1 };
	struct buf post = { 0 }, body = { 0 };
	const char *why;
	int got;

	write_create(t, &post);
	q.post = buf_span(&post);
	got = service_ask(s, &q, &body);
	if (got == 0 && answer_take_batch(t, buf_span(&body), &why) == -1) {
		s->unsure = 1;
		got = service_fail(s, "%s/batches: %s", s->base, why);
	}
	buf_free(&post);
	buf_free(&body);
	return got;
}

/* Have a batch made of the uploaded file, but never two. */
static int
create(struct service *s, struct ticket *t)
{
	char why[sizeof s->why];
	int n, status;

	for (n = 0; n <= s->o->retries; n++) {
		status = save_step(s, t, TICKET_CREATING);
		if (status != TG_EX_OK)
			return status;
		if (ask_for_batch(s, t) == 0)
			return save_ticket(s, t);
		snprintf(why, sizeof why, "%s", s->why);
		if (!s->unsure) {
			status = save_step(s, t, TICKET_UPLOADED);
			service_fail(s, "%s", why);
			return status != TG_EX_OK ? status : TG_EX_SERVICE;
		}
		if (s->o->cancelled())
			return TG_EX_SERVICE;
		io_warn("%s: no answer tells whether a batch was made of it "
			"(%s); the service's list does",
		    t->file, why);
		status = settle_batch(s, t);
		if (status != TG_EX_OK || t->step >= TICKET_RUNNING)
			return status;
	}
	service_fail(s, "%s", why);
	return TG_EX_SERVICE;
}

/* Return whether the ticket is about other requests than the file's. */
static int
is_about_others(const struct ticket *t, const struct input *in)
{
	const char *ids = ticket_text(t, "ids");

	return t->step != TICKET_NEW && (ids == NULL || strcmp(ids, in->ids));
}

int
remote_submit(struct service *s, struct ticket *t, const struct input *in)
{
	int status = TG_EX_OK, is_old = t->step == TICKET_UPLOADED;

	if (is_about_others(t, in)) {
		service_fail(s, "it has changed since a batch was made of it");
		return TG_EX_IO;
	}
	ticket_begin_again(t);
	if (t->step == TICKET_CREATING)
		status = settle_batch(s, t);
	if (t->step == TICKET_UPLOADING && find_file(s, t))
		status = save_ticket(s, t);
	while (status == TG_EX_OK && t->step < TICKET_RUNNING) {
		if (t->step < TICKET_UPLOADED)
			status = upload(s, t, in);
		else if ((status = await_file(s, t)) == TG_EX_OK)
			status = create(s, t);
		/* a service does not keep a file for ever */
		if (status == TG_EX_SERVICE && is_old &&
		    (s->status == 400 || s->status == 404) &&
		    t->step == TICKET_UPLOADED) {
			is_old = 0;
			status = name_upload(s, t) == -1 ? TG_EX_IO
							 : upload(s, t, in);
		}
	}
	return status;
}

/* A batch that is there. */

/* Return the exit status for an exchange about the batch that failed. */
static int
explain(struct service *s, const struct ticket *t)
{
	char why[sizeof s->why];

	snprintf(why, sizeof why, "%s", s->why);
	if (s->status == 404)
		service_fail(s,
		    "%.300s; the key may be of another account; if the service "
		    "has lost it, remove %.200s%s, and submit asks, and pays, "
		    "again",
		    why, t->file, TICKET_SUFFIX);
	return service_status(s);
}

/*
 * Have the ticket on the disk. A completed batch of which the service does not
 * come to name a file is one for a person: its answers were paid for.
 */
static int
save_batch(struct service *s, struct ticket *t)
{
	long long n = ticket_number(t, "unnamed") + 1;
	int status;

	if (!ticket_is_unnamed(t))
		return save_ticket(s, t);
	ticket_set_number(t, "unnamed", n);
	status = save_ticket(s, t);
	if (status != TG_EX_OK || n <= UNNAMED_MAX)
		return status;
	service_fail(s,
	    "the service counts answers, but names no file of them; ask it "
	    "why, or remove %.300s%s, and submit asks, and pays, again",
	    t->file, TICKET_SUFFIX);
	return TG_EX_SERVICE;
}

/* Ask for the batch, by GET or by a POST of an empty object. */
static int
ask_batch(struct service *s, struct ticket *t, const char *behind)
{
	struct service_ask q = { .lags = *behind == '\0' };
	struct buf body = { 0 };
	char path[SERVICE_PATH];
	const char *why;
	int status = TG_EX_OK;

	q.path =
	    service_path(path, "/batches/", ticket_text(t, "batch_id"), behind);
	if (*behind != '\0')
		q.post = span_of("{}");
	if (service_ask(s, &q, &body) == -1) {
		status = explain(s, t);
	} else if (answer_take_batch(t, buf_span(&body), &why) == -1) {
		service_fail(s, "%s%s: %s", s->base, q.path, why);
		status = TG_EX_SERVICE;
	} else {
		status = save_batch(s, t);
	}
	buf_free(&body);
	return status;
}

int
remote_poll(struct service *s, struct ticket *t)
{
	return t->step == TICKET_RUNNING ? ask_batch(s, t, "") : TG_EX_OK;
}

int
remote_cancel(struct service *s, struct ticket *t)
{
	char why[sizeof s->why];
	int status = TG_EX_OK;

	if (t->step == TICKET_CREATING)
		status = settle_batch(s, t);
	if (status != TG_EX_OK || t->step != TICKET_RUNNING)
		return status;
	status = ask_batch(s, t, "/cancel");
	if (status != TG_EX_SERVICE || s->hopeless)
		return status;
	/* a batch may have ended meanwhile */
	snprintf(why, sizeof why, "%s", s->why);
	if (remote_poll(s, t) == TG_EX_OK && t->step == TICKET_ENDED)
		return TG_EX_OK;
	service_fail(s, "%s", why);
	return TG_EX_SERVICE;
}

int
remote_fetch(struct service *s, struct ticket *t)
{
	int status = remote_poll(s, t);

	if (t->step == TICKET_FETCHED && !results_are_there(t))
		ticket_move(t, TICKET_ENDED);
	if (status != TG_EX_OK || t->step != TICKET_ENDED)
		return status;
	status = results_fetch(s, t);
	if (status == TG_EX_SERVICE)
		status = explain(s, t);
	return status == TG_EX_OK ? save_step(s, t, TICKET_FETCHED) : status;
}
