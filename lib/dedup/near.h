/*
 * Repeats among events as they come, in any order of their times.
 *
 * The first of a key to arrive is kept; a later one repeats it if its time is
 * less than D away, before or behind.  What is kept is known at once, and
 * depends on the order of arrival.
 *
 * Kept times of a key are D or more apart, so that each interval of D, from a
 * multiple of it to the next, has at most one of them: a map for each interval,
 * and an event is looked up in three.
 */
#ifndef MR_DEDUP_NEAR_H
#define MR_DEDUP_NEAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "time/stamp.h"

#define MR_NEAR_SPARE 4

struct mr_near {
	int64_t within_ms; /* D, above 0 */
	size_t bytes;      /* memory, about */
	size_t keys;

	/* Its own. */
	struct mr_near_interval {
		int64_t number; /* times from number * D on */
		size_t bytes;
		struct mr_map *map;
	} * interval; /* by number, [head..n) are there still */
	size_t head, n, cap;
	struct mr_map *spare[MR_NEAR_SPARE];
	size_t spares;
};

void mr_near_init(struct mr_near *, int64_t within_ms);
void mr_near_release(struct mr_near *);

/* An event: 1 it is a repeat, 0 it is kept. */
int mr_near_event(struct mr_near *, const struct mr_time *, const char *key, size_t key_len);

/* No event before ms comes any more: forget what none can repeat. */
void mr_near_reached(struct mr_near *, int64_t ms);

#endif
