/* embed: the vectors of texts */
#include <openssl/evp.h>
#include <string.h>

#include "base/hash.h"
#include "mock.h"

enum { DIMS_MAX = 1024 };

/* Float k of a text: byte k of its SHA-256, less 128, over 128. */
static void
make_vector(struct span text, float *v, size_t dims)
{
	unsigned char sum[SHA256_BYTES];
	size_t k;

	hash_sha256_bytes(text, sum);
	for (k = 0; k < dims; k++)
		v[k] = (float)(sum[k % SHA256_BYTES] - 128) / 128;
}

static void
put_vector(struct buf *b, const struct ask *a, const float *v, size_t dims)
{
	const char *form =
	    json_string_value(json_object_get(a->json, "encoding_format"));
	unsigned char text[DIMS_MAX * sizeof *v * 2];
	size_t k;

	if (form != NULL && strcmp(form, "base64") == 0) {
		EVP_EncodeBlock(
		    text, (const unsigned char *)v, (int)(dims * sizeof *v));
		buf_fmt(b, "\"%s\"", (char *)text);
		return;
	}
	for (k = 0; k < dims; k++)
		buf_fmt(b, "%s%.9g", k ? "," : "[", (double)v[k]);
	buf_addc(b, ']');
}

const char *
embed_complaint(const struct ask *a)
{
	const json_t *input = json_object_get(a->json, "input"), *v;
	size_t i;

	if (json_array_size(input) == 0)
		return "'input' must be an array with a text";
	json_array_foreach(input, i, v) {
		if (!json_is_string(v))
			return "'input' must hold strings";
		if (json_string_length(v) == 0)
			return "'input' holds an empty string";
	}
	return NULL;
}

/* Vectors leave in reverse order, as their indexes tell. */
void
reply_vectors(struct buf *b, const struct ask *a, const struct rule *r)
{
	const json_t *input = json_object_get(a->json, "input");
	size_t i, n = json_array_size(input);
	size_t dims = r && r->dims > 0 ? (size_t)r->dims : 8;
	float v[DIMS_MAX];
	const json_t *text;

	if (r && r->choices >= 0 && (size_t)r->choices < n)
		n = (size_t)r->choices;
	buf_adds(b, "{\"object\":\"list\",\"data\":[");
	for (i = n; i-- > 0;) {
		text = json_array_get(input, i);
		make_vector((struct span){ json_string_value(text),
				json_string_length(text) },
		    v, dims);
		buf_fmt(b,
		    "{\"object\":\"embedding\",\"index\":%zu,"
		    "\"embedding\":",
		    i);
		put_vector(b, a, v, dims);
		buf_adds(b, i > 0 ? "}," : "}");
	}
	buf_adds(b, "],\"model\":\"mock-model\",\"usage\":");
	if (r && r->usage)
		put_json(b, r->usage);
	else
		buf_fmt(b, "{\"prompt_tokens\":%lld,\"total_tokens\":%lld}",
		    (long long)a->prompt_tokens, (long long)a->prompt_tokens);
	buf_addc(b, '}');
}
