/* tg - run a program of tg by its name, or list them */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "io/io.h"

#ifndef TG_VERSION
#define TG_VERSION "unknown"
#endif

enum { PATH_BYTES = 4096, NAMES = 64, NAME_WIDTH = 16 };

/* A program, or a heading of the list where line is NULL. */
struct row {
	const char *name; /* without "tg-" */
	const char *line; /* what it does */
	const char *page; /* page that describes it; NULL: its own */
};

static const struct row rows[] = {
	{ "The whole job:", NULL, NULL },
	{ "demo", "start a small LLM on this machine to try tg with", NULL },
	{ "folder", "make records of the source files of a folder", NULL },
	{ "run", "turn code into training triplets, in one command", NULL },
	{ "report", "make a page that shows what a data set is like", NULL },
	{ "export", "write triplets as the files that trainers take", NULL },
	{ "batch", "do the job of tg-run with batch files, not a server",
	    NULL },
	{ "fan-out", "run a pipeline on all cores, or on several hosts", NULL },
	{ "slurm", "run a pipeline in a Slurm job array", NULL },
	{ "make-examples", "make a pool of few-shot examples", NULL },
	{ "The filters that it is made of:", NULL, NULL },
	{ "prompt", "give records a task, and attach the next request", NULL },
	{ "llm", "send the requests, and attach the answers", NULL },
	{ "split-context", "cut code into what stands before and what follows",
	    NULL },
	{ "arrange", "compose query and positive", NULL },
	{ "gate", "reject pairs that no judge need be paid for", NULL },
	{ "judge", "read the verdict of the judge", NULL },
	{ "negs", "make the list of hard negatives", NULL },
	{ "cache", "answer documents from a cache, and look after it", NULL },
	{ "emit", "write triplets; separate rejects and errors", NULL },
	{ "sample", "draw some of the documents", NULL },
	{ "mine", "find the documents that are most like a query", NULL },
	{ "calibrate", "say what a judge's number is worth", NULL },
	{ "sum", "sum up what the programs of a run have counted", NULL },
	{ "Strategies, short enough to copy:", NULL, NULL },
	{ "one-step", "one answer makes the pair", "tg-pipelines" },
	{ "two-step", "the second answer is about the first", "tg-pipelines" },
	{ "compare", "compare two pieces of code", "tg-pipelines" },
	{ "context-split", "cut code into a pair, without an LLM",
	    "tg-pipelines" },
	{ "add-judge", "keep the existing pairs that an LLM accepts",
	    "tg-pipelines" },
	{ "add-negatives", "write hard negatives for existing pairs",
	    "tg-pipelines" },
};

enum { ROWS = sizeof rows / sizeof *rows };

/* Folder of this program with its last slash; "": it is not known. */
static char folder[PATH_BYTES];

static void
find_folder(void)
{
	ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);

	folder[n > 0 ? n : 0] = '\0';
	folder[strrchr(folder, '/') ? strrchr(folder, '/') + 1 - folder : 0] =
	    '\0';
}

/* Return the path of a file beside this program, until the next call. */
static const char *
beside(const char *before, const char *name, const char *after)
{
	static char path[2 * PATH_BYTES];

	snprintf(
	    path, sizeof path, "%s%s%.200s%s", folder, before, name, after);
	return path;
}

