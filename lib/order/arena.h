/*
 * Bytes of events that come and go in nearly the same order: chunks, each
 * given back when the last event in it is gone.
 */
#ifndef MR_ORDER_ARENA_H
#define MR_ORDER_ARENA_H

#include <stddef.h>

struct mr_chunk;

struct mr_arena {
	size_t chunk_bytes; /* a power of two, pages */
	size_t bytes;       /* of all chunks but the spare ones */
	size_t spares;
	struct mr_chunk *at, *spare;
};

void mr_arena_init(struct mr_arena *, size_t chunk_bytes);

/* Only when all was dropped. */
void mr_arena_release(struct mr_arena *);

/* Room for len bytes, valid until it is dropped. */
char *mr_arena_put(struct mr_arena *, size_t len);
void mr_arena_drop(struct mr_arena *, char *at);

#endif
