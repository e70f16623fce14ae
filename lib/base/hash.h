/*
 * hash: MD5 and SHA-256 through OpenSSL's EVP, and seeded draws.
 *
 * A hash that cannot be had (MD5 under FIPS) ends the program with TG_EX_IO:
 * without it no record can be named.
 */
#ifndef TG_HASH_H
#define TG_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { MD5_HEX = 33, SHA256_HEX = 65, SHA256_RAW = 32 };

/* Write the MD5 of s as lower-case hex, NUL-terminated. */
void hash_md5(struct span s, char hex[MD5_HEX]);

/* Begin a running SHA-256, which hash_end or hash_end_raw frees. */
struct hash;
struct hash *hash_new(void);
void hash_add(struct hash *, struct span);
/* Add the bytes and a 0 byte, so that neighbours cannot run together. */
void hash_add0(struct hash *, struct span);
void hash_end(struct hash *, char hex[SHA256_HEX]);
void hash_end_raw(struct hash *, unsigned char raw[SHA256_RAW]);

void hash_sha256(struct span s, char hex[SHA256_HEX]);

/*
 * Draw a number: SHA-256(seed in decimal NUL id NUL purpose), first 8 bytes
 * big-endian. The same for the same three, in any process and order.
 */
uint64_t hash_draw(long long seed, struct span id, const char *purpose);

#endif
