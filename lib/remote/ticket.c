/* ticket: the batch of a file of requests, as far as it is known */
#include "remote/ticket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/io.h"

enum { FILE_MAX = 1024 * 1024 }; /* bytes of a ticket at most */

static const char *const steps[TICKET_STEPS] = { "new", "uploading", "uploaded",
	"creating", "running", "ended", "fetched" };

/* Bits of the steps that may follow each. */
static const unsigned follows[TICKET_STEPS] = {
	[TICKET_NEW] = 1u << TICKET_UPLOADING,
	[TICKET_UPLOADING] = 1u << TICKET_UPLOADED,
	[TICKET_UPLOADED] = 1u << TICKET_CREATING | 1u << TICKET_UPLOADING,
	[TICKET_CREATING] =
	    1u << TICKET_RUNNING | 1u << TICKET_ENDED | 1u << TICKET_UPLOADED,
	[TICKET_RUNNING] = 1u << TICKET_ENDED,
	[TICKET_ENDED] = 1u << TICKET_FETCHED | 1u << TICKET_NEW,
	[TICKET_FETCHED] = 1u << TICKET_ENDED | 1u << TICKET_NEW,
};

static char why_buf[600];

int
ticket_move(struct ticket *t, enum ticket_step to)
{
	if ((follows[t->step] & 1u << to) == 0)
		return 0;
	t->step = to;
	return 1;
}

const char *
ticket_text(const struct ticket *t, const char *member)
{
	return json_string_value(json_object_get(t->said, member));
}

long long
ticket_number(const struct ticket *t, const char *member)
{
	return json_integer_value(json_object_get(t->said, member));
}

long long
ticket_count(const struct ticket *t, const char *what)
{
	return json_integer_value(
	    json_object_get(json_object_get(t->said, "counts"), what));
}

void
ticket_set_text(struct ticket *t, const char *member, const char *text)
{
	json_object_set_new(t->said, member, json_string(text));
}

void
ticket_set_number(struct ticket *t, const char *member, long long n)
{
	json_object_set_new(t->said, member, json_integer(n));
}

const char *
ticket_name(const struct ticket *t, const char *suffix, struct buf *name)
{
	buf_clear(name);
	buf_fmt(name, "%s%s", t->file, suffix);
	return buf_cstr(name);
}

/* The ticket's own file. */

/* Return whether the members that a step needs are there. */
static int
is_whole(const struct ticket *t)
{
	return (t->step < TICKET_UPLOADING ||
		   (ticket_text(t, "service") != NULL &&
		       ticket_text(t, "upload_name") != NULL)) &&
	       (t->step < TICKET_UPLOADED ||
		   ticket_text(t, "input_file_id") != NULL) &&
	       (t->step < TICKET_RUNNING || ticket_text(t, "batch_id") != NULL);
}

/* Read the text of a ticket: 0, or -1. */
static int
take_text(struct ticket *t, struct span text)
{
	const char *step;
	int i;

	t->said = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
	step = json_string_value(json_object_get(t->said, "step"));
	if (!json_is_object(t->said) || step == NULL)
		return -1;
	for (i = 0; i < TICKET_STEPS && strcmp(step, steps[i]) != 0; i++)
		;
	if (i == TICKET_STEPS)
		return -1;
	t->step = (enum ticket_step)i;
	return is_whole(t) ? 0 : -1;
}

int
ticket_read(struct ticket *t, const char *file, const char **why)
{
	struct buf name = { 0 }, text = { 0 };
	int got;

	*why = why_buf;
	*t = (struct ticket){ .file = file };
	got =
	    io_read_file(ticket_name(t, TICKET_SUFFIX, &name), FILE_MAX, &text);
	if (got == -1 && errno == ENOENT) {
		t->said = json_object();
		got = 0;
	} else if (got == -1) {
		snprintf(why_buf, sizeof why_buf, "%s: %s", buf_cstr(&name),
		    io_reason(errno));
	} else if ((got = take_text(t, buf_span(&text))) == -1) {
		snprintf(why_buf, sizeof why_buf,
		    "%s: is not what tg-llm has written there; move it away "
		    "if no batch was made of %s",
		    buf_cstr(&name), file);
	}
	buf_free(&name);
	buf_free(&text);
	if (got == -1)
		ticket_free(t);
	return got;
}

