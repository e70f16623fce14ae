/* stages: the counts of a run's programs, a line of JSON each */
#include "stages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/io.h"

/* The stages as they follow each other. */
static const char *const order[] = { "read", "generate", "generate-2", "judge",
	"judged", "judge-2", "negatives", "negs", "mirrors", "mirror", "mine",
	"verify", "verified", "emit" };
enum { NORDER = sizeof order / sizeof *order };

/* Return the name of the stage that has written counts; "": it had no work. */
static const char *
name_of(const json_t *counts)
{
	const char *stage = json_string_value(json_object_get(counts, "stage"));

	if (json_object_get(counts, "triplets") != NULL)
		return "emit";
	if (json_object_get(counts, "verified") != NULL)
		return "verified";
	if (json_object_get(counts, "judged") != NULL)
		return "judged";
	if (json_object_get(counts, "no_negatives") != NULL)
		return "negs";
	if (json_object_get(counts, "picked") != NULL)
		return "mine";
	if (json_object_get(counts, "mirrors") != NULL)
		return "mirrors";
	if (json_object_get(counts, "calls") == NULL)
		return "read";
	return stage != NULL ? stage : "";
}

void
stages_keep(struct stages *s, const json_t *counts)
{
	json_t *copy;
	size_t i;

	if (s->n == STAGES_MAX || *name_of(counts) == '\0')
		return;
	copy = json_deep_copy(counts);
	/* the earlier tg-negs has seen verified pairs of the cache */
	for (i = 0; i < s->n && json_object_get(copy, "verified") != NULL; i++)
		if (strcmp(s->name[i], "verified") == 0)
			s->name[i] = "negs";
	s->counts[s->n] = copy;
	s->name[s->n++] = name_of(copy);
}

/* Append the line of a stage. */
static void
add_line(struct buf *b, const char *id, const char *name, json_t *counts)
{
	json_t *line = json_pack("{ss ss}", "run", id, "stage", name);
	char *text;

	json_object_update_missing(line, counts);
	text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(15));
	buf_fmt(b, "%s\n", text);
	free(text);
	json_decref(line);
}

/* Append the lines in the order of a pipeline, other names last. */
static void
add_lines(struct buf *b, const struct stages *s, const char *id)
{
	size_t rank, i, known;

	for (rank = 0; rank <= NORDER; rank++)
		for (i = 0; i < s->n; i++) {
			known = 0;
			while (known < NORDER &&
			       strcmp(s->name[i], order[known]) != 0)
				known++;
			if (known == rank)
				add_line(b, id, s->name[i], s->counts[i]);
		}
}

int
stages_append(const struct stages *s, const char *file)
{
	char day[32], id[64];
	time_t now = time(NULL);
	struct buf b = { 0 };
	struct tm tm;
	int fd, error = 0;

	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	snprintf(id, sizeof id, "%s-%ld", day, (long)getpid());
	add_lines(&b, s, id);
	fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1 || io_write(fd, buf_span(&b)) == -1)
		error = errno;
	if (fd != -1 && close(fd) == -1 && error == 0)
		error = errno;
	buf_free(&b);
	errno = error;
	return error != 0 ? -1 : 0;
}

void
stages_free(struct stages *s)
{
	while (s->n > 0)
		json_decref(s->counts[--s->n]);
}

/* Append a blank and a word, as a shell takes it. */
static void
add_word(struct buf *b, const char *word)
{
	const char *p;

	buf_addc(b, ' ');
	if (*word != '\0' &&
	    word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
			      "WXYZ0123456789_./+:@%=,-")] == '\0') {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (p = word; *p != '\0'; p++)
		buf_adds(b, *p == '\'' ? "'\\''" : (char[]){ *p, '\0' });
	buf_addc(b, '\'');
}

void
stages_command(struct buf *b, const char *report, const char *rejects,
    const char *stats, const char *triplets)
{
	add_word(b, report);
	if (rejects != NULL) {
		buf_adds(b, " --rejects");
		add_word(b, rejects);
	}
	if (stats != NULL) {
		buf_adds(b, " --stats");
		add_word(b, stats);
	}
	add_word(b, triplets != NULL ? triplets : "TRIPLETS");
	buf_adds(b, " > report.html");
}
