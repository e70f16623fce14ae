/* answer: what services say of files and batches */
#include "remote/answer.h"

#include "base/mem.h"
#include "tap.h"

/* Batches as services were seen to send them, and what is kept of them. */
static const struct {
	const char *who, *body, *status, *created, *ended, *output;
	enum ticket_step step;
	long long completed;
} batches[] = {
	{ "OpenAI, new",
	    "{\"id\":\"batch_1\",\"object\":\"batch\",\"errors\":null,"
	    "\"status\":\"validating\",\"output_file_id\":null,"
	    "\"created_at\":1714508499,\"completed_at\":null,"
	    "\"request_counts\":{\"total\":0,\"completed\":0,\"failed\":0},"
	    "\"metadata\":null}",
	    "validating", "2024-04-30T20:21:39Z", NULL, NULL, TICKET_RUNNING,
	    0 },
	{ "OpenAI, done",
	    "{\"id\":\"batch_1\",\"status\":\"completed\",\"output_file_id\":"
	    "\"file-2\",\"error_file_id\":\"file-3\",\"created_at\":1714508499,"
	    "\"completed_at\":1714508500,\"request_counts\":{\"total\":100,"
	    "\"completed\":95,\"failed\":5}}",
	    "completed", "2024-04-30T20:21:39Z", "2024-04-30T20:21:40Z",
	    "file-2", TICKET_ENDED, 95 },
	{ "OpenAI, expired",
	    "{\"id\":\"batch_1\",\"status\":\"expired\",\"output_file_id\":"
	    "\"file-2\",\"expired_at\":1714508500,\"expires_at\":1714508500}",
	    "expired", NULL, "2024-04-30T20:21:40Z", "file-2", TICKET_ENDED,
	    0 },
	{ "Azure, new",
	    "{\"id\":\"batch_1\",\"status\":\"Validating\",\"created_at\":"
	    "\"2024-07-19T17:13:57.2491382+00:00\",\"output_file_id\":null,"
	    "\"request_counts\":{\"total\":null,\"completed\":null,\"failed\":"
	    "null}}",
	    "validating", "2024-07-19T17:13:57.2491382+00:00", NULL, NULL,
	    TICKET_RUNNING, 0 },
	{ "Azure, done",
	    "{\"id\":\"batch_1\",\"status\":\"Completed\",\"output_file_id\":"
	    "\"file-aa-bb\"}",
	    "completed", NULL, NULL, "file-aa-bb", TICKET_ENDED, 0 },
	{ "a word that is new", "{\"id\":\"batch_1\",\"status\":\"paused\"}",
	    "paused", NULL, NULL, NULL, TICKET_RUNNING, 0 },
	{ "an American service", "{\"id\":\"batch_1\",\"status\":\"CANCELED\"}",
	    "canceled", NULL, NULL, NULL, TICKET_ENDED, 0 },
	{ "answers without a file",
	    "{\"id\":\"batch_1\",\"status\":\"completed\","
	    "\"request_counts\":{\"completed\":5}}",
	    "completed", NULL, NULL, NULL, TICKET_RUNNING, 5 },
	{ "a file of errors alone",
	    "{\"id\":\"batch_1\",\"status\":\"completed\",\"error_file_id\":"
	    "\"file-3\",\"request_counts\":{\"completed\":5}}",
	    "completed", NULL, NULL, NULL, TICKET_ENDED, 5 },
	{ "an empty output id",
	    "{\"id\":\"batch_1\",\"status\":\"completed\",\"output_file_id\":"
	    "\"\"}",
	    "completed", NULL, NULL, NULL, TICKET_ENDED, 0 },
	{ "a hostile service",
	    "{\"id\":\"batch_1\",\"status\":\"\\u001b[2J\",\"created_at\":"
	    "999999999999999999,\"output_file_id\":\"..\",\"request_counts\":"
	    "{\"completed\":-5}}",
	    "?[2j", NULL, NULL, NULL, TICKET_RUNNING, 0 },
};

