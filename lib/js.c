/* js: a strict scanner that says where things are, and a writer */
#include "js.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "num.h"
#include "text.h"

static const char *
fail(const char **why, const char *what)
{
	*why = what;
	return NULL;
}

const char *
js_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

static int
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

/* The first byte at or after p that is '"', '\\', a control or not ASCII. */
static const char *
plain(const char *p, const char *end)
{
#ifdef __SSE2__
	/* 16 bytes a step: 1.2 GB/s strict scan against 0.5 GB/s bytewise */
	const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\');
	const __m128i space = _mm_set1_epi8(0x20);

	while (end - p >= 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* signed: bytes from 0x80 on are below 0x20 too */
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

/* The value of four hex digits at p, -1 if they are not. */
static int
hex4(const char *p, const char *end)
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

/* What stands behind a backslash, \u aside, and what it means. */
static const char escapes[256] = { ['"'] = '"',
	['\\'] = '\\',
	['/'] = '/',
	['b'] = '\b',
	['f'] = '\f',
	['n'] = '\n',
	['r'] = '\r',
	['t'] = '\t' };

/* Behind the escape at p (a backslash). */
static const char *
escape(const char *p, const char *end, const char **why)
{
	int v;

	if (end - p < 2)
		return fail(why, "unterminated string");
	if (p[1] != 'u') {
		if (escapes[(unsigned char)p[1]] == '\0')
			return fail(why, "bad escape in string");
		return p + 2;
	}
	if ((v = hex4(p + 2, end)) == -1)
		return fail(why, "bad \\u escape in string");
	if (v < 0xd800 || v > 0xdfff)
		return p + 6;
	if (v > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u' ||
	    (v = hex4(p + 8, end)) < 0xdc00 || v > 0xdfff)
		return fail(why, "lone surrogate escape in string");
	return p + 12;
}

#ifdef __SSE2__
/* A bit for each of 64 bytes. */
struct masks {
	uint64_t back, quote, letter, odd;
};

/* Set the bits of the 16 bytes at p, which are the ones from at on. */
static inline void
look(struct masks *m, const char *p, int at)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i back = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
	__m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
	__m128i letter = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('n')),
	    _mm_cmpeq_epi8(x, _mm_set1_epi8('t')));
	/* controls and, as they are negative here, what is not ASCII */
	__m128i odd = _mm_cmplt_epi8(x, _mm_set1_epi8(0x20));

	m->back |= (uint64_t)_mm_movemask_epi8(back) << at;
	m->quote |= (uint64_t)_mm_movemask_epi8(quote) << at;
	m->letter |= (uint64_t)_mm_movemask_epi8(letter) << at;
	m->odd |= (uint64_t)_mm_movemask_epi8(odd) << at;
}
#endif

/*
 * From p, within a string, over blocks of ASCII whose escapes are the usual \n,
 * \t and \": to the quote that ends the string, or to where something else may
 * be. Code has an escape every 30 bytes; taking them one by one costs a wrong
 * guess of the processor each, and the whole scan 1.5 times as long.
 */
static const char *
usual(const char *p, const char *end)
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
	/* the escape at the end of the last block is still to be looked at */
	p -= carry;
#else
	(void)end;
#endif
	return p;
}

/* Behind the string at p (a quote); *escaped is set if it holds escapes. */
static const char *
string(const char *p, const char *end, int *escaped, const char **why)
{
	size_t n;

	for (p++;;) {
		p = plain(p, end);
		if (p == end)
			return fail(why, "unterminated string");
		if (*p == '"')
			return p + 1;
		if (*p == '\\') {
			*escaped = 1;
			if ((p = escape(p, end, why)) == NULL)
				return NULL;
			p = usual(p, end);
		} else if ((unsigned char)*p < 0x20) {
			return fail(why, "control character in string");
		} else {
			if ((n = text_utf8(p, end)) == 0)
				return fail(why, "not UTF-8");
			p += n;
		}
	}
}

