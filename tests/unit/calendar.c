/*
 * calendar: days, weeks and months by a table of hand, and their laws at random.
 */
#include <stdbool.h>
#include <time.h>

#include "time/calendar.h"
#include "time/stamp.h"
#include "unit.h"

#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000)

static struct mr_zone *
zone(const char *name)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_zone *z = mr_zone_new(name, &err);

	if (!z) {
		printf("# %s: %s\n", name, err.text);
		exit(1);
	}
	return z;
}

static int64_t
at(const char *text)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_time t = {0, 0};

	if (mr_stamp_text(text, strlen(text), &t, &err) < 0)
		printf("# %s\n", err.text);
	return t.ms;
}

/* By the hand of a calendar: the unit that holds a time, its bounds in UTC, its hours. */
static const struct row {
	const char *zone;
	enum mr_calendar_unit unit;
	const char *time, *start, *end;
	double hours;
} table[] = {
#define D MR_CALENDAR_DAY
#define W MR_CALENDAR_WEEK
#define M MR_CALENDAR_MONTH
    /* changes of the clock, in and out of summer */
    {"Europe/Paris", D, "2026-03-29T00:30Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z", 23},
    {"Europe/Paris", D, "2026-03-29T21:59:59.999Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z", 23},
    {"Europe/Paris", D, "2026-03-29T22:00Z", "2026-03-29T22:00Z", "2026-03-30T22:00Z", 24},
    {"Europe/Paris", D, "2026-10-25T01:30Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z", 25},
    {"America/New_York", D, "2026-03-08T12:00Z", "2026-03-08T05:00Z", "2026-03-09T04:00Z", 23},
    {"America/New_York", D, "2026-11-01T12:00Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z", 25},
    {"Australia/Sydney", D, "2026-04-05T00:00Z", "2026-04-04T13:00Z", "2026-04-05T14:00Z", 25},
    {"Australia/Sydney", D, "2026-10-04T00:00Z", "2026-10-03T14:00Z", "2026-10-04T13:00Z", 23},
    /* midnight is skipped: the day begins at one */
    {"America/Sao_Paulo", D, "2018-11-04T12:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z", 23},
    {"America/Sao_Paulo", D, "2018-11-04T02:59:59.999Z", "2018-11-03T03:00Z", "2018-11-04T03:00Z", 24},
    /* the hour before midnight comes twice: once 23:59 is over, it is 23:00 of the same day */
    {"America/Sao_Paulo", D, "2019-02-17T02:30Z", "2019-02-16T02:00Z", "2019-02-17T03:00Z", 25},
    /* the hour behind midnight comes twice, of one day */
    {"America/Havana", D, "2026-11-01T05:30Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z", 25},
    {"America/Havana", D, "2026-03-08T12:00Z", "2026-03-08T05:00Z", "2026-03-09T04:00Z", 23},
    /* set back at 00:01 to 23:01: the new day has begun */
    {"America/St_Johns", D, "2010-11-07T02:30:30Z", "2010-11-07T02:30Z", "2010-11-08T03:30Z", 25},
    {"America/St_Johns", D, "2010-11-07T02:45Z", "2010-11-07T02:30Z", "2010-11-08T03:30Z", 25},
    {"America/St_Johns", D, "2010-11-07T02:29:59.999Z", "2010-11-06T02:30Z", "2010-11-07T02:30Z", 24},
    /* half an hour of summer */
    {"Australia/Lord_Howe", W, "2026-04-05T00:00Z", "2026-03-29T13:00Z", "2026-04-05T13:30Z", 168.5},
    /* no December 30 */
    {"Pacific/Apia", D, "2011-12-30T09:59:59.999Z", "2011-12-29T10:00Z", "2011-12-30T10:00Z", 24},
    {"Pacific/Apia", D, "2011-12-30T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z", 24},
    {"Pacific/Apia", W, "2011-12-30T10:00Z", "2011-12-26T10:00Z", "2012-01-01T10:00Z", 144},
    {"Pacific/Apia", M, "2011-12-30T10:00Z", "2011-12-01T10:00Z", "2011-12-31T10:00Z", 720},
    /* no August 21 */
    {"Pacific/Kwajalein", D, "1993-08-21T11:00Z", "1993-08-20T12:00Z", "1993-08-21T12:00Z", 24},
    /* October 18 comes again: the day that had begun has 48 hours */
    {"America/Juneau", D, "1867-10-19T12:00Z", "1867-10-18T08:57:41Z", "1867-10-20T08:57:41Z", 48},
    /* leap days, ends of years, weeks over them */
    {"UTC", D, "2024-02-29T23:59:59.999Z", "2024-02-29", "2024-03-01", 24},
    {"UTC", M, "2024-02-29T23:59:59.999Z", "2024-02-01", "2024-03-01", 29 * 24},
    {"UTC", M, "2026-02-28T23:59:59.999Z", "2026-02-01", "2026-03-01", 28 * 24},
    {"UTC", M, "2000-02-29", "2000-02-01", "2000-03-01", 29 * 24},
    {"UTC", M, "1900-02-28T12:00Z", "1900-02-01", "1900-03-01", 28 * 24},
    {"UTC", M, "2025-12-31T23:59:59.999Z", "2025-12-01", "2026-01-01", 31 * 24},
    {"UTC", W, "2026-01-01", "2025-12-29", "2026-01-05", 168},
    {"UTC", W, "2026-11-22T23:59:59.999Z", "2026-11-16", "2026-11-23", 168},
    {"UTC", W, "2026-11-23", "2026-11-23", "2026-11-30", 168},
    {"Europe/Paris", M, "2025-12-31T23:00Z", "2025-12-31T23:00Z", "2026-01-31T23:00Z", 744},
    {"Europe/Paris", M, "2026-03-15", "2026-02-28T23:00Z", "2026-03-31T22:00Z", 743},
    {"Europe/Paris", M, "2026-10-15", "2026-09-30T22:00Z", "2026-10-31T23:00Z", 745},
    {"Europe/Paris", W, "2026-03-29T21:59:59Z", "2026-03-22T23:00Z", "2026-03-29T22:00Z", 167},
    {"Asia/Kolkata", D, "2026-05-05T18:30Z", "2026-05-05T18:30Z", "2026-05-06T18:30Z", 24},
    {"Asia/Kathmandu", M, "2026-01-31T18:14:59.999Z", "2025-12-31T18:15Z", "2026-01-31T18:15Z", 744},
    /* before 1970 */
    {"UTC", D, "1969-12-31T23:59:59.999Z", "1969-12-31", "1970-01-01", 24},
    {"UTC", W, "1969-12-28T23:59:59.999Z", "1969-12-22", "1969-12-29", 168},
    {"UTC", W, "1970-01-01", "1969-12-29", "1970-01-05", 168},
    {"UTC", M, "1969-12-31T23:59:59.999Z", "1969-12-01", "1970-01-01", 744},
    {"America/New_York", D, "1942-02-09T12:00Z", "1942-02-09T05:00Z", "1942-02-10T04:00Z", 23},
    {"Europe/Paris", D, "0001-01-01T12:00Z", "0000-12-31T23:50:39Z", "0001-01-01T23:50:39Z", 24},
    {"UTC", M, "0000-02-29T12:00Z", "0000-02-01", "0000-03-01", 29 * 24},
    {"UTC", D, "9999-12-31T12:00Z", "9999-12-31", "+", 24},
    {"Europe/Paris", D, "9999-07-01T12:00Z", "9999-06-30T22:00Z", "9999-07-01T22:00Z", 24},
#undef D
#undef W
#undef M
};

