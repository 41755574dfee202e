/*
 * Days since 1970-01-01 of a date in the proleptic Gregorian calendar, and
 * back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
 * days_from_civil and civil_from_days.  Years begin in March there, so that
 * the leap day is the last of a year; an era is 400 years, 146097 days.
 */
#ifndef MR_TIME_CIVIL_H
#define MR_TIME_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define MR_DAY_MS INT64_C(86400000)
#define MR_ERA_DAYS 146097
#define MR_ERA_YEARS 400

/* Rounded down, as times before 1970 want it; b > 0. */
static inline int64_t
mr_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* What is left of it then, 0 or more. */
static inline int64_t
mr_floor_mod(int64_t a, int64_t b)
{
	int64_t rest = a % b;

	return rest < 0 ? rest + b : rest;
}

static inline bool
mr_leap_year(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Years from 0; month 1..12, and a day that it has. */
static inline int64_t
mr_days_from_civil(unsigned year, unsigned month, unsigned day)
{
	unsigned y = year + 400 - (month <= 2); /* one era up: never negative */
	unsigned era = y / 400, yoe = y % 400;
	unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return ((int64_t)era - 1) * MR_ERA_DAYS + doe - 719468;
}

/* Any day that a time in milliseconds can be on. */
static inline void
mr_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / MR_ERA_DAYS;
	unsigned doe = (unsigned)(z - era * MR_ERA_DAYS);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = yoe + era * MR_ERA_YEARS + (*month <= 2);
}

#endif
