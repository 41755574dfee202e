/*
 * arena - chunks stand at multiples of their size, so that the place of an
 * event tells its chunk; one with a longer event is longer, and the event
 * begins within the first part of it.
 */
#include <stdint.h>

#include "base/mem.h"
#include "order/arena.h"

#define PAGE ((size_t)4096)
#define FEW_SPARES 8

struct mr_chunk {
	size_t bytes, used;    /* this included */
	size_t live;           /* events that are not dropped */
	struct mr_chunk *next; /* of the spare ones */
};

void
mr_arena_init(struct mr_arena *a, size_t chunk_bytes)
{
	*a = (struct mr_arena){.chunk_bytes = chunk_bytes};
}

void
mr_arena_release(struct mr_arena *a)
{
	if (a->at)
		mr_xunmap(a->at, a->at->bytes);
	while (a->spare) {
		struct mr_chunk *c = a->spare;

		a->spare = c->next;
		mr_xunmap(c, c->bytes);
	}
	a->at = NULL;
	a->spares = 0;
}

static struct mr_chunk *
new_chunk(struct mr_arena *a, size_t len)
{
	struct mr_chunk *c = a->spare;
	size_t bytes = a->chunk_bytes;

	if (sizeof *c + len > bytes) {
		bytes = (sizeof *c + len + PAGE - 1) & ~(PAGE - 1);
		c = NULL;
	}
	if (c) {
		a->spare = c->next;
		a->spares--;
	} else {
		c = mr_xmap(a->chunk_bytes, bytes);
	}
	*c = (struct mr_chunk){bytes, sizeof *c, 0, NULL};
	a->bytes += bytes;
	return c;
}

/* As much as is held is kept for what comes: events are dropped and put in turns. */
static void
forget(struct mr_arena *a, struct mr_chunk *c)
{
	a->bytes -= c->bytes;
	if (c->bytes > a->chunk_bytes || a->spares > a->bytes / a->chunk_bytes + FEW_SPARES) {
		mr_xunmap(c, c->bytes);
		return;
	}
	c->next = a->spare;
	a->spare = c;
	a->spares++;
}

char *
mr_arena_put(struct mr_arena *a, size_t len)
{
	struct mr_chunk *c = a->at;
	char *at;

	if (!c || c->bytes > a->chunk_bytes || c->bytes - c->used < len + (len == 0)) {
		if (c && c->live == 0)
			forget(a, c);
		a->at = c = new_chunk(a, len + (len == 0));
	}
	at = (char *)c + c->used;
	c->used += len + (len == 0); /* no event begins behind its chunk */
	c->live++;
	return at;
}

void
mr_arena_drop(struct mr_arena *a, char *at)
{
	struct mr_chunk *c = (struct mr_chunk *)(void *)(at -
	    ((uintptr_t)at & (a->chunk_bytes - 1)));

	if (--c->live > 0)
		return;
	if (c == a->at)
		c->used = sizeof *c;
	else
		forget(a, c);
}
