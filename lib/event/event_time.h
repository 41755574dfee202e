/*
 * The event time of a stage: where an event has its time, and the watermark,
 * which the stream brings or the stage makes, from each event's time and a lag.
 *
 * The watermark that judges an event is the one made by the events before it.
 */
#ifndef MR_EVENT_EVENT_TIME_H
#define MR_EVENT_EVENT_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "jq/field.h"
#include "stream/stage.h"
#include "time/stamp.h"
#include "time/watermark.h"

struct mr_event_time {
	/* Set by options. */
	const char *text; /* a field; default .ts */
	struct mr_stamper stamper;
	int64_t lag_ms, idle_ms; /* of the own watermark; default 15 s, idle 0: never */
	int64_t ahead_ms;        /* a time further past the wall clock is refused; -1: none is */
	bool lag_given;

	/* To read. */
	bool own;       /* no watermarks come in: it is made here */
	int64_t now_ms; /* the watermark; MR_TIME_MIN: none yet */

	/* Its own. */
	struct mr_stage *stage;
	struct mr_field field;
	bool begun, live, heard;
	int64_t heard_ms; /* CLOCK_MONOTONIC: the last silence began then or later */
	int64_t wall_ms;  /* the wall clock when last asked */
	struct mr_wm wm;
};

void mr_event_time_init(struct mr_event_time *, struct mr_stage *);
void mr_event_time_release(struct mr_event_time *);

/* The options of event time, for the table of a tool; their codes are from 512 up. */
enum { MR_OPT_IDLE = 512, MR_OPT_LAG, MR_OPT_AHEAD, MR_OPT_TIME, MR_OPT_UNIT };
#define MR_EVENT_TIME_IDLE \
	{ \
		"idle", required_argument, NULL, MR_OPT_IDLE \
	}
#define MR_EVENT_TIME_LAG \
	{ \
		"lag", required_argument, NULL, MR_OPT_LAG \
	}
#define MR_EVENT_TIME_AHEAD \
	{ \
		"max-ahead", required_argument, NULL, MR_OPT_AHEAD \
	}
#define MR_EVENT_TIME_TIME \
	{ \
		"time", required_argument, NULL, MR_OPT_TIME \
	}
#define MR_EVENT_TIME_UNIT \
	{ \
		"time-unit", required_argument, NULL, MR_OPT_UNIT \
	}

/* Take one of them.  -1: err set, MR_EX_USAGE. */
int mr_event_time_option(struct mr_event_time *, int c, const char *arg, struct mr_err *err);

/* The options are known: have the time found by the stage's scan. */
int mr_event_time_setup(struct mr_event_time *, struct mr_err *err);

/* With --idle, or another silence that matters, on a live input: how often a tick is due, else 0. */
int mr_event_time_tick_ms(const struct mr_event_time *, int64_t silence_ms);

/* In each callback of the stage, before anything else: the stream's first line is known now. */
void mr_event_time_begin(struct mr_event_time *);

/* The time of an event, line->vals being what was found in it.  -1: err set, MR_EX_DATA. */
int mr_event_time_read(struct mr_event_time *, const struct mr_line *, struct mr_time *,
    struct mr_err *err);

/*
 * Each returns true if the watermark moved: an event was accepted, which moves
 * the own one; a watermark came in; the clock went on, in ms of CLOCK_MONOTONIC.
 */
bool mr_event_time_event(struct mr_event_time *, int64_t ms);
bool mr_event_time_watermark(struct mr_event_time *, int64_t ms);
bool mr_event_time_tick(struct mr_event_time *, int64_t clock_ms);

/* How long a live input has been silent, at the last tick; of another, 0. */
int64_t mr_event_time_silence(const struct mr_event_time *, int64_t clock_ms);

/* How far behind a late event is: behind the newest, or, where watermarks come in, behind them. */
int64_t mr_event_time_behind(const struct mr_event_time *, int64_t ms);

#endif
