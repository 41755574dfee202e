/*
 * Late events: those that came behind the watermark, too late for what the
 * tool does with them.  Each is counted, and kept in a file if there is one:
 *
 *   {"why":"late","watermark":"...","time":"...","line":<the event's bytes>}
 */
#ifndef MR_EVENT_LATE_H
#define MR_EVENT_LATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/in.h"
#include "stream/out.h"

struct mr_late {
	const char *path; /* --late-to; null: late events are counted only */
	struct mr_out file;
	uint64_t count;
	int64_t worst_ms; /* how far the latest was behind the newest event, or the watermark */
};

#define MR_LATE_INIT \
	{ \
		.file = {.fd = -1 } \
	}

/* Open path, if set, for appending.  -1: err set, MR_EX_WORLD. */
int mr_late_open(struct mr_late *, struct mr_err *err);

/* by_ms: how late, for the report. */
int mr_late_event(struct mr_late *, const struct mr_line *, int64_t watermark_ms, int64_t time_ms,
    int64_t by_ms, struct mr_err *err);

int mr_late_flush(struct mr_late *, struct mr_err *err);

/*
 * Say on standard error what was late, if anything; above 1 % of all events
 * also what helps.  came: what they were too late for, `came when their window
 * had fired`; own: the tool made the watermark itself.
 */
void mr_late_report(const struct mr_late *, uint64_t events, const char *came, bool own);

/* Flush, as far as that is possible, and close; mr_late_flush() before it reports errors. */
void mr_late_release(struct mr_late *);

#endif
