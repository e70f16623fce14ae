/* check: tg-mine check reads an index whole */
#include <stdlib.h>
#include <unistd.h>

#include "io/io.h"
#include "mine.h"
#include "open.h"

int
mine_check(struct mine *m, char **files)
{
	struct index ix;
	struct buf out = { 0 };
	const char *why;
	size_t row;

	if (files[0] != NULL)
		options_refuse("check takes no file; name the index with -i");
	open_index(&ix, m->o.index);
	if (index_check(&ix, &why) == -1) {
		io_warn("%s: %s", m->o.index, why);
		exit(TG_EX_IO);
	}
	buf_fmt(&out,
	    "{\"documents\":%llu,\"terms\":%llu,\"words\":%llu,\"bytes\":%zu",
	    (unsigned long long)ix.documents, (unsigned long long)ix.terms,
	    (unsigned long long)ix.words, ix.map.n);
	if (index_section(&ix, INDEX_VECTORS, &row).p != NULL)
		buf_fmt(&out, ",\"dims\":%zu", row / sizeof(float));
	if (ix.parts > 0)
		buf_fmt(&out, ",\"part\":%u,\"parts\":%u", ix.part, ix.parts);
	buf_adds(&out, "}\n");
	if (io_write(STDOUT_FILENO, buf_span(&out)) == -1)
		io_die_stdout();
	buf_free(&out);
	index_close(&ix);
	io_close_stdout();
	return TG_EX_OK;
}
