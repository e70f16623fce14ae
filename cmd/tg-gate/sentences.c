/* sentences: the sentences of a text, one by one */
#include "sentences.h"

#include "base/text.h"

/* Return the bytes of a full stop of other scripts that s begins with, or 0. */
static size_t
wide_stop(struct span s)
{
	static const char *const stops[] = { "。", "！", "？", "।", "؟", "۔" };
	size_t i, n;

	for (i = 0; i < sizeof stops / sizeof *stops; i++) {
		n = strlen(stops[i]);
		if (s.n > n && memcmp(s.p, stops[i], n) == 0)
			return n;
	}
	return 0;
}

int
sentences_next(struct span *s)
{
	const char *p = s->p, *last = span_end(*s) - 1;
	size_t n = 0;

	for (; p < last && n == 0; p++) {
		switch ((unsigned char)*p) {
		case '\n':
			n = 1;
			break;
		case '.':
		case '!':
		case '?':
		case ')':
			n = p[1] == ' ';
			break;
		case 0xd8: /* the first bytes of wide stops */
		case 0xdb:
		case 0xe0:
		case 0xe3:
		case 0xef:
			n = wide_stop((struct span){ p, (size_t)(last + 1 - p) });
			break;
		default:
			break;
		}
	}
	if (n > 0)
		p += n - 1;
	*s = (struct span){ p, (size_t)(last + 1 - p) };
	return n > 0;
}
