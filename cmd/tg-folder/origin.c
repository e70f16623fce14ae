/* origin: the repository, revision and licence of the files of a folder */
#include "origin.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "git.h"

void
origin_clean_url(struct buf *b, struct span url)
{
	const char *scheme = memmem(url.p, url.n, "://", 3), *at, *end;
	const char *host = scheme != NULL ? scheme + 3 : url.p;

	for (end = host; end < span_end(url) && *end != '/' && *end != '?' &&
			 *end != '#' && (scheme != NULL || *end != ':');
	     end++)
		continue;
	/* "user:password@host" without a scheme is no address of git */
	at = memrchr(host, '@', (size_t)(end - host));
	if (scheme != NULL)
		buf_add(b, url.p, (size_t)(host - url.p));
	host = at != NULL ? at + 1 : host;
	while (host < span_end(url) && *host != '?' && *host != '#')
		buf_addc(b, *host++);
}

/* Find the licence of the folders above fd, up to `up` of them. */
static void
look_above(struct origin *o, size_t up)
{
	int fd = openat(o->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC), next;

	for (; fd != -1 && up > 0 && *o->above == '\0'; up--) {
		license_of_folder(fd, o->above);
		next = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	if (fd != -1)
		close(fd);
}

/* Find the work tree of a folder: its remote, commit and licence. */
static void
ask_git(struct origin *o, const char *folder)
{
	static const char *const remote[] = { "config", "-z", "--get",
		"remote.origin.url", NULL };
	static const char *const commit[] = { "rev-parse", "--verify", "-q",
		"HEAD", NULL };
	static const char *const top[] = { "rev-parse", "--show-toplevel",
		NULL };
	static const char *const up[] = { "rev-parse", "--show-cdup", NULL };
	struct buf b = { 0 };
	struct span value;
	const char *slash;

	origin_clean_url(&o->repository, git_value(folder, remote, &b));
	git_value(folder, commit, &o->revision);
	/* "../../": three bytes for each folder above */
	look_above(o, git_value(folder, up, &b).n / 3);
	if (o->repository.n == 0) {
		value = git_value(folder, top, &b);
		slash = value.n > 0 ? memrchr(value.p, '/', value.n) : NULL;
		if (slash != NULL)
			buf_addspan(&o->repository,
			    span_skip(value, (size_t)(slash + 1 - value.p)));
	}
	buf_free(&b);
}

static void
take_ignored(void *ctx, struct span item)
{
	walk_add(ctx, item);
}

void
origin_start(struct origin *o, const char *folder, int fd, int tracked)
{
	*o = (struct origin){ .fd = fd };
	ask_git(o, folder);
	if (tracked)
		return;
	o->revision.n = 0;
	o->inside = git_ignored(folder, take_ignored, &o->ignored) != 0;
	walk_sort(&o->ignored);
}

/* Compare a span with a string in an array, by their bytes. */
static int
by_span(const void *a, const void *b)
{
	const struct span *key = a;
	const char *other = *(const char *const *)b;
	int order = strncmp(key->p, other, key->n);

	return order != 0 ? order : -(other[key->n] != '\0');
}

/*
 * Find the bytes of the path up to the ignored folder that a file lies in, or
 * to the end of a file that is ignored alone. Return 0; -1: it is not ignored.
 */
static int
find_ignored(const struct origin *o, const char *path, size_t *n)
{
	struct span part = { path, 0 };
	const char *slash = path;

	if (o->ignored.n == 0)
		return -1;
	do {
		slash = strchr(slash, '/');
		part.n =
		    slash != NULL ? (size_t)(++slash - path) : strlen(path);
		if (bsearch(&part, o->ignored.v, o->ignored.n,
			sizeof *o->ignored.v, by_span) != NULL) {
			*n = part.n - (slash != NULL);
			if (o->inside)
				*n = 0;
			return 0;
		}
	} while (slash != NULL);
	return -1;
}

bool
origin_ignored(const struct origin *o, const char *path)
{
	size_t n;

	return find_ignored(o, path, &n) == 0;
}

/* Add the licence of the first n bytes of the path in `last`, a folder. */
static void
add_folder(struct origin *o, size_t n)
{
	struct buf name = { 0 };
	struct origin_license *l;
	int fd;

	if (o->n == o->cap) {
		o->cap = o->cap * 2 + 8;
		o->licenses = mem_array(o->licenses, o->cap, sizeof *l);
	}
	l = &o->licenses[o->n++];
	*l = (struct origin_license){ .n = n };
	buf_add(&name, o->last.p, n);
	fd = walk_open(
	    o->fd, n > 0 ? buf_cstr(&name) : ".", O_RDONLY | O_DIRECTORY);
	if (fd != -1) {
		license_of_folder(fd, l->license);
		close(fd);
	}
	buf_free(&name);
}

/* Have `licenses` be those of the folders above a file. */
static void
enter(struct origin *o, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) : 0, i;
	struct span folder = { path, n };

	if (o->n > 0 && span_eq(folder, buf_span(&o->last)))
		return;
	/* what both paths have in common stays */
	while (o->n > 0 &&
	       (o->licenses[o->n - 1].n > n ||
		   (o->licenses[o->n - 1].n > 0 &&
		       (memcmp(path, o->last.p, o->licenses[o->n - 1].n) != 0 ||
			   path[o->licenses[o->n - 1].n] != '/'))))
		o->n--;
	o->last.n = 0;
	buf_addspan(&o->last, folder);
	if (o->n == 0)
		add_folder(o, 0);
	for (i = o->licenses[o->n - 1].n + 1; i <= n; i++)
		if (i == n || path[i] == '/')
			add_folder(o, i);
}

const char *
origin_license(struct origin *o, const char *path, struct span text)
{
	static license_text own;
	size_t i, least = 0;
	bool ignored = find_ignored(o, path, &least) == 0;

	license_of_file(text, own);
	if (*own != '\0')
		return own;
	enter(o, path);
	for (i = o->n; i-- > 0;)
		if (*o->licenses[i].license != '\0' &&
		    o->licenses[i].n >= least)
			return o->licenses[i].license;
	return ignored ? "" : o->above;
}

void
origin_end(struct origin *o)
{
	buf_free(&o->repository);
	buf_free(&o->revision);
	buf_free(&o->last);
	free(o->licenses);
	walk_free(&o->ignored);
	*o = (struct origin){ 0 };
}
