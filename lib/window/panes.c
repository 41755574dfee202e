/*
 * panes - open spans in a sorted array, a hash map in each.
 *
 * New spans nearly always come at the end of the array, and are closed from
 * its front, which only moves `head`: both cost O(1); a span opened in the
 * middle moves the pointers behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "window/pane.h"
#include "window/panes.h"

/* A map that grew large in a peak is not kept for the windows after it. */
#define SPARE_BYTES ((size_t)4 << 20)

void
mr_panes_init(struct mr_panes *p, const struct mr_spec *spec, size_t size, size_t *bytes)
{
	*p = (struct mr_panes){.spec = spec, .size = size, .bytes = bytes};
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
new_span(struct mr_panes *p, int64_t number)
{
	struct mr_span *span = mr_xcalloc(1, sizeof *span);

	span->number = number;
	span->map = p->spares ? p->spare[--p->spares] : mr_map_new(p->size);
	span->map_bytes = mr_map_bytes(span->map);
	*p->bytes += sizeof *span + span->map_bytes;
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

size_t
mr_panes_place(const struct mr_panes *p, int64_t number)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->open[p->head + middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct mr_span *
mr_panes_find(struct mr_panes *p, int64_t number)
{
	struct mr_span *span;

	if (p->last && p->last->number == number)
		return p->last;
	span = mr_panes_at(p, mr_panes_place(p, number));
	if (!span || span->number != number)
		return NULL;
	return p->last = span;
}

struct mr_span *
mr_panes_open(struct mr_panes *p, int64_t number)
{
	struct mr_span *span = mr_panes_find(p, number);

	if (span)
		return span;
	span = new_span(p, number);
	insert(p, p->head + mr_panes_place(p, number), span);
	return p->last = span;
}

void *
mr_panes_put(struct mr_panes *p, struct mr_span *span, const void *key, size_t len)
{
	bool is_new;
	void *pane = mr_map_put(span->map, key, len, &is_new);

	if (is_new) {
		size_t bytes = mr_map_bytes(span->map);

		*p->bytes += bytes - span->map_bytes;
		span->map_bytes = bytes;
		p->count++;
	}
	return pane;
}

void
mr_panes_close(struct mr_panes *p)
{
	struct mr_span *span = p->open[p->head];
	size_t n = mr_map_count(span->map), len, held = span->held;
	const void *key;

	if (p->spec && span->held)
		for (size_t i = 0; i < n; i++)
			mr_pane_release(p->spec, mr_map_at(span->map, i, &key, &len), &held);
	*p->bytes -= sizeof *span + span->map_bytes + span->held;
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
