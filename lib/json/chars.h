/*
 * chars: the characters of JSON, for the files of this folder alone.
 */
#pragma once

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Return a bit for each of the 16 bytes at p: whether it is c. */
static inline uint64_t
js_equal16(const char *p, char c)
{
#ifdef __SSE2__
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(c)));
#else
	uint64_t bits = 0;
	int i;

	for (i = 0; i < 16; i++)
		bits |= (uint64_t)(p[i] == c) << i;
	return bits;
#endif
}

/* Return a bit for each of the 16 bytes at p: whether it is a or b. */
static inline uint64_t
js_either16(const char *p, char a, char b)
{
#ifdef __SSE2__
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);

	return (unsigned)_mm_movemask_epi8(
	    _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(a)),
		_mm_cmpeq_epi8(x, _mm_set1_epi8(b))));
#else
	return js_equal16(p, a) | js_equal16(p, b);
#endif
}

/* Return a bit for each of 16 bytes: whether it is a control or no ASCII. */
static inline uint64_t
js_odd16(const char *p)
{
#ifdef __SSE2__
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);

	/* the comparison is signed: a byte over 0x7f is below 0x20 */
	return (unsigned)_mm_movemask_epi8(
	    _mm_cmplt_epi8(x, _mm_set1_epi8(0x20)));
#else
	uint64_t bits = 0;
	int i;

	for (i = 0; i < 16; i++)
		bits |= (uint64_t)((signed char)p[i] < 0x20) << i;
	return bits;
#endif
}

/* Return a bit for each of the 64 bytes at p: whether it is c. */
static inline uint64_t
js_equal64(const char *p, char c)
{
	return js_equal16(p, c) | js_equal16(p + 16, c) << 16 |
	       js_equal16(p + 32, c) << 32 | js_equal16(p + 48, c) << 48;
}

/* Return a bit for each of the 64 bytes at p: whether it is a or b. */
static inline uint64_t
js_either64(const char *p, char a, char b)
{
	return js_either16(p, a, b) | js_either16(p + 16, a, b) << 16 |
	       js_either16(p + 32, a, b) << 32 |
	       js_either16(p + 48, a, b) << 48;
}

/* Return the first of p.. that is '"', '\\', a control or no ASCII; or end. */
const char *js_plain(const char *p, const char *end);

/*
 * Skip, from p within a string, blocks of ASCII whose escapes are \n, \t and
 * \". Return the quote that ends the string, or the first byte not looked at.
 */
const char *js_usual(const char *p, const char *end);

/* Return the value of the four hex digits at p; -1 if there are none. */
int js_hex4(const char *p, const char *end);

/* js_escapes[c] is the byte that backslash and c mean; '\0': none, or u. */
extern const char js_escapes[256];
