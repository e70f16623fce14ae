/* entry: entries made of records, checked and read back */
#include "store/entry.h"

#include "tap.h"

#define ID "900150983cd24fb0d6963f7d28e17f72" /* the MD5 of "abc" */
#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ZERO                                                                   \
	"00000000000000000000000000000000"                                     \
	"00000000000000000000000000000000"
#define PAIR "\"prompt\":\"P\",\"query\":\"q\",\"pos\":[\"abc\"],\"neg\":[]"

/* Read a record; it stays until the next call. */
static struct rec *
record(const char *line)
{
	static struct rec r;
	const char *why;

	if (rec_read(&r, span_of(line), &why) == -1) {
		printf("Bail out! %s: %s\n", line, why);
		exit(3);
	}
	return &r;
}

static void
test_name(void)
{
	struct store_name n, other;
	char hex[SHA256_HEX];

	is_int(entry_name(record("{\"text\":\"abc\",\"tg\":{\"id\":\"" ID
				 "\",\"key\":\"k\"}}"),
		   S("w"), &n),
	    0, "a stamped record has a name");
	is_str(n.id, ID, "the name has the record's id");
	is_str(n.text_sha256, SHA, "the name has the SHA-256 of the text");
	hash_sha256(S("k\0w\0"), hex);
	is_str(
	    n.fingerprint, hex, "the fingerprint is the hash of key and with");
	entry_fingerprint(S("k"), S("w"), hex);
	is_str(n.fingerprint, hex,
	    "the fingerprint of an entry is computed in the same way");
	entry_name(record("{\"text\":\"abc\",\"tg\":{\"id\":\"" ID
			  "\",\"key\":\"kw\"}}"),
	    S(""), &other);
	ok(strcmp(n.fingerprint, other.fingerprint) != 0,
	    "key and with do not run together in the fingerprint");
	entry_name(record("{\"text\":\"abc\",\"tg\":{\"id\":\"" ID
			  "\",\"key\":\"k\"}}"),
	    S("x"), &other);
	ok(strcmp(n.fingerprint, other.fingerprint) != 0,
	    "another with gives another fingerprint");
	is_int(entry_name(record("{\"text\":\"abc\",\"tg\":{\"key\":\"k\"}}"),
		   S(""), &n),
	    -1, "a record without an id has no name");
	is_int(entry_name(record("{\"text\":\"abc\",\"tg\":{\"id\":\"../x\","
				 "\"key\":\"k\"}}"),
		   S(""), &n),
	    -1, "a record whose id is a path has no name");
	is_int(
	    entry_name(record("{\"text\":\"abc\",\"tg\":{\"id\":\"" ID "\"}}"),
		S(""), &n),
	    -1, "a record without a key has no name");
	is_int(entry_name(record("{\"tg\":{\"id\":\"" ID "\",\"key\":\"k\"}}"),
		   S(""), &n),
	    -2, "a record without a text has no name, and the reason is told");
}

static void
test_write_take(void)
{
	const struct store_name name = { ID, ZERO, SHA };
	struct buf b = { 0 }, out = { 0 };
	struct rec *r =
	    record("{\"text\":\"abc\",\"n\":1.50," PAIR ",\"tg\":{\"id\":\"" ID
		   "\",\"key\":\"k\",\"task\":\"t\","
		   "\"model\":\"m\",\"pair\":true,\"log\":[],"
		   "\"judge\":{\"verdict\": 1}}}");

	is_int(entry_kind(r), STORE_PAIR, "a pair is stored as a pair");
	entry_write(&b, r, &name, S("w\""));
	is_span(buf_span(&b),
	    S("{" PAIR ",\"tg\":{\"fingerprint\":\"" ZERO
	      "\",\"text_sha256\":\"" SHA "\",\"key\":\"k\",\"with\":\"w\\\"\","
	      "\"task\":\"t\",\"model\":\"m\",\"judge\":{\"verdict\": 1}}}"),
	    "the entry of a pair has its state");
	r = record("{\"text\":\"abc\",\"tg\":{\"id\":\"" ID
		   "\",\"task\":\"own\",\"request\":{}}}");
	entry_take(r, buf_span(&b), STORE_PAIR);
	rec_write(r, &out);
	is_span(buf_span(&out),
	    S("{\"text\":\"abc\",\"tg\":{\"id\":\"" ID
	      "\",\"task\":\"own\",\"model\":\"m\",\"pair\":true,"
	      "\"judge\":{\"verdict\": 1},\"cached\":true}," PAIR "}\n"),
	    "a record that takes an entry loses its request and keeps its own "
	    "task");
	b.n = 0;
	r = record("{\"tg\":{\"rejected\":{\"code\":\"c\"}}}");
	is_int(entry_kind(r), STORE_REJECT, "a reject is stored as a reject");
	entry_write(&b, r, &name, S(""));
	is_span(buf_span(&b),
	    S("{\"tg\":{\"fingerprint\":\"" ZERO "\",\"text_sha256\":\"" SHA
	      "\",\"rejected\":{\"code\":\"c\"}}}"),
	    "the entry of a reject has no pair");
	is_int(entry_kind(record("{\"tg\":{\"rejected\":{},\"error\":{}}}")),
	    STORE_MISS, "a record in error is not stored");
	is_int(entry_kind(record("{" PAIR ",\"tg\":{\"request\":{}}}")),
	    STORE_MISS, "a record that still asks is not stored");
	is_int(entry_kind(record("{\"query\":1,\"pos\":[\"p\"],"
				 "\"tg\":{\"pair\":true}}")),
	    STORE_MISS, "a record whose query is no string is not stored");
	buf_free(&b);
	buf_free(&out);
}

