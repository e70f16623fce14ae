/*
 * functions: prints the functions of the files that stdin names, for
 * tests/accuracy/run.
 *
 *	usage: functions < lines of "LANGUAGE<tab>PATH"
 *
 * A line a function: path, name, its first line with comments and decorators,
 * the first of the definition, the last; then one line with the bytes read and
 * the seconds that the search took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lex/functions.h"

static struct span
read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "r");
	size_t n;

	b->n = 0;
	if (f == NULL) {
		perror(path);
		exit(3);
	}
	do {
		buf_need(b, 1 << 16);
		n = fread(b->p + b->n, 1, 1 << 16, f);
		b->n += n;
	} while (n > 0);
	fclose(f);
	return buf_span(b);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(void)
{
	static char line[8192];
	struct lex_functions f = { 0 };
	struct buf b = { 0 };
	double seconds = 0, start;
	size_t bytes = 0, i;
	char *path, *end;

	while (fgets(line, sizeof line, stdin) != NULL) {
		if ((path = strchr(line, '\t')) == NULL ||
		    (end = strchr(path, '\n')) == NULL)
			continue;
		*path++ = *end = '\0';
		read_file(path, &b);
		start = now();
		functions_find(lex_find(span_of(line)), buf_span(&b), &f);
		seconds += now() - start;
		bytes += b.n;
		for (i = 0; i < f.n; i++)
			printf("%s\t%.*s\t%zu\t%zu\t%zu\n", path,
			    (int)f.v[i].name.n, f.v[i].name.p, f.v[i].first,
			    f.v[i].line, f.v[i].last);
	}
	printf("\t%zu\t%f\n", bytes, seconds);
	functions_free(&f);
	buf_free(&b);
	return fflush(stdout) == 0 ? 0 : 3;
}
