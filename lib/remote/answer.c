/* answer: what the API of a service says of files and batches */
#include "remote/answer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum {
	TEXT_MAX = 400,  /* bytes of words of the service that are kept */
	ERRORS_MAX = 10, /* errors of a batch that are kept */
};

/* Return a string of the service's, printable and of max bytes at most. */
static json_t *
printable(struct span value, size_t max)
{
	struct buf b = { 0 };
	json_t *text;

	text_printable(&b, value, max);
	text = json_stringn(b.p ? b.p : "", b.n);
	buf_free(&b);
	return text;
}

/* Return whether a string can be an id, which becomes part of a URL. */
static int
is_id(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!isgraph((unsigned char)s.p[i]))
			return 0;
	return s.n > 0 && s.n <= TICKET_ID && !span_is(s, ".") &&
	       !span_is(s, "..");
}

/* Return the document in an answer; p NULL, with *why, if it is no JSON. */
static struct span
read_answer(struct span body, const char **why)
{
	struct span doc = js_text(text_skip_bom(body), why);

	*why = "the answer is no JSON";
	return doc;
}

/* Set a member to an id of the service's, or remove it: whether there is one.
 */
static int
take_id(struct ticket *t, const char *member, struct span value)
{
	struct arena mem = { 0 };
	struct span id = js_string(value, &mem);
	int is_there = is_id(id);

	if (is_there)
		json_object_set_new(t->said, member, json_stringn(id.p, id.n));
	else
		json_object_del(t->said, member);
	arena_free(&mem);
	return is_there;
}

/* Set a member to a word of the service's in lower case; "" if there is none.
 */
static void
take_word(struct ticket *t, const char *member, struct span value)
{
	struct arena mem = { 0 };
	struct span word = js_string(value, &mem);
	char *copy = arena_dup(&mem, word.p ? word.p : "", word.n);
	size_t i;

	for (i = 0; i < word.n; i++)
		copy[i] = (char)tolower((unsigned char)copy[i]);
	json_object_set_new(t->said, member,
	    printable((struct span){ copy, word.n }, TEXT_MAX));
	arena_free(&mem);
}

/*
 * Set a member to a time of the service's: OpenAI sends seconds, Azure may send
 * text. A time that is not there changes nothing.
 */
static void
take_time(struct ticket *t, const char *member, struct span value)
{
	struct arena mem = { 0 };
	time_t seconds = (time_t)js_int(value, 0);
	struct tm tm;
	char text[40];

	if (js_is_string(value))
		json_object_set_new(t->said, member,
		    printable(js_string(value, &mem), sizeof text));
	else if (seconds > 0 && gmtime_r(&seconds, &tm) != NULL &&
		 strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		ticket_set_text(t, member, text);
	arena_free(&mem);
}

/* Set the counts of a batch, of which those that are not told are 0. */
static void
take_counts(struct ticket *t, struct span counts)
{
	static const char *const names[] = { "total", "completed", "failed" };
	json_t *kept = json_object();
	long long n;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		n = js_int(js_find(counts, names[i]), 0);
		json_object_set_new(
		    kept, names[i], json_integer(n > 0 ? n : 0));
	}
	json_object_set_new(t->said, "counts", kept);
}

/* Append a reason of the service's, an object or only its words, to a list. */
static void
keep_error(json_t *kept, struct span e, struct arena *mem)
{
	struct span code = js_string(js_find(e, "code"), mem);
	struct span message =
	    js_string(js_is_string(e) ? e : js_find(e, "message"), mem);
	long long line = js_int(js_find(e, "line"), 0);
	json_t *one = json_object();

	if (code.p != NULL)
		json_object_set_new(one, "code", printable(code, TEXT_MAX));
	if (message.p != NULL)
		json_object_set_new(
		    one, "message", printable(message, TEXT_MAX));
	if (line > 0)
		json_object_set_new(one, "line", json_integer(line));
	json_array_append_new(kept, one);
}

/*
 * Set the reasons why a batch failed, the first of them. OpenAI sends them as
 * {"data":[...]}; other services send the list, or one of them.
 */
