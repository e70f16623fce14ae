/* mem: memory, which ends the program if there is none */
#include "base/mem.h"

#include <stdint.h>
#include <sys/wait.h>

#include "tap.h"

static void
blocks(void)
{
	char *p = mem_new(4096), *s;
	int *v;
	size_t i;

	for (i = 0; i < 4096 && p[i] == 0; i++)
		;
	ok(i == 4096, "mem_new gives zeroed memory");
	free(p);
	p = mem_new(0);
	ok(p != NULL, "mem_new(0) gives a block");
	free(p);
	v = mem_array(NULL, 3, sizeof *v);
	v[0] = 1, v[1] = 2, v[2] = 3;
	v = mem_array(v, 300, sizeof *v);
	ok(v[0] == 1 && v[1] == 2 && v[2] == 3, "mem_array keeps elements");
	v = mem_array(v, 0, sizeof *v);
	ok(v != NULL, "mem_array(0) gives a block");
	free(v);
	s = mem_dup("a\0b", 3);
	ok(memcmp(s, "a\0b", 4) == 0, "mem_dup copies n bytes and adds a NUL");
	free(s);
	s = mem_dup(NULL, 0);
	is_str(s, "", "mem_dup of nothing gives an empty string");
	free(s);
}

static void
arenas(void)
{
	struct arena a = { 0 };
	char *p[500], *big;
	struct arena_chunk *kept;
	size_t i, bad = 0, moved = 0;

	for (i = 0; i < 500; i++) {
		p[i] = arena_get(&a, i);
		moved += (uintptr_t)p[i] % 16 != 0;
		memset(p[i], (int)i, i);
	}
	is_int((long long)moved, 0, "arena_get gives aligned blocks");
	big = arena_get(&a, 1024 * 1024);
	memset(big, 'x', 1024 * 1024);
	for (i = 1; i < 500; i++)
		bad += (unsigned char)p[i][0] != i % 256 ||
		       (unsigned char)p[i][i - 1] != i % 256;
	is_int((long long)bad, 0, "blocks of an arena do not overlap and stay");
	is_str(
	    arena_dup(&a, "abc", 3), "abc", "arena_dup ends the copy with NUL");
	is_str(arena_dup(&a, NULL, 0), "",
	    "arena_dup of nothing gives an empty string");
	arena_reset(&a);
	kept = a.head;
	ok(kept != NULL, "arena_reset keeps one chunk");
	p[0] = arena_get(&a, 1);
	ok(a.head == kept && p[0] > (char *)kept,
	    "the chunk that was kept is used again");
	for (i = 0; i < 100; i++)
		arena_get(&a, 4096);
	ok(a.head != kept, "a new chunk comes when the kept one is full");
	arena_reset(&a);
	arena_free(&a);
	ok(a.head == NULL, "arena_free leaves an empty arena");
	is_str(arena_dup(&a, "again", 5), "again",
	    "a freed arena can be used again");
	arena_free(&a);
}

/* AddressSanitizer itself refuses a block that is too large. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* Return the exit status of a child that asks for too much memory. */
static int
status_of(int which)
{
	pid_t pid = fork();
	struct arena a = { 0 };
	int st = -1;

	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(99);
		if (which == 0)
			mem_array(NULL, SIZE_MAX / 2, 16);
		else if (which == 1)
			mem_dup("", SIZE_MAX);
		else
			arena_get(&a, SIZE_MAX);
		_exit(0);
	}
	waitpid(pid, &st, 0);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

int
main(void)
{
	blocks();
	arenas();
	is_int(status_of(0), TG_EX_IO,
	    "a size that overflows as a product ends the program");
	is_int(status_of(1), TG_EX_IO,
	    "a size that overflows in a copy ends the program");
	is_int(status_of(2), TG_EX_IO,
	    "a size that overflows in an arena ends the program");
	return done();
}