/* Return the row of a program, which may be named with "tg-"; NULL: none. */
static const struct row *
row_of(const char *name)
{
	int i;

	name += strncmp(name, "tg-", 3) == 0 ? 3 : 0;
	for (i = 0; i < ROWS; i++)
		if (rows[i].line != NULL && strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* Print the programs that are there. */
static int
list(void)
{
	struct buf b = { 0 };
	int i;

	buf_adds(&b, "usage: tg NAME [argument ...]    run tg-NAME\n"
		     "       tg help [NAME]            show its page\n"
		     "       tg --version\n");
	for (i = 0; i < ROWS; i++)
		if (rows[i].line == NULL)
			buf_fmt(&b, "\n%s\n", rows[i].name);
		else if (access(beside("tg-", rows[i].name, ""), X_OK) == 0)
			buf_fmt(&b, "  %-*s%s\n", NAME_WIDTH, rows[i].name,
			    rows[i].line);
	buf_adds(&b, "\nThe overview is the page tg(7): tg help\n");
	if (io_write(STDOUT_FILENO, buf_span(&b)) == -1)
		io_die_stdout();
	io_close_stdout();
	buf_free(&b);
	return TG_EX_OK;
}

/* Say that there is no program of this name, and exit. */
static _Noreturn void
refuse(const char *name)
{
	struct nearest n = { .word = span_of(name) };
	int i;

	n.word = span_of(name + (strncmp(name, "tg-", 3) == 0 ? 3 : 0));
	for (i = 0; i < ROWS; i++)
		if (rows[i].line != NULL)
			nearest_offer(&n, rows[i].name);
	io_warn("there is no program tg-%.100s%s; tg alone lists them",
	    n.word.p, nearest_hint(&n));
	exit(TG_EX_USAGE);
}

/* Become the program tg-NAME, from beside this one or else from PATH. */
static _Noreturn void
run(const char *name, char **argv)
{
	char program[256];

	name += strncmp(name, "tg-", 3) == 0 ? 3 : 0;
	if (*name == '\0' || strchr(name, '/') != NULL || strlen(name) > 100)
		refuse(name);
	snprintf(program, sizeof program, "tg-%s", name);
	if (*folder != '\0')
		execv(beside(program, "", ""), argv);
	execvp(program, argv);
	if (errno != ENOENT) {
		io_warn("%s: %s", program, strerror(errno));
		exit(TG_EX_IO);
	}
	refuse(name);
}

/* Show the page of a program, or what its --help prints where man is not. */
static _Noreturn void
help(const char *name)
{
	static char option[] = "--help";
	static const struct {
		const char *name, *page, *section;
	} others[] = { { "tg", "tg", "7" }, { "record", "tg-record", "5" },
		{ "tasks", "tg-tasks", "5" },
		{ "pipelines", "tg-pipelines", "1" } };
	const struct row *row = row_of(name);
	char *argv[3] = { NULL, option, NULL }, page[256], program[256];
	const char *section = "1", *file;
	size_t i;

	name += strncmp(name, "tg-", 3) == 0 ? 3 : 0;
	snprintf(page, sizeof page, "tg-%.100s", name);
	for (i = 0; i < sizeof others / sizeof *others; i++)
		if (strcmp(name, others[i].name) == 0) {
			snprintf(page, sizeof page, "%s", others[i].page);
			section = others[i].section;
		}
	if (row == NULL && section[0] == '1' &&
	    strcmp(name, "pipelines") != 0 &&
	    access(beside(page, "", ""), X_OK) == -1)
		refuse(name);
	snprintf(program, sizeof program, "%s", page);
	if (row != NULL && row->page != NULL)
		snprintf(page, sizeof page, "%s", row->page);
	file = beside("../man/", page,
	    *section == '7'   ? ".7"
	    : *section == '5' ? ".5"
			      : ".1");
	if (access(file, R_OK) == 0)
		execlp("man", "man", file, (char *)NULL);
	else
		execlp("man", "man", section, page, (char *)NULL);
	argv[0] = program;
	io_warn(
	    "the program man (package man-db) is not there to show the page%s",
	    row != NULL ? "; this is what --help says" : "");
	if (row != NULL)
		run(name, argv);
	exit(TG_EX_IO);
}

/*
 * Print " (did you mean NAME?)" for a word that is near to one of the names
 * that follow it, or nothing. The scripts ask this for their options.
 */
static int
print_nearest(char **words)
{
	struct nearest n = { .word = span_of(*words != NULL ? *words : "") };

	while (*words != NULL && *++words != NULL)
		nearest_offer(&n, *words);
	printf("%s\n", nearest_hint(&n));
	if (fflush(stdout) != 0)
		io_die_stdout();
	io_close_stdout();
	return TG_EX_OK;
}

int
main(int argc, char *argv[])
{
	const char *word = argc > 1 ? argv[1] : "";

	io_start("tg");
	find_folder();
	if (*word == '\0' || strcmp(word, "--help") == 0 ||
	    strcmp(word, "-h") == 0)
		return list();
	if (strcmp(word, "--version") == 0) {
		printf("tg %s\n", TG_VERSION);
		if (fflush(stdout) != 0)
			io_die_stdout();
		io_close_stdout();
		return TG_EX_OK;
	}
	if (strcmp(word, "--nearest") == 0)
		return print_nearest(argv + 2);
	if (*word == '-') {
		io_warn("%.100s: there is no such option; a program's name "
			"comes first, as in tg run; tg alone lists them",
		    word);
		return TG_EX_USAGE;
	}
	if (strcmp(word, "help") == 0)
		help(argc > 2 ? argv[2] : "tg");
	run(word, argv + 1);
}
