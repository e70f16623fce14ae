/* shard: one of n parts of the input, for processes that share it */
#include "mine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "io/lines.h"
#include "twice.h"

/* Read "i/n", or exit with options_refuse. */
static struct shard
parse(const char *s)
{
	const char *slash = strchr(s, '/');
	long long part = 0, parts = 0;
	char *first = mem_dup(s, slash != NULL ? (size_t)(slash - s) : 0);

	if (slash == NULL || num_int(slash + 1, 1, 1 << 20, &parts) == -1 ||
	    num_int(first, 1, parts, &part) == -1)
		options_refuse("--shard: \"%s\" is no part I/N, such as 1/4; I "
			       "is 1 to N",
		    s);
	free(first);
	return (struct shard){ (uint32_t)part, (uint32_t)parts, 0, 0 };
}

size_t
shard_lines(char **files, size_t max_line)
{
	off_t start = twice_keep(files);
	size_t n = 0, bytes;
	struct lines in;
	struct span line;
	enum lines_got got;

	lines_init(&in, (const char *const *)files, max_line);
	while ((got = lines_next(&in, &line, &bytes)) != LINES_END) {
		if (got != LINES_MORE)
			n++;
		else if (lines_fill(&in) == -1 && errno != EINTR)
			twice_fail(in.name);
	}
	lines_free(&in);
	twice_rewind(start);
	return n;
}

struct shard
shard_of(const char *word, size_t n)
{
	struct shard s = parse(word);

	s.first = n * (s.part - 1) / s.parts;
	s.end = n * s.part / s.parts;
	return s;
}

int
shard_skip(struct filter *f, struct span line)
{
	const struct mine *m = f->ctx;

	(void)line;
	if (f->lines > m->shard.end)
		f->done = 1;
	return f->lines <= m->shard.first || f->lines > m->shard.end;
}
