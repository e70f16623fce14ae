/* batch-out: the files of a batch */
#include "batch/batch.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static char dir[1024];

static const char *
path(const char *name)
{
	static char p[4][2048];
	static int i;

	i = (i + 1) % 4;
	snprintf(p[i], sizeof p[i], "%s/%s", dir, name);
	return p[i];
}

static int
there(const char *name)
{
	return access(path(name), F_OK) == 0;
}

static void
drop(const char *name)
{
	unlink(path(name));
}

/* Return the bytes of a file, "" if there is none. */
static const char *
contents(const char *name)
{
	static char b[4096];
	FILE *f = fopen(path(name), "r");
	size_t n = f ? fread(b, 1, sizeof b - 1, f) : 0;

	b[n] = '\0';
	if (f != NULL)
		fclose(f);
	return b;
}

static struct batch_out *
begun(const char *name, size_t max, size_t bytes)
{
	const char *why = "";
	struct batch_out *r = batch_out_new(path(name), max, bytes, &why);

	if (r == NULL) {
		printf("Bail out! %s\n", why);
		exit(3);
	}
	return r;
}

static int
add(struct batch_out *r, const char *id)
{
	return batch_out_add(r, id, "/v1/x", S("{\"n\":1}"));
}

static void
names(void)
{
	static const char *const files[][3] = {
		{ "/d.d/r", "/d.d/r", "/d.d/r-2" },
		{ "/d/r.jsonl", "/d/r.jsonl", "/d/r-2.jsonl" },
		{ "/d/.r", "/d/.r", "/d/.r-2" },
		{ "/d/a.b.c", "/d/a.b.c", "/d/a.b-2.c" },
	};
	static const char *const others[] = { "", "x", "tg-", "tg-0-1",
		"tg-00112233445566778899aabbccddeeff",
		"tg-00112233445566778899aabbccddeeff-1",
		"tg-00112233445566778899aabbccddeeff-1-",
		"tg-00112233445566778899aabbccddeeff-1-2x",
		"tg-00112233445566778899aabbccddeefg-1-2",
		"xx-00112233445566778899aabbccddeeff-1-2",
		"tg-00112233445566778899aabbccddeeff-1-2-3",
		("tg-00112233445566778899aabbccddeeff-111111111111111111111111"
		 "11-22") };
	char id[BATCH_OUT_ID], key[SHA256_HEX];
	struct batch_out *r;
	char name[BATCH_OUT_NAME];
	size_t i;

	hash_sha256(S("k"), key);
	batch_out_id(id, key, 3, 4);
	ok(strncmp(id, "tg-", 3) == 0 && strncmp(id + 3, key, 32) == 0,
	    "an id begins with the key");
	is_str(id + 35, "-3-4", "an id says which samples it asks for");
	ok(batch_out_is_id(span_of(id)), "the form of an id is recognized");
	batch_out_id(id, key, 999, 1000);
	ok(batch_out_is_id(span_of(id)),
	    "the form of the largest id is recognized");
	for (i = 0; i < sizeof others / sizeof *others; i++)
		ok(!batch_out_is_id(span_of(others[i])),
		    "\"%s\" is not recognized as an id", others[i]);
	for (i = 0; i < sizeof files / sizeof *files; i++) {
		const char *base = strrchr(files[i][0], '/') + 1;

		r = begun(base, 1, 1000);
		batch_out_name(name, r, 0, 0);
		is_str(strrchr(name, '/') + 1, base,
		    "the first file is named %s", base);
		batch_out_name(name, r, 1, 0);
		is_str(strrchr(name, '/') + 1, strrchr(files[i][2], '/') + 1,
		    "the second file of %s has the number 2", base);
		batch_out_free(r);
	}
}

static void
published(void)
{
	struct batch_out *r = begun("r.jsonl", 2, 1000);
	const char *why = "";

	is_int(add(r, "a"), 0, "a request is added");
	is_int(add(r, "b"), 0, "another request is added");
	is_int(add(r, "a"), 0, "a request that is there already is added");
	is_int((long long)r->count, 2, "a repeated request counts once");
	is_int(add(r, "c"), 0, "a request over the limit of a file is added");
	is_int((long long)r->files, 2,
	    "a request over the limit of a file begins another file");
	ok(!there("r.jsonl") && there("r.jsonl.part"),
	    "no file has its name before it is published");
	is_int(batch_out_publish(r, &why), 0, "the files are published");
	batch_out_free(r);
	is_str(contents("r.jsonl"),
	    "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/x\","
	    "\"body\":{\"n\":1}}\n"
	    "{\"custom_id\":\"b\",\"method\":\"POST\",\"url\":\"/v1/x\","
	    "\"body\":{\"n\":1}}\n",
	    "the first file has its two requests");
	ok(strstr(contents("r-2.jsonl"), "\"c\"") != NULL,
	    "the second file has the third request");
	ok(!there("r.jsonl.part") && !there("r-2.jsonl.part"),
	    "no partial file is left");

	ok(batch_out_new(path("r.jsonl"), 1, 1000, &why) == NULL,
	    "an existing file is not overwritten");
	ok(strstr(why, "is there already") != NULL,
	    "the message names the existing file: %s", why);
	drop("r.jsonl");
	ok(batch_out_new(path("r.jsonl"), 1, 1000, &why) == NULL,
	    "an export is not mixed with files of an earlier one");
	ok(strstr(why, "r-2.jsonl") != NULL,
	    "the message names the file of the earlier export: %s", why);
	drop("r-2.jsonl");
}

