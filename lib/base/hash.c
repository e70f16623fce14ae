/* hash: MD5 and SHA-256 through OpenSSL's EVP, and seeded draws */
#include "base/hash.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

static _Noreturn void
unavailable(const char *name)
{
	fprintf(stderr, "tg: %s is not available from OpenSSL here\n", name);
	exit(TG_EX_IO);
}

static pthread_key_t context_key;

static void
free_context(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void
make_key(void)
{
	if (pthread_key_create(&context_key, free_context) != 0)
		mem_fail();
}

/* Return the context of this thread, which ends with it. */
static EVP_MD_CTX *
context(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	EVP_MD_CTX *ctx;

	pthread_once(&once, make_key);
	ctx = pthread_getspecific(context_key);
	if (ctx != NULL)
		return ctx;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL || pthread_setspecific(context_key, ctx) != 0)
		mem_fail();
	return ctx;
}

/* Fetch the digest called name into *md once: that costs more than a hash. */
static const EVP_MD *
fetch(const char *name, EVP_MD **md)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	const EVP_MD *fetched;

	pthread_mutex_lock(&lock);
	if (*md == NULL)
		*md = EVP_MD_fetch(NULL, name, NULL);
	fetched = *md;
	pthread_mutex_unlock(&lock);
	return fetched;
}

/* Hash s into raw with the digest called name, and return its length. */
static unsigned int
digest(const char *name, EVP_MD **md, struct span s,
    unsigned char raw[EVP_MAX_MD_SIZE])
{
	EVP_MD_CTX *ctx = context();
	const EVP_MD *fetched = fetch(name, md);
	unsigned int n = 0;

	if (fetched == NULL || EVP_DigestInit_ex2(ctx, fetched, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, s.p, s.n) != 1 ||
	    EVP_DigestFinal_ex(ctx, raw, &n) != 1)
		unavailable(name);
	return n;
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

void
hash_md5(struct span s, char hex[MD5_HEX])
{
	static EVP_MD *md5;
	unsigned char raw[EVP_MAX_MD_SIZE];

	to_hex(raw, digest("MD5", &md5, s, raw), hex);
}

/* The SHA-256 of OpenSSL; NULL: not fetched yet. */
static EVP_MD *md_sha256;

static unsigned int
sha256(struct span s, unsigned char raw[EVP_MAX_MD_SIZE])
{
	return digest("SHA256", &md_sha256, s, raw);
}

void
hash_sha256_bytes(struct span s, unsigned char raw[SHA256_BYTES])
{
	unsigned char all[EVP_MAX_MD_SIZE];

	sha256(s, all);
	memcpy(raw, all, SHA256_BYTES);
}

struct hash_sum {
	EVP_MD_CTX *ctx;
};

static void
begin_sum(struct hash_sum *h)
{
	if (md_sha256 == NULL)
		md_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (h->ctx == NULL || md_sha256 == NULL ||
	    EVP_DigestInit_ex2(h->ctx, md_sha256, NULL) != 1)
		unavailable("SHA256");
}

struct hash_sum *
hash_sum_new(void)
{
	struct hash_sum *h = mem_get(sizeof *h);

	h->ctx = EVP_MD_CTX_new();
	begin_sum(h);
	return h;
}

void
hash_sum_add(struct hash_sum *h, struct span s)
{
	if (EVP_DigestUpdate(h->ctx, s.p, s.n) != 1)
		unavailable("SHA256");
}

void
hash_sum_end(struct hash_sum *h, unsigned char raw[SHA256_BYTES])
{
	unsigned char all[EVP_MAX_MD_SIZE];

	if (EVP_DigestFinal_ex(h->ctx, all, NULL) != 1)
		unavailable("SHA256");
	memcpy(raw, all, SHA256_BYTES);
	begin_sum(h);
}

void
hash_sum_free(struct hash_sum *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void
hash_sha256(struct span s, char hex[SHA256_HEX])
{
	unsigned char raw[EVP_MAX_MD_SIZE];

	to_hex(raw, sha256(s, raw), hex);
}

uint64_t
hash_draw(long long seed, struct span id, const char *purpose)
{
	struct buf b = { 0 };
	unsigned char raw[EVP_MAX_MD_SIZE];
	uint64_t v = 0;
	int i;

	buf_fmt(&b, "%lld", seed);
	buf_addc(&b, '\0');
	buf_add0(&b, id);
	buf_adds(&b, purpose);
	sha256(buf_span(&b), raw);
	buf_free(&b);
	for (i = 0; i < 8; i++)
		v = v << 8 | raw[i];
	return v;
}
