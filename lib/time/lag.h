/*
 * How far events really come behind, in bounded memory: what tells a user
 * which lag to choose.
 *
 * The delay of an event is the newest event time before it less its own: 0 or
 * more when it is not ahead.  A watermark of lag L has reached the event, and
 * may have closed its window, when the delay is L or more: that is late here.
 *
 * A histogram with 64 buckets for each power of two: delays below 128 ms are
 * exact, larger ones to 1/64 of their size (HdrHistogram, G. Tene, 2012).
 */
#ifndef MR_TIME_LAG_H
#define MR_TIME_LAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define MR_LAG_BITS 6
#define MR_LAG_BUCKETS ((64 - MR_LAG_BITS) << MR_LAG_BITS)

struct mr_lag { /* zeroed: no events */
	uint64_t events, late;
	int64_t max_ms; /* the largest delay; 0: none */
	uint64_t n[MR_LAG_BUCKETS];
};

/* delay_ms below 0: the event is ahead, and has none. */
void mr_lag_add(struct mr_lag *, int64_t delay_ms, bool late);

/* The delay that `parts` of 10000 events do not exceed: never too small, too large by 1/64 at most. */
int64_t mr_lag_quantile(const struct mr_lag *, unsigned parts);

/* Append `p50 0s p90 20ms p99 1.2s p99.9 3s max 5s, late 12 of 3000 (0.4 %)`. */
void mr_lag_write(const struct mr_lag *, struct mr_buf *out);

#endif
