/* logprobs: the first token of an answer, as servers were seen to send it */
#include "llm/logprobs.h"

#include "json/scan.h"
#include "tap.h"

static struct arena mem;

static struct span
of(const char *tokens, const char *answer)
{
	const char *why;

	arena_reset(&mem);
	return logprobs_of(
	    js_text(span_of(tokens), &why), span_of(answer), &mem);
}

#define TOKEN(t, p) "{\"token\":\"" t "\",\"logprob\":" p "}"

static void
first(void)
{
	/* OpenAI's reference, chat completions with top_logprobs 2 */
	is_span(of("[{\"token\":\"1\",\"logprob\":-0.0012,\"bytes\":[49],"
		   "\"top_logprobs\":[{\"token\":\"1\",\"logprob\":-0.0012,"
		   "\"bytes\":[49]},{\"token\":\"0\",\"logprob\":-7.5,"
		   "\"bytes\":[48]}]}]",
		    "1"),
	    S("{\"1\":-0.0012,\"0\":-7.5}"),
	    "log probabilities in OpenAI's form are read");
	/* vLLM and llama.cpp also count the thinking and the end. */
	is_span(of("[" TOKEN("<think>", "0") "," TOKEN("1", "-9") "," TOKEN(
		       "</think>", "0") "," TOKEN("\\n\\n", "0") "," TOKEN("1",
		       "-0.5") "," TOKEN("<|im_end|>", "0") "]",
		    "\n\n1"),
	    S("{\"1\":-0.5}"), "the token behind the thinking counts");
	is_span(of("[" TOKEN("a", "-1") "," TOKEN(" b", "-2") "," TOKEN(
		       " a", "-3") "]",
		    "a b a"),
	    S("{\"a\":-1}"), "the first of several equal tokens counts");
	is_span(of("[" TOKEN("Answer", "-1") "," TOKEN(":", "0") "," TOKEN(
		       " 1", "-2") "," TOKEN("\\n", "0") "]",
		    "Answer: 1\n"),
	    S("{\" 1\":-2}"), "the digit of a labelled verdict counts");
	is_span(of("[" TOKEN("1", "-9") "," TOKEN(" of", "0") "," TOKEN(
		       " 2 fits. Verdict", "0") "," TOKEN(": 2", "-3") "]",
		    "1 of 2 fits. Verdict: 2"),
	    S("{\": 2\":-3}"), "a digit may stand in a longer token");
	is_span(of("[" TOKEN("2", "-1") "," TOKEN(". It asks for 1", "0") "]",
		    "2. It asks for 1"),
	    S("{\"2\":-1}"), "a digit of the explanation does not count");
	is_span(of("[" TOKEN("a", "-1") "," TOKEN(" b", "-2") "]", " b "),
	    S("{\" b\":-2}"), "a token keeps its leading space");
	is_span(of("[" TOKEN("\\\"", "-1") "," TOKEN("2", "-2") "," TOKEN(
		       "\\\"", "-3") "]",
		    "\"2\""),
	    S("{\"2\":-2}"), "quotes before the verdict do not count");
	/* half a letter: llama.cpp gives U+FFFD or raw bytes */
	is_span(of("[{\"token\":\"\\ufffd\",\"logprob\":-1,\"bytes\":[195]},"
		   "{\"token\":\"\\ufffd\",\"logprob\":-2,\"bytes\":[164]}]",
		    "\xc3\xa4"),
	    S("{\"\xef\xbf\xbd\":-1}"), "a letter may be in two tokens");
	is_span(of("[ {\"token\":\"1\",\"logprob\":-1e-5,\"bytes\":null,"
		   "\"top_logprobs\":[ {\"token\":\" 1\",\"logprob\":-2} , 7,"
		   "{\"token\":1,\"logprob\":-3},{\"token\":\"x\"},"
		   "{\"token\":\"y\",\"logprob\":\"-1\"},"
		   "{\"token\":\"\\\"\",\"logprob\":-4},null ] } ]",
		    "1"),
	    S("{\"1\":-1e-5,\" 1\":-2,\"\\\"\":-4}"),
	    "odd members are left out");
}

