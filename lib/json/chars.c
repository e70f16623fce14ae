/* chars: what scan, string and find know of the characters of JSON */
#include "json/chars.h"

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

const char *
js_plain(const char *p, const char *end)
{
#ifdef __SSE2__
	/* 16 bytes a step scan 1.2 GB/s; one byte a step scans 0.5 GB/s */
	const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\');
	const __m128i space = _mm_set1_epi8(0x20);

	while (end - p >= 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* the comparison is signed: a byte over 0x7f is below 0x20 */
		__m128i stop = _mm_or_si128(_mm_cmplt_epi8(x, space),
		    _mm_or_si128(
			_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, back)));
		int mask = _mm_movemask_epi8(stop);

		if (mask != 0)
			return p + __builtin_ctz((unsigned)mask);
		p += 16;
	}
#endif
	while (p < end && (unsigned char)*p >= 0x20 &&
	       (unsigned char)*p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

int
js_hex4(const char *p, const char *end)
{
	int i, v = 0;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			v = v * 16 + (p[i] - '0');
		else if ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'f')
			v = v * 16 + ((p[i] | 32) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

const char js_escapes[256] = { ['"'] = '"',
	['\\'] = '\\',
	['/'] = '/',
	['b'] = '\b',
	['f'] = '\f',
	['n'] = '\n',
	['r'] = '\r',
	['t'] = '\t' };

#ifdef __SSE2__
/* The masks have a bit for each of 64 bytes. */
struct masks {
	uint64_t back, quote, letter, odd;
};

/* Set the bits from number at on for the 16 bytes at p. */
static inline void
look(struct masks *m, const char *p, int at)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i back = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
	__m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
	__m128i letter = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('n')),
	    _mm_cmpeq_epi8(x, _mm_set1_epi8('t')));
	/* bytes that are no ASCII are negative, and so below 0x20 too */
	__m128i odd = _mm_cmplt_epi8(x, _mm_set1_epi8(0x20));

	m->back |= (uint64_t)_mm_movemask_epi8(back) << at;
	m->quote |= (uint64_t)_mm_movemask_epi8(quote) << at;
	m->letter |= (uint64_t)_mm_movemask_epi8(letter) << at;
	m->odd |= (uint64_t)_mm_movemask_epi8(odd) << at;
}
#endif

/*
 * Code has an escape every 30 bytes; taking them one by one costs a wrong guess
 * of the processor each, and the whole scan 1.5 times as long.
 */
const char *
js_usual(const char *p, const char *end)
{
#ifdef __SSE2__
	uint64_t carry = 0, escaped, quote;

	for (; end - p >= 64; p += 64) {
		struct masks m = { 0 };

		look(&m, p, 0);
		look(&m, p + 16, 16);
		look(&m, p + 32, 32);
		look(&m, p + 48, 48);
		escaped = m.back << 1 | carry;
		quote = m.quote & ~escaped;
		if ((m.odd | (escaped & ~(m.letter | m.quote))) != 0)
			break;
		if (quote != 0)
			return p + __builtin_ctzll(quote);
		carry = m.back >> 63;
	}
	/* an escape that ends the last block is still to be read */
	p -= carry;
#else
	(void)end;
#endif
	return p;
}
