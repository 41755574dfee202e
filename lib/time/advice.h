/*
 * Which lag to choose, from the delays of all events (lag.h says what these
 * are): exact, where lag.h is bounded.
 *
 * Memory: 16 bytes for each different delay of events that are not ahead, in
 * milliseconds, and 8 for those that came last.
 */
#ifndef MR_TIME_ADVICE_H
#define MR_TIME_ADVICE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct mr_advice_delay {
	int64_t ms;
	uint64_t n; /* events */
};

struct mr_advice { /* zeroed: no events */
	uint64_t events;
	uint64_t behind; /* with a delay of 0 or more: not ahead */

	/* Its own. */
	struct mr_advice_delay *delay; /* ordered */
	size_t ndelay;
	int64_t *fresh; /* delays that are not yet among them */
	size_t nfresh, room;
};

void mr_advice_release(struct mr_advice *);

/* delay_ms below 0: the event is ahead of all before it, and never late. */
void mr_advice_add(struct mr_advice *, int64_t delay_ms);

/* How many events come when a watermark of that lag has reached them. */
uint64_t mr_advice_late(struct mr_advice *, int64_t lag_ms);

/* The smallest lag with which at most so many are late. */
int64_t mr_advice_lag(struct mr_advice *, uint64_t late);

/* A lag that is easy to type and no smaller: 1, 2, 5, 10 ... of a unit. */
int64_t mr_advice_round(int64_t lag_ms);

/*
 * Append the report, lines for people.  `late` is what lag_ms, the lag there
 * is, made late.
 */
void mr_advice_write(struct mr_advice *, int64_t lag_ms, uint64_t late, struct mr_buf *out);

#endif
