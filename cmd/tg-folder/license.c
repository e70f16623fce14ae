/* license: SPDX expressions of files and of the folders that they are in */
#include "license.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "walk.h"

enum { HEAD = 8192, WORDING = 65536, PHRASES = 3 };

/*
 * Licences: the SPDX identifier, a name that manifests use for it, and phrases
 * that all stand in its text, in small letters with one blank between words.
 * The first row that fits decides, so that what has more phrases comes first.
 */
static const struct {
	const char *id, *name;
	const char *phrases[PHRASES];
} licenses[] = {
	{ "AGPL-3.0", "AGPL",
	    { "gnu affero general public license",
		"version 3, 19 november 2007" } },
	{ "LGPL-3.0", "LGPL",
	    { "gnu lesser general public license",
		"version 3, 29 june 2007" } },
	{ "LGPL-2.1", "LGPL 2.1",
	    { "gnu lesser general public license",
		"version 2.1, february 1999" } },
	{ "LGPL-2.0", NULL,
	    { "gnu library general public license", "version 2, june 1991" } },
	{ "GPL-3.0", "GPLv3",
	    { "gnu general public license", "version 3, 29 june 2007" } },
	{ "GPL-2.0", "GPLv2",
	    { "gnu general public license", "version 2, june 1991" } },
	{ "Apache-2.0", "Apache 2.0", { "apache license", "version 2.0" } },
	{ "MPL-2.0", "MPL 2.0",
	    { "mozilla public license", "2.0", "covered software" } },
	{ "MPL-1.1", NULL, { "mozilla public license version 1.1" } },
	{ "EPL-2.0", NULL, { "eclipse public license - v 2.0" } },
	{ "EPL-1.0", NULL, { "eclipse public license - v 1.0" } },
	{ "EUPL-1.2", NULL, { "european union public licence v. 1.2" } },
	{ "CC0-1.0", "CC0", { "cc0 1.0 universal" } },
	{ "CC-BY-SA-4.0", NULL, { "attribution-sharealike 4.0" } },
	{ "CC-BY-4.0", NULL, { "attribution 4.0 international" } },
	{ "BSL-1.0", "Boost Software License 1.0",
	    { "boost software license - version 1.0" } },
	{ "Artistic-2.0", "Artistic 2.0", { "the artistic license 2.0" } },
	{ "PSF-2.0", "PSF",
	    { "python software foundation license version 2" } },
	{ "MS-PL", NULL, { "microsoft public license" } },
	{ "UPL-1.0", NULL, { "the universal permissive license" } },
	{ "OFL-1.1", NULL, { "sil open font license version 1.1" } },
	{ "BlueOak-1.0.0", NULL, { "blue oak model license", "1.0.0" } },
	{ "WTFPL", NULL, { "do what the fuck you want to public license" } },
	{ "Unlicense", NULL,
	    { "free and unencumbered software released into "
	      "the public domain" } },
	{ "Zlib", "zlib License",
	    { "altered source versions must be plainly "
	      "marked",
		"provided 'as-is'" } },
	{ "NCSA", NULL,
	    { "to deal with the software without restriction",
		"redistributions in binary form" } },
	{ "MIT-0", NULL, { "mit no attribution" } },
	{ "X11", NULL,
	    { "permission is hereby granted, free of charge",
		"except as contained in this notice" } },
	{ "MIT", "MIT License",
	    { "permission is hereby granted, free of charge",
		"this permission notice" } },
	{ "MIT-0", NULL,
	    { "permission is hereby granted, free of charge",
		"to deal in the software without restriction" } },
	{ "ISC", "ISC License",
	    { "permission to use, copy, modify, and",
		"distribute this software for any purpose "
		"with or without fee is hereby granted, "
		"provided" } },
	{ "0BSD", NULL,
	    { "permission to use, copy, modify, and/or distribute "
	      "this software for any purpose with or without fee "
	      "is hereby granted" } },
	{ "PostgreSQL", NULL,
	    { "permission to use, copy, modify, and "
	      "distribute this software and its "
	      "documentation for any purpose, without fee" } },
	{ "BSD-4-Clause", NULL,
	    { "redistribution and use in source and binary "
	      "forms",
		"all advertising materials" } },
	{ "BSD-3-Clause", "BSD 3-Clause",
	    { "redistribution and use in source "
	      "and binary forms",
		"endorse or promote" } },
	{ "BSD-2-Clause", "BSD 2-Clause",
	    { "redistribution and use in source "
	      "and binary forms" } },
	{ "GPL-2.0-only", NULL, { NULL } },
	{ "GPL-2.0-or-later", "GPLv2+", { NULL } },
	{ "GPL-3.0-only", NULL, { NULL } },
	{ "GPL-3.0-or-later", "GPLv3+", { NULL } },
	{ "LGPL-2.1-only", NULL, { NULL } },
	{ "LGPL-2.1-or-later", "LGPLv2.1+", { NULL } },
	{ "LGPL-3.0-only", NULL, { NULL } },
	{ "LGPL-3.0-or-later", "LGPLv3+", { NULL } },
	{ "AGPL-3.0-only", NULL, { NULL } },
	{ "AGPL-3.0-or-later", NULL, { NULL } },
	{ "Apache-1.1", "Apache License 2.0", { NULL } },
	{ "Unicode-3.0", NULL, { NULL } },
	{ "HPND", NULL, { NULL } },
	{ "LLVM-exception", NULL, { NULL } },
	{ "Classpath-exception-2.0", NULL, { NULL } },
};
enum { LICENSES = sizeof licenses / sizeof *licenses };