static struct ticket
ticket_at(enum ticket_step step)
{
	return (struct ticket){ "f", step, json_object() };
}

static void
good(void)
{
	const char *why = "";
	struct ticket t;
	size_t i;

	for (i = 0; i < sizeof batches / sizeof *batches; i++) {
		t = ticket_at(TICKET_CREATING);
		is_int(answer_take_batch(&t, span_of(batches[i].body), &why), 0,
		    "%s: the batch is taken", batches[i].who);
		is_int(t.step, batches[i].step, "%s: the step", batches[i].who);
		is_str(ticket_text(&t, "status"), batches[i].status,
		    "%s: the status", batches[i].who);
		is_str(ticket_text(&t, "created"), batches[i].created,
		    "%s: the time", batches[i].who);
		is_str(ticket_text(&t, "ended"), batches[i].ended,
		    "%s: the time of the end", batches[i].who);
		is_str(ticket_text(&t, "output_file_id"), batches[i].output,
		    "%s: the output", batches[i].who);
		is_int(ticket_count(&t, "completed"), batches[i].completed,
		    "%s: the answers are counted", batches[i].who);
		ticket_free(&t);
	}
}

static void
bad(void)
{
	static const char *const bodies[] = { "", "null", "[]", "{}",
		"{\"id\":\"b\"}", "{\"status\":\"completed\"}",
		"{\"id\":7,\"status\":\"completed\"}",
		"{\"id\":\"\",\"status\":\"completed\"}",
		"{\"id\":\"..\",\"status\":\"completed\"}",
		"{\"id\":\"a b\",\"status\":\"completed\"}",
		"{\"id\":\"a\\u0000b\",\"status\":\"completed\"}",
		"{\"id\":\"a\\n\",\"status\":\"completed\"}",
		"{\"id\":\"\xc3\xa4\",\"status\":\"completed\"}",
		"{\"id\":\"b\",\"status\":null}",
		"{\"id\":\"b\",\"status\":\"completed\"" };
	const char *why;
	struct ticket t = ticket_at(TICKET_CREATING);
	struct buf big = { 0 };
	size_t i;

	for (i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		why = NULL;
		is_int(answer_take_batch(&t, span_of(bodies[i]), &why), -1,
		    "body %zu is no batch", i);
		ok(why != NULL && t.step == TICKET_CREATING,
		    "body %zu has a reason, and changes no step", i);
	}
	buf_adds(&big, "{\"status\":\"completed\",\"id\":\"");
	for (i = 0; i <= TICKET_ID; i++)
		buf_addc(&big, 'x');
	buf_adds(&big, "\"}");
	is_int(answer_take_batch(&t, buf_span(&big), &why), -1,
	    "an id that is too long is none");
	ticket_set_text(&t, "batch_id", "batch_1");
	is_int(
	    answer_take_batch(&t,
		span_of("{\"id\":\"batch_2\",\"status\":\"completed\"}"), &why),
	    -1, "another batch is refused: %s", why);
	is_str(ticket_text(&t, "batch_id"), "batch_1", "the id stays");
	ticket_free(&t);
	buf_free(&big);
}

static void
uploaded(void)
{
	struct ticket t = ticket_at(TICKET_UPLOADING);
	const char *why = "";

	is_int(answer_take_file(&t, span_of("{\"object\":\"file\"}"), &why), -1,
	    "an answer without an id is no file: %s", why);
	is_int(answer_take_file(&t,
		   span_of("{\"id\":\"file-1\",\"status\":\"Pending\"}"), &why),
	    0, "a file is taken");
	is_int(t.step, TICKET_UPLOADED, "the file is uploaded");
	is_str(ticket_text(&t, "input_file_id"), "file-1", "the id is kept");
	is_str(ticket_text(&t, "file_status"), "pending",
	    "the status is kept in lower case");
	ticket_free(&t);
}

