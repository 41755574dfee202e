/*
 * The window operator: events in, results out when the watermark passes.
 *
 *   {"window_start":...,"window_end":...,<by...>,<aggregates...>}
 *
 * A window [s, e) fires when the watermark reaches e - 1 ms, and an event is
 * late for it when the watermark, made by the events before it, is already
 * there.  A session, which an event at e still joins, fires at e.  So what is
 * late depends on the order of the input alone.  Results that one watermark
 * releases come ordered by window_end, window_start and key bytes.
 *
 * With late_ms or an emit other than final a result may be written several
 * times; each then carries ,"revision":n,"final":true or false.
 *
 * The watermark is the stream's, or made from the events' times (event_time.h).
 */
#ifndef MR_WINDOW_WINDOW_H
#define MR_WINDOW_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "stream/in.h"
#include "event/event_time.h"
#include "event/late.h"
#include "stream/out.h"
#include "window/axis.h"
#include "window/read.h"

enum mr_emit {
	MR_EMIT_FINAL,   /* once, when it is complete */
	MR_EMIT_UPDATES, /* behind each event that changes it */
	MR_EMIT_EVERY,   /* changed ones, each time the watermark crosses a multiple of emit_ms */
	MR_EMIT_COUNT    /* behind each emit_count events of it */
};

#define MR_WINDOW_SOON 8 /* a power of two, below MR_STAGE_AHEAD */

struct mr_window_kind; /* kind.h */

struct mr_window {
	/* Set by the holder between init and setup: one of axis.shape, gap_ms, count, global. */
	int chosen; /* which of them, by its option */
	struct mr_axis axis;
	int64_t gap_ms;        /* sessions: events up to so far apart are of one */
	uint64_t count, slide; /* windows of `count` events, one each `slide`; 0: count */
	int64_t timeout_ms;    /* of these: the longest that one may wait; 0: for ever */
	bool global;           /* one window for the whole stream */
	enum mr_emit emit;
	int64_t emit_ms;
	uint64_t emit_count;
	int64_t late_ms; /* so much longer late events still change a result */
	struct mr_event_time time;
	struct mr_read read;
	size_t max_state; /* bytes */
	struct mr_late late;

	/* To read. */
	uint64_t events; /* accepted, late ones too */
	uint64_t rows;   /* results written */
	int64_t now_ms;  /* the watermark; MR_TIME_MIN: none yet */
	size_t bytes;    /* of memory that open windows take */

	/* Its own. */
	const struct mr_window_kind *kind;
	void *state;  /* the kind's */
	bool revised; /* results may be written several times */
	int64_t
	    upto_ms; /* what ends here or before is complete: now_ms, or everything at the end */
	int64_t next_ms;               /* the first time at which the kind has something to do */
	struct mr_buf ahead;           /* the key of an event ahead */
	uint64_t soon[MR_WINDOW_SOON]; /* hashes of those that came ahead last, in a circle */
	size_t next_soon;
	struct mr_buf bounds; /* of the result written last, spelled */
	int64_t bounds_start, bounds_end;
};

/* The stage scans for the window from here on. */
void mr_window_init(struct mr_window *, struct mr_stage *);
void mr_window_release(struct mr_window *);

/* Check and complete what was set.  -1: err set, MR_EX_USAGE, or MR_EX_WORLD: late.path. */
int mr_window_setup(struct mr_window *, struct mr_err *err);

/*
 * An event, line->vals being what read.scan found in it.
 * Return: 0; -1 err set: MR_EX_DATA a bad record, which left no trace; else
 *         MR_EX_WORLD: output, or the state is over max_state.
 */
int mr_window_event(struct mr_window *, const struct mr_line *, struct mr_out *, struct mr_err *);

/* What was found in an event that comes MR_STAGE_AHEAD events later: its state begins to load. */
void mr_window_ahead(struct mr_window *, const struct mr_val *vals);

/* A watermark of the stream: fire what it completes. */
int mr_window_watermark(struct mr_window *, int64_t ms, struct mr_out *, struct mr_err *);

/* The clock (CLOCK_MONOTONIC): silence, where the input is live. */
int mr_window_tick(struct mr_window *, int64_t clock_ms, struct mr_out *, struct mr_err *);

/* Fire everything that is open. */
int mr_window_end(struct mr_window *, struct mr_out *, struct mr_err *);

/*
 * The watermark of the results: no window that begins below it will be
 * written any more.  It holds for window_start and so for window_end.
 */
int64_t mr_window_results_watermark(const struct mr_window *);

/* Windows, groups and events that are open. */
void mr_window_open(const struct mr_window *, size_t *windows, size_t *groups, uint64_t *events);

#endif
