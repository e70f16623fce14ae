/* gate: what the rules share */
#include "gate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct answer_lines *
gate_lines(struct gates *g, const struct part *p)
{
	size_t i = (size_t)(p - g->pair.part);

	if (!g->has_lines[i]) {
		answer_lines_read(
		    &g->lines[i], p->lex, g->pair.language, p->text);
		g->has_lines[i] = 1;
	}
	return &g->lines[i];
}

const char *
gate_why(struct gates *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(g->why, sizeof g->why, fmt, ap);
	va_end(ap);
	return g->why;
}

int
gate_begins(struct gates *g, const char *kind, struct span text)
{
	const char *language = g->pair.language;
	size_t n = strlen(kind), more = strcspn(language, "_"), end;
	char own[24];

	if (n + more + 2 > sizeof own)
		return 0;
	memcpy(own, kind, n);
	own[n] = ' ';
	memcpy(own + n + 1, language, more);
	own[n + 1 + more] = '\0';
	return table_starts(g->phrases, kind, text, &end) ||
	       table_starts(g->phrases, own, text, &end);
}
