/* functions: the finder of each language */
#include "lex/functions.h"

#include <stdlib.h>

#include "lex/words.h"

static const struct {
	const char *language;
	void (*find)(struct words *);
} finders[] = {
	{ "c", find_c },
	{ "cplusplus", find_c },
	{ "java", find_java },
	{ "csharp", find_java },
	{ "javascript", find_js },
	{ "typescript", find_js },
	{ "go", find_go },
	{ "rust", find_rust },
	{ "php", find_php },
	{ "perl", find_perl },
	{ "shell", find_shell },
	{ "powershell", find_powershell },
	{ "sql", find_sql },
	{ "python", find_python },
	{ "haskell", find_haskell },
	{ "ruby", find_ruby },
	{ "lua", find_lua },
	{ "fortran", find_fortran },
	{ "visual_basic", find_basic },
};

void
functions_find(const struct lex_language *language, struct span text,
    struct lex_functions *out)
{
	struct words w;
	size_t i;

	out->n = 0;
	if (language == NULL)
		return;
	for (i = 0; i < sizeof finders / sizeof *finders; i++)
		if (strcmp(lex_name(language), finders[i].language) == 0)
			break;
	if (i == sizeof finders / sizeof *finders)
		return;
	words_read(&w, language, text);
	w.out = out;
	finders[i].find(&w);
	words_free(&w);
}

void
functions_free(struct lex_functions *f)
{
	free(f->v);
	*f = (struct lex_functions){ 0 };
}