static const char *
number(const char *p, const char *end, const char **why)
{
	if (p < end && *p == '-')
		p++;
	if (!is_digit(p, end))
		return fail(why, "not a value");
	if (*p == '0')
		p++;
	else
		while (is_digit(p, end))
			p++;
	if (p < end && *p == '.') {
		if (!is_digit(++p, end))
			return fail(why, "bad number");
		while (is_digit(p, end))
			p++;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		if (!is_digit(p, end))
			return fail(why, "bad number");
		while (is_digit(p, end))
			p++;
	}
	return p;
}

static const char *
word(const char *p, const char *end, const char *w, const char **why)
{
	size_t n = strlen(w);

	if ((size_t)(end - p) < n || memcmp(p, w, n) != 0)
		return fail(why, "not a value");
	return p + n;
}

static const char *
array(const char *p, const char *end, int depth, const char **why)
{
	p = js_space(p + 1, end);
	if (p < end && *p == ']')
		return p + 1;
	for (;;) {
		if ((p = js_value(p, end, depth, why)) == NULL)
			return NULL;
		p = js_space(p, end);
		if (p == end)
			return fail(why, "unterminated array");
		if (*p == ']')
			return p + 1;
		if (*p != ',')
			return fail(why, "expected ',' or ']'");
		p = js_space(p + 1, end);
	}
}

static struct js_member *
member_new(struct js_members *m)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 16;
		m->v = mem_array(m->v, m->cap, sizeof *m->v);
	}
	return &m->v[m->n++];
}

static int
by_key(const void *a, const void *b)
{
	const struct js_member *const *x = a, *const *y = b;
	size_t n = (*x)->key.n, k = (*y)->key.n;

	if (n != k)
		return n < k ? -1 : 1;
	return n == 0 ? 0 : memcmp((*x)->key.p, (*y)->key.p, n);
}

/* Sorted rather than hashed: hostile keys cannot make it slow. */
static int
repeats(const struct js_members *m)
{
	const struct js_member **s;
	size_t i, j;
	int found = 0;

	if (m->n <= 24) {
		for (i = 1; i < m->n; i++)
			for (j = 0; j < i; j++)
				if (span_eq(m->v[i].key, m->v[j].key))
					return 1;
		return 0;
	}
	s = mem_array(NULL, m->n, sizeof *s);
	for (i = 0; i < m->n; i++)
		s[i] = &m->v[i];
	qsort(s, m->n, sizeof *s, by_key);
	for (i = 1; i < m->n && !found; i++)
		found = by_key(&s[i - 1], &s[i]) == 0;
	free(s);
	return found;
}

const char *
js_object(const char *p, const char *end, int depth, struct js_members *m,
    struct arena *mem, const char *sub_key, struct js_members *sub,
    const char **why)
{
	struct span raw, key = { NULL, 0 };
	struct js_member *new;
	const char *start;
	int escaped, into_sub;

	if (++depth > JS_DEPTH)
		return fail(why, "nested too deep");
	p = js_space(p + 1, end);
	if (p < end && *p == '}')
		return p + 1;
	for (;;) {
		if (p == end || *p != '"')
			return fail(why, p == end ? "unterminated object"
						  : "expected a key");
		start = p;
		escaped = 0;
		if ((p = string(p, end, &escaped, why)) == NULL)
			return NULL;
		if (m != NULL) {
			raw = (struct span){ start, (size_t)(p - start) };
			key = escaped ? js_string(raw, mem)
				      : (struct span){ start + 1, raw.n - 2 };
		}
		p = js_space(p, end);
		if (p == end || *p != ':')
			return fail(why, "expected ':'");
		p = js_space(p + 1, end);
		start = p;
		into_sub = sub_key != NULL && span_is(key, sub_key) &&
			   p < end && *p == '{';
		if (into_sub) {
			sub->n = 0;
			p = js_object(p, end, depth, sub, mem, NULL, NULL, why);
		} else {
			p = js_value(p, end, depth, why);
		}
		if (p == NULL)
			return NULL;
		if (m != NULL) {
			new = member_new(m);
			new->key = key;
			new->val = (struct span){ start, (size_t)(p - start) };
			new->start = start;
			new->end = p;
		}
		p = js_space(p, end);
		if (p == end)
			return fail(why, "unterminated object");
		if (*p == '}')
			break;
		if (*p != ',')
			return fail(why, "expected ',' or '}'");
		p = js_space(p + 1, end);
	}
	if (m != NULL && repeats(m))
		return fail(why, "a key stands twice");
	return p + 1;
}

