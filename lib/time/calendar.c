/*
 * calendar - units of a local calendar, from days.
 *
 * All starts are those of days, so weeks and months are groups of day
 * numbers, and only days look at the zone.
 */
#include "time/calendar.h"
#include "time/civil.h"

#define ERA_MONTHS (12 * MR_ERA_YEARS)

/*
 * The clock shows this day or, when it was set back over a midnight, has shown
 * the next one: what counts is the latest day begun.
 */
static int64_t
day_index(const struct mr_zone *zone, int64_t ms)
{
	int64_t of_day = mr_floor_mod(ms, MR_DAY_MS) + mr_zone_offset_ms(zone, ms);
	int64_t day = mr_floor_div(ms, MR_DAY_MS) + mr_floor_div(of_day, MR_DAY_MS);

	while (zone && ms < INT64_MAX && mr_calendar_start(zone, MR_CALENDAR_DAY, day + 1) <= ms)
		day++;
	return day;
}

static int64_t
month_of(int64_t day)
{
	int64_t year;
	unsigned month, mday;

	mr_civil_from_days(day, &year, &month, &mday);
	return (year - 1970) * 12 + month - 1;
}

/* Its first day; wide, since any number is taken. */
static __int128
first_day(enum mr_calendar_unit unit, int64_t index)
{
	int64_t era, of_era;

	if (unit == MR_CALENDAR_DAY)
		return index;
	if (unit == MR_CALENDAR_WEEK)
		return (__int128)index * 7 - 3;
	era = mr_floor_div(index, ERA_MONTHS); /* the calendar of 1970 to 2369 repeats */
	of_era = mr_floor_mod(index, ERA_MONTHS);
	return (__int128)era * MR_ERA_DAYS +
	    mr_days_from_civil((unsigned)(1970 + of_era / 12), (unsigned)(of_era % 12) + 1, 1);
}

int64_t
mr_calendar_index(const struct mr_zone *zone, enum mr_calendar_unit unit, int64_t ms)
{
	int64_t day = day_index(zone, ms);

	switch (unit) {
	case MR_CALENDAR_WEEK: return mr_floor_div(day + 3, 7);
	case MR_CALENDAR_MONTH: return month_of(day);
	default: return day;
	}
}

int64_t
mr_calendar_start(const struct mr_zone *zone, enum mr_calendar_unit unit, int64_t index)
{
	__int128 ms = first_day(unit, index) * MR_DAY_MS;

	if (ms > INT64_MAX)
		return INT64_MAX;
	if (ms < INT64_MIN)
		return INT64_MIN;
	return mr_zone_instant(zone, (int64_t)ms);
}

void
mr_calendar_find(const struct mr_zone *zone, enum mr_calendar_unit unit, int64_t ms,
    struct mr_calendar *c)
{
	c->index = mr_calendar_index(zone, unit, ms);
	c->start = mr_calendar_start(zone, unit, c->index);
	c->end = mr_calendar_start(zone, unit, c->index + 1);
}
