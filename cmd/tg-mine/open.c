/* open: the index that -i names */
#include "open.h"

#include <stdlib.h>

#include "base/mem.h"
#include "io/io.h"
#include "record/options.h"

void
open_index(struct index *ix, const char *file)
{
	const char *why;

	if (file == NULL)
		options_refuse("name the index with -i");
	if (index_open(ix, file, &why) == -1) {
		io_warn("%s: %s", file, why);
		exit(TG_EX_IO);
	}
}

void
open_whole_index(struct index *ix, const char *file)
{
	open_index(ix, file);
	if (ix->parts == 0)
		return;
	io_warn("%s: part %u of %u of an index; tg-mine merge makes one of all "
		"parts",
	    file, ix->part, ix->parts);
	exit(TG_EX_IO);
}
