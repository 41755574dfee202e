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

#endif
