/*
 * rule - `EST5EDT,M3.2.0,M11.1.0` to the two changes of each year.
 */
#include <string.h>

#include "time/civil.h"
#include "time/rule.h"

#define DAY_S 86400

struct reader {
	const char *at, *end;
	const char *why; /* NULL: well so far */
};

static bool
next_is(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
refuse(struct reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	r->at = r->end;
}

/* At most 4 digits are read: all numbers of a rule are smaller. */
static int
read_number(struct reader *r, int min, int max)
{
	const char *first = r->at;
	int n = 0;

	for (; r->at < r->end && r->at - first < 4 && is_digit(*r->at); r->at++)
		n = n * 10 + (*r->at - '0');
	if (r->at == first)
		refuse(r, "a number is missing");
	else if (n < min || n > max)
		refuse(r, "a number is out of range");
	return n;
}

/* CET, <+0330>: three bytes or more.  Nobody here needs it. */
static void
skip_name(struct reader *r)
{
	bool quoted = next_is(r, '<');
	const char *first = r->at;

	for (; r->at < r->end; r->at++) {
		char c = *r->at;

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(quoted && (is_digit(c) || c == '+' || c == '-'))))
			break;
	}
	if (r->at - first < 3 || (quoted && !next_is(r, '>')))
		refuse(r, "an abbreviation is missing");
}

/* [+-]hh[:mm[:ss]] */
static int32_t
read_clock(struct reader *r, int max_hours)
{
	bool negative = next_is(r, '-');
	int32_t s;

	if (!negative)
		next_is(r, '+');
	s = read_number(r, 0, max_hours) * 3600;
	if (next_is(r, ':')) {
		s += read_number(r, 0, 59) * 60;
		if (next_is(r, ':'))
			s += read_number(r, 0, 59);
	}
	return negative ? -s : s;
}

static void
read_date(struct reader *r, struct mr_rule_date *date)
{
	if (next_is(r, 'J')) {
		date->kind = MR_RULE_JULIAN;
		date->day = read_number(r, 1, 365);
	} else if (next_is(r, 'M')) {
		date->kind = MR_RULE_WEEKDAY;
		date->month = read_number(r, 1, 12);
		if (!next_is(r, '.'))
			refuse(r, "a date is not one");
		date->week = read_number(r, 1, 5);
		if (!next_is(r, '.'))
			refuse(r, "a date is not one");
		date->day = read_number(r, 0, 6);
	} else {
		date->kind = MR_RULE_DAY;
		date->day = read_number(r, 0, 365);
	}
	date->time_s = next_is(r, '/') ? read_clock(r, 167) : 2 * 3600;
}

/* The sign of an offset is turned: POSIX counts towards the west. */
const char *
mr_rule_parse(const char *text, size_t len, struct mr_rule *rule)
{
	static const char usual[] = ",M3.2.0,M11.1.0";
	struct reader r = {text, text + len, NULL};

	memset(rule, 0, sizeof *rule);
	skip_name(&r);
	rule->standard_s = -read_clock(&r, 24);
	if (r.at == r.end)
		return r.why;
	rule->changes = true;
	skip_name(&r);
	rule->summer_s = rule->standard_s + 3600;
	if (r.at < r.end && *r.at != ',')
		rule->summer_s = -read_clock(&r, 24);
	if (r.at == r.end && !r.why)
		r = (struct reader){usual, usual + strlen(usual), NULL};
	if (!next_is(&r, ','))
		refuse(&r, "a date is missing");
	read_date(&r, &rule->start);
	if (!next_is(&r, ','))
		refuse(&r, "a date is missing");
	read_date(&r, &rule->end);
	if (r.at < r.end)
		refuse(&r, "something follows its dates");
	return r.why;
}

/* Days since 1970 of a day of any year: all years of an era repeat in the next. */
static int64_t
days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t era = mr_floor_div(year, MR_ERA_YEARS);

	return era * MR_ERA_DAYS +
	    mr_days_from_civil((unsigned)mr_floor_mod(year, MR_ERA_YEARS), month, day);
}

/* The first such weekday of the month, and weeks on from there while it lasts. */
static int64_t
weekday_of(const struct mr_rule_date *date, int64_t year)
{
	unsigned month = (unsigned)date->month;
	int64_t first = days_of(year, month, 1);
	int64_t next = month == 12 ? days_of(year + 1, 1, 1) : days_of(year, month + 1, 1);
	int64_t weekday = mr_floor_mod(first + 4, 7); /* 1970-01-01: Thursday */
	int64_t day = first + (date->day - weekday + 7) % 7 + (date->week - 1) * 7;

	return day < next ? day : day - 7;
}

/* Seconds since 1970 by the clock before the change. */
static int64_t
local_change(const struct mr_rule_date *date, int64_t year)
{
	int64_t day;

	if (date->kind == MR_RULE_WEEKDAY)
		day = weekday_of(date, year);
	else if (date->kind == MR_RULE_DAY)
		day = days_of(year, 1, 1) + date->day;
	else
		day = days_of(year, 1, 1) + date->day - 1 + (mr_leap_year(year) && date->day >= 60);
	return day * DAY_S + date->time_s;
}

int64_t
mr_rule_start(const struct mr_rule *rule, int64_t year)
{
	return local_change(&rule->start, year) - rule->standard_s;
}

int64_t
mr_rule_end(const struct mr_rule *rule, int64_t year)
{
	return local_change(&rule->end, year) - rule->summer_s;
}
