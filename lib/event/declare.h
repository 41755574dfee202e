/*
 * What is declared of the time of a stream: where an event has it, how late
 * events come, which of them say how far the stream is, and what its
 * partitions are.  jwatermark's watermark is made here.
 *
 * An event that says how far its partition is (`at`) moves the watermark of
 * that partition there at once, without the lag; the watermark is the least of
 * the partitions' (time/watermark.h), and never decreases.
 */
#ifndef MR_EVENT_DECLARE_H
#define MR_EVENT_DECLARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "jq/field.h"
#include "stream/in.h"
#include "time/lag.h"
#include "time/stamp.h"
#include "time/watermark.h"

#define MR_PARTITIONS_MAX 10000 /* of more values, a field is no partition but a key */

struct mr_declare {
	/* Set by the holder between init and setup; texts are the holder's. */
	const char *time;      /* default .ts */
	const char *at;        /* NULL: no event says it */
	const char *partition; /* NULL: there is one */
	struct mr_stamper stamper;
	int64_t lag_ms;     /* default 15 s; -1: times of events do not move the watermark */
	int64_t idle_ms;    /* 0: never */
	int64_t ahead_ms;   /* a time further past the wall clock is refused; 0: none is */
	int64_t partitions; /* the watermark waits for so many of them */

	/* To read. */
	bool thorough; /* from setup on: lines have to be valid, whoever says that they are */
	struct mr_wm wm;
	struct mr_lag lag;     /* how late events came, for that watermark */
	struct mr_map *inputs; /* the partitions there are */

	/* Its own. */
	struct mr_scan *scan;
	struct mr_field time_field, at_field, partition_field;
	int64_t *newest_ms; /* event time of each partition; MR_TIME_MIN: none yet */
	struct mr_buf key, room;
};

/* The scan is the holder's, and not yet in use. */
void mr_declare_init(struct mr_declare *, struct mr_scan *scan);
void mr_declare_release(struct mr_declare *);

/* live: the clock, CLOCK_MONOTONIC, may move the watermark.  -1: err set, MR_EX_USAGE. */
int mr_declare_setup(struct mr_declare *, bool live, int64_t clock_ms, struct mr_err *err);

struct mr_declared {
	int64_t ms; /* the event's time; MR_TIME_MIN: it has none, it only says how far all is */
	int64_t delay_ms; /* how far it is behind the newest of its partition; below 0: it is not */
	bool moved;       /* the watermark did */
	bool said;        /* the event says how far the stream is */
};

/*
 * An event; clock_ms is of use to a live stream alone.
 * Return: 0, or -1 err set, MR_EX_DATA: a bad record, which left no trace.
 */
int mr_declare_event(struct mr_declare *, const struct mr_line *, int64_t clock_ms,
    struct mr_declared *, struct mr_err *err);

#endif
