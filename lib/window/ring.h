/*
 * The panes of the last events of a key, as many as a window by count holds.
 *
 * A queue with an aggregate over all that is in it: push and pop cost O(1)
 * merges, amortized (two stacks: Tangwongsan, Hirzel, Schneider, "Low-Latency
 * Sliding-Window Aggregation in Worst-Case Constant Time", DEBS 2017, 2.2).
 */
#ifndef MR_WINDOW_RING_H
#define MR_WINDOW_RING_H

#include <stddef.h>
#include <stdint.h>

#include "window/spec.h"

/* What is known of some events beside their pane: the bounds of their times. */
struct mr_extent {
	int64_t min_ms, max_ms; /* min above max: no event */
};

#define MR_EXTENT_NONE ((struct mr_extent){INT64_MAX, INT64_MIN})

struct mr_ring;

struct mr_ring *mr_ring_new(const struct mr_spec *, size_t cap);
void mr_ring_free(struct mr_ring *,
    size_t *held); /* held: bytes outside of panes, of all together */
size_t mr_ring_count(const struct mr_ring *);
size_t mr_ring_bytes(const struct mr_spec *, size_t cap);

/* Behind the others; the pane is taken over, by its bytes.  There are less than cap. */
void mr_ring_push(struct mr_ring *, const void *pane, struct mr_extent, size_t *held);
void mr_ring_pop(struct mr_ring *, size_t *held); /* the oldest */

/* All of them together: added to a pane; their times. */
void mr_ring_total(const struct mr_ring *, void *pane, size_t *held);
struct mr_extent mr_ring_extent(const struct mr_ring *);

static inline struct mr_extent
mr_extent_join(struct mr_extent a, struct mr_extent b)
{
	return (struct mr_extent){a.min_ms < b.min_ms ? a.min_ms : b.min_ms,
	    a.max_ms > b.max_ms ? a.max_ms : b.max_ms};
}

#endif
