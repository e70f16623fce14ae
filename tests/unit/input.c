/* input: files of requests, good and bad */
#include "remote/input.h"

#include <sys/stat.h>

#include "tap.h"

#define LINE(id) "{\"custom_id\":\"" id "\",\"url\":\"/v1/x\",\"body\":{}}"
#define MODEL(id, m)                                                          \
	"{\"custom_id\":\"" id "\",\"url\":\"/v1/x\",\"body\":{\"model\":" m "}}"

static const struct {
	const char *what, *text, *why; /* end of the reason; NULL: it is fine */
} files[] = {
	{ "two requests", LINE("1") "\n" LINE("2") "\n", NULL },
	{ "no newline at the end", LINE("1") "\n" LINE("2"), NULL },
	{ "blank lines", "\n" LINE("1") "\r\n \n" LINE("2") "\n\n", NULL },
	{ "one model", MODEL("1", "\"m\"") "\n" MODEL("2", "\"m\"") "\n", NULL },
	{ "two models", MODEL("1", "\"m\"") "\n" MODEL("2", "\"n\"") "\n",
	    ":2: it is for another model than the lines before" },
	{ "a model on one line only", MODEL("1", "\"m\"") "\n" LINE("2") "\n",
	    ":2: it is for another model than the lines before" },
	{ "one id twice", LINE("1") "\n" LINE("1") "\n",
	    ":2: its custom_id stands there twice" },
	{ "another path", LINE("1") "\n{\"custom_id\":\"2\",\"url\":\"/y\"}\n",
	    ":2: it is for another path than the lines before" },
	{ "no id", "{\"url\":\"/v1/x\"}\n", ":1: is no request of a batch, as tg-llm --export writes it" },
	{ "no path", "{\"custom_id\":\"1\",\"url\":\"\"}\n",
	    ":1: is no request of a batch, as tg-llm --export writes it" },
	{ "a torn line", LINE("1") "\n{\"custom_id\":\"2\"", NULL },
	{ "no request", "\n \n", ": holds no request" },
	{ "nothing", "", ": holds no request" },
	{ "three requests", LINE("1") "\n" LINE("2") "\n" LINE("3") "\n",
	    ": has 3 requests, and a service takes 2; export it again with a "
	    "lower --export-max" },
};

static void
contents(void)
{
	struct input in;
	const char *why, *name;
	size_t i, n;
	int got;

	for (i = 0; i < sizeof files / sizeof *files; i++) {
		why = "";
		name = tap_file(span_of(files[i].text));
		is_int(input_open(&in, name, &why), 0, "%s: opened",
		    files[i].what);
		got = input_read(&in, 2, 1000, &why);
		if (strcmp(files[i].what, "a torn line") == 0) {
			ok(got == -1 && strstr(why, ":2: ") != NULL,
			    "a torn line is refused: %s", why);
		} else if (files[i].why == NULL) {
			is_int(got, 0, "%s: taken", files[i].what);
			is_int((long long)in.requests, 2, "%s: counted",
			    files[i].what);
			is_str(in.url, "/v1/x", "%s: for a path",
			    files[i].what);
		} else {
			n = strlen(files[i].why);
			ok(got == -1 && strlen(why) >= n &&
				strcmp(why + strlen(why) - n, files[i].why) ==
				    0,
			    "%s: refused: %s", files[i].what, why);
		}
		input_close(&in);
		unlink(name);
	}
}

static void
one_at_a_time(void)
{
	const char *name = tap_file(S(LINE("1") "\n" LINE("2") "\n"));
	struct input a, b;
	char ids[SHA256_HEX];
	const char *why = "";

	input_open(&a, name, &why);
	is_int(input_open(&b, name, &why), -1, "a file is open only once");
	ok(strstr(why, "another tg-llm") != NULL, "that is told: %s", why);
	is_int(b.fd, -1, "a file that is refused is closed");
	is_int(input_read(&a, 2, 10, &why), -1, "a large file is refused: %s",
	    why);
	is_int(input_read(&a, 2, 1000, &why), 0, "a file is read again");
	memcpy(ids, a.ids, sizeof ids);
	input_close(&a);
	input_close(&a);
	is_int(input_open(&b, name, &why), 0, "a file that was closed is free");
	input_close(&b);
	unlink(name);
	name = tap_file(S(LINE("2") "\n" LINE("1") "\n"));
	input_open(&a, name, &why);
	input_read(&a, 2, 1000, &why);
	ok(strcmp(ids, a.ids) != 0, "other requests have another hash");
	input_close(&a);
	unlink(name);
	is_int(input_open(&a, "/nowhere/at/all", &why), -1,
	    "a missing file is refused: %s", why);
	is_int(input_open(&a, "/dev/null", &why), -1,
	    "a device is refused: %s", why);
}

int
main(void)
{
	contents();
	one_at_a_time();
	return done();
}
