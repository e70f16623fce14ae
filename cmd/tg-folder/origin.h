/* origin: the repository, revision and licence of the files of a folder. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"
#include "license.h"
#include "walk.h"

/* A folder; origin_start fills it, origin_end frees it. */
struct origin {
	int fd;                 /* folder, borrowed */
	struct buf repository;  /* URL of the remote, or a name; empty: none */
	struct buf revision;    /* commit that is checked out; empty: none */
	license_text above;     /* licence of the work tree around the folder */
	struct buf last;        /* path of the folder that `licenses` is for */
	struct origin_license { /* a licence for each part of that path */
		size_t n;       /* bytes of the path up to it */
		license_text license;
	} * licenses;
	size_t n, cap;
	struct walk ignored; /* paths that git ignores; a folder's has a "/" */
	bool inside;         /* whether the folder lies within an ignored one */
};

/*
 * Set up an origin for a folder that is open as fd, which git is asked about; a
 * URL loses its user and password. tracked: whether all files are tracked by
 * git, as others have no revision.
 */
void origin_start(struct origin *, const char *folder, int fd, int tracked);

/*
 * Return whether git ignores a file, so that it is not of the repository around
 * it: it has neither that repository nor its revision.
 */
bool origin_ignored(const struct origin *, const char *path);

/*
 * Return the SPDX expression of a file with this text, "" if it is not known:
 * its own or that of the nearest folder above it that states one. For an
 * ignored file only the ignored folder and those in it are asked. The result is
 * borrowed until the next call.
 */
const char *origin_license(struct origin *, const char *path, struct span text);

void origin_end(struct origin *);

/* Append a remote's URL without user, password, query and fragment. */
void origin_clean_url(struct buf *, struct span url);
