/*
 * The watermark of a stage with one or more inputs (partitions).
 *
 * watermark = min over active inputs of (max event time - lag); it never
 * decreases.  An input is active, at minus infinity, until its first event; silent for idle_ms
 * it stops holding the watermark back until its next event; one that ended
 * leaves the minimum.  When every input of a live source has been silent
 * for idle_ms, watermark = max event time + silence - lag: the only use of
 * the clock.  Time here is CLOCK_MONOTONIC milliseconds, given by the caller.
 *
 * The watermark that judges an event is the one before it: read now_ms, then
 * call mr_wm_event().
 *
 * Cost: the minimum stands at the root of a tree over the inputs, so that an
 * event costs O(1) when its input's newest time stays or does not hold the minimum
 * of its pair, and never more than O(log inputs).
 *
 * Model: Akidau et al., "The Dataflow Model" (VLDB 2015), and Flink's
 * WatermarkOutputMultiplexer (bounded out-of-orderness, with idleness).
 */
#ifndef MR_TIME_WATERMARK_H
#define MR_TIME_WATERMARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mr_wm_input {
	int64_t max_ms;   /* newest event time; MR_TIME_MIN: none yet */
	int64_t heard_ms; /* clock of the last event, or of the start */
	bool idle, ended;
};

struct mr_wm {
	int64_t lag_ms;
	int64_t idle_ms; /* 0: never idle */
	bool live;       /* may the clock move it? no with -e and for files: nothing idles */
	int64_t now_ms;  /* the watermark; MR_TIME_MIN: none yet */
	size_t inputs;
	struct mr_wm_input *in;

	/* The rest is watermark.c's own. */
	int64_t max_ms, heard_ms; /* newest of all inputs */
	size_t active, left;      /* neither idle nor ended; not ended */
	size_t cap;               /* leaves of the tree, a power of two */
	int64_t *tree;            /* [1] the minimum, [cap + i] max_ms of input i while active */
};

void mr_wm_init(struct mr_wm *, size_t inputs, int64_t lag_ms, int64_t idle_ms, bool live,
    int64_t clock_ms);
void mr_wm_release(struct mr_wm *);
size_t mr_wm_add(struct mr_wm *, int64_t clock_ms); /* one more input; its index */

/* Each returns true if the watermark moved. */
bool mr_wm_event(struct mr_wm *, size_t input, int64_t event_ms, int64_t clock_ms);
bool mr_wm_end(struct mr_wm *, size_t input);      /* the last one: MR_TIME_MAX */
bool mr_wm_tick(struct mr_wm *, int64_t clock_ms); /* idleness */

/*
 * The input has data that waits to be read: its silence starts now at the
 * earliest, and it holds the watermark back again if it was idle.
 */
void mr_wm_busy(struct mr_wm *, size_t input, int64_t clock_ms);

/* True when all inputs that have not ended are idle. */
bool mr_wm_idle(const struct mr_wm *);

#endif
