/*
 * heap - timers in a binary heap.
 */
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

/* Put a timer where i is free and what is below it is in order. */
static void
sift(struct mr_heap *h, size_t i, struct mr_timer t)
{
	for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && before(h->timer[child + 1], h->timer[child]))
			child++;
		if (!before(h->timer[child], t))
			break;
		h->timer[i] = h->timer[child];
	}
	h->timer[i] = t;
}

struct mr_timer
mr_heap_pop(struct mr_heap *h)
{
	struct mr_timer first = h->timer[0], last = h->timer[--h->n];

	if (h->n)
		sift(h, 0, last);
	return first;
}

void
mr_heap_filter(struct mr_heap *h, bool (*keep)(const void *self, uint64_t what), const void *self)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		if (keep(self, h->timer[i].what))
			h->timer[n++] = h->timer[i];
	h->n = n;
	for (size_t i = n / 2; i-- > 0;)
		sift(h, i, h->timer[i]);
}
