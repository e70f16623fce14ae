/* batch-in: results of a batch, found by custom_id */
#include "batch/batch.h"

#include <unistd.h>

#include "tap.h"

static char dir[1024];
static const char *names[8];
static int nnames;

/* Make a file of text, and name it for the next batch_in_new. */
static void
file(const char *text, size_t n)
{
	char path[2048];
	FILE *f;

	snprintf(path, sizeof path, "%s/%d", dir, nnames);
	if ((f = fopen(path, "w")) == NULL)
		exit(3);
	fwrite(text, 1, n, f);
	fclose(f);
	names[nnames++] = strdup(path);
	names[nnames] = NULL;
}

static void
drop_files(void)
{
	while (nnames > 0) {
		unlink(names[--nnames]);
		free((char *)(uintptr_t)names[nnames]);
		names[nnames] = NULL;
	}
}

static struct batch_in *
opened(void)
{
	const char *why = "";
	struct batch_in *r = batch_in_new(names, &why);

	if (r == NULL) {
		printf("Bail out! %s\n", why);
		exit(3);
	}
	return r;
}

/* Return the id of the i-th request. */
static const char *
id(int i)
{
	static char s[2][BATCH_OUT_ID];
	static int which;
	char key[SHA256_HEX], num[16];

	which = !which;
	snprintf(num, sizeof num, "%d", i);
	hash_sha256(span_of(num), key);
	batch_out_id(s[which], key, 0, 1);
	return s[which];
}

static void
line(struct buf *b, int i, const char *rest)
{
	buf_fmt(b, "{\"id\":\"batch_req_%d\",\"custom_id\":\"%s\",%s}\n", i,
	    id(i), rest);
}

#define GOOD "\"response\":{\"status_code\":200,\"request_id\":\"r\",\"body\":"

/* Result lines as the services and programs write them. */
static void
shapes(void)
{
	struct arena mem = { 0 };
	struct buf b = { 0 };
	struct batch_in *r;
	struct result got;

	/* OpenAI, output file; Azure has the members in another order */
	line(&b, 1, GOOD "{\"a\":1}},\"error\":null");
	line(&b, 2,
	    "\"error\":null,\"response\":{\"body\":{\"a\":2},"
	    "\"request_id\":\"\",\"status_code\":200}");
	/* OpenAI, error file: refused, and never sent */
	line(&b, 3,
	    "\"response\":{\"status_code\":400,\"request_id\":\"r\","
	    "\"body\":{\"error\":{\"message\":\"too long\"}}},\"error\":null");
	line(&b, 4,
	    "\"response\":null,\"error\":{\"code\":\"batch_expired\","
	    "\"message\":\"late\"}");
	/* vllm run-batch: error responses, and exceptions as strings */
	line(&b, 5,
	    "\"response\":{\"status_code\":404,\"request_id\":\"r\","
	    "\"body\":null},\"error\":{\"error\":{\"message\":\"no model\"}}");
	line(&b, 6,
	    "\"response\":{\"status_code\":400,\"request_id\":\"r\","
	    "\"body\":null},\"error\":\"must not \\\"stream\\\"\"");
	/* others: no status; a success without a body */
	line(&b, 7, "\"response\":{\"body\":{\"a\":7}}");
	line(&b, 8, "\"response\":{\"status_code\":200},\"error\":null");
	line(&b, 9, "\"response\":{\"status_code\":\"200\",\"body\":[]}");
	file(b.p, b.n);
	r = opened();
	is_int((long long)r->index.n, 9, "every result is read");
	is_int(batch_in_get(r, id(1), &mem, &got), 1, "a success is found");
	is_int(got.status, 200, "a success has its status");
	is_span(got.body, S("{\"a\":1}"), "a success has its body");
	batch_in_get(r, id(2), &mem, &got);
	is_int(got.status, 200, "members in another order give the status");
	is_span(
	    got.body, S("{\"a\":2}"), "members in another order give the body");
	batch_in_get(r, id(3), &mem, &got);
	is_int(got.status, 400, "a refusal has its status");
	is_span(got.body, S("{\"error\":{\"message\":\"too long\"}}"),
	    "a refusal has its body");
	batch_in_get(r, id(4), &mem, &got);
	is_int(got.status, 0, "an expired request has status 0");
	is_span(got.body,
	    S("{\"code\":\"batch_expired\",\"message\":\"late\"}"),
	    "an expired request has its error");
	batch_in_get(r, id(5), &mem, &got);
	is_int(got.status, 404, "vLLM's refusal has its status");
	is_span(got.body, S("{\"error\":{\"message\":\"no model\"}}"),
	    "vLLM's refusal has its error");
	batch_in_get(r, id(6), &mem, &got);
	is_int(got.status, 400, "vLLM's exception has status 400");
	is_span(got.body, S("must not \"stream\""),
	    "vLLM's exception has its text");
	batch_in_get(r, id(7), &mem, &got);
	is_int(got.status, 200, "a body without a status counts as 200");
	batch_in_get(r, id(8), &mem, &got);
	is_int(got.status, 0, "a success without a body has status 0");
	is_span(
	    got.body, S("null"), "a success without a body has the body null");
	batch_in_get(r, id(9), &mem, &got);
	is_int(got.status, 0, "a status that is no number counts as 0");
	is_int(batch_in_get(r, id(10), &mem, &got), 0,
	    "a request without a result is not found");
	is_int(
	    (long long)r->given, 9, "each result that is asked for is counted");
	batch_in_get(r, id(1), &mem, &got);
	is_int(got.again, 1, "a result that is asked for twice is marked");
	is_int((long long)r->given, 9,
	    "a result that is asked for twice is counted once");
	batch_in_free(r);
	arena_free(&mem);
	buf_free(&b);
	drop_files();
}

