/*
 * keep - bytes in place or on the heap.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "window/agg/keep.h"

void
mr_keep_set(struct mr_keep *k, const char *at, size_t len, size_t *held)
{
	if (k->is_far ? len > k->far.cap : len > sizeof k->here) {
		size_t old = k->is_far ? k->far.cap : 0;
		char *room = mr_xmalloc(len);

		if (k->is_far)
			free(k->far.at);
		k->far.at = room;
		k->far.cap = len;
		k->is_far = 1;
		*held += len - old;
	}
	memcpy(k->is_far ? k->far.at : k->here, at, len);
	k->len = len;
}

void
mr_keep_release(struct mr_keep *k, size_t *held)
{
	if (k->is_far) {
		*held -= k->far.cap;
		free(k->far.at);
	}
	*k = (struct mr_keep){0};
}
