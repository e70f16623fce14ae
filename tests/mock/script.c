/*
 * script: rules that say how to answer, one JSON object a line
 *
 * The first rule that fits a request and is not used up answers it; if none
 * does, the options and the default do. Blank lines and lines that begin with
 * # are skipped. All members are optional:
 *
 *  match {...}        all of these must hold:
 *    substring "..."  in the raw body, or in the decoded last user message
 *    kind "verdict"|"answer"  what the default would take the request for
 *    model "..."      the model asked for
 *    attempt k        the k-th request with this very body
 *    path "..."       in the path; without it a rule is for chat alone
 *    method "..."     the method
 *    header {"name": "part of its value"}
 *    share x          drawn for this share of requests, 0 to 1, by body,
 *                     attempt and the line of the rule
 *  times N            used up after N requests
 *  status N, headers {"name": "value"}
 *  body "raw"|JSON, file "name"  sent as it is, the string or file raw
 *  text, finish_reason, reasoning  of a completion; element i of an array is
 *                     for choice i, and an array of texts sets their number
 *  ps {"1": 0.7, ...}  probabilities of the only token, for a request that asks
 *                     for log probabilities; the text is the likeliest unless
 *                     given; element i of an array is for choice i
 *  content null       the same as text null
 *  choices N          instead of the number asked
 *  dims N             floats of a vector, instead of 8
 *  usage JSON         instead of the number of characters / 4
 *  echo true          the text is the last user message
 *  delay_ms N         instead of the latency option
 *  acts true          of the API for batches: do what is asked; the rest of
 *                     the rule is for the answer alone
 *  reset true         reset the connection before any byte
 *  stall true         never answer; with cut, stop there and hang
 *  hold true          answer only when told to go on, by SIGUSR1, once for all
 *  cut N              after N bytes of the body, reset the connection
 *  no_length true     the body ends where the connection does; with cut, early
 *  drip_ms N          pause after every byte of the body
 *  endless true       a chunked body that goes on with spaces for ever
 *
 * A rule that gives neither body nor file and a status of 300 or more sends an
 * error as the option api has it; one below, a completion.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mock.h"

static struct rule *rules;

static _Noreturn void
bad(const char *file, int line, const char *what, const char *which)
{
	fprintf(stderr, "mockllm: %s:%d: %s%s%s%s\n", file, line, what,
	    which ? " '" : "", which ? which : "", which ? "'" : "");
	exit(TG_EX_USAGE);
}

static const char *
read_file(const char *name, struct buf *out)
{
	FILE *f = fopen(name, "rb");
	char chunk[4096];
	size_t n;

	if (f == NULL)
		return strerror(errno);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(out, chunk, n);
	fclose(f);
	return NULL;
}

/* libmicrohttpd is the judge of headers: what it refuses, we refuse. */
static const char *
check_headers(json_t *headers)
{
	struct MHD_Response *r;
	const char *name;
	json_t *value;
	bool ok = json_is_object(headers);

	r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	json_object_foreach(headers, name, value) {
		ok = ok && json_is_string(value) &&
		    MHD_add_response_header(r, name, json_string_value(value));
	}
	MHD_destroy_response(r);
	return ok ? NULL : "bad value of";
}

static const char *
check_match(json_t *match)
{
	const char *key, *kind;
	json_t *v;
	bool ok = json_is_object(match);

	json_object_foreach(match, key, v) {
		kind = json_string_value(v);
		if (strcmp(key, "substring") == 0 ||
		    strcmp(key, "model") == 0 ||
		    strcmp(key, "path") == 0 || strcmp(key, "method") == 0)
			ok = ok && kind != NULL;
		else if (strcmp(key, "kind") == 0)
			ok = ok && kind != NULL &&
			    (strcmp(kind, "verdict") == 0 ||
				strcmp(kind, "answer") == 0);
		else if (strcmp(key, "attempt") == 0)
			ok = ok && json_is_integer(v);
		else if (strcmp(key, "header") == 0)
			ok = ok && check_headers(v) == NULL;
		else if (strcmp(key, "share") == 0)
			ok = ok && json_is_number(v);
		else
			ok = false;
	}
	return ok ? NULL : "bad value of";
}

static const struct {
	const char *name;
	size_t at;
	json_int_t min, max;
} numbers[] = {
	{ "times", offsetof(struct rule, left), 0, INT32_MAX },
	{ "status", offsetof(struct rule, status), 200, 599 },
	{ "choices", offsetof(struct rule, choices), 0, MAX_N },
	{ "delay_ms", offsetof(struct rule, delay_ms), 0, INT32_MAX },
	{ "drip_ms", offsetof(struct rule, drip_ms), 0, INT32_MAX },
	{ "cut", offsetof(struct rule, cut), 0, INT32_MAX },
	{ "dims", offsetof(struct rule, dims), 1, 1024 },
};

static const struct {
	const char *name;
	size_t at;
} switches[] = {
	{ "reset", offsetof(struct rule, reset) },
	{ "stall", offsetof(struct rule, stall) },
	{ "hold", offsetof(struct rule, hold) },
	{ "endless", offsetof(struct rule, endless) },
	{ "echo", offsetof(struct rule, echo) },
	{ "no_length", offsetof(struct rule, no_length) },
	{ "acts", offsetof(struct rule, acts) },
}, values[] = {
	{ "text", offsetof(struct rule, text) },
	{ "finish_reason", offsetof(struct rule, finish) },
	{ "reasoning", offsetof(struct rule, reasoning) },
	{ "usage", offsetof(struct rule, usage) },
	{ "body", offsetof(struct rule, body) },
	{ "ps", offsetof(struct rule, ps) },
	{ "ranks", offsetof(struct rule, ranks) },
};

