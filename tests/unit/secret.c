/* secret: keys that a server sends back */
#include "chat/secret.h"

#include "tap.h"

static const char key[] = "sk-0123456789/abcdefghiu";

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
		.text = S("a sk-0123456789/abcdefghiu b "
			  "sk-0123456789/abcdefghiu; token-90123456789012345"),
		.model = S("sk-0123456789/abcdefghiu"),
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

	secret_init(&s, "EMPTY", NULL, NULL);
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
	    S("{\"error\":{\"message\":\"bad sk-0123456789/abcdefghiu, again "
	      "sk-0123456789/abcdefghiu, escaped "
	      "sk-0123456789\\/abcdefgh\\u0069u\"}}"),
	    &e);
	is_str(e.message,
	    "bad ************************, again ************************, "
	    "escaped ******************************",
	    "a key echoed twice and once escaped is blanked each time");
}

/* Append s with each byte as fmt writes it. */
static void
spell(struct buf *b, const char *s, const char *fmt)
{
	for (; *s != '\0'; s++)
	/* every format of the table takes an unsigned */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_fmt(b, fmt, (unsigned)*s);
#pragma GCC diagnostic pop
}

/* The key in each spelling, so that any cut of the message goes through it. */
static void
spellings(const struct secrets *s)
{
	static const char *const formats[] = { "\\u%04x", "\\u%04X",
		"\\\\u%04x", "\\\\\\\\u%04x", "%%%02x", "%%%02X", "%%25%02x",
		"&#%u;", "&#x%x;", "&#X%X", "&amp;#%u;", "\\x%02x",
		"\\\\x%02X" };
	struct buf spelt = { 0 }, body = { 0 };
	struct arena mem = { 0 };
	struct span got;
	struct refusal e;
	size_t i;
	int n, whole = 1;

	for (i = 0; i < sizeof formats / sizeof *formats; i++) {
		buf_clear(&spelt);
		spell(&spelt, key, formats[i]);
		got = secret_redact(s, buf_span(&spelt), 1, &mem);
		ok(got.n == spelt.n && strspn(got.p, "*") >= got.n,
		    "a key spelt as %s is blanked", buf_cstr(&spelt));
		for (n = 280; n < 400; n++) {
			buf_clear(&body);
			buf_fmt(&body, "{\"error\":{\"message\":\"%0*d%s\"}}",
			    n, 0, buf_cstr(&spelt));
			secret_read_error(s, 400, buf_span(&body), &e);
			whole &= strstr(e.message, "sk-") == NULL &&
				 strstr(e.message, "%73") == NULL &&
				 strstr(e.message, "&#") == NULL;
		}
	}
	ok(whole, "no piece of a key is left where a message is cut");
	is_span(secret_redact(s, S("50% off \\n &#38; \\\\ sk-"), 1, &mem),
	    S("50% off \\n &#38; \\\\ sk-"),
	    "a text with escapes and no key stays");
	buf_clear(&body);
	for (i = 0; i < 1000000; i++)
		buf_adds(&body, "\\%&s");
	got = secret_redact(s, buf_span(&body), 1, &mem);
	ok(got.p == body.p, "a long text of beginnings of escapes stays");
	buf_free(&spelt);
	buf_free(&body);
	arena_free(&mem);
}

/* Keys that a server writes otherwise than byte for byte, and what it writes.
 */
static void
odd_keys(void)
{
	static const struct {
		const char *key, *text;
	} odd[] = {
		{ "k-0123456789 ", "<k-0123456789>" },
		{ "\tk-0123456789\n", "<k-0123456789>" },
		{ "Bearer k-0123456789", "<k-0123456789>" },
		{ "k-01\\2\\\\345\"6", "<k-01\\\\2\\\\\\\\345\\\"6>" },
		{ "k-01\\2\\\\345\"6", "<k-01\\2\\\\345\"6>" },
		{ "k-01\\2345\"6", "<k-01\\\\\\\\2345\\\\\\\"6>" },
		{ "k-01\\2345", "<k-01\\u005c2345>" },
		{ "k-01%2345", "<k-01%252345>" },
		{ "k-01%2345", "<k-01%2345>" },
		{ "k-01&2345", "<k-01&amp;2345>" },
		{ "k-01&2345", "<k-01&amp;amp;2345>" },
		{ "k-01&2345", "<k-01%262345>" },
		{ "k-'01\"<23>45", "<k-&apos;01&quot;&lt;23&gt;45>" },
		{ "k-'01\"<23>45", "<k-&#x27;01&#34;&lt;23&gt;45>" },
		{ "k-\303\274\342\202\254012345", "<k-\\u00fc\\u20AC012345>" },
		{ "k-\303\274\342\202\254012345",
		    "<k-\\u00c3\\u00bc\\u00e2\\u0082\\u00ac012345>" },
		{ "k-\303\274\342\202\254012345", "<k-&#252;&#8364;012345>" },
		{ "k-\303\274\342\202\254012345", "<k-%C3%BC%e2%82%ac012345>" },
	};
	struct arena mem = { 0 };
	struct secrets s;
	struct span got;
	size_t i, n;

	for (i = 0; i < sizeof odd / sizeof *odd; i++) {
		secret_init(&s, odd[i].key, NULL, NULL);
		n = strlen(odd[i].text);
		got = secret_redact(&s, span_of(odd[i].text), 1, &mem);
		ok(got.n == n && got.p[0] == '<' && got.p[n - 1] == '>' &&
			strspn(got.p + 1, "*") == n - 2,
		    "a key spelt as %s is blanked", odd[i].text);
		secret_free(&s);
	}
	arena_free(&mem);
}