/* Files that state an expression, and how. */
enum manifest { JSON, TOML };
static const struct {
	const char *name;
	enum manifest how;
} manifests[] = { { "package.json", JSON }, { "composer.json", JSON },
	{ "Cargo.toml", TOML }, { "pyproject.toml", TOML } };

/* Names of files that hold a licence, before an ending. */
static const char *const wordings[] = { "license", "licence", "copying",
	"unlicense", "license-mit", "license-apache", "copying.lesser", NULL };

/* Return the identifier that a word is, in any letter case; NULL: none. */
static const char *
find_id(struct span word)
{
	size_t i;

	for (i = 0; i < LICENSES; i++)
		if (strlen(licenses[i].id) == word.n &&
		    strncasecmp(licenses[i].id, word.p, word.n) == 0)
			return licenses[i].id;
	return NULL;
}

static int
is_operator(struct span word)
{
	return span_is(word, "OR") || span_is(word, "AND") ||
	       span_is(word, "WITH");
}

/* Return the length of the word, or the bracket, that s begins with. */
static size_t
word_length(struct span s)
{
	size_t n = 0;

	if (s.n > 0 && (*s.p == '(' || *s.p == ')'))
		return 1;
	while (n < s.n &&
	       (isalnum((unsigned char)s.p[n]) ||
		   strchr(".+-:", s.p[n]) != NULL) &&
	       s.p[n] != '\0')
		n++;
	return n;
}

/*
 * Read the expression that s begins with. Each operand is an identifier: one of
 * the table or, with any, one of the right form.
 */
static void
read_expression(struct span s, int any, license_text out)
{
	struct buf b = { 0 };
	struct span word;
	const char *id;
	int operand = 0, depth = 0; /* whether the last word is an operand */

	for (;; s = span_skip(s, word.n)) {
		while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
			s = span_skip(s, 1);
		word = (struct span){ s.p, word_length(s) };
		id = find_id(word);
		if (span_is(word, "(") && !operand)
			depth++;
		else if (span_is(word, ")") && operand && depth > 0)
			depth--;
		else if (word.n == 0 || strchr("()", *word.p) != NULL ||
			 is_operator(word) != operand ||
			 (!operand && id == NULL && !any))
			break;
		else
			operand = !is_operator(word);
		if (b.n > 0 && *word.p != ')' && b.p[b.n - 1] != '(')
			buf_addc(&b, ' ');
		buf_addspan(&b, id != NULL ? span_of(id) : word);
	}
	*out = '\0';
	if (operand && depth == 0 && b.n < LICENSE_MAX &&
	    (any || text_trim(s).n == 0))
		memcpy(out, buf_cstr(&b), b.n + 1);
	buf_free(&b);
}

/* Read what a manifest says: an expression, or a name of a licence. */
static void
read_stated(struct span s, license_text out)
{
	struct buf b = { 0 };
	size_t i;

	*out = '\0';
	for (i = 0; i < LICENSES && *out == '\0'; i++)
		if (licenses[i].name != NULL &&
		    strlen(licenses[i].name) == s.n &&
		    strncasecmp(licenses[i].name, s.p, s.n) == 0)
			snprintf(out, LICENSE_MAX, "%s", licenses[i].id);
	/* cargo once wrote MIT/Apache-2.0 */
	for (i = 0; i < s.n; i++)
		if (s.p[i] == '/')
			buf_adds(&b, " OR ");
		else
			buf_addc(&b, s.p[i]);
	if (*out == '\0')
		read_expression(buf_span(&b), 0, out);
	buf_free(&b);
}

void
license_of_file(struct span text, license_text out)
{
	static const char mark[] = "SPDX-License-Identifier:";
	struct span head = { text.p, text.n < HEAD ? text.n : HEAD };
	const char *at =
	    head.n > 0 ? memmem(head.p, head.n, mark, sizeof mark - 1) : NULL;

	*out = '\0';
	if (at != NULL)
		read_expression(
		    span_skip(head, (size_t)(at - head.p) + sizeof mark - 1), 1,
		    out);
}

