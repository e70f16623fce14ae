/* rescore: requests for scores, and the replies to them */
#include "llm/rescore.h"

#include <string.h>

#include "tap.h"

static struct arena mem;
static struct reply r;
static const char *why;

/* Read a reply to n documents: what rescore_read returns. */
static int
read_body(const char *body, int n)
{
	why = "";
	return rescore_read(span_of(body), n, &mem, &r, &why);
}

/* A request has a model, a query and documents, by the names of its form. */
static void
requests(void)
{
	static const char *const want[RESCORE_FORMS] = {
		"{\"model\":\"M\\\"\",\"query\":\"q\",\"documents\":[\"a\"]",
		"{\"model\":\"M\\\"\",\"text_1\":\"q\",\"text_2\":[\"a\"]",
		"{\"model\":\"M\\\"\",\"query\":\"q\",\"texts\":[\"a\"]"
	};
	struct span none = { NULL, 0 };
	struct buf b = { 0 };
	enum rescore_form f;

	for (f = 0; f < RESCORE_FORMS; f++) {
		buf_clear(&b);
		rescore_write(&b, f, "M\"", none, S("\"q\""), S("[\"a\"]"));
		ok(b.n == strlen(want[f]) + 1 &&
			memcmp(b.p, want[f], b.n - 1) == 0,
		    "form %d has its members: %s", (int)f, buf_cstr(&b));
	}
	buf_clear(&b);
	rescore_write(&b, RESCORE_RERANK, "M",
	    S("{\"truncate\":true,\"model\":\"N\",\"query\":\"no\"}"),
	    S("\"q\""), S("[\"a\"]"));
	is_span(buf_span(&b),
	    S("{\"model\":\"N\",\"query\":\"q\",\"documents\":[\"a\"],"
	      "\"truncate\":true}"),
	    "further members are added, and name the model");
	buf_free(&b);
}

