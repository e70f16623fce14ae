/* hash: MD5 and SHA-256 through OpenSSL's EVP, and seeded draws */
#include "base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct hash {
	EVP_MD_CTX *ctx;
};

static _Noreturn void
unavailable(const char *what)
{
	fprintf(stderr, "tg: %s is not available from OpenSSL here\n", what);
	exit(TG_EX_IO);
}

static void
to_hex(const unsigned char *raw, size_t n, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		hex[2 * i] = digits[raw[i] >> 4];
		hex[2 * i + 1] = digits[raw[i] & 15];
	}
	hex[2 * n] = '\0';
}

/* Fetch each kind of digest once: a fetch costs more than a hash. */
static const EVP_MD *
md_get(const char *name)
{
	static EVP_MD *md5, *sha256;
	EVP_MD **md = strcmp(name, "MD5") == 0 ? &md5 : &sha256;

	if (*md == NULL && (*md = EVP_MD_fetch(NULL, name, NULL)) == NULL)
		unavailable(name);
	return *md;
}

void
hash_md5(struct span s, char hex[MD5_HEX])
{
	static EVP_MD_CTX *ctx;
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int n;

	if (ctx == NULL && (ctx = EVP_MD_CTX_new()) == NULL)
		unavailable("MD5");
	if (EVP_DigestInit_ex2(ctx, md_get("MD5"), NULL) != 1 ||
	    EVP_DigestUpdate(ctx, s.p, s.n) != 1 ||
	    EVP_DigestFinal_ex(ctx, raw, &n) != 1)
		unavailable("MD5");
	to_hex(raw, 16, hex);
}

/* Keep a hash that has ended for the next: making one costs as much as hashing
 * a short text. */
static struct hash *spare;

struct hash *
hash_new(void)
{
	struct hash *h = spare;

	spare = NULL;
	if (h == NULL) {
		h = mem_new(sizeof *h);
		h->ctx = EVP_MD_CTX_new();
	}
	if (h->ctx == NULL ||
	    EVP_DigestInit_ex2(h->ctx, md_get("SHA256"), NULL) != 1)
		unavailable("SHA-256");
	return h;
}

void
hash_add(struct hash *h, struct span s)
{
	if (s.n > 0 && EVP_DigestUpdate(h->ctx, s.p, s.n) != 1)
		unavailable("SHA-256");
}

void
hash_add0(struct hash *h, struct span s)
{
	hash_add(h, s);
	hash_add(h, (struct span){ "", 1 });
}

void
hash_end_raw(struct hash *h, unsigned char raw[SHA256_RAW])
{
	unsigned int n;

	if (EVP_DigestFinal_ex(h->ctx, raw, &n) != 1)
		unavailable("SHA-256");
	if (spare == NULL) {
		spare = h;
		return;
	}
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void
hash_end(struct hash *h, char hex[SHA256_HEX])
{
	unsigned char raw[SHA256_RAW];

	hash_end_raw(h, raw);
	to_hex(raw, sizeof raw, hex);
}

void
hash_sha256(struct span s, char hex[SHA256_HEX])
{
	struct hash *h = hash_new();

	hash_add(h, s);
	hash_end(h, hex);
}

uint64_t
hash_draw(long long seed, struct span id, const char *purpose)
{
	struct hash *h = hash_new();
	unsigned char raw[SHA256_RAW];
	char num[32];
	uint64_t v = 0;
	int i;

	snprintf(num, sizeof num, "%lld", seed);
	hash_add0(h, span_of(num));
	hash_add0(h, id);
	hash_add(h, span_of(purpose));
	hash_end_raw(h, raw);
	for (i = 0; i < 8; i++)
		v = v << 8 | raw[i];
	return v;
}
