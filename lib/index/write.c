/* write: an index file as it is written, section by section, and spools */
#include "index/write.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/io.h"

enum { WRITE_FULL = 256 * 1024 };

/* Open a file without a name in the folder of another one; -1 with errno. */
static int
open_nameless(const char *file)
{
	char *copy = mem_dup(file, strlen(file));
	int fd = open(dirname(copy), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	free(copy);
	return fd;
}

int
writer_start(struct writer *w, const char *file)
{
	struct buf temp = { 0 };

	*w = (struct writer){ .file = file, .at = INDEX_HEADER };
	buf_fmt(&temp, "%s.tmp", file);
	w->temp = mem_dup(temp.p, temp.n);
	buf_free(&temp);
	w->fd = open_nameless(file);
	w->nameless = w->fd != -1;
	if (!w->nameless) {      /* the file system has no such files */
		unlink(w->temp); /* a killed process may have left one */
		w->fd = open(w->temp,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (w->fd == -1) {
		free(w->temp);
		w->temp = NULL;
		return -1;
	}
	w->sum = hash_sum_new();
	memcpy(w->header.magic, INDEX_MAGIC, sizeof INDEX_MAGIC);
	w->header.version = INDEX_VERSION;
	w->header.order = INDEX_ORDER;
	/* room for the header, which is written last */
	return lseek(w->fd, INDEX_HEADER, SEEK_SET) == -1 ? -1 : 0;
}

static int
write_out(struct writer *w)
{
	int got = io_write(w->fd, buf_span(&w->buf));

	w->buf.n = 0;
	return got;
}

/* End the section that is being written, if there is one. */
static void
end_section(struct writer *w)
{
	static const char zeros[INDEX_ALIGN];
	struct index_section *s;

	if (!w->in_section)
		return;
	s = &w->header.section[w->header.sections - 1];
	s->length = w->at - s->start;
	hash_sum_end(w->sum, s->sha256);
	buf_add(&w->buf, zeros, -w->at & (INDEX_ALIGN - 1));
	w->at += -w->at & (INDEX_ALIGN - 1);
	w->in_section = false;
}

int
writer_section(struct writer *w, uint32_t kind, size_t row)
{
	end_section(w);
	if (w->header.sections == INDEX_SECTIONS) {
		errno = EOVERFLOW;
		return -1;
	}
	w->header.section[w->header.sections++] = (struct index_section){
		.kind = kind, .row = (uint32_t)row, .start = w->at
	};
	w->in_section = true;
	return 0;
}

int
writer_add(struct writer *w, const void *p, size_t n)
{
	if (n == 0)
		return 0;
	hash_sum_add(w->sum, (struct span){ p, n });
	w->at += n;
	buf_add(&w->buf, p, n);
	return w->buf.n >= WRITE_FULL ? write_out(w) : 0;
}

int
writer_map(struct writer *w, struct span *file)
{
	void *p;

	end_section(w);
	if (write_out(w) == -1)
		return -1;
	p = mmap(NULL, w->at, PROT_READ, MAP_SHARED, w->fd, 0);
	if (p == MAP_FAILED)
		return -1;
	*file = (struct span){ p, w->at };
	return 0;
}

void
writer_unmap(struct span file)
{
	munmap((void *)(uintptr_t)file.p, file.n);
}

void
writer_forget(const void *bytes, size_t n)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = (uintptr_t)bytes & -page;
	uintptr_t end = ((uintptr_t)bytes + n) & -page;

	if (end > start)
		madvise((void *)start, end - start, MADV_DONTNEED);
}

const char *
writer_bytes(const struct writer *w, struct span file, uint32_t kind)
{
	size_t i = 0;

	while (w->header.section[i].kind != kind)
		i++;
	return file.p + w->header.section[i].start;
}

/* Give a file without a name its name for the time being. */
static int
name_file(struct writer *w)
{
	char path[64];

	if (!w->nameless)
		return 0;
	snprintf(path, sizeof path, "/proc/self/fd/%d", w->fd);
	unlink(w->temp); /* a killed process may have left one */
	return linkat(AT_FDCWD, path, AT_FDCWD, w->temp, AT_SYMLINK_FOLLOW);
}

int
writer_end(struct writer *w)
{
	char head[INDEX_HEADER] = { 0 };
	int failed, fd = w->fd;
	char *temp = w->temp;

	end_section(w);
	w->header.length = w->at;
	memcpy(head, &w->header, sizeof w->header);
	hash_sha256_bytes((struct span){ head, INDEX_SUMMED },
	    (unsigned char *)head + INDEX_SUMMED);
	failed = write_out(w) == -1 ||
		 io_write_at(fd, (struct span){ head, sizeof head }, 0) == -1 ||
		 name_file(w) == -1;
	w->temp = NULL;
	failed = io_rename_synced(fd, failed, temp, w->file);
	free(temp);
	writer_abandon(w);
	return failed;
}

void
writer_abandon(struct writer *w)
{
	if (w->temp != NULL) {
		close(w->fd);
		if (!w->nameless)
			unlink(w->temp);
		free(w->temp);
	}
	buf_free(&w->buf);
	hash_sum_free(w->sum);
	*w = (struct writer){ 0 };
}

int
spool_open(struct spool *s, const char *file)
{
	struct buf name = { 0 };
	int fd = open_nameless(file);

	if (fd == -1) { /* the file system has no such files */
		buf_fmt(&name, "%s.XXXXXX", file);
		fd = mkostemp(buf_cstr(&name), O_CLOEXEC);
		if (fd != -1)
			unlink(buf_cstr(&name));
		buf_free(&name);
	}
	*s = (struct spool){ .fd = fd + 1 };
	return fd == -1 ? -1 : 0;
}

static int
write_spool(struct spool *s)
{
	int got = io_write(s->fd - 1, buf_span(&s->buf));

	s->buf.n = 0;
	return got;
}

int
spool_add(struct spool *s, const void *p, size_t n)
{
	buf_add(&s->buf, p, n);
	s->bytes += n;
	return s->buf.n >= WRITE_FULL ? write_spool(s) : 0;
}

int
spool_map(struct spool *s, void **bytes)
{
	static char nothing[8];
	void *p = nothing;

	if (write_spool(s) == -1)
		return -1;
	buf_free(&s->buf);
	if (s->bytes > 0) {
		p = mmap(NULL, s->bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		    s->fd - 1, 0);
		if (p == MAP_FAILED)
			return -1;
		s->map = (struct span){ p, s->bytes };
	}
	*bytes = p;
	return 0;
}

void
spool_free(struct spool *s)
{
	if (s->map.n > 0)
		munmap((void *)(uintptr_t)s->map.p, s->map.n);
	if (s->fd > 0)
		close(s->fd - 1);
	buf_free(&s->buf);
	*s = (struct spool){ 0 };
}
