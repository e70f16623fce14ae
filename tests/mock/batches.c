/*
 * batches: the API for files and batches, as OpenAI's and Azure's
 *
 * A batch moves on when it is asked for, never by the clock: after batch_polls
 * questions it has ended. Its requests are then answered as if each had come by
 * itself, by the same rules and options.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mock.h"

enum { MAX = 1000 };

static struct file {
	struct buf name, bytes;
	unsigned asked; /* times that its status was asked for */
} files[MAX];
static size_t nfiles;

static struct batch {
	size_t input, output, errors; /* numbers of files, from 1; 0: none */
	const char *end;              /* status in which it ends */
	const char *status;
	char endpoint[100];
	unsigned asked;
	size_t total, completed, failed;
	size_t bad_line; /* line for which it failed; 0: none */
} batches[MAX];
static size_t nbatches;

/* Return the number in "PREFIXnumber" at p, up to n; 0 if it is none of them. */
static size_t
number_of(const char *p, const char *prefix, size_t n)
{
	size_t len = strlen(prefix), i;

	if (strncmp(p, prefix, len) != 0)
		return 0;
	i = strtoul(p + len, NULL, 10);
	return i >= 1 && i <= n ? i : 0;
}

static size_t
add_file(struct span name, struct span bytes)
{
	struct file *f = &files[nfiles];

	if (nfiles == MAX)
		exit(TG_EX_IO);
	buf_addspan(&f->name, name);
	buf_addspan(&f->bytes, bytes);
	return ++nfiles;
}

static void
put_file(struct buf *b, size_t i)
{
	struct file *f = &files[i - 1];
	int pending = f->asked < opt.file_pending;

	buf_fmt(b,
	    "{\"id\":\"file-%zu\",\"object\":\"file\",\"bytes\":%zu,"
	    "\"created_at\":1700000000,\"filename\":",
	    i, f->bytes.n);
	put_string(b, f->name.p, f->name.n);
	buf_fmt(b, ",\"purpose\":\"batch\",\"status\":\"%s\"}",
	    pending ? "pending" : "processed");
}

static void
put_id(struct buf *b, const char *name, size_t file)
{
	if (file == 0)
		buf_fmt(b, ",\"%s\":null", name);
	else
		buf_fmt(b, ",\"%s\":\"file-%zu\"", name, file);
}

static void
put_batch(struct buf *b, size_t i)
{
	const struct batch *t = &batches[i - 1];

	buf_fmt(b,
	    "{\"id\":\"batch_%zu\",\"object\":\"batch\",\"endpoint\":\"%s\","
	    "\"completion_window\":\"24h\",\"status\":\"%s\","
	    "\"created_at\":1700000000,\"expires_at\":1700086400,"
	    "\"%s_at\":1700000060",
	    i, t->endpoint, t->status, t->status);
	put_id(b, "input_file_id", t->input);
	put_id(b, "output_file_id", t->output);
	put_id(b, "error_file_id", t->errors);
	if (t->bad_line > 0)
		buf_fmt(b,
		    ",\"errors\":{\"object\":\"list\",\"data\":[{\"code\":"
		    "\"%s\",\"message\":\"mock failure of a batch\","
		    "\"param\":null,\"line\":%zu}]}",
		    opt.batch_code, t->bad_line);
	else
		buf_adds(b, ",\"errors\":null");
	buf_fmt(b,
	    ",\"request_counts\":{\"total\":%zu,\"completed\":%zu,"
	    "\"failed\":%zu}}",
	    t->total, t->completed, t->failed);
}

/* Return the i-th word of the option batch_ends, or its last. */
static const char *
end_of(size_t i)
{
	static const char *const ends[] = { "completed", "failed", "expired",
		"cancelled" };
	const char *word = opt.batch_ends, *comma;
	size_t k;

	for (; i > 0 && (comma = strchr(word, ',')) != NULL; i--)
		word = comma + 1;
	for (k = 0; k < sizeof ends / sizeof *ends; k++)
		if (strncmp(word, ends[k], strlen(ends[k])) == 0)
			return ends[k];
	fprintf(stderr, "mockllm: bad option batch_ends\n");
	exit(TG_EX_USAGE);
}

/* Answer the body of a line as if it had come alone: its status. */
static unsigned
answer_line(json_t *body, struct buf *answer)
{
	struct ask a = { .method = "POST", .path = "/v1/chat/completions",
		.query = "", .chat = true };
	struct reply p = { 0 };
	char *text = json_dumps(body, JSON_COMPACT);

	buf_adds(&a.raw, text ? text : "");
	free(text);
	ask_parse(&a);
	decide_alone(&p, &a);
	if (p.status == 200)
		seen_get(a.hash)->paid = true;
	buf_addspan(answer, buf_span(&p.body));
	buf_free(&p.body);
	ask_free(&a);
	return p.status;
}

