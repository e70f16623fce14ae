/* kind: files that are no JSON Lines, and what makes lines of them */
#include "io/kind.h"

#include "io/io.h"

#include "tap.h"

static void
cures(void)
{
	const struct {
		struct span head;
		const char *file, *part; /* part of the cure; NULL: none */
	} rows[] = {
		{ S("\x1f\x8b\x08"), "a b.gz", "zcat a b.gz | tg ..." },
		{ S("\x28\xb5\x2f\xfd"), "f", "zstdcat f" },
		{ S("PAR1"), "f", "read_parquet" },
		{ S("\xff\xfe{\0"), "f", "iconv -f UTF-16 -t UTF-8 f" },
		{ S("\xff\xfe\0\0{\0\0\0"), "f", "iconv -f UTF-32" },
		{ S("{\0\"\0"), "f", "iconv -f UTF-16LE" },
		{ S("\0{\0\""), "f", "iconv -f UTF-16BE" },
		{ S(" [{\"text\":\"x\"}]"), "f", "jq -c '.[]' f" },
		{ S("[\r"), "stdin", "jq -c '.[]' FILE" },
		{ S("{"), "f", "jq -c . f" },
		{ S("{\"text\": \"x\","), "f", "jq -c . f" },
		{ S("{\"a\":1}{\"a\":2}"), "f", "jq -c . f" },
		{ S("text,code_language"), "f", "csv.DictReader" },
		{ S("\"a b\",\"c\"\r"), "f", "csv.DictReader" },
		{ S("text\tlanguage"), "f", "delimiter=" },
		{ S("version https://git-lfs.github.com"), "f",
		    "git lfs pull" },
		{ S("<!DOCTYPE html>"), "f", "web page" },
		{ S("import os, sys"), "src/a.py", "tg-folder" },
		{ S("import os, sys"), "stdin", NULL },
		{ S("import os, sys"), "a.jsonl", NULL },
		{ S("import os, sys"), "../data", NULL },
		{ S("{\"a\":}"), "a.py", NULL },
		{ S("{\"a\":1} x"), "f", NULL },
		{ S("a,"), "f", NULL },
		{ S("\"a,b"), "f", NULL },
		{ S(""), "a.py", NULL },
		{ NONE, "f", NULL },
	};
	const char *cure;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		cure = kind_cure(rows[i].head, rows[i].file);
		if (rows[i].part == NULL)
			is_str(cure, NULL, "row %zu has no cure", i);
		else
			ok(cure != NULL && strstr(cure, rows[i].part) != NULL,
			    "row %zu is cured by %s", i, rows[i].part);
	}
}

int
main(void)
{
	cures();
	ok(strstr(kind_unreadable(EISDIR), "tg-folder") != NULL,
	    "a folder names tg-folder");
	is_str(kind_unreadable(EACCES), "Permission denied",
	    "another reason is the system's");
	return done();
}
