/* out: a file of the folder that is being written */
#include "out.h"

#include <stdio.h>
#include <unistd.h>

#include "io/io.h"

enum { FULL = 256 * 1024 };

int
out_open(struct out *o, struct folder *folder, const char *name)
{
	snprintf(o->name, sizeof o->name, "%s", name);
	o->fd = folder_make(folder, name);
	if (o->fd == -1) {
		o->fd = 0;
		return -1;
	}
	return 0;
}

int
out_poll(struct out *o)
{
	int failed = 0;

	if (o->text.n >= FULL) {
		failed = io_write(o->fd, buf_span(&o->text));
		buf_clear(&o->text);
	}
	return failed;
}

int
out_close(struct out *o)
{
	int failed = 0;

	if (o->fd > 0) {
		failed = io_write(o->fd, buf_span(&o->text));
		if (close(o->fd) == -1)
			failed = -1;
	}
	o->fd = 0;
	buf_free(&o->text);
	return failed;
}