/* Append the ticket with flags of jansson's. */
static void
dump(const struct ticket *t, size_t flags, struct buf *b)
{
	char *text;

	json_object_set_new(t->said, "step", json_string(steps[t->step]));
	text = json_dumps(t->said, flags);
	if (text != NULL)
		buf_adds(b, text);
	buf_addc(b, '\n');
	free(text);
}

int
ticket_write(const struct ticket *t, const char **why)
{
	struct buf name = { 0 }, text = { 0 };
	int got;

	*why = why_buf;
	dump(t, JSON_INDENT(2), &text);
	got = io_replace_synced(
	    ticket_name(t, TICKET_SUFFIX, &name), buf_span(&text));
	if (got == -1)
		snprintf(why_buf, sizeof why_buf, "%s: %s", buf_cstr(&name),
		    strerror(errno));
	buf_free(&name);
	buf_free(&text);
	return got;
}

void
ticket_free(struct ticket *t)
{
	json_decref(t->said);
	t->said = NULL;
}

void
ticket_line(const struct ticket *t, struct buf *b)
{
	struct ticket named = { .step = t->step, .said = json_object() };

	json_object_set_new(named.said, "file", json_string(t->file));
	json_object_set_new(named.said, "step", json_null());
	json_object_update(named.said, t->said);
	dump(&named, JSON_COMPACT, b);
	ticket_free(&named);
}

int
ticket_has_failed(const struct ticket *t)
{
	const char *status = ticket_text(t, "status");

	return t->step >= TICKET_ENDED && status != NULL &&
	       strcmp(status, "failed") == 0;
}

int
ticket_is_unnamed(const struct ticket *t)
{
	const char *status = ticket_text(t, "status");

	return t->step == TICKET_RUNNING && status != NULL &&
	       strcmp(status, "completed") == 0;
}

void
ticket_begin_again(struct ticket *t)
{
	static const char *const names[] = { "batch_id", "status", "counts",
		"created", "ended", "errors", "input_file_id", "upload_name",
		"expires", "file_status", "output_file_id", "error_file_id" };
	json_t *earlier = json_object_get(t->said, "earlier"), *one;
	size_t i, kept = 8; /* the rest of a failed batch tells nothing */

	if (!ticket_has_failed(t))
		return;
	if (!json_is_array(earlier))
		json_object_set_new(t->said, "earlier", earlier = json_array());
	one = json_object();
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		if (i < kept && json_object_get(t->said, names[i]) != NULL)
			json_object_set(
			    one, names[i], json_object_get(t->said, names[i]));
		json_object_del(t->said, names[i]);
	}
	json_array_append_new(earlier, one);
	ticket_move(t, TICKET_NEW);
}

/* Append the first reason why a batch failed. */
static void
add_failure(const struct ticket *t, struct buf *b)
{
	const json_t *e = json_array_get(json_object_get(t->said, "errors"), 0);
	const char *code = json_string_value(json_object_get(e, "code"));
	const char *message = json_string_value(json_object_get(e, "message"));
	long long line = json_integer_value(json_object_get(e, "line"));

	if (e == NULL)
		return;
	buf_adds(b, ": ");
	if (line > 0)
		buf_fmt(b, "line %lld: ", line);
	buf_adds(b, message ? message : "no reason given");
	if (code != NULL)
		buf_fmt(b, " (%s)", code);
}

void
ticket_words(const struct ticket *t, struct buf *b)
{
	const char *id = ticket_text(t, "batch_id");
	const char *status = ticket_text(t, "status");
	long long bad = ticket_count(t, "failed");

	if (t->step < TICKET_RUNNING) {
		buf_fmt(b, "no batch of it is known (%s)", steps[t->step]);
		return;
	}
	buf_fmt(b, "batch %s is %s", id, status ? status : "");
	if (ticket_has_failed(t)) {
		add_failure(t, b);
		return;
	}
	buf_fmt(b, ": %lld of %lld requests are answered",
	    ticket_count(t, "completed"), ticket_number(t, "requests"));
	if (bad > 0)
		buf_fmt(b, ", %lld failed", bad);
	if (ticket_is_unnamed(t))
		buf_adds(b, "; the service names no file of the answers yet");
}
