/* summary: the file of --summary */
#include "summary.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "io/io.h"

int
summary_write(const char *file, struct buf *text)
{
	int status = 0;

	if (io_replace(file, buf_span(text)) == -1) {
		io_warn("--summary: %s: %s", file, strerror(errno));
		status = TG_EX_IO;
	}
	buf_free(text);
	return status;
}