static void
repeated(void)
{
	struct arena mem = { 0 };
	struct buf b = { 0 };
	struct batch_in *r;
	struct result got;

	line(&b, 1, "\"response\":null,\"error\":{\"code\":\"x\"}");
	line(&b, 1, GOOD "{\"choices\":[]}}");
	line(&b, 1, GOOD "{\"choices\":[1]}}");
	line(&b, 1, GOOD "{\"choices\":[2]}}");
	line(&b, 2, "\"response\":{\"status_code\":500,\"body\":{}}");
	file(b.p, b.n);
	buf_clear(&b);
	line(&b, 1, "\"response\":null,\"error\":{\"code\":\"y\"}");
	line(&b, 2, "\"response\":{\"status_code\":400,\"body\":{}}");
	line(&b, 3, GOOD "{}}");
	file("", 0);
	file(b.p, b.n);
	r = opened();
	is_int((long long)r->index.n, 3,
	    "results of three requests are found in several files");
	batch_in_get(r, id(1), &mem, &got);
	is_span(got.body, S("{\"choices\":[1]}"), "the first success counts");
	batch_in_get(r, id(2), &mem, &got);
	is_int(got.status, 400, "of several failures the last counts");
	is_int(batch_in_get(r, id(3), &mem, &got), 1,
	    "a result in the last file is found");
	batch_in_free(r);
	arena_free(&mem);
	buf_free(&b);
	drop_files();
}

static void
damaged(void)
{
	static const char text[] =
	    "\xEF\xBB\xBF{\"custom_id\":\"mine\",\"error\":1}\n"
	    "\r\n"
	    "not JSON\n"
	    "[]\n"
	    "{}\n"
	    "{\"custom_id\":7,\"error\":1}\n"
	    "{\"custom_id\":\"mine\",\"error\":1}\n"
	    "{\"custom_id\":\"mine\"}\n"
	    "\0\0\0\n"
	    "{\"custom_id\":\"\xff\",\"error\":1}\n";
	struct arena mem = { 0 };
	struct buf b = { 0 };
	struct batch_in *r;
	struct result got;
	const char *missing[] = { "/nowhere/at/all", NULL }, *why = "";
	const char *folder[] = { dir, NULL };
	int i;

	file(text, sizeof text - 1);
	line(&b, 1, GOOD "{\"a\":1}}");
	b.n--; /* the last newline */
	file(b.p, b.n);
	b.n -= 5; /* and the end of the line */
	file(b.p, b.n);
	buf_clear(&b);
	for (i = 0; i < 100; i++)
		buf_adds(&b, "{\n");
	file(b.p, b.n);
	r = opened();
	is_int((long long)r->other, 2, "ids of other programs are counted");
	is_int((long long)r->bad, 108, "bad lines are counted");
	is_int((long long)r->index.n, 1,
	    "the one good line among bad ones is read");
	is_int(batch_in_get(r, id(1), &mem, &got), 1,
	    "a last line without a newline is read");
	batch_in_free(r);
	ok(batch_in_new(missing, &why) == NULL,
	    "a missing file is refused: %s", why);
	ok(batch_in_new(folder, &why) == NULL,
	    "a folder is refused: %s", why);
	arena_free(&mem);
	buf_free(&b);
	drop_files();
}

static void
many(void)
{
	struct arena mem = { 0 };
	struct buf b = { 0 }, big = { 0 };
	struct batch_in *r;
	struct result got;
	int i, good = 0;

	enum { N = 5000 };

	/* Lines lie within blocks, across two blocks and over several. */
	for (i = 0; i < 3000000; i++)
		buf_addc(&big, 'x');
	for (i = 0; i < N; i++) {
		buf_fmt(&b, "{\"custom_id\":\"%s\",%s\"%.*s\"}}}\n", id(i),
		    GOOD "{\"t\":", i == 77 ? 3000000 : i, big.p);
		if (i % 1000 == 999) {
			file(b.p, b.n);
			buf_clear(&b);
		}
	}
	r = opened();
	for (i = N - 1; i >= 0; i--) {
		if (batch_in_get(r, id(i), &mem, &got) == 1 &&
		    got.body.n == (size_t)(i == 77 ? 3000000 : i) + 8)
			good++;
		arena_reset(&mem);
	}
	is_int(good, N, "each of many results is found, and whole");
	batch_in_free(r);
	arena_free(&mem);
	buf_free(&b);
	buf_free(&big);
	drop_files();
}

int
main(void)
{
	snprintf(dir, sizeof dir, "%s/tg-results.XXXXXX",
	    getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 3;
	shapes();
	repeated();
	damaged();
	many();
	is_int(rmdir(dir), 0, "no file is left");
	return done();
}
