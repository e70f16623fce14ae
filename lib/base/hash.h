/*
 * hash: MD5 and SHA-256 through OpenSSL's EVP, and seeded draws.
 *
 * A hash that cannot be had (MD5 under FIPS) ends the program with TG_EX_IO:
 * without it no record can be named. Threads may hash at the same time.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

enum { MD5_HEX = 33, SHA256_HEX = 65, SHA256_BYTES = 32 };

/* Write the hash of s as lower-case hex, NUL-terminated. */
void hash_md5(struct span s, char hex[MD5_HEX]);
void hash_sha256(struct span s, char hex[SHA256_HEX]);

/* Write the SHA-256 of s as bytes. */
void hash_sha256_bytes(struct span s, unsigned char raw[SHA256_BYTES]);

/* A SHA-256 of bytes that come in pieces. */
struct hash_sum;

/* Return a new sum of no bytes; hash_sum_free frees it. */
struct hash_sum *hash_sum_new(void);
void hash_sum_add(struct hash_sum *, struct span);

/* Write the SHA-256 of what was added, and begin anew. */
void hash_sum_end(struct hash_sum *, unsigned char raw[SHA256_BYTES]);
void hash_sum_free(struct hash_sum *);

/*
 * Draw a number: SHA-256(seed in decimal NUL id NUL purpose), first 8 bytes
 * big-endian. The same for the same three, in any process and order.
 */
uint64_t hash_draw(long long seed, struct span id, const char *purpose);

/*
 * Return a hash of two numbers, each bit of which depends on both. It is quick
 * and the same everywhere, and no secret: who knows it can make two agree.
 */
static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * 0x9e3779b97f4a7c15;
	a = (a ^ a >> 32) * 0xd6e8feb86659fd93;
	return a ^ a >> 32;
}

/* Return the next number of a sequence: SplitMix64, Steele et al. (2014). */
static inline uint64_t
hash_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}