/* Scores are put in the order of the documents, whoever sends them. */
static void
forms(void)
{
	static const struct {
		const char *who, *body, *scores;
		long tokens;
	} all[] = {
		{ "vLLM, /rerank",
		    "{\"id\":\"x\",\"model\":\"m\",\"usage\":{\"prompt_"
		    "tokens\":"
		    "7,\"total_tokens\":7},\"results\":[{\"index\":2,"
		    "\"document\":{\"text\":\"c\"},\"relevance_score\":0.9},{"
		    "\"index\":0,\"relevance_score\":0.5},{\"index\":1,"
		    "\"relevance_score\":1e-05}]}",
		    "[0.5,1e-05,0.9]", 7 },
		{ "vLLM, /score",
		    "{\"object\":\"list\",\"model\":\"m\",\"data\":[{\"index\":"
		    "0,"
		    "\"object\":\"score\",\"score\":1},{\"index\":1,\"score\":"
		    "-2.5},{\"index\":2,\"score\":0}],\"usage\":{"
		    "\"total_tokens\":9}}",
		    "[1,-2.5,0]", 9 },
		{ "TEI",
		    "[{\"index\":1,\"score\":0.3},{\"index\":2,\"score\":0.2},{"
		    "\"index\":0,\"score\":0.1}]",
		    "[0.1,0.3,0.2]", 0 },
		{ "SGLang",
		    "[{\"score\":5,\"document\":\"b\",\"index\":1,\"meta_"
		    "info\":"
		    "{\"prompt_tokens\":3}},{\"score\":4,\"index\":0,"
		    "\"meta_info\":{\"prompt_tokens\":4}},{\"score\":-4,"
		    "\"index\":2}]",
		    "[4,5,-4]", 7 },
		{ "Voyage",
		    "{\"object\":\"list\",\"data\":[{\"relevance_score\":0.4,"
		    "\"index\":0},{\"relevance_score\":0.3,\"index\":1},{"
		    "\"relevance_score\":0.2,\"index\":2}]}",
		    "[0.4,0.3,0.2]", 0 },
		{ "Cohere",
		    "{\"results\":[{\"index\":1,\"relevance_score\":0.4},{"
		    "\"index\":0,\"relevance_score\":0.3},{\"index\":2,"
		    "\"relevance_score\":0.2}],\"meta\":{\"tokens\":{"
		    "\"input_tokens\":11}}}",
		    "[0.3,0.4,0.2]", 11 },
		{ "a number of many digits",
		    "[{\"index\":0,\"score\":0."
		    "500000000000000000000000000000000000000},{\"index\":1,"
		    "\"score\":1},{\"index\":2,\"score\":1}]",
		    "[0.5,1,1]", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		ok(read_body(all[i].body, 3) == 0 && r.nchoices == 1,
		    "%s: scores are read: %s", all[i].who, why);
		is_span(r.nchoices == 1 ? r.choices[0].text : S(""),
		    span_of(all[i].scores),
		    "%s: the order is that of the "
		    "documents",
		    all[i].who);
		is_int(
		    r.prompt_tokens, all[i].tokens, "%s: tokens", all[i].who);
	}
}

static void
faults(void)
{
	static const struct {
		const char *body, *what;
	} all[] = {
		{ "nonsense", "no JSON" },
		{ "{}", "no list" },
		{ "{\"results\":[]}", "no score" },
		{ "{\"results\":{\"index\":0,\"relevance_score\":1}}",
		    "an object" },
		{ "[{\"index\":0,\"score\":1}]", "a score too few" },
		{ "[{\"index\":0,\"score\":1},{\"index\":1,\"score\":1},{"
		  "\"index\":2,\"score\":1}]",
		    "a score too many" },
		{ "[{\"index\":0,\"score\":1},{\"index\":2,\"score\":1}]",
		    "an index beyond the documents" },
		{ "[{\"index\":-1,\"score\":1},{\"index\":1,\"score\":1}]",
		    "an index below 0" },
		{ "[{\"index\":1,\"score\":1},{\"index\":1,\"score\":1}]",
		    "an index twice" },
		{ "[{\"index\":0,\"score\":1},{\"score\":1}]", "no index" },
		{ "[{\"index\":\"0\",\"score\":1},{\"index\":1,\"score\":1}]",
		    "an index in quotes" },
		{ "[{\"index\":0.5,\"score\":1},{\"index\":1,\"score\":1}]",
		    "an index between two" },
		{ "[{\"index\":0,\"score\":NaN},{\"index\":1,\"score\":1}]",
		    "NaN" },
		{ "[{\"index\":0,\"score\":Infinity},{\"index\":1,\"score\":1}"
		  "]",
		    "Infinity" },
		{ "[{\"index\":0,\"score\":1e999},{\"index\":1,\"score\":1}]",
		    "a number that is not finite" },
		{ "[{\"index\":0,\"score\":\"0.5\"},{\"index\":1,\"score\":1}]",
		    "a score in quotes" },
		{ "[{\"index\":0,\"score\":null},{\"index\":1,\"score\":1}]",
		    "null" },
		{ "[{\"index\":0,\"score\":[1]},{\"index\":1,\"score\":1}]",
		    "a list" },
		{ "[{\"index\":0},{\"index\":1,\"score\":1}]",
		    "an index alone" },
		{ "[1,2]", "numbers alone" },
	};
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		ok(read_body(all[i].body, 2) == -1 && *why != '\0',
		    "%s: refused: %s", all[i].what, why);
	ok(rescore_is_list(S("[1,-2e-3]"), 2), "a list of numbers is one");
	ok(!rescore_is_list(S("[1]"), 2) && !rescore_is_list(S("[1,]"), 2) &&
		!rescore_is_list(S("[1,null]"), 2) &&
		!rescore_is_list(S("[1,\"2\"]"), 2) &&
		!rescore_is_list(S("[1,1e999]"), 2) &&
		!rescore_is_list(S(""), 0),
	    "anything else is no list of scores");
}

int
main(void)
{
	requests();
	forms();
	faults();
	arena_free(&mem);
	return done();
}