static void
calendars_by_hand(void)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct row *row = &table[i];
		struct mr_zone *z = zone(row->zone);
		int64_t t = at(row->time);
		struct mr_calendar c;

		mr_calendar_find(z, row->unit, t, &c);
		if (c.start != at(row->start) || (*row->end != '+' && c.end != at(row->end)) ||
		    (double)(c.end - c.start) != row->hours * (double)HOUR || !mr_calendar_holds(&c, t)) {
			printf("# %s at %s: %lld to %lld, want %lld to %s\n", row->zone, row->time,
			    (long long)c.start, (long long)c.end, (long long)at(row->start), row->end);
			CHECK(false);
		}
		CHECK_INT(mr_calendar_index(z, row->unit, t), c.index);
		CHECK(!mr_calendar_holds(&c, c.end) && !mr_calendar_holds(&c, c.start - 1));
		mr_zone_free(z);
	}
}

static void
numbers(void)
{
	struct mr_zone *paris = zone("Europe/Paris"), *apia = zone("Pacific/Apia");

	CHECK_INT(mr_calendar_index(NULL, MR_CALENDAR_DAY, 0), 0);
	CHECK_INT(mr_calendar_index(NULL, MR_CALENDAR_DAY, -1), -1);
	CHECK_INT(mr_calendar_index(NULL, MR_CALENDAR_WEEK, 0), 0);
	CHECK_INT(mr_calendar_index(NULL, MR_CALENDAR_WEEK, -3 * DAY - 1), -1);
	CHECK_INT(mr_calendar_index(NULL, MR_CALENDAR_MONTH, 0), 0);
	CHECK_INT(mr_calendar_index(NULL, MR_CALENDAR_MONTH, -1), -1);
	CHECK_INT(mr_calendar_index(NULL, MR_CALENDAR_MONTH, at("2026-11-21")), 56 * 12 + 10);
	CHECK_INT(mr_calendar_index(paris, MR_CALENDAR_MONTH, at("2025-12-31T23:00Z")), 56 * 12);
	CHECK_INT(mr_calendar_start(NULL, MR_CALENDAR_WEEK, 1), 4 * DAY);
	CHECK_INT(mr_calendar_start(NULL, MR_CALENDAR_MONTH, -12), at("1969-01-01"));
	CHECK_INT(mr_calendar_start(NULL, MR_CALENDAR_MONTH, -1970 * 12), at("0000-01-01"));
	CHECK_INT(mr_calendar_start(paris, MR_CALENDAR_MONTH, 56 * 12), at("2025-12-31T23:00Z"));
	/* the day that Apia skipped begins with the one behind it, and holds nothing */
	CHECK_INT(mr_calendar_start(apia, MR_CALENDAR_DAY, at("2011-12-30") / DAY), at("2011-12-30T10:00Z"));
	CHECK_INT(mr_calendar_start(apia, MR_CALENDAR_DAY, at("2011-12-31") / DAY), at("2011-12-30T10:00Z"));
	CHECK_INT(mr_calendar_index(apia, MR_CALENDAR_DAY, at("2011-12-30T10:00Z")), at("2011-12-31") / DAY);
	CHECK_INT(mr_calendar_index(apia, MR_CALENDAR_DAY, at("2011-12-30T10:00Z") - 1),
	    at("2011-12-29") / DAY);
	mr_zone_free(paris);
	mr_zone_free(apia);
}

