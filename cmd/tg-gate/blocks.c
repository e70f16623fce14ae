/* blocks: the fenced code blocks of a text */
#include "blocks.h"

#include "base/text.h"

enum {
	INDENT_MAX = 8, /* blanks before a fence, at most: of a list's item */
	INFO_MAX = 40,  /* bytes of the words behind it, at most */
};

size_t
blocks_fence(struct span line, int *bare)
{
	struct span in = text_trim(line);
	size_t n = 0;
	char mark;

	*bare = 0;
	if (in.n < 3 || (*in.p != '`' && *in.p != '~') ||
	    in.p - line.p > INDENT_MAX)
		return 0;
	for (mark = *in.p; n < in.n && in.p[n] == mark;)
		n++;
	in = span_skip(in, n);
	*bare = in.n == 0;
	return n < 3 || in.n > INFO_MAX || memchr(in.p, mark, in.n) != NULL ? 0
									    : n;
}

int
blocks_next(struct blocks *b)
{
	struct span line;
	size_t open = 0, n;
	const char *start;
	int bare;

	b->before = (struct span){ b->rest.p, 0 };
	b->closed = 0;
	while (b->rest.n > 0 && open == 0) {
		b->before.n = (size_t)(b->rest.p - b->before.p);
		line = text_take_line(&b->rest);
		open = blocks_fence(line, &bare);
	}
	if (open == 0) {
		b->before.n = (size_t)(span_end(b->rest) - b->before.p);
		return 0;
	}
	b->body = (struct span){ b->rest.p, 0 };
	while (b->rest.n > 0 && !b->closed) {
		start = b->rest.p;
		line = text_take_line(&b->rest);
		n = blocks_fence(line, &bare);
		b->closed = n >= open && bare;
		b->body.n =
		    (size_t)((b->closed ? start : b->rest.p) - b->body.p);
	}
	return 1;
}

int
blocks_last(struct span text, struct span *body)
{
	struct blocks b = { .rest = text };
	int found = 0;

	while (blocks_next(&b)) {
		*body = b.body;
		found = 1;
	}
	return found;
}

struct span
blocks_before(struct span text)
{
	struct blocks b = { .rest = text };
	struct span before;

	blocks_next(&b);
	before = text_trim(b.before);
	return before.n > 0 ? before : text;
}
