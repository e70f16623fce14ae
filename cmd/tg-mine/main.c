/* tg-mine - find the documents of a corpus that are most like a query */
#include <string.h>

#include "mine.h"

static const struct command {
	const char *name;
	unsigned bit;
	int (*run)(struct mine *, char **files);
} commands[] = {
	{ "index", MINE_INDEX, mine_index },
	{ "merge", MINE_MERGE, mine_merge },
	{ "check", MINE_CHECK, mine_check },
	{ "terms", MINE_TERMS, mine_terms },
	{ "search", MINE_SEARCH, mine_search },
	{ "negatives", MINE_NEGATIVES, mine_negatives },
	{ "similar", MINE_SIMILAR, mine_similar },
	{ "rank", MINE_RANK, mine_rank },
	{ "audit", MINE_AUDIT, mine_audit },
};

enum { COMMANDS = sizeof commands / sizeof *commands };

int
main(int argc, char *argv[])
{
	static struct mine m; /* static: it is held at the exit */
	const struct command *c;
	char **words;

	m.f.ctx = &m;
	words = mine_opts_parse(&m.o, &m.f, argc, argv);
	c = &commands[options_command(
	    words[0], &commands[0].name, COMMANDS, sizeof *commands)];
	mine_opts_only(&m.f, c->name, c->bit);
	return c->run(&m, words + 1);
}
