/* options: tg-folder's options */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/io.h"
#include "lex/chunk.h"
#include "task/language.h"

#define AT(member) OPTION_AT(struct folder_opts, member)

static const struct option_def options[] = {
	{ "functions", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "write each function and method, not whole files", AT(functions) },
	{ "chunks", 0, OPTION_INT, OPTION_RUN, "TOKENS",
	    "cut what has more tokens into parts that overlap", AT(chunks),
	    .lo = CHUNK_MIN, .hi = 1000000 },
	{ "min-tokens", 0, OPTION_INT, OPTION_RUN, "N",
	    "leave out what has fewer tokens, 16 unless given", AT(min_tokens),
	    .hi = 1LL << 40 },
	{ "max-tokens", 0, OPTION_INT, OPTION_RUN, "N",
	    "leave out what has more tokens, 8000 unless given", AT(max_tokens),
	    .lo = 1, .hi = 1LL << 40 },
	{ "max-bytes", 0, OPTION_INT, OPTION_RUN, "N",
	    "leave out larger files, 1000000 unless given", AT(max_bytes),
	    .lo = 1, .hi = 1LL << 40 },
	{ "strip-comments", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "write the code without its comments", AT(strip) },
	{ "secrets", 0, OPTION_CHOICE, OPTION_RUN, "WHAT",
	    "replace secrets by <redacted:KIND>, which is the default, leave "
	    "out code that has some, or keep them",
	    AT(secrets), .choices = REDACT_CHOICES },
	{ "code-language", 'c', OPTION_LIST, OPTION_RUN, "LANG",
	    "take only this language; may be repeated", AT(only) },
	{ "all", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "take every file, tracked by git or not", AT(all) },
	{ "keep", 0, OPTION_LIST, OPTION_RUN, "WHAT",
	    "take what is left out otherwise: generated, minified, vendored, "
	    "encoded or copies; may be repeated",
	    AT(kept) },
	{ "no-tests", 0, OPTION_FLAG, OPTION_RUN, NULL, "leave out tests",
	    AT(no_tests) },
	{ "explain", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "say of each file on stderr that it is kept, or why not",
	    AT(explain) },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-folder",
	.forms = { { 1, "", "[folder | file ...]" } },
	.options = options,
	.about =
	    "Write each source file in a folder, by default the current one, "
	    "as a line\n"
	    "{\"text\", \"path\", \"code_language\"}, with repository, "
	    "revision "
	    "and license where\n"
	    "they are known. In a git work tree only the files that git tracks "
	    "are taken,\n"
	    "and those that are named themselves.\n"
	    "The ending of a file's name tells its language; of a Jupyter "
	    "notebook each code\n"
	    "cell is a line.\n",
	.notes =
	    "Nothing is left out without being counted on stderr; --explain "
	    "says more.\n"
	    "The languages and endings: tg-prompt --languages\n"
	    "\n"
	    "Example: tg-folder --functions -c python ~/src/project |\n"
	    "             tg-run -t code_summary_retrieval\n",
};

/* Find the languages that -c names. */
static void
find_languages(struct folder_opts *o)
{
	const char *key;
	size_t i;

	for (i = 0; i < o->only.n; i++) {
		key = language_code_key(span_of(o->only.v[i]));
		if (key == NULL || *key == '\0') {
			io_warn("no code language \"%s\"; see tg-prompt "
				"--languages",
			    o->only.v[i]);
			exit(TG_EX_USAGE);
		}
		options_add(&o->languages, key);
	}
}

/* Note what --keep names: words with commas between them. */
static void
find_kept(struct folder_opts *o)
{
	struct buf words = { 0 };
	enum left reason;
	const char *p;
	size_t i, n;

	for (i = 0; i < o->kept.n; i++) {
		for (p = o->kept.v[i];; p += n + 1) {
			n = strcspn(p, ",");
			reason = tally_keep((struct span){ p, n });
			if (reason == LEFT_NOT) {
				tally_keep_words(&words);
				options_refuse(
				    "--keep: \"%.*s\" is none of: %s", (int)n,
				    p, buf_cstr(&words));
			}
			o->keep[reason] = true;
			if (p[n] == '\0')
				break;
		}
	}
}

char **
folder_options(struct folder_opts *o, int argc, char **argv)
{
	char **operands;

	*o = (struct folder_opts){
		.max_bytes = 1000000, .min_tokens = 16, .max_tokens = 8000
	};
	operands = options_parse(&program, o, argc, argv).operands;
	find_languages(o);
	find_kept(o);
	return operands;
}

bool
folder_wants(const struct folder_opts *o, const char *language)
{
	size_t i;

	for (i = 0; i < o->languages.n; i++)
		if (strcmp(o->languages.v[i], language) == 0)
			return true;
	return o->languages.n == 0 && *language != '\0';
}
