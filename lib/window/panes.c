/*
 * panes - open windows in a sorted array, a hash map in each.
 *
 * New windows nearly always come at the end of the array, and fire from its
 * front, which only moves `head`: both cost O(1); a window opened in the
 * middle moves the pointers behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "window/panes.h"

/* A map that grew large in a peak is not kept for the windows after it. */
#define SPARE_BYTES ((size_t)4 << 20)

void
mr_panes_init(struct mr_panes *p, size_t state_size, void (*release_state)(void *, void *),
    void *self)
{
	*p = (struct mr_panes){.state_size = state_size,
	    .release_state = release_state,
	    .self = self};
}

void
mr_panes_release(struct mr_panes *p)
{
	while (p->n)
		mr_panes_close(p);
	while (p->spares)
		mr_map_free(p->spare[--p->spares]);
	free(p->open);
	p->open = NULL;
	p->cap = p->head = 0;
}

static struct mr_span *
new_span(struct mr_panes *p, int64_t start, int64_t end)
{
	struct mr_span *span = mr_xcalloc(1, sizeof *span);

	span->start = start;
	span->end = end;
	span->map = p->spares ? p->spare[--p->spares] : mr_map_new(p->state_size);
	span->map_bytes = mr_map_bytes(span->map);
	p->bytes += sizeof *span + span->map_bytes;
	return span;
}

static void
insert(struct mr_panes *p, size_t at, struct mr_span *span)
{
	if (p->head + p->n == p->cap) {
		if (p->head >= p->n + 16) { /* more than half is free in front */
			memmove(p->open, p->open + p->head, p->n * sizeof(struct mr_span *));
			at -= p->head;
			p->head = 0;
		} else {
			p->cap = p->cap ? 2 * p->cap : 64;
			p->open = mr_xrealloc(p->open, p->cap * sizeof(struct mr_span *));
		}
	}
	memmove(p->open + at + 1, p->open + at, (p->head + p->n - at) * sizeof(struct mr_span *));
	p->open[at] = span;
	p->n++;
}

struct mr_span *
mr_panes_open(struct mr_panes *p, int64_t start, int64_t end)
{
	size_t low = p->head, high = p->head + p->n;

	if (p->last && p->last->start == start && p->last->end == end)
		return p->last;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct mr_span *s = p->open[middle];

		if (s->end < end || (s->end == end && s->start < start))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == p->head + p->n || p->open[low]->end != end || p->open[low]->start != start) {
		p->last = new_span(p, start, end);
		insert(p, low, p->last);
	} else {
		p->last = p->open[low];
	}
	return p->last;
}

void *
mr_panes_put(struct mr_panes *p, struct mr_span *span, const void *key, size_t len)
{
	bool is_new;
	void *state = mr_map_put(span->map, key, len, &is_new);

	if (is_new) {
		size_t bytes = mr_map_bytes(span->map);

		p->bytes += bytes - span->map_bytes;
		span->map_bytes = bytes;
		p->count++;
	}
	return state;
}

static uint64_t
prefix_of(const char *key, size_t len)
{
	unsigned char first[8] = {0};
	uint64_t prefix = 0;

	if (len)
		memcpy(first, key, len < 8 ? len : 8);
	for (int i = 0; i < 8; i++)
		prefix = prefix << 8 | first[i];
	return prefix;
}

static int
by_key(const void *va, const void *vb)
{
	const struct mr_pane *a = va, *b = vb;
	size_t shared = a->len < b->len ? a->len : b->len;
	int cmp;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	cmp = shared ? memcmp(a->key, b->key, shared) : 0;
	return cmp ? cmp : (a->len > b->len) - (a->len < b->len);
}

struct mr_pane *
mr_panes_sorted(const struct mr_span *span)
{
	size_t n = mr_map_count(span->map);
	struct mr_pane *panes = mr_xmalloc(n * sizeof *panes);

	for (size_t i = 0; i < n; i++) {
		const void *key;

		panes[i].state = mr_map_at(span->map, i, &key, &panes[i].len);
		panes[i].key = key;
		panes[i].prefix = prefix_of(key, panes[i].len);
	}
	qsort(panes, n, sizeof *panes, by_key);
	return panes;
}

void
mr_panes_close(struct mr_panes *p)
{
	struct mr_span *span = p->open[p->head];
	size_t n = mr_map_count(span->map), len;
	const void *key;

	if (p->release_state)
		for (size_t i = 0; i < n; i++)
			p->release_state(p->self, mr_map_at(span->map, i, &key, &len));
	p->bytes -= sizeof *span + span->map_bytes + span->held;
	p->count -= n;
	if (p->spares < MR_PANES_SPARE && span->map_bytes <= SPARE_BYTES) {
		mr_map_clear(span->map);
		p->spare[p->spares++] = span->map;
	} else {
		mr_map_free(span->map);
	}
	if (p->last == span)
		p->last = NULL;
	free(span);
	p->head++;
	if (--p->n == 0)
		p->head = 0;
}
