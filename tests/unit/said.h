/*
 * said: what a unit test's own process writes to stderr.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Return what was written to stderr since the last call. */
static const char *
said(void)
{
	static char text[4096];
	static int fd = -1;
	ssize_t n;

	if (fd == -1 && ((fd = memfd_create("stderr", 0)) == -1 ||
			    dup2(fd, STDERR_FILENO) == -1)) {
		printf("Bail out! stderr cannot be read\n");
		exit(3);
	}
	n = pread(fd, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	if (ftruncate(fd, 0) == -1 || lseek(fd, 0, SEEK_SET) == -1)
		exit(3);
	return text;
}