/* The bounds meet, hold the time, and are where the local clock comes to a first day. */
static int
check_laws(const struct mr_zone *z, const char *name, enum mr_calendar_unit unit, int64_t t)
{
	struct mr_calendar c, next, before;
	int64_t from, bad = 0;

	mr_calendar_find(z, unit, t, &c);
	mr_calendar_find(z, unit, c.end, &next);
	mr_calendar_find(z, unit, c.start - 1, &before);
	bad += !(c.start <= t && t < c.end);
	bad += next.start != c.end || next.index <= c.index || before.end != c.start;
	bad += next.index > c.index + 2 || before.index < c.index - 2;	/* a skipped day */
	bad += mr_calendar_index(z, unit, c.end - 1) != c.index;
	bad += mr_calendar_start(z, unit, c.index) != c.start;
	/* the clock has come to its first midnight now, and had not before */
	from = c.start + mr_zone_offset_ms(z, c.start);
	bad += mr_calendar_index(NULL, unit, from) != c.index;
	bad += mr_calendar_index(NULL, unit, c.start - 1 + mr_zone_offset_ms(z, c.start - 1)) >= c.index;
	if (bad)
		printf("# %s, unit %d, at %lld: %lld [%lld, %lld)\n", name, (int)unit, (long long)t,
		    (long long)c.index, (long long)c.start, (long long)c.end);
	return bad != 0;
}