/* Write the result of a request, or that it expired. */
static void
put_result(struct buf *b, const char *id, unsigned status, struct span body)
{
	buf_adds(b, "{\"id\":\"batch_req\",\"custom_id\":");
	put_string(b, id, strlen(id));
	if (status == 0)
		buf_adds(b,
		    ",\"response\":null,\"error\":{\"code\":\"batch_expired\","
		    "\"message\":\"This request could not be executed before "
		    "the completion window expired.\"}}\n");
	else
		buf_fmt(b,
		    ",\"response\":{\"status_code\":%u,\"request_id\":\"r\","
		    "\"body\":%.*s},\"error\":null}\n",
		    status, (int)body.n, body.p);
}

/* Do the requests of a batch, as many as it may before it ends. */
static void
work(struct batch *t)
{
	struct buf good = { 0 }, bad = { 0 }, body = { 0 };
	const char *p = files[t->input - 1].bytes.p, *id;
	const char *end = p + files[t->input - 1].bytes.n, *nl;
	int whole = strcmp(t->end, "completed") == 0;
	json_t *line;
	unsigned status;

	for (; p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		line = json_loadb(p, (size_t)(nl - p), JSON_ALLOW_NUL, NULL);
		id = json_string_value(json_object_get(line, "custom_id"));
		t->total++;
		buf_clear(&body);
		if (!whole &&
		    t->completed + t->failed >= (size_t)opt.batch_some) {
			put_result(&bad, id, 0, buf_span(&body));
		} else {
			status = answer_line(
			    json_object_get(line, "body"), &body);
			put_result(status == 200 ? &good : &bad, id, status,
			    buf_span(&body));
			t->completed += status == 200;
			t->failed += status != 200;
		}
		json_decref(line);
	}
	if (good.n > 0)
		t->output = add_file(span_of("output.jsonl"), buf_span(&good));
	if (bad.n > 0)
		t->errors = add_file(span_of("errors.jsonl"), buf_span(&bad));
	buf_free(&good);
	buf_free(&bad);
	buf_free(&body);
}

/* Return the number of the first line that is no request; 0: there is none. */
static size_t
bad_line(const struct batch *t)
{
	const struct buf *b = &files[t->input - 1].bytes;
	const char *p = b->p, *end = p + b->n, *nl;
	const char *id, *url;
	json_t *line;
	size_t n = 0;
	int ok = b->n > 0;

	for (; p < end && ok; p = nl + 1, n++) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		line = json_loadb(p, (size_t)(nl - p), JSON_ALLOW_NUL, NULL);
		id = json_string_value(json_object_get(line, "custom_id"));
		url = json_string_value(json_object_get(line, "url"));
		ok = id != NULL && url != NULL &&
		    strcmp(url, t->endpoint) == 0;
		json_decref(line);
	}
	return ok ? 0 : n;
}

/* Move a batch on. */
static void
advance(struct batch *t)
{
	if (strcmp(t->status, t->end) == 0)
		return;
	if (++t->asked < opt.batch_polls) {
		if (strcmp(t->status, "cancelling") != 0)
			t->status = "in_progress";
		return;
	}
	if (t->bad_line == 0 && strcmp(t->end, "failed") == 0)
		t->bad_line = 1;
	if (t->bad_line > 0)
		t->end = "failed";
	else
		work(t);
	t->status = t->end;
}

static void
refuse(struct reply *p, unsigned status, const char *message)
{
	p->status = status;
	reply_error(&p->body, status, message);
}

/* Return the part of a form that has this name, and its file's name. */
static struct span
form_part(const struct ask *a, const char *name, struct span *file)
{
	const char *type = MHD_lookup_connection_value(
	    a->conn, MHD_HEADER_KIND, "Content-Type");
	const char *mark = type ? strstr(type, "boundary=") : NULL;
	struct span none = { NULL, 0 };
	struct buf bound = { 0 }, want = { 0 };
	const char *p = a->raw.p, *end = p + a->raw.n, *head, *body, *next, *f;

	if (mark == NULL || a->raw.n == 0)
		return none;
	buf_fmt(&bound, "--%s", mark + 9);
	buf_fmt(&want, " name=\"%s\"", name);
	while ((p = memmem(p, (size_t)(end - p), bound.p, bound.n)) != NULL) {
		head = p += bound.n;
		body = memmem(p, (size_t)(end - p), "\r\n\r\n", 4);
		next = memmem(p, (size_t)(end - p), bound.p, bound.n);
		if (body == NULL || next == NULL || next < body)
			break;
		if (memmem(head, (size_t)(body - head), want.p, want.n) ==
		    NULL)
			continue;
		f = memmem(head, (size_t)(body - head), "filename=\"", 10);
		if (f != NULL)
			*file = (struct span){ f + 10, strcspn(f + 10, "\"") };
		none = (struct span){ body + 4, (size_t)(next - body) - 6 };
		break;
	}
	buf_free(&bound);
	buf_free(&want);
	return none;
}

