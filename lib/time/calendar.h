/*
 * Days, weeks and months of the calendar in a time zone.
 *
 * They are numbered: days from 1970-01-01, which is 0; weeks, from Monday to
 * Sunday, with 0 the one that this day is in; months from January 1970.  A
 * year is 12 months and, as they begin with a January, 12 months from a
 * multiple of 12 on.  Numbers before are negative.
 *
 * A unit begins when the local clock first shows its first midnight, or
 * later, and ends when the next one begins:
 *     start(index(t)) <= t < start(index(t) + 1)
 * So a day may have 23 or 25 hours, and where the clock skips midnight it
 * begins at one.  Where the clock is set back over a midnight that it has
 * shown (Newfoundland at 00:01, till 2011), the new day goes on: it does not end twice.
 * A day that the calendar skips (2011-12-30 in Apia) has no length: it starts
 * when the next one does, and no time is in it.
 *
 * Times are milliseconds since 1970, zone NULL is UTC.  All of int64 is taken;
 * what would lie beyond it is its last value.
 */
#ifndef MR_TIME_CALENDAR_H
#define MR_TIME_CALENDAR_H

#include <stdint.h>

#include "time/zone.h"

enum mr_calendar_unit { MR_CALENDAR_DAY, MR_CALENDAR_WEEK, MR_CALENDAR_MONTH };

/* One of them: start <= time < end. */
struct mr_calendar {
	int64_t index, start, end;
};

/* The number of the unit that a time is in. */
int64_t mr_calendar_index(const struct mr_zone *, enum mr_calendar_unit, int64_t ms);

/* When that unit begins. */
int64_t mr_calendar_start(const struct mr_zone *, enum mr_calendar_unit, int64_t index);

/*
 * Both at once.  A caller keeps the struct, and asks again only for a time outside
 * of its bounds: a run of events costs two comparisons each.
 */
void mr_calendar_find(const struct mr_zone *, enum mr_calendar_unit, int64_t ms,
    struct mr_calendar *);

static inline int
mr_calendar_holds(const struct mr_calendar *c, int64_t ms)
{
	return c->start <= ms && ms < c->end;
}

#endif