static void
take_errors(struct ticket *t, struct span errors)
{
	struct span list = js_find(errors, "data"), e;
	struct arena mem = { 0 };
	json_t *kept = json_array();
	size_t at = 0;

	if (!js_is_array(list))
		list = errors;
	if (!js_is_array(list) && js_is_there(list))
		keep_error(kept, list, &mem);
	while (json_array_size(kept) < ERRORS_MAX && js_next(list, &at, &e))
		keep_error(kept, e, &mem);
	if (json_array_size(kept) > 0)
		json_object_set(t->said, "errors", kept);
	json_decref(kept);
	arena_free(&mem);
}

int
answer_take_file(struct ticket *t, struct span body, const char **why)
{
	struct span doc = read_answer(body, why);

	if (doc.p == NULL)
		return -1;
	*why = "the answer names no file";
	if (!take_id(t, "input_file_id", js_find(doc, "id")))
		return -1;
	take_word(t, "file_status", js_find(doc, "status"));
	ticket_move(t, TICKET_UPLOADED);
	return 0;
}

/*
 * Return whether the batch answers no further request, and its files are there.
 * A service may tell the end before it names the files.
 */
static int
is_over(const struct ticket *t, const char *status)
{
	if (strcmp(status, "completed") == 0)
		return ticket_count(t, "completed") == 0 ||
		       ticket_text(t, "output_file_id") != NULL ||
		       ticket_text(t, "error_file_id") != NULL;
	return text_is_one_of(
	    span_of(status), span_of("failed|expired|cancelled|canceled"));
}

/* Return whether what the service sends is about another batch. */
static int
is_another(const struct ticket *t, struct span id)
{
	const char *known = ticket_text(t, "batch_id");
	struct arena mem = { 0 };
	int other = known != NULL && !span_is(js_string(id, &mem), known);

	arena_free(&mem);
	return other;
}

int
answer_take_batch(struct ticket *t, struct span body, const char **why)
{
	struct span doc = read_answer(body, why);
	char ended[40];
	const char *status;

	if (doc.p == NULL)
		return -1;
	*why = "the answer is about another batch";
	if (is_another(t, js_find(doc, "id")))
		return -1;
	*why = "the answer names no batch";
	if (!js_is_string(js_find(doc, "status")) ||
	    !take_id(t, "batch_id", js_find(doc, "id")))
		return -1;
	take_word(t, "status", js_find(doc, "status"));
	take_counts(t, js_find(doc, "request_counts"));
	take_time(t, "created", js_find(doc, "created_at"));
	take_time(t, "expires", js_find(doc, "expires_at"));
	take_id(t, "output_file_id", js_find(doc, "output_file_id"));
	take_id(t, "error_file_id", js_find(doc, "error_file_id"));
	take_errors(t, js_find(doc, "errors"));
	status = ticket_text(t, "status");
	ticket_move(t, TICKET_RUNNING);
	if (is_over(t, status)) {
		snprintf(ended, sizeof ended, "%s_at", status);
		take_time(t, "ended", js_find(doc, ended));
		ticket_move(t, TICKET_ENDED);
	}
	return 0;
}

int
answer_read_page(struct span body, const char *member, const char *value,
    struct answer_page *page, const char **why)
{
	struct span doc = read_answer(body, why), list, e, id;
	struct arena mem = { 0 };
	size_t at = 0;

	*page = (struct answer_page){ 0 };
	if (doc.p == NULL)
		return -1;
	list = js_find(doc, "data");
	*why = "the answer is no list";
	if (!js_is_array(list))
		return -1;
	while (js_next(list, &at, &e)) {
		if (page->found.p == NULL &&
		    span_is(js_string(js_find(e, member), &mem), value))
			page->found = e;
		id = js_string(js_find(e, "id"), &mem);
		if (is_id(id))
			snprintf(page->last, sizeof page->last, "%.*s",
			    (int)id.n, id.p);
		arena_reset(&mem);
	}
	page->more =
	    span_is(js_find(doc, "has_more"), "true") && page->last[0] != '\0';
	arena_free(&mem);
	return 0;
}
