/* options: tg-prompt's options, and the catalogue and examples they name */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/io.h"
#include "task/language.h"

#define AT(member) OPTION_AT(struct prompt_opts, member)

static const struct option_def options[] = {
	{ "task", 't', OPTION_STRING, OPTION_ANSWER, "TASK",
	    "task of records that name none in tg.task", AT(task_name) },
	{ "language", 'l', OPTION_STRING, OPTION_ANSWER, "LANG",
	    "natural language, its name or code, en unless given",
	    AT(language) },
	{ "code-language", 'c', OPTION_STRING, OPTION_ANSWER, "LANG",
	    "code language of records that name none, python unless given",
	    AT(code_language) },
	{ "tgt-code-language", 'T', OPTION_STRING, OPTION_ANSWER, "LANG",
	    "what to translate to; drawn unless given", AT(target) },
	{ "examples", 'e', OPTION_STRING, OPTION_ANSWER, "FILE",
	    "few-shot pool of {\"input\",\"output\"}; builtin: the pools that "
	    "--list-examples prints; none, the default: no examples",
	    AT(examples) },
	{ "num-examples", 'k', OPTION_INT, OPTION_ANSWER, "N",
	    "examples a prompt, 3 unless given", AT(k), .hi = PROMPT_EXAMPLES },
	{ "examples-per-run", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "the same examples in every prompt", AT(per_run) },
	{ "draws", 0, OPTION_INT, OPTION_ANSWER, "N",
	    "generate: make N records of each document, whose prompts are "
	    "drawn one by one",
	    AT(draws), .lo = 1, .hi = PROMPT_DRAWS },
	{ "no-vary", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "generate: vary no prompt, but take the first phrasing of all that "
	    "a task varies",
	    AT(no_vary) },
	{ "roles", 0, OPTION_STRING, OPTION_ANSWER, "FILE",
	    "generate: draw the role from the lines of this file",
	    AT(roles_file) },
	{ "seed", 0, OPTION_INT, OPTION_ANSWER, "N",
	    "of all draws, 0 unless given", AT(seed), .lo = INT64_MIN,
	    .hi = INT64_MAX },
	{ "text-field", 0, OPTION_STRING, OPTION_ANSWER, "NAME",
	    "member that holds the code; unless given, text, content, code or "
	    "whole_func_string",
	    AT(text_field) },
	{ "code-language-field", 0, OPTION_STRING, OPTION_ANSWER, "NAME",
	    "member that names its language; unless given code_language, "
	    "language, or the ending of path",
	    AT(language_field) },
	{ "languages", 0, OPTION_STRING, OPTION_ANSWER, "FILE",
	    "add the languages of this file ($TG_LANGUAGES); alone: print the "
	    "code languages, one a line",
	    AT(languages), .optional = 1 },
	{ "secrets", 0, OPTION_CHOICE, OPTION_ANSWER, "WHAT",
	    "generate: replace secrets in code and pairs by "
	    "<redacted:KIND>, reject what has some, or do nothing, which is "
	    "the default",
	    AT(secrets), .choices = REDACT_CHOICES },
	{ "negatives", 'n', OPTION_INT, OPTION_ANSWER, "N",
	    "negatives: ask for what a pair lacks of N hard negatives; unless "
	    "given, pairs without any are served, and tg-llm -n says N; "
	    "mirror: make N mirrors of a pair, 2 unless given",
	    AT(negatives), .lo = 1, .hi = 1000 },
	{ "votes", 0, OPTION_INT, OPTION_ANSWER, "N",
	    "judge: ask for N answers, which are drawn; the share of 1 among "
	    "them is the number of tg-judge where a server gives no log "
	    "probabilities",
	    AT(votes), .lo = 1, .hi = PROMPT_VOTES },
	{ "orders", 0, OPTION_INT, OPTION_ANSWER, "N",
	    "verify: ask about the documents in one order, 1, which is the "
	    "default, or in that and its reverse, 2",
	    AT(orders), .lo = 1, .hi = 2 },
	{ "no-mark", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "negatives: ask for no line that says which requirement one "
	    "fails: a small model does not understand it",
	    AT(no_mark) },
	{ "retry", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "take ended records as new again", AT(retry) },
	{ "replay", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "ask again what tg-cache has answered, but only the response "
	    "cache",
	    AT(replay) },
	{ "summary", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "write there how many records it has read", AT(summary) },
	{ "list", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "print the catalogue: a table on a terminal, else one row a line",
	    AT(list), .forms = 2, .required = 1 },
	{ "json", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "list: one row a line on a terminal, too", AT(json), .forms = 2 },
	{ "list-examples", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "print the built-in examples, of -t and -l if given, one a line",
	    AT(list_examples), .forms = OPTION_NO_FORM },
	{ "tasks", 0, OPTION_STRING, OPTION_ANSWER, "FILE",
	    "add or replace catalogue rows ($TG_TASKS)", AT(tasks),
	    .forms = 1 | 2 },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-prompt",
	.forms = { { 1, "generate | judge | negatives | verify | mirror",
		       "[file ...]" },
	    { 2, "", "" }, { 0, "--languages [FILE]", "" },
	    { 0, "--list-examples [-t TASK] [-l LANG]", "" } },
	.options = options,
	.about =
	    "Attach to each record the request that tg-llm is to send next.\n"
	    "  generate    new records: name the task, ask for its first "
	    "step;\n"
	    "              answered ones with a step left: ask for that step\n"
	    "  judge       pairs: ask whether query and positive belong "
	    "together\n"
	    "  negatives   pairs that lack negatives: ask for hard "
	    "negatives\n"
	    "  verify      pairs with negatives: ask which of them answer the "
	    "query\n"
	    "  mirror      pairs with negatives: pass them, and ask for the "
	    "query for\n"
	    "              which a negative is right and the positive wrong\n",
	.notes =
	    "Example: tg-prompt generate -t code_summary_retrieval < "
	    "code.jsonl "
	    "|\n"
	    "             jq -r '.tg.request.messages[0].content' | less\n",
};

