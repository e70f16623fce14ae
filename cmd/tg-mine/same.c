/* same: the documents of an index whose text is a given one, to the byte */
#include "same.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

/*
 * Documents sorted by the first bits of their hashes, and by their numbers
 * among those with equal bits.
 */
struct same {
	const struct index *ix;
	int shift;       /* bits of a hash's first 32 that are left out */
	uint32_t *start; /* index in doc of the first with such bits */
	uint32_t *doc;
};

/* Return the first bits of a hash. */
static size_t
place(const struct same *s, const unsigned char hash[INDEX_DIGEST])
{
	uint32_t bits = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 |
			(uint32_t)hash[2] << 8 | hash[3];

	return bits >> s->shift;
}

struct same *
same_new(const struct index *ix)
{
	struct same *s = mem_new(sizeof *s);
	size_t places, i, sum = 0, n;

	s->ix = ix;
	s->shift = 31;
	while (s->shift > 4 && (uint64_t)1 << (32 - s->shift) < ix->documents)
		s->shift--;
	places = (size_t)1 << (32 - s->shift);
	s->start = mem_new((places + 1) * sizeof *s->start);
	s->doc = mem_array(NULL, (size_t)ix->documents + 1, sizeof *s->doc);
	for (i = 0; i < ix->documents; i++)
		s->start[place(s, ix->doc[i].hash)]++;
	for (i = 0; i <= places; i++) {
		n = s->start[i];
		s->start[i] = (uint32_t)sum;
		sum += n;
	}
	for (i = 0; i < ix->documents; i++)
		s->doc[s->start[place(s, ix->doc[i].hash)]++] = (uint32_t)i;
	/* each start is where the next one was now */
	for (i = places; i > 0; i--)
		s->start[i] = s->start[i - 1];
	s->start[0] = 0;
	return s;
}

void
same_free(struct same *s)
{
	if (s == NULL)
		return;
	free(s->start);
	free(s->doc);
	free(s);
}

int64_t
same_find(const struct same *s, struct span text,
    bool (*admits)(void *ctx, uint64_t doc), void *ctx)
{
	unsigned char hash[SHA256_BYTES];
	const uint32_t *d, *end;
	int64_t first = -1;
	size_t at;

	hash_sha256_bytes(text, hash);
	at = place(s, hash);
	d = s->doc + s->start[at];
	end = s->doc + s->start[at + 1];
	for (; d < end; d++) {
		if (memcmp(s->ix->doc[*d].hash, hash, INDEX_DIGEST) != 0)
			continue;
		if (admits == NULL || admits(ctx, *d))
			return *d;
		if (first == -1)
			first = *d;
	}
	return first;
}
