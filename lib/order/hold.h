/*
 * Events that are held until the watermark has come to their times, and are
 * then given on in the order of their times, equal times in the order of
 * arrival: what jsort and jdedup have in common.
 *
 *   events, any order --> held --watermark w--> those at w and before it, in order
 *
 * No event before w is expected any more (behind it, w being in whole
 * milliseconds): one at exactly w may be given, what still comes at w has a
 * later arrival; one some nanoseconds behind w has to wait.  An event before
 * the watermark that the events before it made is late.
 *
 * When is put off: events are given in large batches, or when the input
 * pauses.  What is given, and where among it a watermark stands, is not
 * changed by that.
 *
 * The watermarks of the stream are written behind the events that they
 * released.  Events within the millisecond of a watermark may come behind it;
 * so that windows downstream, which fire at the last millisecond of theirs, do
 * not call them late, watermarks are written a millisecond less once times
 * with a part of a millisecond have been seen.
 */
#ifndef MR_ORDER_HOLD_H
#define MR_ORDER_HOLD_H

#include "event/event_time.h"
#include "order/order.h"
#include "event/late.h"
#include "stream/stage.h"

#define MR_HOLD_LINE_MAX ((size_t)1 << 30) /* what is put is shorter than 4 of them */
#define MR_HOLD_EVERY 1000 /* ms of event time between the own watermarks that are written */

struct mr_hold {
	struct mr_stage *stage;
	struct mr_event_time time;
	struct mr_late late;
	struct mr_order order;
	uint64_t events; /* accepted, late ones too */

	/*
	 * Set by the holder: an event is given, key->at being what was put.
	 * reached, if there: all events before ms were given, no more of them
	 * come.  bound, if there: the watermark, ms or less, that holds for what
	 * the holder still has to write.
	 */
	int (*give)(void *self, const struct mr_order_key *, struct mr_out *, struct mr_err *);
	int (*reached)(void *self, int64_t ms, struct mr_out *, struct mr_err *);
	int64_t (*bound)(void *self, int64_t ms);
	void *self;

	/* Its own. */
	bool fine;           /* times have parts of a millisecond */
	bool failed;         /* of a temporary file, or of give() */
	struct mr_buf marks; /* watermarks that are to be written, in their places */
	int64_t queued_ms;   /* the own watermark that was last to be written */
	int64_t written_ms;  /* the last one written */
	bool written_idle;
};

/* The stage's control is MR_CONTROL_HOLD, or MR_CONTROL_MAKE to write watermarks of one's own. */
void mr_hold_init(struct mr_hold *, struct mr_stage *);
void mr_hold_release(struct mr_hold *);

/* -1: err set, MR_EX_USAGE, or MR_EX_WORLD: late.path. */
int mr_hold_setup(struct mr_hold *, struct mr_err *err);

/* --late-to and --memory */
int mr_hold_late_to(struct mr_hold *, const char *path, struct mr_err *err);

/* --late, which the window tool has, and which getopt would take for --late-to.  -1, err set. */
int mr_hold_no_late(struct mr_err *err);
int mr_hold_memory(struct mr_hold *, const char *size, struct mr_err *err);

/* Is it late? */
static inline bool
mr_hold_is_late(const struct mr_hold *h, const struct mr_time *time)
{
	return time->ms < h->time.now_ms;
}

/* A late event: it is counted, and kept if there is a file. */
int mr_hold_late(struct mr_hold *, const struct mr_line *, const struct mr_time *, struct mr_err *);

/*
 * Hold an event that is not late: len bytes are to be written to what is
 * returned, then mr_hold_held() is called.
 */
static inline char *
mr_hold_put(struct mr_hold *h, const struct mr_time *time, size_t len)
{
	return mr_order_put(&h->order, time, len);
}
int mr_hold_held(struct mr_hold *, const struct mr_time *, struct mr_out *, struct mr_err *);

/* The stage's callbacks. */
int mr_hold_watermark(struct mr_hold *, int64_t ms, struct mr_out *, struct mr_err *);
int mr_hold_tick(struct mr_hold *, int64_t clock_ms, struct mr_out *, struct mr_err *);
int mr_hold_idle(struct mr_hold *, struct mr_out *, struct mr_err *);

/* Give what the watermark has come to. */
int mr_hold_release_due(struct mr_hold *, struct mr_out *, struct mr_err *);

/* Give all that is held. */
int mr_hold_end(struct mr_hold *, struct mr_out *, struct mr_err *);

/* For the line of USR1, and metrics. */
void mr_hold_status(const struct mr_hold *, struct mr_buf *);
void mr_hold_metrics(const struct mr_hold *, struct mr_buf *);

#endif
