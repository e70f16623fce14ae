/*
 * bench-triplets: make triplets as tg-emit --meta writes them, of the sources
 * that are given, fast enough to feed what reads them.
 *
 *	usage: bench-triplets RECORDS NEGATIVES FILE...
 *
 * A positive or negative is 8 to 40 lines of a file, and begins with a line of
 * its own; the query is words of its positive and others. One positive in fifty
 * is a near copy of another. The same arguments give the same triplets.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/io.h"
#include "json/string.h"

static const char *const words[] = { "how", "to", "read", "a", "file", "parse",
	"header", "retry", "request", "timeout", "sort", "list", "merge",
	"cache", "lookup", "stream", "lines", "count", "hash", "set", "find",
	"duplicate", "error", "handle", "signal", "limit", "tokens", "encode",
	"decode", "json", "buffer", "memory", "arena", "thread", "lock",
	"queue", "socket", "without", "blocking", "when", "function", "fails",
	"in", "the", "best", "way", "for", "large", "input", "unicode", "text",
	"table", "option" };
enum { NWORDS = sizeof words / sizeof *words };

static const char *const tasks[] = { "web_code_retrieval",
	"code_summary_retrieval", "bug_desc_retrieval",
	"code_context_retrieval" };
static const char *const languages[] = { "c", "python", "javascript", "go" };

static uint64_t state = 1;

static size_t
below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state >> 16) % n;
}

static struct buf source;
static size_t *line; /* offsets of its lines */
static size_t nlines;

/* Append lines of the source as an element of a list. */
static void
add_code(struct buf *b, size_t number, size_t *first)
{
	struct buf text = { 0 };
	size_t n = 8 + below(33);

	*first = below(nlines - 50);
	buf_fmt(&text, "int step_%zu = %zu;\n", number, number * 7);
	buf_add(
	    &text, source.p + line[*first], line[*first + n] - line[*first]);
	js_quote_any(b, buf_span(&text));
	buf_free(&text);
}

/* Append words, and a few of the code at a line. */
static void
add_query(struct buf *b, size_t first)
{
	size_t i, n = 4 + below(12);
	struct buf text = { 0 };

	for (i = 0; i < n; i++)
		buf_fmt(&text, "%s ", words[below(NWORDS)]);
	buf_add(&text, source.p + line[first],
	    strcspn(source.p + line[first], "({;\n"));
	js_quote_any(b, buf_span(&text));
	buf_free(&text);
}

static void
add_triplet(struct buf *b, size_t i, size_t negatives)
{
	struct buf pos = { 0 };
	size_t first, other, k;

	add_code(&pos, i, &first);
	buf_adds(b,
	    "{\"prompt\":\"Given a question, find code that answers it.\","
	    "\"query\":");
	add_query(b, first);
	buf_adds(b, ",\"pos\":[");
	buf_addspan(b, buf_span(&pos));
	buf_adds(b, "],\"neg\":[");
	for (k = 0; k < negatives; k++) {
		if (k > 0)
			buf_addc(b, ',');
		if (below(50) == 0)
			buf_addspan(b, buf_span(&pos));
		else
			add_code(b, i * 10 + k, &other);
	}
	buf_fmt(b,
	    "],\"meta\":{\"id\":\"%032zx\",\"task\":\"%s\",\"language\":\"en\","
	    "\"code_language\":\"%s\",\"judge\":{\"verdict\":1,\"answer\":"
	    "\"1\"}}}\n",
	    i, tasks[i % 4], languages[i / 4 % 4]);
	buf_free(&pos);
}

int
main(int argc, char **argv)
{
	size_t n, negatives, i;
	struct buf out = { 0 };

	if (argc < 4)
		return 2;
	n = strtoul(argv[1], NULL, 10);
	negatives = strtoul(argv[2], NULL, 10);
	for (i = 3; i < (size_t)argc; i++)
		if (io_read_file(argv[i], 1 << 26, &source) == -1)
			return 3;
	line = malloc((source.n + 2) * sizeof *line);
	if (line == NULL)
		return 3;
	for (i = 0, line[nlines++] = 0; i < source.n; i++)
		if (source.p[i] == '\n')
			line[nlines++] = i + 1;
	buf_cstr(&source);
	for (i = 0; i < n; i++) {
		add_triplet(&out, i, negatives);
		if (out.n < 1 << 16 && i + 1 < n)
			continue;
		if (io_write(1, buf_span(&out)) == -1)
			return 3;
		out.n = 0;
	}
	return 0;
}
