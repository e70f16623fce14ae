/* ask: what a request says, and how often it was said */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mock.h"

static struct seen *table; /* open addressing, never more than half full */
static size_t cap, used;

uint64_t
mix(uint64_t a, uint64_t b)
{
	uint64_t x = (a ^ b) + 0x9e3779b97f4a7c15U;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

uint64_t
hash_bytes(const void *p, size_t n)
{
	const char *s = p;
	uint64_t h = mix(n, 0), w;

	for (; n >= sizeof w; s += sizeof w, n -= sizeof w) {
		memcpy(&w, s, sizeof w);
		h = mix(h, w);
	}
	w = 0;
	if (n > 0)
		memcpy(&w, s, n);
	return mix(h, w);
}

double
draw(const struct ask *a, unsigned purpose)
{
	uint64_t h = mix(mix(a->hash, (uint64_t)opt.seed),
	    (uint64_t)a->attempt << 8 | purpose);

	return ((double)(h >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

static struct seen *
slot(uint64_t hash)
{
	size_t i = hash & (cap - 1);

	while (table[i].times > 0 && table[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &table[i];
}

struct seen *
seen_get(uint64_t hash)
{
	struct seen *old = table, *s;
	size_t i, n = cap;

	if (used * 2 >= cap) {
		cap = cap ? cap * 2 : 1024;
		table = mem_new(cap * sizeof *table);
		for (i = 0; i < n; i++)
			if (old[i].times > 0)
				*slot(old[i].hash) = old[i];
		free(old);
	}
	s = slot(hash);
	if (s->times == 0) {
		s->hash = hash;
		used++;
	}
	return s;
}

size_t
seen_count(void)
{
	return used;
}

void
seen_free(void)
{
	free(table);
	table = NULL;
	cap = used = 0;
}

static json_int_t
get_int(const json_t *o, const char *key, json_int_t otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

/* Servers that can constrain an answer are only asked to for a verdict. */
static bool
is_verdict(const struct ask *a)
{
	return json_object_get(a->json, "grammar") ||
	    json_object_get(a->json, "structured_outputs") ||
	    json_object_get(a->json, "regex") ||
	    (a->max_tokens > 0 && a->max_tokens <= 16);
}

/* The characters of a list of texts; notes the longest. */
static size_t
count_texts(struct ask *a, const json_t *list)
{
	const json_t *text;
	size_t i, chars = 0;

	json_array_foreach(list, i, text) {
		chars += json_string_length(text);
		if ((json_int_t)json_string_length(text) / 4 > a->longest)
			a->longest = (json_int_t)json_string_length(text) / 4;
	}
	return chars;
}

void
ask_parse(struct ask *a)
{
	const json_t *m, *role, *text;
	struct seen *s;
	/* names of lists of texts to embed or to score */
	static const char *const texts[] = { "input", "documents", "texts",
		"text_2" };
	size_t i, k, chars = 0;

	a->last = span_of("");
	if (!a->chat)
		return;
	a->hash = hash_bytes(a->raw.p, a->raw.n);
	s = seen_get(a->hash);
	a->attempt = ++s->times;
	stats.paid_twice += s->paid;
	a->json = json_loadb(a->raw.n ? a->raw.p : "", a->raw.n,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	json_array_foreach(json_object_get(a->json, "messages"), i, m) {
		role = json_object_get(m, "role");
		text = json_object_get(m, "content");
		chars += json_string_length(text);
		if (json_is_string(role) && json_is_string(text) &&
		    strcmp(json_string_value(role), "user") == 0)
			a->last = (struct span){ json_string_value(text),
				json_string_length(text) };
	}
	for (k = 0; k < sizeof texts / sizeof *texts; k++)
		chars += count_texts(a, json_object_get(a->json, texts[k]));
	a->prompt_tokens = (json_int_t)(chars / 4);
	a->max_tokens = get_int(a->json, "max_completion_tokens",
	    get_int(a->json, "max_tokens", 0));
	a->n = get_int(a->json, "n", 1);
	a->verdict = is_verdict(a);
}

void
ask_free(struct ask *a)
{
	json_decref(a->json);
	buf_free(&a->raw);
}
