/*
 * The time axis cut into slices, and the windows over it.
 *
 * A slice is the longest run of time that no bound of a window cuts; slices
 * are numbered along the axis.  An event is counted in one slice only, and a
 * window is a run of slices: that is what tumbling, hopping and cumulating
 * windows have in common, and why an event costs the same in all of them
 * (paned windows: Li et al., "No Pane, No Gain", SIGMOD Record 2005).
 *
 * A window is named by its last slice.  No two windows have the same one, so
 * that they fire in the order of their names.
 */
#ifndef MR_WINDOW_AXIS_H
#define MR_WINDOW_AXIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum mr_axis_shape { MR_AXIS_NONE, MR_AXIS_TUMBLE, MR_AXIS_HOP, MR_AXIS_CUMULATE };

/* Lengths that follow each other on the axis, numbered from the epoch or the offset. */
struct mr_cut {
	int64_t ms; /* of each */
};

struct mr_axis {
	/* Set by the holder before setup. */
	enum mr_axis_shape shape;
	int64_t size_ms, step_ms; /* hop: SLIDE, cumulate: STEP */
	int64_t offset_ms;

	/* Its own. */
	struct mr_cut cut;  /* slices; cumulate: the runs of windows that begin together */
	int64_t per, every; /* hop: slices in a window, and from one window to the next */
	int64_t steps;      /* cumulate: names from one run to the next, a power of two */
};

struct mr_slice {
	int64_t number;
	int64_t start, end; /* [start, end) in ms */
};

/* -1: err set, MR_EX_USAGE. */
int mr_axis_setup(struct mr_axis *, struct mr_err *err);

/* The slice of a time. */
struct mr_slice mr_axis_slice(const struct mr_axis *, int64_t ms);

/* The windows that a slice is in: the first and the last to fire. */
int64_t mr_axis_first(const struct mr_axis *, int64_t slice);
int64_t mr_axis_last(const struct mr_axis *, int64_t slice);

/* Of a window: the one that fires next, its first slice, its bounds in ms. */
int64_t mr_axis_next(const struct mr_axis *, int64_t window);
int64_t mr_axis_from(const struct mr_axis *, int64_t window);
int64_t mr_axis_start(const struct mr_axis *, int64_t window);
int64_t mr_axis_end(const struct mr_axis *, int64_t window);

#endif
