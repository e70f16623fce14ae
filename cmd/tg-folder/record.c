/* record: the records of one file, written to stdout */
#include "record.h"

#include <unistd.h>

#include "base/text.h"
#include "io/io.h"
#include "json/string.h"
#include "kinds.h"
#include "lex/chunk.h"
#include "lex/strip.h"
#include "lex/tokens.h"

enum { ENOUGH = 65536 };

void
record_flush(struct records *r)
{
	if (io_write(STDOUT_FILENO, buf_span(&r->out)) == -1)
		io_die_stdout();
	buf_clear(&r->out);
}

static size_t
count_lines(struct span s)
{
	const char *p = s.p, *end = span_end(s);
	size_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

/* Append a member of a record, which is not its first. */
static void
add_member(struct buf *b, const char *key, struct span value)
{
	buf_fmt(b, ",\"%s\":", key);
	js_quote_any(b, value);
}

void
record_prefix(struct buf *b, const char *folder)
{
	const char *p;

	for (p = strcmp(folder, ".") != 0 ? folder : ""; *p != '\0'; p++)
		if (*p != '/' || p[1] != '/')
			buf_addc(b, *p);
	if (b->n > 0 && b->p[b->n - 1] != '/')
		buf_addc(b, '/');
}

static void
add_path(struct buf *b, const struct record_file *f)
{
	struct buf path = { 0 };

	buf_fmt(&path, "%s%s", f->prefix, f->path);
	add_member(b, "path", buf_span(&path));
	buf_free(&path);
}

/* Return the text of a part as it is written. */
static struct span
final_text(struct records *r, const struct record_part *part, struct span text)
{
	if (!r->opts->strip)
		return text;
	r->scratch.n = 0;
	strip_comments(lex_find(span_of(part->language)), text, &r->scratch);
	return buf_span(&r->scratch);
}

/*
 * Write one record: the bytes `text` of a part, which begin at line `first`; 0:
 * a whole file.
 */
static void
write_one(struct records *r, const struct record_part *part, struct span text,
    size_t first)
{
	const struct record_file *f = &r->file;
	struct buf *b = &r->out;
	struct span final = final_text(r, part, text);
	size_t last = first + count_lines(text);

	if (text_trim(final).n == 0)
		return;
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		last--;
	buf_adds(b, "{\"text\":");
	js_quote(b, final);
	add_path(b, f);
	add_member(b, "code_language", span_of(part->language));
	if (first > 0)
		buf_fmt(b, ",\"lines\":[%zu,%zu]", first, last);
	if (part->name.p != NULL)
		add_member(b, "name", part->name);
	if (part->cell > 0)
		buf_fmt(b, ",\"cell\":%zu", part->cell);
	if (f->repository.n > 0)
		add_member(b, "repository", f->repository);
	if (f->revision.n > 0)
		add_member(b, "revision", f->revision);
	if (*f->license != '\0')
		add_member(b, "license", span_of(f->license));
	buf_adds(b, "}\n");
	r->counts.written++;
	if (b->n >= ENOUGH)
		record_flush(r);
}

bool
record_fits(struct records *r, const struct record_part *part)
{
	struct record_counts *c = &r->counts;
	struct span final = final_text(r, part, part->text);

	c->parts++;
	c->tokens = tokens_estimate(final);
	if (c->tokens < (size_t)r->opts->min_tokens ||
	    text_trim(final).n == 0) {
		c->short_ones++;
		return false;
	}
	if (r->opts->chunks == 0 && c->tokens > (size_t)r->opts->max_tokens) {
		c->long_ones++;
		return false;
	}
	return true;
}

/*
 * Take the secrets out of a part, whose lines stay. Return false if the part is
 * to be left out because it has some.
 */
static bool
redact_part(struct records *r, struct record_part *part)
{
	enum redact_what what = r->opts->secrets;

	if (what == REDACT_KEEP)
		return true;
	if (r->redact == NULL)
		r->redact = redact_new();
	r->redacted.n = 0;
	if (redact_text(r->redact, part->text, &r->redacted) == 0)
		return true;
	part->text = buf_span(&r->redacted);
	if (what == REDACT_DROP) {
		r->dropped++;
		r->counts.dropped++;
	}
	return what != REDACT_DROP;
}

void
record_say_secrets(const struct records *r)
{
	bool drop = r->opts->secrets == REDACT_DROP;
	struct buf b = { 0 };

	if (r->redact != NULL)
		redact_summary(r->redact, drop ? "found" : "redacted", &b);
	if (b.n > 0 && drop)
		buf_fmt(&b, "; left out: %zu of the records", r->dropped);
	if (b.n > 0)
		io_warn("%s", buf_cstr(&b));
	buf_free(&b);
}

void
record_write(struct records *r, const struct record_part *given)
{
	struct record_part own = *given, *part = &own;
	size_t first = part->first, at = 0;
	struct chunks chunks;
	struct chunk c;

	if (!redact_part(r, part))
		return;
	if (r->opts->chunks == 0) {
		write_one(r, part, part->text, first);
		return;
	}
	first = first > 0 ? first : 1;
	chunks_start(&chunks, lex_find(span_of(part->language)), part->text,
	    (size_t)r->opts->chunks);
	while (chunks_next(&chunks, &c)) {
		/* lines are counted on from the start of the chunk before */
		first += count_lines(
		    (struct span){ part->text.p + at, c.start - at });
		at = c.start;
		write_one(r, part,
		    (struct span){ part->text.p + c.start, c.end - c.start },
		    first);
	}
	chunks_end(&chunks);
}
