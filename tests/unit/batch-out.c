/* batch-out: the files of a batch */
#include "batch/batch-out.h"

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

/* The bytes of a file, "" if there is none. */
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
	char *name;
	size_t i;

	hash_sha256(S("k"), key);
	batch_out_id(id, key, 3, 4);
	ok(strncmp(id, "tg-", 3) == 0 && strncmp(id + 3, key, 32) == 0,
	    "an id begins with the key");
	is_str(id + 35, "-3-4", "and says which samples");
	ok(batch_out_is_id(span_of(id)), "its form is known");
	batch_out_id(id, key, 999, 1000);
	ok(batch_out_is_id(span_of(id)), "that of the largest, too");
	for (i = 0; i < sizeof others / sizeof *others; i++)
		ok(!batch_out_is_id(span_of(others[i])), "not that of \"%s\"",
		    others[i]);
	for (i = 0; i < sizeof files / sizeof *files; i++) {
		const char *base = strrchr(files[i][0], '/') + 1;

		r = begun(base, 1, 1000);
		name = batch_out_name(r, 0, 0);
		is_str(strrchr(name, '/') + 1, base, "%s", base);
		free(name);
		name = batch_out_name(r, 1, 0);
		is_str(strrchr(name, '/') + 1, strrchr(files[i][2], '/') + 1,
		    "the second of %s", base);
		free(name);
		batch_out_free(r);
	}
}

static void
published(void)
{
	struct batch_out *r = begun("r.jsonl", 2, 1000);
	const char *why = "";

	is_int(add(r, "a"), 0, "a request");
	is_int(add(r, "b"), 0, "another");
	is_int(add(r, "a"), 0, "one that is there already");
	is_int((long long)r->count, 2, "counts once");
	is_int(add(r, "c"), 0, "one more than a file may have");
	is_int((long long)r->files, 2, "begins another");
	ok(!there("r.jsonl") && there("r.jsonl.part"),
	    "nothing has its name yet");
	is_int(batch_out_publish(r, &why), 0, "published");
	batch_out_free(r);
	is_str(contents("r.jsonl"),
	    "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/x\","
	    "\"body\":{\"n\":1}}\n"
	    "{\"custom_id\":\"b\",\"method\":\"POST\",\"url\":\"/v1/x\","
	    "\"body\":{\"n\":1}}\n",
	    "the first file");
	ok(strstr(contents("r-2.jsonl"), "\"c\"") != NULL, "the second");
	ok(!there("r.jsonl.part") && !there("r-2.jsonl.part"),
	    "no part is left");

	ok(batch_out_new(path("r.jsonl"), 1, 1000, &why) == NULL,
	    "what is there is not written over");
	ok(strstr(why, "is there already") != NULL, "it is said: %s", why);
	drop("r.jsonl");
	ok(batch_out_new(path("r.jsonl"), 1, 1000, &why) == NULL,
	    "nor mixed with what is left of another export");
	ok(strstr(why, "r-2.jsonl") != NULL, "it is said: %s", why);
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
	ok(other == NULL, "two do not write the same file");
	ok(strstr(why, "another program") != NULL, "it is said: %s", why);
	is_int(add(r, "c"), 0, "and the first goes on");
	batch_out_free(r);
	ok(!there("r.jsonl") && !there("r.jsonl.part") &&
		!there("r-2.jsonl.part") && !there("r-3.jsonl.part"),
	    "what is given up leaves nothing");

	r = begun("r.jsonl", 1, 1000);
	is_int(batch_out_publish(r, &why), 0, "no request");
	is_int((long long)r->count, 0, "none is written");
	batch_out_free(r);
	ok(!there("r.jsonl") && !there("r.jsonl.part"), "none at all");

	/* left behind by kill -9, longer than what comes now */
	f = fopen(path("r.jsonl.part"), "w");
	fprintf(f, "%0500d\n", 1);
	fclose(f);
	f = fopen(path("r.jsonl"), "w"); /* such as mktemp makes */
	fclose(f);
	r = begun("r.jsonl", 1, 1000);
	add(r, "a");
	is_int(batch_out_publish(r, &why), 0, "over an empty file");
	batch_out_free(r);
	is_int((long long)strlen(contents("r.jsonl")), 63,
	    "of a part left behind nothing stays");
	drop("r.jsonl");
	ok(batch_out_new("/dev/null", 1, 1000, &why) == NULL &&
		access("/dev/null", F_OK) == 0,
	    "a device is no file: %s", why);
	ok(batch_out_new(path("no/r"), 1, 1000, &why) == NULL,
	    "a folder that is not there: %s", why);

	/* somebody else was quicker */
	r = begun("r.jsonl", 1, 1000);
	add(r, "a");
	f = fopen(path("r.jsonl"), "w");
	fputs("mine\n", f);
	fclose(f);
	is_int(batch_out_publish(r, &why), -1, "a name that is taken meanwhile");
	batch_out_free(r);
	is_str(contents("r.jsonl"), "mine\n", "is left as it is");
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
	    "larger than a file may be");
	is_int(errno, EFBIG, "is told so");
	is_int(add(r, "c"), 0, "others go on");
	add(r, "d");
	add(r, "e");
	is_int(batch_out_publish(r, &why), 0, "published");
	is_int((long long)r->files, 2, "two files");
	batch_out_free(r);
	stat(path("r.jsonl"), &st);
	ok(st.st_size <= 200, "of at most so many bytes");
	is_int((long long)st.st_size, 189, "but whole lines");
	drop("r.jsonl");
	drop("r-2.jsonl");
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
	ok(failed && errno == EFBIG, "a disk that is full is noticed");
	is_int(add(r, "last"), -1, "and stays so");
	is_int(batch_out_publish(r, &why), -1, "it is not published");
	batch_out_free(r);
	setrlimit(RLIMIT_FSIZE, &old);
	ok(!there("r.jsonl") && !there("r.jsonl.part"), "and nothing is left");
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
	is_int(rmdir(dir), 0, "nothing is left behind");
	return done();
}
