/* hash: digests against published and independently computed values */
#include "base/hash.h"

#include <inttypes.h>
#include <limits.h>

#include "base/mem.h"
#include "tap.h"

static void
digests(void)
{
	static const struct {
		struct span s;
		const char *md5, *sha256;
	} t[] = {
		{ { "", 0 }, "d41d8cd98f00b204e9800998ecf8427e",
		    "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ { "abc", 3 }, "900150983cd24fb0d6963f7d28e17f72",
		    "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ { "ab\0c\0", 5 }, "0be021bd03db489418cca31e931af515",
		    "629c2f14f654f026086f2aefe1855533"
		    "d0897f49df86a19073be17b237361b09" },
		{ { "a\0b", 3 }, "70350f6027bce3713f6b76473084309b",
		    "59b271ae1bbcb1d31d41929817f4b16f"
		    "b439eb4f31520b5ad1d5ce98920a7138" },
	};
	char md5[MD5_HEX], sha[SHA256_HEX], *a = mem_array(NULL, 1000000, 1);
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		hash_md5(t[i].s, md5);
		is_str(
		    md5, t[i].md5, "the MD5 of %zu bytes is right", t[i].s.n);
		hash_sha256(t[i].s, sha);
		is_str(sha, t[i].sha256, "the SHA-256 of %zu bytes is right",
		    t[i].s.n);
	}
	hash_md5(NONE, md5);
	is_str(md5, t[0].md5, "the MD5 of nothing is right");
	hash_sha256(NONE, sha);
	is_str(sha, t[0].sha256, "the SHA-256 of nothing is right");
	memset(a, 'a', 1000000);
	hash_md5((struct span){ a, 1000000 }, md5);
	is_str(md5, "7707d6ae4e027c70eea2a935c2296f21",
	    "the MD5 of a million times a is right");
	hash_sha256((struct span){ a, 1000000 }, sha);
	is_str(sha,
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
	    "the SHA-256 of a million times a is right");
	free(a);
}

static void
draws(void)
{
	static const char id[] = "d41d8cd98f00b204e9800998ecf8427e";
	static const struct {
		long long seed;
		struct span id;
		const char *purpose;
		uint64_t want;
	} t[] = {
		{ 0, { "", 0 }, "split", 0xddda97af96c01faf },
		{ 0, { id, 32 }, "split", 0xdd52013216eb0fc2 },
		{ 0, { id, 32 }, "examples", 0x95229b04eb920ce6 },
		{ 1, { id, 32 }, "split", 0x222828cc418986ef },
		{ -1, { "x", 1 }, "split", 0x1f4637a01a7b20ee },
		{ LLONG_MAX, { "x", 1 }, "examples.2", 0xd1fba69452bb4b34 },
		{ LLONG_MIN, { "x", 1 }, "", 0x344f6055659247d9 },
		{ 0, { "a\0b", 3 }, "split", 0x9d4b6dda3abc21ce },
	};
	uint64_t v;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		v = hash_draw(t[i].seed, t[i].id, t[i].purpose);
		if (!ok(v == t[i].want,
			"the draw of seed %lld for \"%s\" has not changed",
			t[i].seed, t[i].purpose))
			printf("# got %#" PRIx64 "\n", v);
	}
}

int
main(void)
{
	digests();
	draws();
	return done();
}