void
license_of_wording(struct span text, license_text out)
{
	struct buf b = { 0 };
	const char *plain;
	size_t i, k;

	for (i = 0; i < text.n && i < WORDING; i++)
		if (!isspace((unsigned char)text.p[i]))
			buf_addc(&b, (char)tolower((unsigned char)text.p[i]));
		else if (b.n > 0 && b.p[b.n - 1] != ' ')
			buf_addc(&b, ' ');
	plain = buf_cstr(&b);
	*out = '\0';
	for (i = 0; i < LICENSES && *out == '\0'; i++) {
		for (k = 0; k < PHRASES && licenses[i].phrases[k] != NULL; k++)
			if (strstr(plain, licenses[i].phrases[k]) == NULL)
				break;
		if (k > 0 && (k == PHRASES || licenses[i].phrases[k] == NULL))
			snprintf(out, LICENSE_MAX, "%s", licenses[i].id);
	}
	buf_free(&b);
}

/* Read a small file of a folder into b; 0, or -1 if that cannot be. */
static int
read_small(int fd, const char *name, struct buf *b)
{
	int file = walk_open(fd, name, O_RDONLY);
	ssize_t got = -1;

	if (file == -1)
		return -1;
	b->n = 0;
	buf_need(b, WORDING);
	/* a pipe or a folder is not read */
	got = log_read_at(file, b->p, WORDING, 0);
	b->n = got > 0 ? (size_t)got : 0;
	close(file);
	return got > 0 ? 0 : -1;
}

/* Read what a manifest of JSON states: "license", or {"type"} of it. */
static void
read_json(struct span text, license_text out)
{
	struct arena arena = { 0 };
	const char *why;
	struct span value = js_find(js_text(text, &why), "license"), s;

	if (js_is_object(value))
		value = js_find(value, "type");
	s = js_string(value, &arena);
	if (s.p != NULL)
		read_stated(s, out);
	arena_free(&arena);
}

/* Read what a manifest of TOML states: license = "X", or {text = "X"}. */
static void
read_toml(struct span text, license_text out)
{
	struct span s = text_trim(text), value;
	const char *nl, *open, *close;

	for (; s.n > 0 && *out == '\0'; s = text_trim(s)) {
		nl = memchr(s.p, '\n', s.n);
		value =
		    (struct span){ s.p, nl != NULL ? (size_t)(nl - s.p) : s.n };
		s = span_skip(s, value.n);
		if (value.n < 7 || memcmp(value.p, "license", 7) != 0)
			continue;
		value = text_trim(span_skip(value, 7));
		if (value.n == 0 || *value.p != '=' ||
		    memmem(value.p, value.n, "file", 4) != NULL ||
		    (open = memchr(value.p, '"', value.n)) == NULL)
			continue;
		value = span_skip(value, (size_t)(open + 1 - value.p));
		close = value.n > 0 ? memchr(value.p, '"', value.n) : NULL;
		if (close != NULL)
			read_stated(
			    (struct span){ value.p, (size_t)(close - value.p) },
			    out);
	}
}

/* Return whether a file's name, with or without an ending, is of a licence. */
static int
is_wording(const char *name)
{
	const char *const *w;
	size_t n;

	for (w = wordings; *w != NULL; w++) {
		n = strlen(*w);
		if (strncasecmp(name, *w, n) == 0 &&
		    (name[n] == '\0' || strcasecmp(name + n, ".txt") == 0 ||
			strcasecmp(name + n, ".md") == 0 ||
			strcasecmp(name + n, ".rst") == 0))
			return 1;
	}
	return 0;
}

/* Read the wordings in a folder: two licences that differ say nothing. */
static void
read_wordings(int fd, license_text out)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy != -1 ? fdopendir(copy) : NULL;
	struct dirent *entry;
	struct buf b = { 0 };
	license_text one;
	int differ = 0;

	if (dir == NULL && copy != -1) {
		if (errno == ENOMEM)
			mem_fail();
		close(copy);
	}
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (!is_wording(entry->d_name) ||
		    read_small(fd, entry->d_name, &b) == -1)
			continue;
		license_of_wording(buf_span(&b), one);
		differ |= *out != '\0' && *one != '\0' && strcmp(out, one) != 0;
		if (*one != '\0')
			memcpy(out, one, sizeof one);
	}
	if (differ)
		*out = '\0';
	if (dir != NULL)
		closedir(dir);
	buf_free(&b);
}

void
license_of_folder(int fd, license_text out)
{
	struct buf b = { 0 };
	size_t i;

	*out = '\0';
	for (i = 0; i < sizeof manifests / sizeof *manifests && *out == '\0';
	     i++) {
		if (read_small(fd, manifests[i].name, &b) == -1)
			continue;
		if (manifests[i].how == JSON)
			read_json(buf_span(&b), out);
		else
			read_toml(buf_span(&b), out);
	}
	buf_free(&b);
	if (*out == '\0')
		read_wordings(fd, out);
}
