/* embed: replies with the vectors of texts */
#include "llm/embed.h"

#include <string.h>

#include "tap.h"

static struct arena mem;
static struct reply r;
static const char *why;

/* Read a reply to n texts: what embed_read returns. */
static int
read_body(const char *body, int n, size_t *dims)
{
	why = "";
	return embed_read(span_of(body), n, dims, &mem, &r, &why);
}

/* Vectors are decoded as they were sent, in the order of their texts. */
static void
forms(void)
{
	static const char body[] =
	    "{\"data\":[{\"index\":1,\"embedding\":[1,-2.5,3e-1]},{\"index\":0,"
	    "\"embedding\":\"AACAPwAAAEAAAEBA\"}],"
	    "\"usage\":{\"total_tokens\":7}}";
	static float v[EMBED_DIMS_MAX];
	size_t dims = 0;

	ok(read_body(body, 2, &dims) == 0 && r.nchoices == 2 && dims == 3,
	    "two vectors of three floats are read: %s", why);
	ok(embed_decode(r.choices[0].text, v) == 3 && v[0] == 1 && v[1] == 2 &&
		v[2] == 3,
	    "base64 has the floats of text 0");
	ok(embed_decode(r.choices[1].text, v) == 3 && v[0] == 1 &&
		v[1] == -2.5F && v[2] == 0.3F,
	    "a list has the floats of text 1");
	ok(r.prompt_tokens == 7, "total_tokens count where no others are told");
	ok(read_body("{\"data\":[{\"embedding\":[1,2,3]}]}", 1, &dims) == 0,
	    "a vector without an index is that of its place: %s", why);
	ok(read_body("{\"data\":[{\"embedding\":[1,2]}]}", 1, &dims) == -1 &&
		strstr(why, "2 floats, and one before it had 3") && dims == 3,
	    "a vector of another length is refused: %s", why);
}

static void
faults(void)
{
	static const struct {
		const char *body, *what;
	} all[] = {
		{ "nonsense", "no JSON" },
		{ "[]", "no object" },
		{ "{\"data\":[]}", "no vector" },
		{ "{\"data\":{\"embedding\":[1]}}", "no list" },
		{ "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1]}]}",
		    "a vector too many" },
		{ "{\"data\":[{\"index\":1,\"embedding\":[1]}]}",
		    "an index beyond the texts" },
		{ "{\"data\":[{\"index\":-1,\"embedding\":[1]}]}",
		    "an index below 0" },
		{ "{\"data\":[{\"index\":\"0\",\"embedding\":[1]}]}",
		    "an index that is no number" },
		{ "{\"data\":[{\"embedding\":[]}]}", "no floats" },
		{ "{\"data\":[{\"embedding\":[1,null]}]}", "null" },
		{ "{\"data\":[{\"embedding\":[1,\"2\"]}]}", "a string" },
		{ "{\"data\":[{\"embedding\":[1e39]}]}", "an infinite number" },
		{ "{\"data\":[{\"embedding\":[[1]]}]}", "a list in the list" },
		{ "{\"data\":[{\"embedding\":\"\"}]}", "an empty string" },
		{ "{\"data\":[{\"embedding\":\"====\"}]}", "only padding" },
		{ "{\"data\":[{\"embedding\":\"AADAfw==\"}]}", "NaN" },
		{ "{\"data\":[{\"embedding\":\"AACAfw==\"}]}", "infinity" },
		{ "{\"data\":[{\"embedding\":\"AACAPw\"}]}", "no padding" },
		{ "{\"data\":[{\"embedding\":\"AACAPwA=\"}]}",
		    "a float and a byte" },
		{ "{\"data\":[{\"embedding\":\"!ACAPw==\"}]}",
		    "a character that base64 has not" },
		{ "{\"data\":[{\"embedding\":7}]}", "a number alone" },
		{ "{\"data\":[1]}", "a number as an element" },
	};
	size_t i, dims;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		dims = 0;
		ok(read_body(all[i].body, 1, &dims) == -1 && dims == 0 && *why,
		    "a reply with %s is refused: %s", all[i].what, why);
	}
}

int
main(void)
{
	forms();
	faults();
	arena_free(&mem);
	return done();
}
