/*
 * places: where a term stands in hash tables, those of the file too. For
 * lib/index only.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

/* Return the hash of a term's bytes; it is part of the format. */
static inline uint64_t
places_hash(struct span s)
{
	uint64_t h = s.n * 0x9e3779b97f4a7c15u, v;
	const char *p = s.p;
	size_t n = s.n;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&v, p, 8);
		h = (h ^ v) * 0x9fb21c651e98df25u;
		h ^= h >> 32;
	}
	v = 0;
	if (n > 0)
		memcpy(&v, p, n);
	h = (h ^ v) * 0x9fb21c651e98df25u;
	h ^= h >> 29;
	h *= 0xbea225f9eb34556du;
	return h ^ h >> 32;
}
