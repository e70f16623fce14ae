/* mine: the commands of tg-mine, a file each */
#pragma once

#include "options.h"
#include "shard.h"

struct batch;

/* Documents of the input that are searched where no index is named. */
enum mine_own { OWN_NOTHING, OWN_POSITIVES };

/* What the commands share. Each gets the operands behind its name, and returns
 * the exit status. */
struct mine {
	struct mine_opts o;
	struct filter f; /* filter whose ctx is this struct */
	struct shard shard;
	enum mine_own own;
	struct batch *batch; /* lines that wait, of a command that searches */
};

int mine_index(struct mine *, char **files);
int mine_merge(struct mine *, char **files);
int mine_check(struct mine *, char **files);
int mine_terms(struct mine *, char **files);
int mine_search(struct mine *, char **files);
int mine_negatives(struct mine *, char **files);
int mine_similar(struct mine *, char **files);
int mine_rank(struct mine *, char **files);
int mine_audit(struct mine *, char **files);