static void
test_few_negatives(void)
{
	const struct store_name name = { ID, ZERO, SHA };
	struct rec *r = record("{" PAIR ",\"tg\":{\"pair\":true,\"rejected\":"
			       "{\"code\":\"few_negatives\"}}}");
	struct buf b = { 0 };

	is_int(entry_kind(r), STORE_PAIR,
	    "a pair rejected for few negatives is stored as a pair");
	entry_write(&b, r, &name, S(""));
	is_span(buf_span(&b),
	    S("{" PAIR ",\"tg\":{\"fingerprint\":\"" ZERO
	      "\",\"text_sha256\":\"" SHA "\"}}"),
	    "the entry of such a pair has no reason");
	is_int(entry_kind(record("{" PAIR ",\"tg\":{\"error\":{},\"rejected\":"
				 "{\"code\":\"few_negatives\"}}}")),
	    STORE_MISS, "such a pair in error is not stored");
	buf_free(&b);
}

/* Take an entry from elsewhere; return the record, until the next call. */
static struct span
take_foreign(const char *entry, int is_judged)
{
	static struct buf out;
	struct rec *r = record("{\"tg\":{\"response\":{},\"error\":{},"
			       "\"rejected\":{},\"out\":[]}}");

	out.n = 0;
	entry_take(r, span_of(entry), STORE_PAIR);
	if (is_judged)
		entry_take_accepted(r, span_of(entry));
	rec_write(r, &out);
	return buf_span(&out);
}

static void
test_foreign(void)
{
	is_span(take_foreign("{" PAIR "}", 1),
	    S("{\"tg\":{\"pair\":true,\"cached\":true,\"judge\":"
	      "{\"verdict\":1}}," PAIR "}\n"),
	    "a foreign pair of a judged task is judged, and nothing else of "
	    "the record stays");
	is_span(take_foreign("{" PAIR ",\"judge_response\":7}", 0),
	    S("{\"tg\":{\"pair\":true,\"cached\":true}," PAIR "}\n"),
	    "a foreign pair of another task is not judged");
	is_span(take_foreign("{" PAIR ",\"judge\":\"1\","
			     "\"judge_response\":\"a 1\","
			     "\"generation_prompt\":\"g\"}",
		    1),
	    S("{\"tg\":{\"pair\":true,\"cached\":true,\"log\":["
	      "{\"kind\":\"generate\",\"prompt\":\"g\",\"answer\":null},"
	      "{\"kind\":\"judge\",\"prompt\":null,\"answer\":\"a 1\"}],"
	      "\"judge\":{\"verdict\":1,\"answer\":\"a 1\"}}," PAIR "}\n"),
	    "what a debugging run of the other program noted becomes the log");
}

#define TG(members) "{" PAIR ",\"tg\":{" members "}}"
#define HASHES(print, sha)                                                     \
	"\"fingerprint\":\"" print "\",\"text_sha256\":\"" sha "\""

static void
test_doubt(void)
{
	static const struct {
		const char *entry, *id;
		enum store_kind kind;
		int fine;
		const char *what;
	} tests[] = {
		{ "{" PAIR "}", ID, STORE_PAIR, 1, "from elsewhere" },
		{ TG(HASHES(ZERO, SHA)), ID, STORE_PAIR, 1, "ours" },
		{ TG(HASHES("0", SHA)), ID, STORE_PAIR, 0, "a short hash" },
		{ TG(HASHES(ZERO, ZERO "0")), ID, STORE_PAIR, 0, "a long one" },
		{ TG("\"fingerprint\":\"" ZERO "\""), ID, STORE_PAIR, 0,
		    "no hash of the text" },
		{ TG(HASHES(ZERO, ZERO)), ID, STORE_PAIR, 0,
		    "another hash of the text" },
		{ TG(HASHES(ZERO, SHA)), "0123456789abcdef0123456789abcdef",
		    STORE_PAIR, 0, "another file" },
		{ TG(HASHES(ZERO, ZERO)), "0123456789abcdef0123456789abcdef",
		    STORE_PAIR, 1, "a text that is in no member" },
		{ TG(HASHES(ZERO, SHA) ",\"key\":\"k\""), ID, STORE_PAIR, 0,
		    "another key" },
		{ "{\"query\":\"q\"}", ID, STORE_PAIR, 0, "no pair" },
		{ TG(HASHES(ZERO, SHA)), ID, STORE_REJECT, 0, "no reason" },
		{ TG(HASHES(ZERO, SHA) ",\"rejected\":{}"), ID, STORE_REJECT, 1,
		    "a reject" },
		{ TG("\"rejected\":{}"), ID, STORE_REJECT, 0,
		    "a reject from elsewhere" },
	};
	char b[1024], hex[SHA256_HEX];
	size_t i;

	for (i = 0; i < sizeof tests / sizeof *tests; i++)
		is_int(entry_check(span_of(tests[i].entry), tests[i].kind,
			   tests[i].id) == NULL,
		    tests[i].fine, "an entry with \"%s\" is judged right",
		    tests[i].what);
	entry_fingerprint(S("k"), S("w\n"), hex);
	snprintf(b, sizeof b,
	    TG(HASHES("%s", SHA) ",\"key\":\"k\",\"with\":\"w\\n\""), hex);
	ok(entry_check(span_of(b), STORE_PAIR, ID) == NULL,
	    "an entry with its own key and with is right");
	ok(entry_foreign_wrong(S("{" PAIR ",\"judge\":\"2\"}")) != NULL,
	    "a foreign entry with judge 2 is refused");
	ok(entry_foreign_wrong(S("{" PAIR ",\"judge\":\"1\"}")) == NULL,
	    "a foreign entry with judge 1 is accepted");
	ok(entry_foreign_wrong(S("{" PAIR ",\"judge\":{}}")) == NULL,
	    "a foreign entry whose judge is no string is accepted");
}