const char *
js_value(const char *p, const char *end, int depth, const char **why)
{
	int escaped;

	if (p == end)
		return fail(why, "a value is missing");
	switch (*p) {
	case '"':
		return string(p, end, &escaped, why);
	case '{':
		return js_object(p, end, depth, NULL, NULL, NULL, NULL, why);
	case '[':
		if (depth >= JS_DEPTH)
			return fail(why, "nested too deep");
		return array(p, end, depth + 1, why);
	case 't':
		return word(p, end, "true", why);
	case 'f':
		return word(p, end, "false", why);
	case 'n':
		return word(p, end, "null", why);
	default:
		return number(p, end, why);
	}
}

struct span
js_text(struct span s, const char **why)
{
	const char *end = span_end(s), *p = js_space(s.p, end), *q;

	if ((q = js_value(p, end, 0, why)) == NULL)
		return (struct span){ NULL, 0 };
	if (js_space(q, end) != end) {
		*why = "more behind the value";
		return (struct span){ NULL, 0 };
	}
	return (struct span){ p, (size_t)(q - p) };
}

int
js_is_string(struct span s)
{
	return s.p != NULL && s.n >= 2 && s.p[0] == '"';
}

int
js_is_object(struct span s)
{
	return s.p != NULL && s.n >= 2 && s.p[0] == '{';
}

int
js_is_array(struct span s)
{
	return s.p != NULL && s.n >= 2 && s.p[0] == '[';
}

int
js_is_there(struct span s)
{
	return s.p != NULL && s.n > 0 && s.p[0] != 'n';
}

/* Behind the accepted string at p. */
static const char *
skip_string(const char *p, const char *end)
{
	size_t n = (size_t)(end - p - 1);
	const char *q = memchr(p + 1, '"', n < 32 ? n : 32);

	/* keys and most values end soon: 3/4 of the instructions for a reply */
	if (q != NULL && q[-1] != '\\')
		return q + 1;
	/* a quote behind an even number of backslashes ends it */
	p = usual(p + 1, end) - 1;
	for (;;) {
		p = memchr(p + 1, '"', (size_t)(end - p - 1));
		if (p == NULL)
			abort();
		for (q = p; q[-1] == '\\'; q--)
			;
		if ((p - q) % 2 == 0)
			return p + 1;
	}
}

/* Behind the accepted object or array at p: where its brackets are even. */
static const char *
skip_nested(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && --depth == 0)
			return p + 1;
		p++;
	}
	abort(); /* it has not been accepted */
}

const char *
js_skip(const char *p, const char *end)
{
	const char *why;

	if (*p == '"')
		return skip_string(p, end);
	if (*p == '{' || *p == '[')
		return skip_nested(p, end);
	if ((p = js_value(p, end, 0, &why)) == NULL)
		abort();
	return p;
}

/* Step over "key": in an accepted object; the raw key. */
static struct span
step_key(const char **p, const char *end)
{
	const char *start = *p;
	struct span raw;

	*p = js_skip(start, end);
	raw = (struct span){ start, (size_t)(*p - start) };
	*p = js_space(js_space(*p, end) + 1, end);
	return raw;
}

/* Step over a value and the ',' behind it. */
static struct span
step_value(const char **p, const char *end)
{
	const char *start = *p;
	struct span v;

	*p = js_skip(start, end);
	v = (struct span){ start, (size_t)(*p - start) };
	*p = js_space(*p, end);
	if (*p < end && **p == ',')
		*p = js_space(*p + 1, end);
	return v;
}