/* Take in one member; NULL or what is wrong with it. */
static const char *
member(struct rule *r, const char *key, json_t *v)
{
	char *base = (char *)r;
	json_int_t n = json_integer_value(v);
	size_t i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (strcmp(key, numbers[i].name) != 0)
			continue;
		memcpy(base + numbers[i].at, &n, sizeof n);
		return json_is_integer(v) && n >= numbers[i].min &&
			n <= numbers[i].max
		    ? NULL
		    : "bad value of";
	}
	for (i = 0; i < sizeof switches / sizeof switches[0]; i++) {
		if (strcmp(key, switches[i].name) != 0)
			continue;
		*(bool *)(base + switches[i].at) = json_is_true(v);
		return json_is_boolean(v) ? NULL : "bad value of";
	}
	for (i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (strcmp(key, values[i].name) != 0)
			continue;
		memcpy(base + values[i].at, &v, sizeof v);
		return NULL;
	}
	if (strcmp(key, "match") == 0) {
		r->match = v;
		return check_match(v);
	}
	if (strcmp(key, "headers") == 0) {
		r->headers = v;
		return check_headers(v);
	}
	if (strcmp(key, "content") == 0) {
		r->text = v;
		return json_is_null(v) ? NULL : "bad value of";
	}
	if (strcmp(key, "file") == 0 && json_is_string(v))
		return read_file(json_string_value(v), &r->file);
	return "unknown member";
}

static struct rule *
parse(const char *file, int line, const char *p, size_t n)
{
	struct rule *r = mem_new(sizeof *r);
	const char *key, *why;
	json_error_t err;
	json_t *v;

	r->json =
	    json_loadb(p, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &err);
	if (r->json == NULL)
		bad(file, line, err.text, NULL);
	if (!json_is_object(r->json))
		bad(file, line, "not an object", NULL);
	r->line = (unsigned)line;
	r->left = r->choices = r->delay_ms = r->cut = -1;
	json_object_foreach(r->json, key, v) {
		if ((why = member(r, key, v)) != NULL)
			bad(file, line, why, key);
	}
	return r;
}

void
script_load(const char *file)
{
	struct rule **end = &rules;
	FILE *f = fopen(file, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int at = 0;

	if (f == NULL) {
		fprintf(stderr, "mockllm: %s: %s\n", file, strerror(errno));
		exit(TG_EX_USAGE);
	}
	while ((n = getline(&line, &cap, f)) != -1) {
		at++;
		if (line[strspn(line, " \t\r\n")] == '\0' || line[0] == '#')
			continue;
		*end = parse(file, at, line, (size_t)n);
		end = &(*end)->next;
	}
	free(line);
	fclose(f);
}

static bool
contains(struct span hay, const json_t *needle)
{
	if (hay.n == 0)
		return json_string_length(needle) == 0;
	return memmem(hay.p, hay.n, json_string_value(needle),
		   json_string_length(needle)) != NULL;
}

static bool
fits(const struct rule *r, const struct ask *a)
{
	const char *key, *got;
	const json_t *v, *path = json_object_get(r->match, "path");
	json_t *want;

	if (path == NULL && !a->chat)
		return false;
	if (path != NULL && !contains(span_of(a->path), path))
		return false;
	v = json_object_get(r->match, "method");
	if (v != NULL && strcmp(a->method, json_string_value(v)) != 0)
		return false;
	v = json_object_get(r->match, "substring");
	if (v != NULL && !contains(buf_span(&a->raw), v) &&
	    !contains(a->last, v))
		return false;
	v = json_object_get(r->match, "model");
	if (v != NULL && !json_equal(v, json_object_get(a->json, "model")))
		return false;
	v = json_object_get(r->match, "kind");
	if (v != NULL && a->verdict != (*json_string_value(v) == 'v'))
		return false;
	v = json_object_get(r->match, "attempt");
	if (v != NULL && json_integer_value(v) != (json_int_t)a->attempt)
		return false;
	v = json_object_get(r->match, "share");
	if (v != NULL && draw(a, DRAW_RULE + r->line) >= json_number_value(v))
		return false;
	json_object_foreach(json_object_get(r->match, "header"), key, want) {
		if (a->conn == NULL)
			return false;
		got =
		    MHD_lookup_connection_value(a->conn, MHD_HEADER_KIND, key);
		if (got == NULL || !contains(span_of(got), want))
			return false;
	}
	return true;
}

const struct rule *
script_find(const struct ask *a)
{
	struct rule *r;

	for (r = rules; r != NULL; r = r->next) {
		if (r->left == 0 || !fits(r, a))
			continue;
		if (r->left > 0)
			r->left--;
		return r;
	}
	return NULL;
}

void
script_free(void)
{
	struct rule *r;

	while ((r = rules) != NULL) {
		rules = r->next;
		json_decref(r->json);
		buf_free(&r->file);
		free(r);
	}
}
