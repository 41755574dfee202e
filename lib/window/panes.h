/*
 * Open windows and their panes: the state of each key of a window.
 *
 * A map for each window, so that what fires is found without looking at the
 * panes of the others; windows stand in the order in which they fire.
 */
#ifndef MR_WINDOW_PANES_H
#define MR_WINDOW_PANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

#define MR_PANES_SPARE 4

struct mr_span {
	int64_t start, end; /* [start, end) in ms */
	uint64_t events;
	size_t held;        /* bytes that states hold outside of the map */
	size_t map_bytes;   /* of the map, when last looked at */
	struct mr_map *map; /* key -> state */
};

struct mr_panes {
	size_t state_size;
	void (*release_state)(void *self, void *state);
	void *self;

	struct mr_span **open; /* by end, then start; [head..head+n) */
	size_t head, n, cap;
	struct mr_span *last; /* looked up last: events come in runs */
	struct mr_map *spare[MR_PANES_SPARE];
	size_t spares;
	size_t bytes; /* all memory held */
	size_t count; /* panes in all spans */
};

/* One pane, to be written. */
struct mr_pane {
	const char *key;
	size_t len;
	void *state;
	uint64_t prefix; /* of the key, for the sort */
};

void mr_panes_init(struct mr_panes *, size_t state_size, void (*release_state)(void *, void *),
    void *self);
void mr_panes_release(struct mr_panes *);

/* The open window with these bounds, opened if need be; valid until it is closed. */
struct mr_span *mr_panes_open(struct mr_panes *, int64_t start, int64_t end);

/* The state of a key, zeroed if new; valid until the next call with this span. */
void *mr_panes_put(struct mr_panes *, struct mr_span *, const void *key, size_t len);

/* The states of a span hold `held` bytes now, outside of the map. */
static inline void
mr_panes_held(struct mr_panes *p, struct mr_span *span, size_t held)
{
	p->bytes += held - span->held;
	span->held = held;
}

/* The first to fire, or NULL. */
static inline struct mr_span *
mr_panes_first(const struct mr_panes *p)
{
	return p->n ? p->open[p->head] : NULL;
}

/* Its panes by key bytes, mr_map_count(span->map) of them; free() the array. */
struct mr_pane *mr_panes_sorted(const struct mr_span *);

/* Close the first window and forget its panes. */
void mr_panes_close(struct mr_panes *);

#endif