static int
key_is(struct span raw, const char *key)
{
	struct buf b = { 0 };
	int same;

	if (memchr(raw.p, '\\', raw.n) == NULL)
		return span_is((struct span){ raw.p + 1, raw.n - 2 }, key);
	js_decode(&b, raw);
	same = span_is(buf_span(&b), key);
	buf_free(&b);
	return same;
}

int
js_each(struct span object, size_t *at, struct span *key, struct span *val)
{
	const char *p, *end;

	if (!js_is_object(object))
		return 0;
	end = object.p + object.n - 1;
	p = *at > 0 ? object.p + *at : js_space(object.p + 1, end);
	if (p >= end)
		return 0;
	*key = step_key(&p, end);
	*val = step_value(&p, end);
	*at = (size_t)(p - object.p);
	return 1;
}

struct span
js_find(struct span object, const char *key)
{
	struct span raw, val;
	size_t at = 0;

	while (js_each(object, &at, &raw, &val))
		if (key_is(raw, key))
			return val;
	return (struct span){ NULL, 0 };
}

void
js_find_all(
    struct span object, const char *const *keys, struct span *vals, size_t n)
{
	struct span raw, val;
	size_t at = 0, i;

	for (i = 0; i < n; i++)
		vals[i] = (struct span){ NULL, 0 };
	while (js_each(object, &at, &raw, &val))
		for (i = 0; i < n; i++)
			if (vals[i].p == NULL && key_is(raw, keys[i])) {
				vals[i] = val;
				break;
			}
}

struct span
js_at(struct span array_, size_t i)
{
	const char *p, *end;
	struct span val;

	if (!js_is_array(array_))
		return (struct span){ NULL, 0 };
	end = array_.p + array_.n - 1;
	for (p = js_space(array_.p + 1, end); p < end; i--) {
		val = step_value(&p, end);
		if (i == 0)
			return val;
	}
	return (struct span){ NULL, 0 };
}

size_t
js_count(struct span array_)
{
	const char *p, *end;
	size_t n = 0;

	if (!js_is_array(array_))
		return 0;
	end = array_.p + array_.n - 1;
	for (p = js_space(array_.p + 1, end); p < end; n++)
		step_value(&p, end);
	return n;
}

/* Write the UTF-8 of c at out and return what is behind it. */
static char *
put_utf8(char *out, int c)
{
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*out++ = (char)(0xe0 | c >> 12);
		} else {
			*out++ = (char)(0xf0 | c >> 18);
			*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (c & 0x3f));
	return out;
}

/* Write what the \u escape at *p stands for and step over it. */
static char *
unescape(char *out, const char **p, const char *end)
{
	int c = hex4(*p + 2, end);

	*p += 6;
	if (c >= 0xd800 && c <= 0xdbff) {
		c = 0x10000 + ((c - 0xd800) << 10) +
		    (hex4(*p + 2, end) - 0xdc00);
		*p += 6;
	}
	return put_utf8(out, c);
}

/* Write what the escape at *p stands for and step over it. */
static inline char *
unescape_any(char *out, const char **p, const char *end)
{
	if ((*p)[1] == 'u')
		return unescape(out, p, end);
	*out++ = escapes[(unsigned char)(*p)[1]];
	*p += 2;
	return out;
}

