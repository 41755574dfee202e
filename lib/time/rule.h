/*
 * The rule of a time zone for all years to come: what POSIX calls the
 * variable TZ, and RFC 9636 (section 3.3) the footer of a file of tzdata.
 * `CET-1CEST,M3.5.0,M10.5.0/3`: an hour east of Greenwich, two in summer, from
 * the last Sunday of March to the last of October.
 *
 * Times of a change may be from -167 to 167 hours of its day.  Without dates,
 * as in EST5EDT, those of the C library are taken: ,M3.2.0,M11.1.0.
 */
#ifndef MR_TIME_RULE_H
#define MR_TIME_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mr_rule_date {
	enum {
		MR_RULE_JULIAN, /* Jn: day 1..365, February 29 is not counted */
		MR_RULE_DAY,    /* n: day 0..365 */
		MR_RULE_WEEKDAY
	} kind; /* Mm.w.d: the w-th (5: last) weekday d (0: Sunday) */
	int month, week, day;
	int32_t time_s; /* of that day, by the clock before the change */
};

struct mr_rule {
	int32_t standard_s, summer_s; /* seconds to add to UTC */
	bool changes;                 /* has summer time, between these: */
	struct mr_rule_date start, end;
};

/* Returns NULL, or why the text is none: a constant. */
const char *mr_rule_parse(const char *text, size_t len, struct mr_rule *);

/*
 * When summer time starts and ends in that year of the local calendar, in
 * seconds since 1970 UTC; for rules that change, and years within ±10^9.
 */
int64_t mr_rule_start(const struct mr_rule *, int64_t year);
int64_t mr_rule_end(const struct mr_rule *, int64_t year);

#endif