/* A key within base64, at each of the places where it may begin. */
static void
codes(void)
{
	static const char *const texts[] = { "ay1+fj8/LTAxMjM0NTY3ODlhYmM=",
		"Omstfn4/Py0wMTIzNDU2Nzg5YWJj",
		"OjprLX5+Pz8tMDEyMzQ1Njc4OWFiYzo6",
		"ay1-fj8_LTAxMjM0NTY3ODlhYmM" };
	struct arena mem = { 0 };
	struct secrets s;
	struct span got;
	size_t i;

	secret_init(&s, "k-~~?\?-0123456789abc", NULL, NULL);
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		got = secret_redact(&s, span_of(texts[i]), 1, &mem);
		ok(holds(got, "**********************") && !holds(got, "MjM"),
		    "a key in %s is blanked", texts[i]);
	}
	secret_free(&s);
	arena_free(&mem);
}

/* A short key, which may be a word or a part of one, hides no meaning. */
static void
short_keys(void)
{
	static const char *const keys[] = { "x", "e", "token", "error", "1" };
	struct secrets s;
	struct refusal e;
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		secret_init(&s, keys[i], NULL, NULL);
		secret_read_error(&s, 400,
		    S("{\"error\":{\"message\":\"This model's maximum context "
		      "length is 4096 tokens, not 10; key 1 error token x e\","
		      "\"code\":\"context_length_exceeded\"}}"),
		    &e);
		is_int(e.context_max, 4096,
		    "with the key \"%s\" the context "
		    "is read",
		    keys[i]);
		ok(strstr(e.message, "maximum context length") != NULL &&
			strstr(e.message, "10; key") != NULL &&
			strchr(e.message, '*') != NULL,
		    "\"%s\" is blanked as a word alone", keys[i]);
		secret_free(&s);
	}
}

static void
own_keys(void)
{
	static char host[] = "a.example", key_of_a[] = "key-of-a-0123456789abc",
		    key_of_all[] = "key-of-all-0123456789";
	const struct secret_key some[] = { { host, key_of_a }, { NULL, NULL } };
	const struct secret_key all[] = { { host, key_of_a },
		{ NULL, key_of_all }, { NULL, NULL } };
	struct secrets s;
	struct arena mem = { 0 };

	secret_init(&s, "env", NULL, NULL);
	ok(secret_own(&s, "a.example") == NULL, "no file, no key");
	secret_free(&s);
	secret_init(&s, "env", NULL, some);
	ok(secret_own(&s, "b.example") == NULL,
	    "the key of a host is not another one's");
	is_str(secret_own(&s, "a.example"), "key-of-a-0123456789abc",
	    "a host has the key that is for it alone");
	secret_free(&s);
	secret_init(&s, "env", NULL, all);
	is_str(secret_own(&s, "b.example"), "key-of-all-0123456789",
	    "another host has the key for any");
	is_str(secret_own(&s, "a.example"), "key-of-a-0123456789abc",
	    "a host keeps the key that is for it alone");
	is_span(secret_redact(&s, S("key-of-a-0123456789abc"), 1, &mem),
	    S("**********************"), "a key from a file is blanked");
	secret_free(&s);
	arena_free(&mem);
}

static void
headers(void)
{
	struct secrets s;
	struct arena mem = { 0 };
	const char *why = "";
	struct span got;

	secret_init(&s, NULL, NULL, NULL);
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

	secret_init(&s, key, "token-90123456789012345", NULL);
	errors(&s);
	answers(&s);
	spellings(&s);
	secret_free(&s);
	placeholders();
	odd_keys();
	codes();
	short_keys();
	headers();
	own_keys();
	return done();
}
