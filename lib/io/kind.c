/* kind: tells files that are no JSON Lines from each other */
#include "io/kind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "io/io.h"

/* A kind of file that its first bytes tell. */
struct kind {
	const char *magic;
	size_t n;         /* bytes of magic */
	const char *what; /* noun for a message */
	const char *cure; /* command that writes lines or records; or NULL */
};

#define MAGIC(s) s, sizeof(s) - 1

static const char python[] = "python3 -c 'import sys, pandas; "
			     "pandas.read_parquet(sys.argv[1]).to_json(sys."
			     "stdout, orient=\"records\", lines=True)'";
static const char csv[] = "python3 -c 'import csv, json, sys; "
			  "[print(json.dumps(r)) for r in "
			  "csv.DictReader(open(sys.argv[1]))]'";
static const char tsv[] = "python3 -c 'import csv, json, sys; "
			  "[print(json.dumps(r)) for r in "
			  "csv.DictReader(open(sys.argv[1]), "
			  "delimiter=\"\\t\")]'";
static const char each[] = "jq -c '.[]'", one[] = "jq -c .";

static const struct kind kinds[] = {
	{ MAGIC("\x1f\x8b"), "a gzip file", "zcat" },
	{ MAGIC("\x28\xb5\x2f\xfd"), "a zstd file", "zstdcat" },
	{ MAGIC("\xfd"
		"7zXZ"),
	    "an xz file", "xzcat" },
	{ MAGIC("BZh"), "a bzip2 file", "bzcat" },
	{ MAGIC("\x04\x22\x4d\x18"), "an lz4 file", "lz4 -dc" },
	{ MAGIC("PK\x03\x04"), "a zip archive", "unzip -p" },
	{ MAGIC("PAR1"), "a Parquet file", python },
	{ MAGIC("\xff\xfe\0\0"), "UTF-32", "iconv -f UTF-32 -t UTF-8" },
	{ MAGIC("\xff\xfe"), "UTF-16", "iconv -f UTF-16 -t UTF-8" },
	{ MAGIC("\xfe\xff"), "UTF-16", "iconv -f UTF-16 -t UTF-8" },
	{ MAGIC("{\0"), "UTF-16", "iconv -f UTF-16LE -t UTF-8" },
	{ MAGIC("\0{"), "UTF-16", "iconv -f UTF-16BE -t UTF-8" },
	{ MAGIC("version https://git-lfs"),
	    "a pointer of Git LFS; git lfs pull fetches the file", NULL },
};

/* Return whether text ends in a way that no whole object does. */
static int
is_begun(struct span text)
{
	return text.n > 0 && text.p[0] == '{' &&
	       strchr("{[,:", text.p[text.n - 1]) != NULL;
}

/* Return the number of columns of a heading of plain words; 0: it is none. */
static size_t
columns(struct span line, char separator)
{
	const char *p = line.p, *end = span_end(line);
	size_t n = 1, letters = 0;
	int quoted = 0;

	for (; p < end; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == separator && letters == 0)
			return 0;
		else if (*p == separator)
			n++, letters = 0;
		else if (text_is_word_char(*p) || (*p & 0x80))
			letters++;
		else if (strchr(".-/", *p) == NULL && !(quoted && *p == ' '))
			return 0;
	}
	return !quoted && letters > 0 && n > 1 ? n : 0;
}

/* Return the kind of a text by how it begins; what NULL: it is not known. */
static struct kind
kind_of_text(struct span line)
{
	const char *close = line.n > 0 && line.p[0] == '{'
				? memmem(line.p, line.n, "}{", 2)
				: NULL;

	if (line.n > 0 && line.p[0] == '[')
		return (struct kind){ .what = "a JSON array", .cure = each };
	if (is_begun(line))
		return (struct kind){ .what = "JSON with objects of many lines",
			.cure = one };
	if (close != NULL)
		return (struct kind){ .what = "JSON with objects in one line",
			.cure = one };
	if (columns(line, '\t') > 0)
		return (
		    struct kind){ .what = "a table with tabs", .cure = tsv };
	if (columns(line, ',') > 0)
		return (struct kind){ .what = "a CSV file", .cure = csv };
	if (line.n > 0 && line.p[0] == '<')
		return (struct kind){ .what = "a web page or XML, no JSON" };
	return (struct kind){ 0 };
}

/* Return whether the name of a file is that of code, say, and not of JSON. */
static int
is_other_name(const char *file)
{
	const char *name = strrchr(file, '/');
	const char *dot = strrchr(name != NULL ? name : file, '.');

	return dot != NULL && dot[1] != '\0' && strstr(dot, "json") == NULL &&
	       strcasecmp(dot, ".txt") != 0 && strcasecmp(dot, ".tmp") != 0;
}

const char *
kind_cure(struct span head, const char *file)
{
	static char cure[1024];
	struct span line = text_trim(head);
	struct kind k = { 0 };
	int is_stdin = strcmp(file, "stdin") == 0;
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds && k.what == NULL; i++)
		if (head.n >= kinds[i].n &&
		    memcmp(head.p, kinds[i].magic, kinds[i].n) == 0)
			k = kinds[i];
	if (k.what == NULL)
		k = kind_of_text(line);
	if (k.what == NULL && !is_stdin && is_other_name(file) && line.n > 0 &&
	    line.p[0] != '{') {
		snprintf(cure, sizeof cure,
		    "this is no JSON Lines; tg-folder makes records of source "
		    "files, a line each");
		return cure;
	}
	if (k.what == NULL)
		return NULL;
	if (k.cure == NULL)
		snprintf(cure, sizeof cure, "this is %s", k.what);
	else
		snprintf(cure, sizeof cure,
		    "this is %s; %s %.400s | %s ... "
		    "reads it",
		    k.what, k.cure, is_stdin ? "FILE" : file, io_program);
	return cure;
}

const char *
kind_unreadable(int error)
{
	if (error == EISDIR)
		return "is a folder; tg-folder makes records of the code in a "
		       "folder";
	return io_reason(error);
}