/* Export an entry, import it, and compare. */
static void
round_trip(const char *entry, enum store_kind kind, const char *what)
{
	struct buf line = { 0 }, back = { 0 };
	struct store_name n = { 0 };
	enum store_kind got;
	const char *why;

	is_int(entry_export(&line, span_of(entry), ID, kind, &why), 0,
	    "%s: the entry is exported", what);
	line.n--;
	ok(entry_import(record(buf_cstr(&line)), &back, &got, &n) == 0,
	    "%s: the exported record is imported", what);
	is_int(got, kind, "%s: the imported entry has its kind", what);
	is_str(n.id, ID, "%s: the imported entry has its id", what);
	is_span(buf_span(&back), span_of(entry),
	    "%s: the imported entry has the same bytes", what);
	buf_free(&line);
	buf_free(&back);
}

static void
test_import(void)
{
	static const char *const bad[] = {
		TG("\"id\":\"" ID "\""),
		TG("\"pair\":true"),
		TG("\"pair\":true,\"id\":\"" ID "0\""),
		TG("\"pair\":true,\"id\":\"" ID "\",\"fingerprint\":\"" ZERO
		   "\""),
		TG("\"pair\":true,\"id\":\"" ID "\",\"fingerprint\":null"),
		TG("\"id\":\"" ID "\",\"rejected\":{}"),
		"{\"tg\":{\"pair\":true,\"id\":\"" ID "\"}}",
	};
	struct buf b = { 0 };
	struct store_name n;
	enum store_kind kind;
	const char *why;
	struct rec *r;
	size_t i;

	round_trip(TG(HASHES(ZERO, SHA) ",\"task\":\"t\""), STORE_PAIR, "ours");
	round_trip(TG(HASHES(ZERO, SHA) ",\"key\":\"k\",\"with\":\"w\","
					"\"rejected\":{\"code\":\"c\"}"),
	    STORE_REJECT, "a reject");
	round_trip("{\"tg\":{" HASHES(ZERO, SHA) ",\"rejected\":{}}}",
	    STORE_REJECT, "one without a pair");
	round_trip("{\"a\": 1.50, " PAIR " ,\"b\":{} }", STORE_PAIR,
	    "one from elsewhere");
	round_trip("{" PAIR ",\"tg\":{\"theirs\":1}}", STORE_PAIR,
	    "one with another's tg");
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		r = record(bad[i]);
		ok(entry_import(r, &b, &kind, &n) == -1 && r->failed &&
			b.n == 0,
		    "the record is not imported: %s", bad[i]);
	}
	entry_export(
	    &b, S("{\"tg\":{\"rejected\":{}}}"), ID, STORE_REJECT, &why);
	is_span(buf_span(&b),
	    S("{\"tg\":{\"rejected\":{},\"id\":\"" ID "\"}}\n"),
	    "an exported reject without a pair says of none");
	buf_clear(&b);
	entry_export(&b, S("{\"query\":\"q\",\"tg\":{\"rejected\":{}}}"), ID,
	    STORE_REJECT, &why);
	is_span(buf_span(&b),
	    S("{\"query\":\"q\",\"tg\":{\"rejected\":{},\"id\":\"" ID
	      "\",\"pair\":true}}\n"),
	    "an exported reject with a pair says so");
	ok(entry_export(&b, S("{\"tg\":7}"), ID, STORE_PAIR, &why) == -1,
	    "an entry that is no record is not exported");
	buf_free(&b);
}

int
main(void)
{
	test_name();
	test_write_take();
	test_few_negatives();
	test_foreign();
	test_doubt();
	test_import();
	return done();
}
