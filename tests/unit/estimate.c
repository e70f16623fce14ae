/* estimate: what requests would take */
#include "tg-llm/estimate.h"

#include "tap.h"
#include "json/find.h"

static struct rec rec;

/* A request of a kind, with a limit on its answers. */
static struct rec *
asked(const char *kind, int cap)
{
	static struct buf b;
	const char *why;

	b.n = 0;
	buf_fmt(&b,
	    "{\"tg\":{\"request\":{\"kind\":\"%s\",\"messages\":[{\"role\":"
	    "\"user\",\"content\":\"%0360d\"}],\"params\":{\"max_tokens\":%d}"
	    "}}}",
	    kind, 0, cap);
	if (rec_read(&rec, buf_span(&b), &why) == -1)
		printf("# %s\n", why);
	return &rec;
}

static const char *
written(const struct estimate *f, int words)
{
	static struct buf b;

	b.n = 0;
	if (words)
		estimate_words(f, &b);
	else
		estimate_json(f, &b);
	return buf_cstr(&b);
}

int
main(void)
{
	static const struct body_opts none;
	struct estimate f = { .body = &none, .choices = 3 };
	struct span response;
	int i;

	is_int(estimate_add(&f, asked("generate", 100), 0), 0, "a request");
	is_int(f.kinds[REC_GENERATE].calls, 1, "is one call");
	is_int(f.kinds[REC_GENERATE].prompt, 98, "of its bytes / 4");
	is_int(f.kinds[REC_GENERATE].expected, 300, "no more than it may be");
	estimate_add(&f, asked("generate", 1000), 0);
	is_int(f.kinds[REC_GENERATE].expected, 1500, "and what is assumed");
	is_int(f.kinds[REC_GENERATE].most, 3300, "the most is the limit");
	estimate_add(&f, asked("judge", 8), 0);
	is_int(f.kinds[REC_JUDGE].expected, 2, "a judge says little, once");
	is_int(f.kinds[REC_JUDGE].most, 8, "whatever the choices are");
	is_int(estimate_add(&f, asked("other", 1), 0), -1, "no kind");
	f.single = 1;
	estimate_add(&f, asked("negatives", 10), 0);
	is_int(f.kinds[REC_NEGATIVES].calls, 3, "one by one");
	is_int(f.kinds[REC_NEGATIVES].prompt, 294, "each with its prompt");
	is_str(written(&f, 1),
	    ("4 requests (2 generate, 1 judge, 1 negatives), 0 of them "
	     "answered in the cache; about 588 tokens in, 1532 out, at most "
	     "3338"),
	    "in words");
	f.prices.in = cost_price(1);
	f.prices.out = cost_price(2);
	ok(strstr(written(&f, 1), "cost about 0.0037, at most 0.0073"),
	    "with prices the cost");
	ok(strstr(written(&f, 0), "\"cost\":0.003652,\"cost_max\":0.007264"),
	    "in JSON, too");

	for (i = 0; i < 2; i++) {
		estimate_add(&f, asked(i ? "judge" : "generate", 50), 1);
		response = rec_tg(&rec, "response");
		is_int(js_count(js_find(response, "choices")), i ? 1 : 3,
		    "pretended answers");
		ok(rec_tg(&rec, "request").p == NULL, "instead of a request");
	}
	is_span(rec_answer(&rec), S("1"), "a judge agrees");
	rec_free(&rec);
	return done();
}