static void
not_published(void)
{
	struct batch_out *r = begun("r.jsonl", 1, 1000), *other;
	const char *why = "";
	FILE *f;

	add(r, "a");
	add(r, "b");
	other = batch_out_new(path("r.jsonl"), 1, 1000, &why);
	ok(other == NULL, "a second export to the same file is refused");
	ok(strstr(why, "another program") != NULL,
	    "the message says that another program is writing: %s", why);
	is_int(add(r, "c"), 0,
	    "the first export goes on after a refused second one");
	is_int((long long)r->files, 3, "a file of one request takes no second");
	batch_out_free(r);
	ok(!there("r.jsonl") && !there("r.jsonl.part") &&
		!there("r-2.jsonl.part") && !there("r-3.jsonl.part"),
	    "an export that is given up leaves no file");

	r = begun("r.jsonl", 1, 1000);
	is_int(batch_out_publish(r, &why), 0,
	    "an export without requests can be published");
	is_int(
	    (long long)r->count, 0, "an export without requests counts none");
	batch_out_free(r);
	ok(!there("r.jsonl") && !there("r.jsonl.part"),
	    "an export without requests makes no file");

	/* A killed export has left a partial file, longer than the new one. */
	f = fopen(path("r.jsonl.part"), "w");
	fprintf(f, "%0500d\n", 1);
	fclose(f);
	f = fopen(path("r.jsonl"), "w"); /* an empty file, as mktemp makes it */
	fclose(f);
	r = begun("r.jsonl", 1, 1000);
	add(r, "a");
	is_int(batch_out_publish(r, &why), 0,
	    "an export over an empty file is published");
	batch_out_free(r);
	is_int((long long)strlen(contents("r.jsonl")), 63,
	    "nothing stays of a partial file that was left behind");
	drop("r.jsonl");
	ok(batch_out_new("/dev/null", 1, 1000, &why) == NULL &&
		access("/dev/null", F_OK) == 0,
	    "a device is refused and left alone: %s", why);
	ok(batch_out_new(path("no/r"), 1, 1000, &why) == NULL,
	    "a missing folder is refused: %s", why);

	/* Another program has taken the name. */
	r = begun("r.jsonl", 1, 1000);
	add(r, "a");
	f = fopen(path("r.jsonl"), "w");
	fputs("mine\n", f);
	fclose(f);
	is_int(batch_out_publish(r, &why), -1,
	    "a name that is taken meanwhile makes publishing fail");
	batch_out_free(r);
	is_str(contents("r.jsonl"), "mine\n",
	    "a file that has taken the name stays as it is");
	drop("r.jsonl");
}

static void
sizes(void)
{
	struct batch_out *r = begun("r.jsonl", 100, 200);
	const char *why = "";
	struct stat st;
	char big[400] = "";

	memset(big, '1', sizeof big - 1);
	add(r, "a");
	errno = 0;
	is_int(batch_out_add(r, "b", "/v1/x", span_of(big)), -1,
	    "a request larger than a file may be is refused");
	is_int(errno, EFBIG, "a request that is too large sets EFBIG");
	is_int(add(r, "c"), 0,
	    "other requests are added after one that is too large");
	add(r, "d");
	add(r, "e");
	is_int(batch_out_publish(r, &why), 0,
	    "the files with a limit on bytes are published");
	is_int((long long)r->files, 2, "a limit on bytes makes two files");
	batch_out_free(r);
	stat(path("r.jsonl"), &st);
	ok(st.st_size <= 200, "no file is over the limit on bytes");
	is_int((long long)st.st_size, 189, "a file holds whole lines");
	drop("r.jsonl");
	drop("r-2.jsonl");
	r = begun("r.jsonl", 100, 2 * 63);
	add(r, "a");
	add(r, "b");
	is_int(
	    (long long)r->files, 1, "a file may have as many bytes as allowed");
	add(r, "c");
	is_int((long long)r->files, 2, "a file has no more bytes than allowed");
	batch_out_free(r);
}

static void
full(void)
{
	struct batch_out *r = begun("r.jsonl", 100000, 1 << 30);
	struct rlimit old, tight;
	const char *why = "";
	char id[32];
	int i, failed = 0;

	getrlimit(RLIMIT_FSIZE, &old);
	tight = old;
	tight.rlim_cur = 10000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &tight);
	for (i = 0; i < 1000 && !failed; i++) {
		snprintf(id, sizeof id, "id%d", i);
		failed = add(r, id) == -1;
	}
	ok(failed && errno == EFBIG, "a full disk is noticed");
	is_int(add(r, "last"), -1, "adding keeps failing after a full disk");
	is_int(batch_out_publish(r, &why), -1,
	    "an export on a full disk is not published");
	batch_out_free(r);
	setrlimit(RLIMIT_FSIZE, &old);
	ok(!there("r.jsonl") && !there("r.jsonl.part"),
	    "an export on a full disk leaves no file");
}

int
main(void)
{
	snprintf(dir, sizeof dir, "%s/tg-requests.XXXXXX",
	    getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 3;
	names();
	published();
	not_published();
	sizes();
	full();
	is_int(rmdir(dir), 0, "no file is left in the folder");
	return done();
}
