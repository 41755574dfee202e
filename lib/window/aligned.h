/*
 * The state of windows that are aligned on the time axis: see aligned.c.
 */
#ifndef MR_WINDOW_ALIGNED_H
#define MR_WINDOW_ALIGNED_H

#include "window/kind.h"
#include "window/panes.h"

#define MR_JOIN_LEVELS 56

struct mr_aligned {
	/*
	 * level[0]: the slices.  A span i of level k is the slices i * 2^k up
	 * to, and not with, (i + 1) * 2^k, joined when a window first needed it.
	 */
	struct mr_panes level[MR_JOIN_LEVELS];
	unsigned levels; /* above these nothing was joined */
	int64_t joined;  /* nor are slices from here on */

	/* Of each window and key that may be written again, by window. */
	struct mr_panes shown;

	struct mr_map *whole; /* the panes of a window of several spans, while it fires */
	size_t whole_held;
	void *pane; /* the same for one key */

	int64_t next, fire_ms; /* the window that fires next, and when */
	int64_t close_ms;      /* when the first slice can be forgotten */
	int64_t tick_ms;       /* when changed results are due */

	struct mr_change *change; /* MR_EMIT_EVERY: since the last tick, each once */
	size_t changes, change_cap;
};

/* The pane of a key in a slice was changed. */
struct mr_change {
	int64_t slice;
	size_t key; /* its number in the slice's map */
};

/* What was written of a window and key. */
struct mr_shown {
	uint64_t revision; /* the next */
	uint64_t pending;  /* MR_EMIT_COUNT: events since then */
};

/*
 * The spans that make up the slices from..to, in order of time; at[] has room
 * for 2 * MR_JOIN_LEVELS.  Joins what will be of use to later windows.
 */
size_t mr_aligned_cover(struct mr_window *, int64_t from, int64_t to, struct mr_span **at);

/* An event that is late for windows that fired went into a slice: and into what it was joined to. */
void mr_aligned_follow(struct mr_window *, int64_t slice);

/* Forget what is joined of slices up to this one. */
void mr_aligned_unjoin(struct mr_aligned *, int64_t slice);

#endif
