/*
 * hash: MD5 and SHA-256 through OpenSSL's EVP, and seeded draws.
 *
 * A hash that cannot be had (MD5 under FIPS) ends the program with TG_EX_IO:
 * without it no record can be named.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

enum { MD5_HEX = 33, SHA256_HEX = 65 };

/* Write the hash of s as lower-case hex, NUL-terminated. */
void hash_md5(struct span s, char hex[MD5_HEX]);
void hash_sha256(struct span s, char hex[SHA256_HEX]);

/*
 * Draw a number: SHA-256(seed in decimal NUL id NUL purpose), first 8 bytes
 * big-endian. The same for the same three, in any process and order.
 */
uint64_t hash_draw(long long seed, struct span id, const char *purpose);
