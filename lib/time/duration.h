/*
 * Durations as users write them: 250ms 60s 5m 1h30m 2d 1w, 1.5h, `1h 30m`,
 * min, ISO 8601 PT1H30M and P1DT2H.  A unit is needed (0 alone is fine); M
 * outside ISO is refused, because it could be a month; calendar units (mo, y,
 * ISO months and years) are refused with the reason.  Units go from large to
 * small, each once, and only the last may have a fraction.  A day is 24 hours.
 */
#ifndef MR_TIME_DURATION_H
#define MR_TIME_DURATION_H

#include <stdint.h>

#include "base/err.h"

/* 10000 years: with any time added, no overflow */
#define MR_DURATION_MAX (INT64_C(3652425) * 86400000)

/* Milliseconds, 0 or more; what is below a millisecond, negative or too large: -1, MR_EX_USAGE. */
int mr_duration_parse(const char *text, int64_t *ms, struct mr_err *err);

/* Short exact spelling that parses back, `1h30m`, `1.5s`, `0s`, for messages; room for 64 bytes. */
const char *mr_duration_text(int64_t ms, char room[64]);

#define MR_PERIOD_MONTHS 120000 /* and as long a period of months */

/*
 * A period of the calendar, or a duration: 1mo, 3mo, 1y, 1y6mo, P1M are months;
 * whole days and weeks, 1d, 2w, P1W, are days, which a time zone may make longer or
 * shorter; all else, 24h and 1d12h too, is milliseconds as above.  Months and
 * years are whole, and stand with nothing else.
 */
struct mr_period {
	int64_t ms; /* of these three one at most is not 0 */
	int months; /* a year is 12 */
	int days;   /* a week is 7 */
};

/* MR_EX_USAGE as above; 0 in any unit is 0 ms. */
int mr_period_parse(const char *text, struct mr_period *, struct mr_err *err);

/* Short exact spelling that parses back, `1y6mo`, `2w`, `36h`; room for 64 bytes. */
const char *mr_period_text(const struct mr_period *, char room[64]);

#endif