static void
none(void)
{
	static const char *const all[][2] = { { "[]", "1" }, { "{}", "1" },
		{ "null", "1" }, { "[1,null,\"1\"]", "1" },
		{ "[" TOKEN("2", "-1") "]", "1" },
		{ "[" TOKEN("1", "-1") "]", "" },
		{ "[" TOKEN("1", "-1") "]", " \n" },
		{ "[" TOKEN("1", "null") "]", "1" },
		{ "[{\"token\":\"1\"}]", "1" },
		{ "[" TOKEN("token_id:16", "-1") "]", "1" } };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		ok(of(all[i][0], all[i][1]).p == NULL,
		    "no log probabilities are read from %s", all[i][0]);
	ok(logprobs_of(NONE, S("1"), &mem).p == NULL,
	    "no log probabilities are read from nothing");
}

/* A quadratic reader takes minutes for these and is ended by a signal. */
static void
long_lists(void)
{
	enum { TOKENS = 1000000 };
	struct buf b = { 0 }, answer = { 0 };
	int i;

	cpu_limit(60);
	arena_reset(&mem);
	for (i = 0; i < TOKENS; i++)
		buf_adds(&b, i ? "," TOKEN(" ", "0") : "[" TOKEN("1", "-1"));
	buf_addc(&b, ']');
	is_span(logprobs_of(buf_span(&b), S("1"), &mem), S("{\"1\":-1}"),
	    "a million tokens of white space are read in time");
	/* a million a and a b: "aaa...ab" fits from none of them on */
	buf_clear(&b);
	for (i = 0; i < TOKENS; i++) {
		buf_adds(&b, i ? "," TOKEN("a", "0") : "[" TOKEN("a", "-1"));
		buf_addc(&answer, 'a');
	}
	buf_addc(&b, ']');
	buf_addc(&answer, 'a');
	cpu_limit(60);
	ok(logprobs_of(buf_span(&b), buf_span(&answer), &mem).p != NULL,
	    "a long answer is found by its beginning, in time");
	buf_free(&answer);
	cpu_limit(0);
	buf_free(&b);
}

static void
numbers(void)
{
	static const struct {
		const char *object, *want;
	} all[] = { { "{\"1\":-0.1,\"0\":-3,\"2\":-4}", "0.930003" },
		{ "{\"1\":0,\"0\":0}", "0.5" },
		{ "{\"1\":0,\" 1\":0,\"2\":0,\"x\":0}", "0.666667" },
		{ "{\"0\":-0.01,\"\\\"1\\\"\":-800}", "0" },
		{ "{\"1\":-0.5,\"x\":-1}", "1" }, { "{\"1\":-0.5}", "" },
		{ "{\"x\":-0.5,\"y\":-1}", "" }, { "{}", "" }, { "[]", "" },
		{ "{\"1\":-9999.0,\"0\":-1.7976931348623157e308}", "" },
		{ "{\"1\":1e999,\"0\":0}", "" },
		{ "{\"1\":0,\"10\":0,\"\":0}", "1" },
		{ "{\"1\\n\":0,\"**0\":0,\"(2)\":0,\": 2\":0}", "0.25" },
		{ "{\"1\":0,\"-0\":0,\"0.5\":0,\"0x\":0,\".2\":0}", "1" },
		{ "{\"0\":0,\"\xc2\xb2\":0,\"21\":0,\"\\u0000\":0}", "0" },
		{ "{\"1\":0,\"0\":\"0\",\"2\":null}", "" },
		{ "{\"1\":0,\"0\":[0],\"x\":-1}", "1" } };
	char got[40];
	double s;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		got[0] = '\0';
		if (logprobs_p(span_of(all[i].object), &s) == 0)
			snprintf(got, sizeof got, "%.6g", s);
		is_str(got, all[i].want, "the number of %s is right",
		    all[i].object);
	}
}

int
main(void)
{
	first();
	none();
	long_lists();
	numbers();
	arena_free(&mem);
	return done();
}
