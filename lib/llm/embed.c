/* embed: requests for the vectors of texts, and the replies to them */
#include "llm/embed.h"

#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum {
	FLOAT = 4, /* bytes of a float */
	BYTES_MAX = EMBED_DIMS_MAX * FLOAT,
	BASE64_MAX = (BYTES_MAX + 2) / 3 * 4,
};

/* Return the float of four bytes, little-endian. */
static float
float_of(const unsigned char *p)
{
	unsigned bits = p[0] | (unsigned)p[1] << 8 | (unsigned)p[2] << 16 |
			(unsigned)p[3] << 24;
	float f;

	memcpy(&f, &bits, sizeof f);
	return f;
}

/* Write a float as four bytes, little-endian. */
static void
put_float(unsigned char *p, float f)
{
	unsigned bits;

	memcpy(&bits, &f, sizeof bits);
	p[0] = (unsigned char)bits;
	p[1] = (unsigned char)(bits >> 8);
	p[2] = (unsigned char)(bits >> 16);
	p[3] = (unsigned char)(bits >> 24);
}

size_t
embed_decode(struct span s, float *floats)
{
	/* EVP_DecodeBlock counts the padding as bytes, and writes them */
	static unsigned char bytes[BYTES_MAX + 3];
	size_t i, n, pad = 0;
	int got;

	while (pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '=')
		pad++;
	if (s.n == 0 || s.n % 4 != 0 || s.n > BASE64_MAX)
		return 0;
	got = EVP_DecodeBlock(bytes, (const unsigned char *)s.p, (int)s.n);
	if (got < (int)pad)
		return 0;
	n = (size_t)got - pad;
	if (n % FLOAT != 0 || n > BYTES_MAX)
		return 0;
	n /= FLOAT;
	for (i = 0; i < n; i++) {
		if (!isfinite(float_of(bytes + i * FLOAT)))
			return 0;
		if (floats != NULL)
			floats[i] = float_of(bytes + i * FLOAT);
	}
	return n;
}

/* Return a list of numbers as base64 of floats; p NULL: it is no such list. */
static struct span
encode_list(struct span list, struct arena *mem)
{
	static unsigned char bytes[BYTES_MAX];
	struct span number;
	size_t at = 0, n = 0;
	unsigned char *out;
	float f;

	while (js_next(list, &at, &number)) {
		/* a byte that is no number's stands behind each element */
		f = strtof(number.p, NULL);
		if (n == EMBED_DIMS_MAX || !isfinite(f) ||
		    strchr("-0123456789", number.p[0]) == NULL)
			return (struct span){ NULL, 0 };
		put_float(bytes + n++ * FLOAT, f);
	}
	out = arena_get(mem, (n * FLOAT + 2) / 3 * 4 + 1);
	return (struct span){ (const char *)out,
		(size_t)EVP_EncodeBlock(out, bytes, (int)(n * FLOAT)) };
}

/* Return the index of an element of data that stands at place i. */
static long long
index_of(struct span element, int i)
{
	struct span index = js_find(element, "index");

	return js_is_there(index) ? js_int(index, -1) : i;
}

/* Read an element of data at place i: NULL, or why it will not do. */
static const char *
read_vector(struct span element, int i, size_t *dims, struct arena *mem,
    struct reply *r)
{
	struct span v = js_find(element, "embedding");
	long long index = index_of(element, i);
	size_t n;
	char *why;

	if (index < 0 || index >= r->nchoices || r->choices[index].text.p)
		return "the indexes of the vectors are not those of the texts";
	v = js_is_array(v) ? encode_list(v, mem) : js_string(v, mem);
	n = v.p != NULL ? embed_decode(v, NULL) : 0;
	if (n == 0)
		return "a vector is neither a list of numbers nor base64 of "
		       "floats, or it holds a number that is not finite";
	if (*dims != 0 && n != *dims) {
		why = arena_get(mem, 100);
		snprintf(why, 100,
		    "a vector has %zu floats, and one before it had %zu", n,
		    *dims);
		return why;
	}
	*dims = n;
	r->choices[index].text = v;
	return NULL;
}

int
embed_read(struct span body, int n, size_t *dims, struct arena *mem,
    struct reply *r, const char **why)
{
	struct span doc = js_text(body, why), data, usage, one;
	size_t at = 0, found, known = *dims;
	int i;

	*r = (struct reply){ 0 };
	if (doc.p == NULL)
		return -1;
	data = js_find(doc, "data");
	found = js_count(data);
	if (found != (size_t)n) {
		*why = found == 0 ? "the reply has no vectors"
				  : "the reply has another number of vectors "
				    "than there are texts";
		return -1;
	}
	r->nchoices = n;
	r->choices = arena_get(mem, (size_t)n * sizeof *r->choices);
	for (i = 0; i < n; i++)
		r->choices[i] =
		    (struct reply_choice){ .finish_reason = span_of(""),
			    .model = span_of("") };
	for (i = 0; js_next(data, &at, &one); i++)
		if ((*why = read_vector(one, i, &known, mem, r)) != NULL)
			return -1;
	usage = js_find(doc, "usage");
	r->prompt_tokens = reply_tokens(js_find(usage, "prompt_tokens"));
	if (r->prompt_tokens == 0)
		r->prompt_tokens = reply_tokens(js_find(usage, "total_tokens"));
	*dims = known;
	return 0;
}
