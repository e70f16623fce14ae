/*
 * append: a file that tg-emit --append is given keeps all its whole lines, and
 * takes a new one or stays as it is.
 */
#include "tg-emit/append.h"

#include "fuzz.h"

#define LINE "{\"prompt\":\"\",\"query\":\"q\",\"pos\":[\"p\"],\"neg\":[]}\n"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = { (const char *)p, n }, lost;
	const char *why = NULL;
	struct buf file = { 0 };
	struct append a;
	size_t torn = 0, kept;

	fuzz_input = s;
	fuzz_enter();
	fuzz_write("set", s);
	if (append_open(&a, "set", &torn, &why) == -1) {
		CHECK(why != NULL, "no reason");
		fuzz_read("set", &file);
		CHECK(span_eq(buf_span(&file), s), "a refused file is changed");
	} else {
		CHECK(append_lines(&a, span_of(LINE)) == 0, "%d", errno);
		CHECK(append_close(&a) == 0, "%d", errno);
		fuzz_read("set", &file);
		CHECK(torn <= n, "%zu of %zu torn", torn, n);
		kept = n - torn;
		lost = (struct span){ s.p + kept, torn };
		CHECK(file.n >= kept + strlen(LINE) &&
			  memcmp(file.p, s.p, kept) == 0,
		    "what was whole is changed");
		CHECK(memchr(lost.p, '\n', lost.n) == NULL,
		    "a whole line is cut off");
		CHECK(span_eq((struct span){ file.p + file.n - strlen(LINE),
				  strlen(LINE) },
			  span_of(LINE)),
		    "the new line is not the last");
		CHECK(file.n == strlen(LINE) ||
			  file.p[file.n - strlen(LINE) - 1] == '\n',
		    "the new line does not stand alone");
	}
	buf_free(&file);
	return 0;
}
