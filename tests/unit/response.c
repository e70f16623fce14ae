/* response: what a record asks for, and the answers in it */
#include "tg-llm/response.h"

#include <string.h>

#include "io/io.h"
#include "one-record.h"
#include "tap.h"

#define ASKS(kind)                                                             \
	"{\"tg\":{\"request\":{\"kind\":\"" kind "\",\"step\":2,"              \
	"\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"               \
	"{\"role\":\"user\",\"content\":\"why?\"}],\"params\":{\"seed\":1}}}}"

static void
jobs(void)
{
	static const char *const bad[] = {
		"{\"tg\":{\"request\":{\"kind\":\"judge\",\"messages\":[]}}}",
		"{\"tg\":{\"request\":{\"kind\":\"judge\"}}}",
		"{\"tg\":{\"request\":{\"kind\":\"x\",\"messages\":[1]}}}",
		"{\"tg\":{\"request\":{\"messages\":[1]}}}"
	};
	struct llm_opts o = { .only = ONLY_ALL, .choices = 3 };
	struct chat_job j = { 0 };
	size_t i;

	load(span_of(ASKS("generate")));
	ok(response_wanted(&r, &o), "a request of any kind is wanted");
	o.only = REC_JUDGE;
	ok(!response_wanted(&r, &o), "a request of another kind is not wanted");
	is_int(response_job(&r, &o, &j, 0), REC_GENERATE,
	    "the kind of a request is found");
	is_str(j.kind, "generate", "a job knows the name of its kind");
	ok(j.want == 3 && !j.length_ok,
	    "a job wants as many answers as the options say, none cut off");
	is_span(j.ask.params, S("{\"seed\":1}"),
	    "a job has the parameters of the request");
	load(span_of("{\"tg\":{\"request\":{\"kind\":\"judge\",\"step\":1,"
		     "\"messages\":[1]}}}"));
	ok(response_wanted(&r, &o), "a request of the kind is wanted");
	is_int(response_job(&r, &o, &j, 0), REC_JUDGE, "a judge is asked");
	ok(j.want == 1 && j.length_ok,
	    "a judge gives one answer, which may be cut off");
	load(span_of("{\"tg\":{\"request\":{\"kind\":\"judge\",\"step\":2,"
		     "\"messages\":[1]}}}"));
	ok(!response_wanted(&r, &o),
	    "a request to a second judge is none to a judge");
	o.only = ONLY_SECOND;
	ok(response_wanted(&r, &o),
	    "a request to a second judge is wanted by its own name");
	load(span_of(bad[3]));
	ok(!response_wanted(&r, &o),
	    "a request of no known kind is none to a second judge");
	o.only = REC_JUDGE;
	load(span_of(
	    "{\"tg\":{\"request\":{\"kind\":\"judge\",\"messages\":[1]}}}"));
	is_int(response_job(&r, &o, &j, 0), REC_JUDGE, "one message is enough");
	load(span_of("{\"tg\":{\"response\":{}}}"));
	o.only = ONLY_ALL;
	ok(!response_wanted(&r, &o),
	    "a record that asks nothing is not wanted");
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		load(span_of(bad[i]));
		is_int(response_job(&r, &o, &j, 0), REC_NO_KIND,
		    "request %zu asks for nothing", i);
		ok(r.failed && rec_tg(&r, "error").p != NULL,
		    "request %zu ends its record in error", i);
	}
}

static void
answers(void)
{
	struct reply_choice choices[] = { { .text = S("one\n"),
					      .finish_reason = S("stop"),
					      .model = S("M") },
		{ .text = S("two"),
		    .finish_reason = S("length"),
		    .model = S("N") } };
	struct chat_job j = { .choices = choices,
		.nchoices = 2,
		.latency_ms = 7,
		.attempts = 3,
		.used = { .prompt_tokens = 10,
		    .completion_tokens = 20,
		    .cached_tokens = 5,
		    .cost = 99 } };
	struct buf want = { 0 }, one = { 0 }, two = { 0 };

	load(span_of(ASKS("negatives")));
	response_put(&r, &j, 0);
	reply_choice_write(&one, &choices[0], 0);
	reply_choice_write(&two, &choices[1], 0);
	buf_fmt(&want,
	    "{\"tg\":{\"response\":{\"kind\":\"negatives\",\"step\":2,"
	    "\"choices\":[%s,%s],\"model\":\"M\",\"usage\":"
	    "{\"prompt_tokens\":10,\"completion_tokens\":20,"
	    "\"cached_tokens\":5},\"latency_ms\":7,\"attempts\":3}}}\n",
	    buf_cstr(&one), buf_cstr(&two));
	is_span(written(), buf_span(&want),
	    "the response takes the place of the request");

	load(span_of(ASKS("generate")));
	j.ask = request_ask_of(rec_tg(&r, "request"));
	response_put(&r, &j, 1);
	is_span(rec_tg(&r, "log"),
	    S("[{\"kind\":\"generate\",\"step\":2,\"prompt\":\"why?\","
	      "\"answer\":\"one\\n\"}]"),
	    "the last message and the first answer are logged");
	load(span_of("{\"tg\":{\"log\":[{\"kind\":\"x\"}],\"request\":"
		     "{\"kind\":\"judge\",\"messages\":[1]}}}"));
	j.ask = request_ask_of(rec_tg(&r, "request"));
	response_put(&r, &j, 1);
	is_span(rec_tg(&r, "log"),
	    S("[{\"kind\":\"x\"},{\"kind\":\"judge\",\"step\":1,"
	      "\"prompt\":null,\"answer\":\"one\\n\\ntwo\"}]"),
	    "an entry is added to the log, with all votes of a judge");
	load(span_of("{\"tg\":{\"log\":[],\"request\":{\"kind\":\"judge\"}}}"));
	j.ask = request_ask_of(rec_tg(&r, "request"));
	response_put(&r, &j, 1);
	is_span(rec_tg(&r, "log"),
	    S("[{\"kind\":\"judge\",\"step\":1,\"prompt\":null,"
	      "\"answer\":\"one\\n\\ntwo\"}]"),
	    "an entry is added to an empty log");
	j.nchoices = 1;
	load(span_of(ASKS("generate")));
	response_put(&r, &j, 0);
	ok(rec_tg(&r, "log").p == NULL && rec_tg(&r, "request").p == NULL,
	    "nothing is logged unless it is asked for");
	buf_free(&want);
	buf_free(&one);
	buf_free(&two);
}

static void
failures(void)
{
	struct chat_job j = {
		.code = "refusal", .message = "100 %s", .attempts = 2
	};

	load(span_of(ASKS("judge")));
	response_fail(&r, &j);
	is_span(rec_tg(&r, "error"),
	    S("{\"tool\":\"tg-llm\",\"code\":\"refusal\","
	      "\"message\":\"100 %s\",\"attempts\":2}"),
	    "a failed job ends its record in error");
	ok(rec_tg(&r, "request").p != NULL, "an error keeps the request");
	j.status = 400;
	load(span_of(ASKS("judge")));
	response_fail(&r, &j);
	is_span(rec_tg(&r, "error"),
	    S("{\"tool\":\"tg-llm\",\"code\":\"refusal\",\"message\":"
	      "\"100 %s\",\"status\":400,\"attempts\":2}"),
	    "an error tells the status of the server");
}

int
main(void)
{
	io_program = "tg-llm";
	jobs();
	answers();
	failures();
	rec_free(&r);
	buf_free(&out);
	return done();
}
