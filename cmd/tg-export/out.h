/*
 * out: a file of the folder that is being written.
 */
#pragma once

#include "folder.h"

/* Zero-initialise it. */
struct out {
	int fd; /* descriptor; 0: not open */
	struct buf text;
	char name[320];
};

/* Begin a file: 0, or -1 with errno. */
int out_open(struct out *, struct folder *, const char *name);

/* Write the text if it is long: 0, or -1 with errno. */
int out_poll(struct out *);

/* Write the text and close the file, if it is open: 0, or -1 with errno. */
int out_close(struct out *);