static void
upload(struct reply *p, const struct ask *a)
{
	struct span name = { "", 0 }, purpose, bytes;

	purpose = form_part(a, "purpose", &name);
	bytes = form_part(a, "file", &name);
	if (!span_is(purpose, "batch") || bytes.p == NULL || name.n == 0)
		refuse(p, 400, "a form with purpose and file is needed");
	else
		put_file(&p->body, add_file(name, bytes));
}

static void
create(struct reply *p, const struct ask *a)
{
	json_t *o = json_loadb(
	    a->raw.n ? a->raw.p : "", a->raw.n, JSON_REJECT_DUPLICATES, NULL);
	const char *input =
	    json_string_value(json_object_get(o, "input_file_id"));
	const char *endpoint =
	    json_string_value(json_object_get(o, "endpoint"));
	const char *window =
	    json_string_value(json_object_get(o, "completion_window"));
	struct batch *t = &batches[nbatches];
	size_t file = input ? number_of(input, "file-", nfiles) : 0;

	if (file == 0) {
		refuse(p, 400, "No such file");
	} else if (files[file - 1].asked < opt.file_pending) {
		refuse(p, 400, "The file is still pending");
	} else if (endpoint == NULL || window == NULL ||
	    strcmp(window, "24h") != 0 || nbatches == MAX) {
		refuse(p, 400, "endpoint and completion_window are needed");
	} else {
		*t = (struct batch){ .input = file, .status = "validating",
			.end = end_of(nbatches) };
		snprintf(t->endpoint, sizeof t->endpoint, "%s", endpoint);
		t->bad_line = bad_line(t);
		put_batch(&p->body, ++nbatches);
	}
	json_decref(o);
}

static void
cancel(struct reply *p, size_t i)
{
	struct batch *t = &batches[i - 1];

	if (strcmp(t->status, t->end) == 0) {
		refuse(p, 409, "Cannot cancel a batch that has ended");
		return;
	}
	t->status = "cancelling";
	t->end = "cancelled";
	put_batch(&p->body, i);
}

/* A page of a list, the newest first, behind the element "after". */
static void
list(struct reply *p, const struct ask *a, const char *prefix, size_t n,
    void (*put)(struct buf *, size_t))
{
	const char *limit = strstr(a->query, "limit=");
	const char *after = strstr(a->query, "after=");
	size_t most = limit ? strtoul(limit + 6, NULL, 10) : 20, i, put_so_far;

	if (opt.page > 0 && most > (size_t)opt.page)
		most = (size_t)opt.page;
	i = after ? number_of(after + 6, prefix, n) : n + 1;
	i = i > 0 ? i - 1 : 0;
	buf_adds(&p->body, "{\"object\":\"list\",\"data\":[");
	for (put_so_far = 0; i > 0 && put_so_far < most; i--, put_so_far++) {
		if (put_so_far > 0)
			buf_addc(&p->body, ',');
		put(&p->body, i);
	}
	buf_fmt(&p->body, "],\"has_more\":%s}", i > 0 ? "true" : "false");
}

/* Return what of the path is behind "/files" or "/batches"; or NULL. */
static const char *
behind(const char *path, const char *what)
{
	const char *p = strstr(path, what);

	if (p == NULL)
		return NULL;
	p += strlen(what);
	return *p == '\0' || *p == '/' ? p : NULL;
}

bool
is_batch_api(const struct ask *a)
{
	return behind(a->path, "/files") || behind(a->path, "/batches");
}

static void
decide_file(struct reply *p, const struct ask *a, const char *rest, int post)
{
	size_t i = number_of(rest, "/file-", nfiles);
	const char *more = *rest ? strchr(rest + 1, '/') : NULL;

	if (*rest == '\0' && post)
		upload(p, a);
	else if (*rest == '\0')
		list(p, a, "file-", nfiles, put_file);
	else if (i == 0)
		refuse(p, 404, "No such file");
	else if (more != NULL)
		buf_addspan(&p->body, buf_span(&files[i - 1].bytes));
	else {
		files[i - 1].asked++;
		put_file(&p->body, i);
	}
}

void
decide_batch_api(struct reply *p, const struct ask *a)
{
	const char *rest = behind(a->path, "/files");
	int post = strcmp(a->method, "POST") == 0;
	size_t i;

	p->status = 200;
	if (rest != NULL) {
		decide_file(p, a, rest, post);
		return;
	}
	rest = behind(a->path, "/batches");
	i = number_of(rest, "/batch_", nbatches);
	if (*rest == '\0' && post) {
		create(p, a);
	} else if (*rest == '\0') {
		list(p, a, "batch_", nbatches, put_batch);
	} else if (i == 0) {
		refuse(p, 404, "No such batch");
	} else if (post) {
		cancel(p, i);
	} else {
		advance(&batches[i - 1]);
		put_batch(&p->body, i);
	}
}

void
put_batch_stats(struct buf *b)
{
	buf_fmt(b, "\"files\":%zu,\"batches\":%zu,", nfiles, nbatches);
}

void
batches_free(void)
{
	size_t i;

	for (i = 0; i < nfiles; i++) {
		buf_free(&files[i].name);
		buf_free(&files[i].bytes);
	}
}