/* Return the key of the code language that an option names; NULL: not given. */
static const char *
code_key(const char *opt, const char *name)
{
	const char *key = NULL;

	if (name != NULL && (key = language_code_key(span_of(name))) == NULL)
		options_refuse(
		    "%s: code language \"%s\" is unknown%s; --languages "
		    "prints them, and --languages FILE adds others",
		    opt, name, language_code_hint(span_of(name)));
	return key;
}

/* Return the first operand that is a task and no file; NULL: none is. */
static const char *
task_among(const struct prompt_opts *o, char *const *files)
{
	for (; *files != NULL; files++)
		if (catalogue_find(o->catalogue, span_of(*files)) != NULL &&
		    access(*files, F_OK) == -1)
			return *files;
	return NULL;
}

/* Look up the task that -t names, and find file and task mixed up. */
static void
find_task(struct prompt_opts *o, char *const *files)
{
	const char *name = o->task_name, *other = task_among(o, files);

	if (name != NULL)
		o->task = catalogue_find(o->catalogue, span_of(name));
	if (name != NULL && o->task == NULL && access(name, F_OK) == 0)
		options_refuse("-t: \"%s\" is a file, not a task; write -t %s "
			       "%s",
		    name, other != NULL ? other : "TASK", name);
	if (name != NULL && o->task == NULL)
		options_refuse("-t: no task \"%s\"%s; tg-prompt --list prints "
			       "them",
		    name, catalogue_hint(o->catalogue, span_of(name)));
	if (other != NULL)
		options_refuse(
		    "\"%s\" is a task, not a file; write -t %s", other, other);
}

/* Return whether a task has an axis of roles. */
static int
has_roles(const struct task *t)
{
	size_t i;

	for (i = 0; i < t->naxes; i++)
		if (strcmp(t->axes[i].name, AXIS_ROLE) == 0)
			return 1;
	return 0;
}

/* Read the file of roles. */
static void
open_roles(struct prompt_opts *o)
{
	const char *why;
	int status;

	if (o->roles_file == NULL)
		return;
	if (o->no_vary)
		options_refuse("--roles: not with --no-vary");
	if (o->task != NULL && !has_roles(o->task))
		options_refuse("--roles: the prompts of task %s name no role",
		    o->task->name);
	if (axis_read_roles(&o->roles, o->roles_file, &o->mem, &why) == 0)
		return;
	status = io_file_status(errno);
	io_warn("--roles: %s", why);
	exit(status);
}

/* Look the names up that are not those of files. */
static void
find_names(struct prompt_opts *o)
{
	const char *key;

	if ((key = language_key(span_of(o->language))) == NULL)
		options_refuse("-l: language \"%s\" is unknown%s; tg-tasks(5) "
			       "lists them, and --languages FILE adds others",
		    o->language, language_hint(span_of(o->language)));
	o->language = key;
	o->code_language = code_key("-c", o->code_language);
	o->target = code_key("-T", o->target);
	if (o->task != NULL && !o->list_examples && !o->task->speaks &&
	    strcmp(key, "en") != 0)
		options_refuse("-l: task %s writes code alone, in which %s "
			       "makes no difference; leave -l out",
		    o->task->name, language_name(key));
	if (o->task == NULL || o->code_language == NULL)
		return;
	if (!task_allows(o->task, o->code_language))
		options_refuse("-c: task %s takes no %s", o->task->name,
		    language_code_name(o->code_language));
	if (o->task->needs_target && o->target != NULL &&
	    strcmp(o->target, o->code_language) == 0)
		options_refuse("-T: is the code language itself");
}

/* Read the files that options name. */
static void
open_files(struct prompt_opts *o)
{
	const char *const inputs[] = { o->examples ? o->examples : "/dev/null",
		o->tasks ? o->tasks : "/dev/null",
		o->roles_file ? o->roles_file : "/dev/null", NULL };
	const char *why;
	int status;

	if (o->list_examples)
		o->examples = "builtin";
	if (o->examples != NULL && strcmp(o->examples, "none") == 0)
		o->examples = NULL;
	filter_output("--summary", o->summary, inputs);
	if (o->languages != NULL && *o->languages != '\0')
		language_open(o->languages);
	o->catalogue = catalogue_open(o->tasks);
	if (o->examples != NULL &&
	    (o->pool = examples_new(o->examples, &why)) == NULL) {
		status = io_file_status(errno);
		io_warn("-e: %s", why);
		exit(status);
	}
}

char **
prompt_opts_parse(
    struct prompt_opts *o, struct filter *f, int argc, char **argv)
{
	char **words;

	f->program = &program;
	*o = (struct prompt_opts){ .k = 3,
		.draws = 1,
		.orders = 1,
		.votes = 1,
		.language = "en",
		.secrets = REDACT_KEEP,
		.tasks = getenv("TG_TASKS") };
	words = filter_options(f, o, argc, argv);
	f->count_file = o->summary;
	open_files(o);
	find_task(o, words[0] != NULL ? words + 1 : words);
	find_names(o);
	open_roles(o);
	return words;
}
