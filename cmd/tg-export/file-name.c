/* file-name: file names made of the tasks and languages of rows */
#include "file-name.h"

#include "base/hash.h"
#include "base/text.h"

/* Four parts with their suffixes have to fit into a name of 255 bytes. */
enum { PART_MAX = 48, HASH_SHOWN = 8 };

/* Append s with each byte that may mean something to a shell as %XX. */
static void
add_part(struct buf *b, struct span s)
{
	size_t i, start = b->n;
	char hex[MD5_HEX];

	for (i = 0; i < s.n; i++)
		if (text_is_word_char(s.p[i]) ||
		    (s.p[i] == '.' && b->n > start) || s.p[i] == '+')
			buf_addc(b, s.p[i]);
		else
			buf_fmt(b, "%%%02X", (unsigned char)s.p[i]);
	if (b->n - start <= PART_MAX)
		return;
	hash_md5(s, hex);
	b->n = start + PART_MAX - HASH_SHOWN - 1;
	buf_fmt(b, "~%.*s", HASH_SHOWN, hex);
}

void
file_name(struct buf *b, const struct example *e)
{
	const struct span parts[] = { e->task, e->language, e->code_language,
		e->tgt_code_language };
	size_t i, known = 0;

	for (i = 0; i < 4; i++)
		if (parts[i].n > 0)
			known = i + 1;
	if (known == 0) {
		buf_adds(b, "all");
		return;
	}
	for (i = 0; i < 3 || i < known; i++) {
		buf_adds(b, i > 0 ? "-" : "");
		add_part(b, parts[i].n > 0 ? parts[i] : span_of("any"));
	}
}
