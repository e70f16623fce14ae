/* options: tg-prompt's options, and what they name */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/io.h"

static const char usage[] =
    "usage: tg-prompt generate | judge | negatives [-t task] [-l language]\n"
    "           [-c code-language] [-T tgt-code-language] [-e examples]\n"
    "           [-k num-examples] [--examples-per-run] [--seed N] [--tasks "
    "FILE]\n"
    "           [--text-field NAME] [--code-language-field NAME] [--retry]\n"
    "           [--summary FILE] [--max-line BYTES] [file ...]\n"
    "       tg-prompt --list [--tasks FILE]\n"
    "       tg-prompt --languages\n"
    "\n"
    "Attach to each record the request that tg-llm is to send next.\n"
    "  generate    new records: name the task, ask for its first step;\n"
    "              answered ones with a step left: ask for that step\n"
    "  judge       pairs: ask whether query and positive belong together\n"
    "  negatives   pairs without negatives: ask for a hard negative\n"
    "\n"
    "  -t, --task TASK               task of records that name none in "
    "tg.task\n"
    "  -l, --language LANG           natural language, en unless given\n"
    "  -c, --code-language LANG      code language, python unless given\n"
    "  -T, --tgt-code-language LANG  what to translate to; drawn unless given\n"
    "  -e, --examples FILE           few-shot pool of {\"input\",\"output\"}\n"
    "  -k, --num-examples N          examples a prompt, 3 unless given\n"
    "      --examples-per-run        the same examples in every prompt\n"
    "      --seed N                  of all draws, 0 unless given\n"
    "      --tasks FILE              add or replace catalogue rows "
    "($TG_TASKS)\n"
    "      --text-field NAME         member that holds the code, \"text\"\n"
    "      --code-language-field NAME  member that names its language\n"
    "      --retry                   take ended records as new again\n"
    "      --summary FILE            write there how many records it has "
    "read\n"
    "      --list                    print the catalogue, one row a line\n"
    "      --languages               print the code languages, one a line\n"
    "      --max-line BYTES          longest line taken, 64 MiB\n"
    "      --help, --version\n"
    "\n"
    "Example: tg-prompt generate -t code_summary_retrieval < code.jsonl |\n"
    "             jq -r '.tg.request.messages[0].content' | less\n";

enum {
	PER_RUN = OPT_OWN,
	SEED,
	TASKS,
	TEXT_FIELD,
	LANGUAGE_FIELD,
	RETRY,
	SUMMARY,
	LIST,
	LANGUAGES
};

void
prompt_opts_parse(
    struct prompt_opts *o, struct filter *f, int argc, char **argv)
{
	static const struct option options[] = {
		{ "task", required_argument, NULL, 't' },
		{ "language", required_argument, NULL, 'l' },
		{ "code-language", required_argument, NULL, 'c' },
		{ "tgt-code-language", required_argument, NULL, 'T' },
		{ "examples", required_argument, NULL, 'e' },
		{ "num-examples", required_argument, NULL, 'k' },
		{ "examples-per-run", no_argument, NULL, PER_RUN },
		{ "seed", required_argument, NULL, SEED },
		{ "tasks", required_argument, NULL, TASKS },
		{ "text-field", required_argument, NULL, TEXT_FIELD },
		{ "code-language-field", required_argument, NULL,
		    LANGUAGE_FIELD },
		{ "retry", no_argument, NULL, RETRY },
		{ "summary", required_argument, NULL, SUMMARY },
		{ "list", no_argument, NULL, LIST },
		{ "languages", no_argument, NULL, LANGUAGES },
		FILTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct prompt_names *n = &o->names;
	int ch;

	f->usage = usage;
	*o = (struct prompt_opts){ .text_field = "text",
		.k = 3,
		.names = { .language = "en", .tasks = getenv("TG_TASKS") } };
	while ((ch = getopt_long(argc, argv, "t:l:c:T:e:k:", options, NULL)) !=
	       -1) {
		switch (ch) {
		case 't':
			n->task = optarg;
			break;
		case 'l':
			n->language = optarg;
			break;
		case 'c':
			n->code_language = optarg;
			break;
		case 'T':
			n->target = optarg;
			break;
		case 'e':
			n->examples = optarg;
			break;
		case 'k':
			o->k = (int)filter_int(f, "-k", 0, PROMPT_EXAMPLES);
			break;
		case PER_RUN:
			o->per_run = 1;
			break;
		case SEED:
			o->seed = filter_int(f, "--seed", INT64_MIN, INT64_MAX);
			break;
		case TASKS:
			n->tasks = optarg;
			break;
		case TEXT_FIELD:
			o->text_field = optarg;
			break;
		case LANGUAGE_FIELD:
			o->language_field = optarg;
			break;
		case RETRY:
			o->retry = 1;
			break;
		case SUMMARY:
			f->count_file = optarg;
			break;
		case LIST:
			o->list = PROMPT_LIST_TASKS;
			break;
		case LANGUAGES:
			o->list = PROMPT_LIST_LANGUAGES;
			break;
		default:
			filter_option(f, ch);
		}
	}
}

static void
look_up(struct prompt_opts *o, const struct filter *f)
{
	const struct prompt_names *n = &o->names;
	const struct language_table *l = catalogue_languages(o->catalogue);
	const char *why;

	if (n->task != NULL &&
	    (o->task = catalogue_find(o->catalogue, span_of(n->task))) == NULL)
		filter_usage(f,
		    "-t: no task \"%s\" (tg-prompt --list has them)", n->task);
	o->language = language_key(l, span_of(n->language));
	if (o->language == NULL)
		filter_usage(f, "-l: language \"%s\" is unknown", n->language);
	if (n->code_language != NULL &&
	    (o->code_language =
		    language_code_key(l, span_of(n->code_language))) == NULL)
		filter_usage(
		    f, "-c: code language \"%s\" is unknown", n->code_language);
	if (n->target != NULL &&
	    (o->target = language_code_key(l, span_of(n->target))) == NULL)
		filter_usage(
		    f, "-T: code language \"%s\" is unknown", n->target);
	if (o->task != NULL && o->code_language != NULL &&
	    !task_allows(o->task, o->code_language))
		filter_usage(f, "-c: task %s takes no %s", o->task->name,
		    language_code_name(l, o->code_language));
	if (o->task != NULL && o->task->needs_target && o->target != NULL &&
	    o->code_language != NULL &&
	    strcmp(o->target, o->code_language) == 0)
		filter_usage(f, "-T: is the code language itself");
	if (n->examples != NULL &&
	    (o->pool = examples_new(n->examples, &why)) == NULL) {
		io_warn(f->tool, "-e: %s", why);
		exit(TG_EX_USAGE);
	}
}

void
prompt_opts_open(struct prompt_opts *o, const struct filter *f)
{
	const char *why;

	if ((o->catalogue = catalogue_new(o->names.tasks, &why)) == NULL) {
		io_warn(f->tool, "%s", why);
		exit(TG_EX_USAGE);
	}
	if (o->list == PROMPT_LIST_NONE)
		look_up(o, f);
}

void
prompt_opts_free(struct prompt_opts *o)
{
	examples_free(o->pool);
	catalogue_free(o->catalogue);
}
