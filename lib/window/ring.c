/*
 * ring - a queue of panes in a circle.
 *
 * The older part holds, at each place, all from there to the part's end; the
 * newer part single panes, with `back` their sum.  When the older part is
 * used up, the newer one becomes it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "window/pane.h"
#include "window/ring.h"

struct mr_ring {
	const struct mr_spec *spec;
	size_t cap, head, n, old; /* places; the oldest; all; how many are the older part */
	size_t stride;
	struct mr_extent back_extent;
	char *back;
	char *place;
};

struct place {
	struct mr_extent extent;
	char pane[] __attribute__((aligned(8)));
};

static struct place *
place_at(const struct mr_ring *r, size_t i)
{
	return (struct place *)(r->place + (r->head + i) % r->cap * r->stride);
}

static size_t
stride_of(const struct mr_spec *spec)
{
	return (sizeof(struct place) + spec->state_size + 7) / 8 * 8;
}

size_t
mr_ring_bytes(const struct mr_spec *spec, size_t cap)
{
	return sizeof(struct mr_ring) + cap * stride_of(spec) + spec->state_size;
}

struct mr_ring *
mr_ring_new(const struct mr_spec *spec, size_t cap)
{
	struct mr_ring *r = mr_xcalloc(1, sizeof *r);

	r->spec = spec;
	r->cap = cap;
	r->stride = stride_of(spec);
	r->back_extent = MR_EXTENT_NONE;
	r->back = mr_xcalloc(1, spec->state_size + 1);
	r->place = mr_xcalloc(cap, r->stride);
	return r;
}

void
mr_ring_free(struct mr_ring *r, size_t *held)
{
	if (!r)
		return;
	while (r->n)
		mr_ring_pop(r, held);
	mr_pane_release(r->spec, r->back, held);
	free(r->back);
	free(r->place);
	free(r);
}

size_t
mr_ring_count(const struct mr_ring *r)
{
	return r->n;
}

void
mr_ring_push(struct mr_ring *r, const void *pane, struct mr_extent extent, size_t *held)
{
	struct place *p = place_at(r, r->n++);

	p->extent = extent;
	memcpy(p->pane, pane, r->spec->state_size);
	mr_pane_merge(r->spec, r->back, p->pane, held);
	r->back_extent = mr_extent_join(r->back_extent, extent);
}

/* The newer part becomes the older one. */
static void
turn(struct mr_ring *r, size_t *held)
{
	for (size_t i = r->n - 1; i-- > 0;) {
		struct place *p = place_at(r, i), *behind = place_at(r, i + 1);

		mr_pane_merge(r->spec, p->pane, behind->pane, held);
		p->extent = mr_extent_join(p->extent, behind->extent);
	}
	r->old = r->n;
	mr_pane_release(r->spec, r->back, held);
	memset(r->back, 0, r->spec->state_size);
	r->back_extent = MR_EXTENT_NONE;
}

void
mr_ring_pop(struct mr_ring *r, size_t *held)
{
	struct place *p;

	if (r->old == 0)
		turn(r, held);
	p = place_at(r, 0);
	mr_pane_release(r->spec, p->pane, held);
	r->head = (r->head + 1) % r->cap;
	r->n--;
	r->old--;
}

void
mr_ring_total(const struct mr_ring *r, void *pane, size_t *held)
{
	if (r->old)
		mr_pane_merge(r->spec, pane, place_at(r, 0)->pane, held);
	mr_pane_merge(r->spec, pane, r->back, held);
}

struct mr_extent
mr_ring_extent(const struct mr_ring *r)
{
	return r->old ? mr_extent_join(place_at(r, 0)->extent, r->back_extent) : r->back_extent;
}