#ifdef __SSE2__
/* Copy 16 bytes. */
static inline void
copy16(char *out, const char *p)
{
	_mm_storeu_si128((__m128i *)(void *)out,
	    _mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline uint64_t
backslashes(const char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);

	return (uint64_t)_mm_movemask_epi8(
	    _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
}

/* Copy the n bytes at p, 64 at most; 64 may be read and written. */
static inline void
copy_some(char *out, const char *p, size_t n)
{
	copy16(out, p);
	copy16(out + 16, p + 16);
	if (n > 32) {
		copy16(out + 32, p + 32);
		copy16(out + 48, p + 48);
	}
}

/*
 * Decode the 64 bytes at *p, and the rest of an escape that begins in them;
 * behind them are 64 more. Code has an escape every 30 bytes: to know them all
 * before the first is copied takes 0.6 of the time of finding one by one.
 */
static char *
decode_block(char *out, const char **p, const char *end)
{
	const char *from = *p, *block = from, *q;
	uint64_t back = backslashes(from) | backslashes(from + 16) << 16 |
			backslashes(from + 32) << 32 |
			backslashes(from + 48) << 48;

	while (back != 0) {
		q = block + __builtin_ctzll(back);
		copy_some(out, from, (size_t)(q - from));
		out += q - from;
		from = q;
		out = unescape_any(out, &from, end);
		if (from - block >= 64)
			break;
		back &= ~(uint64_t)0 << (from - block);
	}
	if (from - block < 64) {
		copy_some(out, from, 64);
		out += 64 - (from - block);
		from = block + 64;
	}
	*p = from;
	return out;
}
#endif

/*
 * Write the decoded string, which is never longer, at out; what is behind it.
 */
static char *
decode(char *out, struct span s)
{
	const char *p = s.p + 1, *end = s.p + s.n - 1, *q;

#ifdef __SSE2__
	while (end - p >= 128)
		out = decode_block(out, &p, end);
#endif
	while (p < end) {
		if ((q = memchr(p, '\\', (size_t)(end - p))) == NULL)
			q = end;
		memcpy(out, p, (size_t)(q - p));
		out += q - p;
		p = q;
		if (p < end)
			out = unescape_any(out, &p, end);
	}
	return out;
}

int
js_decode(struct buf *b, struct span s)
{
	if (!js_is_string(s))
		return -1;
	buf_need(b, s.n);
	b->n = (size_t)(decode(b->p + b->n, s) - b->p);
	return 0;
}

struct span
js_string(struct span s, struct arena *mem)
{
	char *out, *end;

	if (!js_is_string(s))
		return (struct span){ NULL, 0 };
	if (memchr(s.p + 1, '\\', s.n - 2) == NULL)
		return (struct span){ s.p + 1, s.n - 2 };
	out = arena_get(mem, s.n);
	end = decode(out, s);
	*end = '\0'; /* for those that look at what is behind it */
	return (struct span){ out, (size_t)(end - out) };
}

long long
js_int(struct span s, long long def)
{
	char num[32];
	long long v;

	if (s.p == NULL || s.n == 0 || s.n >= sizeof num)
		return def;
	memcpy(num, s.p, s.n);
	num[s.n] = '\0';
	return num_int(num, LLONG_MIN, LLONG_MAX, &v) == 0 ? v : def;
}

int
js_needs_escape(struct span s)
{
	const char *end = span_end(s);

	return plain(s.p, end) != end;
}

void
js_escape(struct buf *b, struct span s)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[128] = { ['"'] = '"',
		['\\'] = '\\',
		['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't' };
	const char *p = s.p, *end = span_end(s), *q;

	buf_need(b, s.n);
	while (p < end) {
		for (q = p; (q = plain(q, end)) < end && (*q & 0x80) != 0;)
			q++;
		buf_add(b, p, (size_t)(q - p));
		if (q == end)
			break;
		buf_addc(b, '\\');
		if (letters[(unsigned char)*q] != '\0') {
			buf_addc(b, letters[(unsigned char)*q]);
		} else {
			buf_adds(b, "u00");
			buf_addc(b, hex[*q >> 4 & 15]);
			buf_addc(b, hex[*q & 15]);
		}
		p = q + 1;
	}
}

void
js_quote(struct buf *b, struct span s)
{
	buf_need(b, s.n + 2);
	buf_addc(b, '"');
	js_escape(b, s);
	buf_addc(b, '"');
}

void
js_quote_any(struct buf *b, struct span s)
{
	const char *p = s.p, *end = span_end(s);
	struct buf clean = { 0 };
	size_t n;

	while (p < end) {
		if ((n = text_utf8(p, end)) == 0) {
			buf_adds(&clean, "\xef\xbf\xbd");
			n = 1;
		} else {
			buf_add(&clean, p, n);
		}
		p += n;
	}
	js_quote(b, buf_span(&clean));
	buf_free(&clean);
}
