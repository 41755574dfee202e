/*
 * Repeats among events that come in the order of their times.
 *
 * The earliest event of a key opens a span of it, from its time t to t + D,
 * t + D not in it; what has the key and lies in the span repeats it, and the
 * first event behind opens the next one.  Of each span one event is kept, the
 * first or the last:
 *
 *   key a    x--x-----x  |     x------------|
 *            [ D         )     [ D          )
 *
 * Because the order is that of event time, what is kept does not depend on
 * when an event arrived; equal times stand in the order of arrival.
 *
 * Memory: a key is forgotten between D and 2 D behind the begin of its span.
 * Spans begin, and so end, in order: those that are kept until their last
 * event is known are a queue.
 */
#ifndef MR_DEDUP_SPANS_H
#define MR_DEDUP_SPANS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "stream/out.h"
#include "time/stamp.h"

struct mr_span_last; /* of an open span: its last event */

struct mr_spans {
	int64_t within_ms; /* D, above 0 */
	bool last;         /* keep the last of a span, not the first */
	size_t bytes;      /* memory, about */
	size_t open;       /* spans whose last event is not known yet; 0 if the first is kept */

	/* Its own. */
	struct mr_map *young, *old; /* of keys whose span began since, and before that */
	int64_t young_ms;
	struct mr_span_last *queue; /* a ring of the open ones */
	size_t room;
	uint64_t head;     /* the number of the first that is open */
	size_t line_bytes; /* of lines in the queue */
};

void mr_spans_init(struct mr_spans *, int64_t within_ms, bool last);
void mr_spans_release(struct mr_spans *);
size_t mr_spans_keys(const struct mr_spans *);

/*
 * An event, in order: line[0..len-1] with its newline.  What is known now to
 * be kept is written.  Return: 1 it is a repeat, 0 it opened a span, -1.
 */
int mr_spans_event(struct mr_spans *, const struct mr_time *, const char *key, size_t key_len,
    const char *line, size_t len, struct mr_out *, struct mr_err *);

/*
 * An event that came too late for its place in the order: 1 it is a repeat, as
 * far as is known, and in a span that is open it may be the last; 0 it is not.
 */
int mr_spans_late(struct mr_spans *, const struct mr_time *, const char *key, size_t key_len,
    const char *line, size_t len);

/* No event before ms comes any more: write the last of spans that end there. */
int mr_spans_reached(struct mr_spans *, int64_t ms, struct mr_out *, struct mr_err *);

/* What is still to be written is not before that; MR_TIME_MAX: nothing is open. */
int64_t mr_spans_oldest(const struct mr_spans *);

/* Write what is open. */
int mr_spans_end(struct mr_spans *, struct mr_out *, struct mr_err *);

#endif
