/*
 * Durations as users write them: 250ms 60s 5m 1h30m 2d 1w, 1.5h, `1h 30m`,
 * min, ISO 8601 PT1H30M and P1DT2H.  A unit is needed (0 alone is fine); M
 * outside ISO is refused, because it could be a month; calendar units (mo, y,
 * ISO months and years) are refused with the reason.
 */
#ifndef MR_TIME_DURATION_H
#define MR_TIME_DURATION_H

#include <stdint.h>

#include "base/err.h"

/* Milliseconds, 0 or more; what is below a millisecond, negative or too large: -1, MR_EX_USAGE. */
int mr_duration_parse(const char *text, int64_t *ms, struct mr_err *err);

/* Shortest exact spelling, `1h30m`, for messages; room for 64 bytes. */
const char *mr_duration_text(int64_t ms, char room[64]);

#endif