static void
errors(void)
{
	struct ticket t = ticket_at(TICKET_RUNNING);
	struct buf b = { 0 };
	const char *why = "";

	answer_take_batch(&t,
	    span_of("{\"id\":\"b\",\"status\":\"failed\",\"errors\":{\"data\":"
		    "[{\"code\":\"invalid_json_line\",\"message\":\"no\\u0007"
		    "JSON\",\"line\":7},{\"code\":\"x\"}]}}"),
	    &why);
	ticket_words(&t, &b);
	is_str(buf_cstr(&b),
	    "batch b is failed: line 7: no?JSON (invalid_json_line)",
	    "the first error is told");
	is_int((long long)json_array_size(json_object_get(t.said, "errors")), 2,
	    "all errors are kept");
	ticket_free(&t);
	buf_free(&b);
}

/* Reasons as services send them, and what is said of the batch. */
static const struct {
	const char *errors, *words;
} reasons[] = {
	{ "[{\"code\":\"c\",\"message\":\"m\"}]", "batch b is failed: m (c)" },
	{ "{\"code\":\"c\",\"message\":\"m\"}", "batch b is failed: m (c)" },
	{ "\"out of \\u001b order\"", "batch b is failed: out of ? order" },
	{ "{\"data\":[\"m\"]}", "batch b is failed: m" },
	{ "[7]", "batch b is failed: no reason given" },
	{ "null", "batch b is failed" },
	{ "[]", "batch b is failed" },
	{ "{\"data\":[]}", "batch b is failed" },
};

static void
other_errors(void)
{
	struct buf body = { 0 }, words = { 0 };
	const char *why = "";
	struct ticket t;
	size_t i;

	for (i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		t = ticket_at(TICKET_RUNNING);
		buf_clear(&body);
		buf_clear(&words);
		buf_fmt(&body,
		    "{\"id\":\"b\",\"status\":\"failed\",\"errors\":%s}",
		    reasons[i].errors);
		answer_take_batch(&t, buf_span(&body), &why);
		ticket_words(&t, &words);
		is_str(buf_cstr(&words), reasons[i].words,
		    "the reason in %s is told", reasons[i].errors);
		ticket_free(&t);
	}
	buf_free(&body);
	buf_free(&words);
}

static void
pages(void)
{
	static const char list[] =
	    "{\"data\":[{\"id\":\"b3\",\"input_file_id\":\"f3\"},"
	    "{\"id\":\"b2\",\"input_file_id\":\"f\\u0032\"},"
	    "{\"id\":\"b1\",\"input_file_id\":\"f2\"},7,"
	    "{\"id\":\"bad id\"}],\"has_more\":true}";
	struct answer_page p;
	const char *why = "";

	is_int(answer_read_page(span_of(list), "input_file_id", "f2", &p, &why),
	    0, "a page is read");
	is_span(p.found, S("{\"id\":\"b2\",\"input_file_id\":\"f\\u0032\"}"),
	    "the first that fits is found");
	is_str(p.last, "b1", "the last id is known");
	is_int(p.more, 1, "there are further pages");
	answer_read_page(span_of(list), "input_file_id", "f9", &p, &why);
	ok(p.found.p == NULL, "what is not there is not found");
	is_int(answer_read_page(
		   S("{\"data\":[],\"has_more\":true}"), "a", "b", &p, &why),
	    0, "an empty page is read");
	is_int(p.more, 0, "behind an empty page there is nothing");
	is_int(answer_read_page(S("{}"), "a", "b", &p, &why), -1,
	    "what has no data is no list: %s", why);
	is_int(answer_read_page(S("[]"), "a", "b", &p, &why), -1,
	    "an array is no list");
}

int
main(void)
{
	good();
	bad();
	uploaded();
	errors();
	other_errors();
	pages();
	return done();
}
