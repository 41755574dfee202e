/*
 * heap - timers in a binary heap.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "base/heap.h"
#include "base/mem.h"

static bool
before(struct mr_timer a, struct mr_timer b)
{
	return a.at < b.at || (a.at == b.at && a.what < b.what);
}

void
mr_heap_release(struct mr_heap *h)
{
	free(h->timer);
	*h = (struct mr_heap)MR_HEAP_INIT;
}

void
mr_heap_push(struct mr_heap *h, int64_t at, uint64_t what)
{
	struct mr_timer t = {at, what};
	size_t i = h->n;

	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap + h->cap / 2 : 16;
		h->timer = mr_xrealloc(h->timer, h->cap * sizeof *h->timer);
	}
	for (h->n++; i > 0 && before(t, h->timer[(i - 1) / 2]); i = (i - 1) / 2)
		h->timer[i] = h->timer[(i - 1) / 2];
	h->timer[i] = t;
}

struct mr_timer
mr_heap_pop(struct mr_heap *h)
{
	struct mr_timer first = h->timer[0], last = h->timer[--h->n];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->n)
			break;
		if (child + 1 < h->n && before(h->timer[child + 1], h->timer[child]))
			child++;
		if (!before(h->timer[child], last))
			break;
		h->timer[i] = h->timer[child];
		i = child;
	}
	if (h->n)
		h->timer[i] = last;
	return first;
}
