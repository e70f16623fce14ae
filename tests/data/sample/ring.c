#include <stddef.h>

/* A fixed-size queue of ints over a caller's array. */
struct ring {
	int *slots;
	size_t size, head, count;
};

/* 0, or -1 when the queue is full. */
int
ring_push(struct ring *r, int value)
{
	if (r->count == r->size)
		return -1;
	r->slots[(r->head + r->count++) % r->size] = value;
	return 0;
}

/* 0 and the oldest value, or -1 when the queue is empty. */
int
ring_pop(struct ring *r, int *value)
{
	if (r->count == 0)
		return -1;
	*value = r->slots[r->head];
	r->head = (r->head + 1) % r->size;
	r->count--;
	return 0;
}
