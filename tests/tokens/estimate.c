/* estimate - print the estimate of the tokens of each record's text on stdin */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "json/find.h"
#include "json/string.h"
#include "lex/tokens.h"

int
main(void)
{
	struct arena arena = { 0 };
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		printf("%zu\n", tokens_estimate(js_string(
				    js_find((struct span){ line, (size_t)n },
					"text"),
				    &arena)));
		arena_reset(&arena);
	}
	free(line);
	arena_free(&arena);
	return fflush(stdout) == 0 ? 0 : 3;
}
