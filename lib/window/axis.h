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
 *
 * Lengths below a day are time that passes.  Whole days and weeks are so too
 * without a zone, and local days, weeks from Monday, with one; months and
 * years are always those of the calendar.
 */
#ifndef MR_WINDOW_AXIS_H
#define MR_WINDOW_AXIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "time/calendar.h"
#include "time/duration.h"
#include "time/zone.h"

enum mr_axis_shape { MR_AXIS_NONE, MR_AXIS_TUMBLE, MR_AXIS_HOP, MR_AXIS_CUMULATE };

/* Lengths that follow each other on the axis, numbered: milliseconds, or units of the calendar. */
struct mr_cut {
	int64_t ms; /* of each; 0: n of a unit */
	enum mr_calendar_unit unit;
	int64_t n;
};

struct mr_axis {
	/* Set by the holder before setup. */
	enum mr_axis_shape shape;
	struct mr_period size, step; /* hop: SLIDE, cumulate: STEP */
	int64_t offset_ms;
	struct mr_zone *zone; /* of days, weeks, months and years; NULL: UTC; the axis's */

	/* Its own. */
	struct mr_cut cut; /* slices; with steps: the runs of slices that are numbered together */
	struct mr_cut step_cut;
	int64_t per, every; /* hop: slices in a window, and from one window to the next */
	int64_t steps;      /* numbers from one run to the next, a power of two; 0: no steps */
};

/* The greatest length that both are multiples of; of 0 and another, that. */
static inline int64_t
mr_gcd(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

struct mr_slice {
	int64_t number;
	int64_t start, end; /* [start, end) in ms */
};

void mr_axis_release(struct mr_axis *);

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