static const char *const names[] = {"UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe",
    "Asia/Kolkata", "Asia/Kathmandu", "America/Havana", "America/Sao_Paulo", "Pacific/Apia",
    "Africa/Casablanca", "Africa/Monrovia", "Europe/Dublin", "America/Nuuk", "Antarctica/Troll",
    "America/St_Johns", "Pacific/Kwajalein", "Asia/Manila", "America/Juneau", "America/Asuncion"};

static void
laws_at_random(void)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct mr_zone *z = zone(names[i]);
		int bad = 0;

		for (int n = 0; n < 3000 && bad < 5; n++) {
			int64_t t = (int64_t)unit_draw(700 * 365 * DAY) - 130 * 365 * DAY;
			struct mr_zone_stretch s;

			if (n % 2) {	/* near a change */
				mr_zone_at(z, t, &s);
				if (s.to != INT64_MAX)
					t = s.to + (int64_t)unit_draw(50 * HOUR) - 25 * HOUR;
				if (n % 4 == 1 && s.to != INT64_MAX)
					t = s.to + (int64_t)unit_draw(3) - 1;
			}
			bad += check_laws(z, names[i], (enum mr_calendar_unit)(n % 3), t);
		}
		CHECK_INT(bad, 0);
		mr_zone_free(z);
	}
}

/* No day is without length but the one that the calendar of a place has skipped. */
static void
days_follow_each_other(void)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct mr_zone *z = zone(names[i]);
		int64_t empty = 0, last = mr_calendar_start(z, MR_CALENDAR_DAY, -46000), bad = 0;

		for (int64_t day = -45999; day < 100000; day++) {
			int64_t start = mr_calendar_start(z, MR_CALENDAR_DAY, day);

			bad += start < last || start - last > 49 * HOUR;
			empty += start == last;
			last = start;
		}
		CHECK_INT(bad, 0);
		CHECK_INT(empty, strcmp(names[i], "Pacific/Apia") == 0 ||
		    strcmp(names[i], "Pacific/Kwajalein") == 0 || strcmp(names[i], "Asia/Manila") == 0);
		mr_zone_free(z);
	}
}

static void
ends_of_time(void)
{
	struct mr_zone *zones[] = {NULL, zone("Europe/Paris"), zone("Australia/Sydney")};
	static const int64_t edges[] = {INT64_MIN, INT64_MIN + 1, INT64_MIN + DAY, INT64_MAX - DAY,
	    INT64_MAX - 1, INT64_MAX};

	for (int i = 0; i < 3; i++) {
		for (int unit = MR_CALENDAR_DAY; unit <= MR_CALENDAR_MONTH; unit++)
			for (int e = 0; e < 6; e++) {
				struct mr_calendar c;

				mr_calendar_find(zones[i], (enum mr_calendar_unit)unit, edges[e], &c);
				CHECK(c.start <= edges[e] && edges[e] <= c.end);
				mr_calendar_start(zones[i], (enum mr_calendar_unit)unit, edges[e]);
			}
		CHECK_INT(mr_calendar_start(zones[i], MR_CALENDAR_MONTH, INT64_MAX), INT64_MAX);
		CHECK_INT(mr_calendar_start(zones[i], MR_CALENDAR_WEEK, INT64_MIN), INT64_MIN);
		mr_zone_free(zones[i]);
	}
}

int
main(void)
{
	unit_seed((uint64_t)time(NULL));
	RUN(calendars_by_hand);
	RUN(numbers);
	RUN(laws_at_random);
	RUN(days_follow_each_other);
	RUN(ends_of_time);
	return unit_done();
}
