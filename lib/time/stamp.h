/*
 * Points in time: one parser for every tool.
 *
 * Forms: RFC 3339 (0-9 fraction digits or more, cut at 9; `T`, `t` or space;
 * Z, +hh:mm, +hhmm, +hh), the same without offset = UTC (SQL spelling), both
 * also without their seconds, a date alone = its midnight UTC, epoch seconds,
 * milli-, micro- or nanoseconds as number or as a string of digits.  A leap
 * second :60 counts as the next minute's :00.  Years 0000 to 9999 in UTC;
 * dates that do not exist are refused.
 */
#ifndef MR_TIME_STAMP_H
#define MR_TIME_STAMP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/scan.h"

#define MR_TIME_MIN INT64_MIN /* before every time: no watermark yet */
#define MR_TIME_MAX INT64_MAX /* behind every time: the end of the input */

struct mr_time {
	int64_t ms; /* milliseconds since 1970-01-01T00:00:00Z, floored */
	int32_t ns; /* nanoseconds behind ms, 0..999999 */
};

enum mr_unit { MR_UNIT_AUTO, MR_UNIT_S, MR_UNIT_MS, MR_UNIT_US, MR_UNIT_NS };

/*
 * The unit of epoch numbers: by magnitude of the first one (below 1e11 s, 1e14 ms,
 * 1e17 us, else ns), then pinned: a later number of another magnitude whose
 * reading in the pinned unit is 500 times or more away from the first is refused.
 * 0 is the same time in every unit: it pins nothing and is never a jump.
 */
struct mr_stamper {
	enum mr_unit unit; /* set beforehand: --time-unit, then nothing is guessed */
	double first;      /* the number that pinned it, 0 before */

	/* Its own: what the minute of the last time in UTC was, for the next. */
	char minute[16]; /* 2026-11-21T10:00 */
	int64_t minute_ms;
};

#define MR_STAMPER_INIT \
	{ \
		.unit = MR_UNIT_AUTO \
	}

/* "s", "ms", "us", "ns" -> unit; -1 MR_EX_USAGE */
int mr_unit_parse(const char *text, enum mr_unit *unit, struct mr_err *err);

/*
 * The time a scanned value stands for.
 * Return: 0, or -1 err set, MR_EX_DATA, in words that name the value's
 *         trouble: missing, null, not a time, no such date, unit jumps.  The
 *         caller puts the path in front: mr_err_prefix(err, "%s", ".ts").
 */
int mr_stamp_val(struct mr_stamper *, const struct mr_val *, struct mr_time *, struct mr_err *err);

/* The same for text as a user types it (option arguments): no quotes, no unit pinned. */
int mr_stamp_text(const char *at, size_t len, struct mr_time *, struct mr_err *err);

/*
 * Refuse a time more than ahead_ms past the wall clock: one broken clock must
 * not close every window.  0, or -1 err set, MR_EX_DATA.
 */
int mr_stamp_ahead(int64_t ms, int64_t ahead_ms, struct mr_err *);

/* Append `2026-11-21T10:00:00.000Z` (24 bytes for years 0000-9999; beyond them ISO 8601's +YYYYY). */
void mr_stamp_write(struct mr_buf *out, int64_t ms);

#endif
