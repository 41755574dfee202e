/*
 * The operator of jdedup: of the events of a key that lie within D of event
 * time one is kept.
 *
 *   MR_KEEP_FIRST, MR_KEEP_LAST  events are held until the watermark has come
 *                  to them, and judged in the order of their times (spans.h).
 *                  What is kept does not depend on the order of arrival.
 *   MR_KEEP_ANY    the first to arrive is kept, at once (near.h)
 *
 * An event that is held is judged late when it is before the watermark, unless
 * it is seen to be a repeat all the same; with MR_KEEP_ANY when it is D or more
 * before it, for only then may what it repeats be forgotten.
 */
#ifndef MR_DEDUP_DEDUP_H
#define MR_DEDUP_DEDUP_H

#include "dedup/keys.h"
#include "dedup/near.h"
#include "dedup/spans.h"
#include "order/hold.h"

enum mr_keep { MR_KEEP_FIRST, MR_KEEP_LAST, MR_KEEP_ANY };

struct mr_dedup {
	/* Set by the holder between init and setup. */
	enum mr_keep keep;
	int64_t within_ms;
	size_t max_state; /* bytes; default 1G */
	struct mr_keys keys;
	struct mr_hold hold; /* its time, late, order, events; with MR_KEEP_ANY nothing is held */

	/* To read. */
	uint64_t repeats;

	/* Its own. */
	struct mr_spans spans;
	struct mr_near near;
};

void mr_dedup_init(struct mr_dedup *, struct mr_stage *);
void mr_dedup_release(struct mr_dedup *);

/* -1: err set, MR_EX_USAGE, or MR_EX_WORLD: hold.late.path. */
int mr_dedup_setup(struct mr_dedup *, struct mr_err *err);

/* Memory of keys, and how many there are. */
size_t mr_dedup_bytes(const struct mr_dedup *);
size_t mr_dedup_keys(const struct mr_dedup *);

/* The stage's callbacks. */
int mr_dedup_event(struct mr_dedup *, const struct mr_line *, struct mr_out *, struct mr_err *);
int mr_dedup_watermark(struct mr_dedup *, int64_t ms, struct mr_out *, struct mr_err *);
int mr_dedup_tick(struct mr_dedup *, int64_t clock_ms, struct mr_out *, struct mr_err *);
int mr_dedup_idle(struct mr_dedup *, struct mr_out *, struct mr_err *);

/* Write what is held: at the end, and behind a failure. */
int mr_dedup_end(struct mr_dedup *, struct mr_out *, struct mr_err *);

#endif
