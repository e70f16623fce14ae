/* secret: keys that a server sends back */
#include "chat/secret.h"

#include "tap.h"

static const char key[] = "sk-0123456789/abcdefghij";

static int
holds(struct span s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

static void
answers(const struct secrets *s)
{
	struct arena mem = { 0 };
	struct reply_choice r = {
		.text = S("a sk-0123456789/abcdefghij b "
			  "sk-0123456789/abcdefghij; token-90123456789012345"),
		.model = S("sk-0123456789/abcdefghij"),
		.finish_reason = S("stop"),
		.logprobs = S("[]"),
	};
	const char *stop = r.finish_reason.p;

	secret_redact_choice(s, &r, &mem);
	is_span(r.text,
	    S("a ************************ b ************************; "
	      "***********************"),
	    "each copy of each key is blanked in a text");
	is_span(r.model, S("************************"),
	    "a key in a model's name is blanked");
	ok(r.finish_reason.p == stop, "a text without a key is not copied");
	arena_free(&mem);
}

static void
placeholders(void)
{
	struct secrets s;
	struct arena mem = { 0 };
	struct reply_choice r = { .text = S("EMPTY 0123456789 are words") };
	const char *why = "";
	struct refusal e;

	secret_init(&s, "EMPTY", NULL);
	secret_take_headers(&s, "X-Short: 0123456789", &why);
	secret_redact_choice(&s, &r, &mem);
	is_span(r.text, S("EMPTY 0123456789 are words"),
	    "a short key or header is a placeholder in an answer");
	secret_read_error(
	    &s, 401, S("{\"error\":{\"message\":\"EMPTY 0123456789\"}}"), &e);
	is_str(e.message, "***** **********",
	    "a short key or header is blanked in an error");
	secret_free(&s);
	arena_free(&mem);
}

static void
errors(const struct secrets *s)
{
	struct refusal e;

	secret_read_error(s, 401,
	    S("{\"error\":{\"message\":\"bad sk-0123456789/abcdefghij, again "
	      "sk-0123456789/abcdefghij, escaped "
	      "sk-0123456789\\/abcdefgh\\u0069j\"}}"),
	    &e);
	is_str(e.message,
	    "bad ************************, again ************************, "
	    "escaped ************************",
	    "a key echoed twice and once escaped is blanked each time");
}

static void
headers(void)
{
	struct secrets s;
	struct arena mem = { 0 };
	const char *why = "";
	struct span got;

	secret_init(&s, NULL, NULL);
	is_int(secret_take_headers(&s,
		   "Authorization: Bearer abcdefghijklmnopqrstuvwxyz\n"
		   "X-Short:  v1 \n\nX-Empty:\n",
		   &why),
	    0, "headers are read, one a line");
	is_str(s.headers[0], "Authorization: Bearer abcdefghijklmnopqrstuvwxyz",
	    "a header is kept as it is");
	is_str(s.headers[1], "X-Short: v1",
	    "a header loses the white space around it");
	is_str(s.headers[2], "X-Empty: ", "a header may have no value");
	ok(s.headers[3] == NULL, "there are no more headers");
	got = secret_redact(
	    &s, S("Bearer abcdefghijklmnopqrstuvwxyz v1"), 1, &mem);
	ok(holds(got, "Bearer ***") && !holds(got, "abc") && holds(got, " v1"),
	    "only the last word of a long header is a secret");
	is_int(secret_take_headers(&s, "a b: c", &why), -1,
	    "a name with a blank is refused");
	secret_free(&s);
	arena_free(&mem);
}

int
main(void)
{
	struct secrets s;

	secret_init(&s, key, "token-90123456789012345");
	errors(&s);
	answers(&s);
	secret_free(&s);
	placeholders();
	headers();
	return done();
}
