/*
 * Spans of panes: runs of time by number, each with a pane for each key.
 *
 * A map for each span, so that what fires is found without looking at the
 * panes of the others.
 */
#ifndef MR_WINDOW_PANES_H
#define MR_WINDOW_PANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "window/spec.h"

#define MR_PANES_SPARE 4

struct mr_span {
	int64_t number;
	int64_t start, end; /* the holder's: [start, end) in ms */
	uint64_t events;    /* the holder's */
	size_t held;        /* bytes that panes hold outside of the map */
	size_t map_bytes;   /* of the map, when last looked at */
	struct mr_map *map; /* key -> pane */
};

struct mr_panes {
	const struct mr_spec *spec; /* of the panes; NULL: they are `size` bytes of the holder's */
	size_t size;
	size_t *bytes; /* the holder's count of all memory held */

	struct mr_span **open; /* by number; [head..head+n) */
	size_t head, n, cap;
	struct mr_span *last; /* opened or found last: events come in runs */
	struct mr_map *spare[MR_PANES_SPARE];
	size_t spares;
	size_t count; /* panes in all spans */
};

/* size: of a pane with what the holder keeps behind it. */
void mr_panes_init(struct mr_panes *, const struct mr_spec *, size_t size, size_t *bytes);
void mr_panes_release(struct mr_panes *);

/* The span of a number, or NULL; valid until it is closed. */
struct mr_span *mr_panes_find(struct mr_panes *, int64_t number);

/* The same, opened if need be. */
struct mr_span *mr_panes_open(struct mr_panes *, int64_t number);

/* The place of the first span whose number is not below this one: at[place..n) are the rest. */
size_t mr_panes_place(const struct mr_panes *, int64_t number);

static inline struct mr_span *
mr_panes_at(const struct mr_panes *p, size_t place)
{
	return place < p->n ? p->open[p->head + place] : NULL;
}

/* The pane of a key, zeroed if new; valid until the next call with this span. */
void *mr_panes_put(struct mr_panes *, struct mr_span *, const void *key, size_t len);

/* The panes of a span hold `held` bytes now, outside of the map. */
static inline void
mr_panes_held(struct mr_panes *p, struct mr_span *span, size_t held)
{
	*p->bytes += held - span->held;
	span->held = held;
}

/* Close the first span and forget its panes. */
void mr_panes_close(struct mr_panes *);

#endif
