/*
 * duration - `1h30m` to milliseconds and back.
 *
 * Strict on purpose: what a duration means must not depend on who reads it.  A
 * bare 60 is seconds to sleep(1) and a count to others, M is a month to
 * systemd and a minute to ISO 8601, and a month has no length at all.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "time/duration.h"

#define DAY_MS INT64_C(86400000)

static const struct unit {
	const char *name;
	char iso;      /* letter in ISO 8601, 0 none */
	bool in_clock; /* stands behind the T there */
	int64_t ms;
} units[] = {
    {"w", 'W', false, 604800000},
    {"d", 'D', false, 86400000},
    {"h", 'H', true, 3600000},
    {"m", 'M', true, 60000},
    {"min", 0, true, 60000},
    {"s", 'S', true, 1000},
    {"ms", 0, true, 1},
};
#define NUNITS (sizeof units / sizeof *units)

static const struct month_unit {
	const char *name;
	char iso;
	int months;
} month_units[] = {{"y", 'Y', 12}, {"mo", 'M', 1}};
#define NMONTH_UNITS (sizeof month_units / sizeof *month_units)

static const char known[] = "known are ms, s, m or min, h, d and w";
static const char known_period[] = "known are ms, s, m or min, h, d, w, mo and y";
static const char calendar[] =
    "months and years have no fixed length; count days instead, such as 30d";

static const char alone[] = "months and years stand with nothing else, such as 1y6mo";

struct reader {
	const char *text, *at;
	int64_t ms;    /* so far */
	int64_t last;  /* size of the unit before, which the next must stay below */
	bool fraction; /* it had one: nothing may follow */
	bool period;   /* months and years are taken */
	int64_t months;
	int last_months; /* as last; 0: none so far */
	struct mr_err *err;
};

struct number {
	const char *at;
	int len;              /* of its text, point included */
	uint64_t whole, part; /* value = whole + part / scale */
	uint64_t scale;
	bool too_long; /* more digits than they hold */
};

static int refuse(struct reader *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* How much of a text a message shows: up to max bytes, cut between characters. */
static int
shown(const char *s, int max)
{
	int len = (int)strnlen(s, (size_t)max + 1);

	if (len <= max)
		return len;
	for (len = max; len > 0 && (s[len] & 0xc0) == 0x80; len--)
		;
	return len;
}

/* The text goes in front, in quotes. */
static int
refuse(struct reader *r, const char *fmt, ...)
{
	int len = shown(r->text, 40);
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return mr_err_set(r->err, MR_EX_USAGE, "'%.*s%s' is not a duration: %s", len, r->text,
	    r->text[len] ? "..." : "", why);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static int
read_number(struct reader *r, struct number *n)
{
	const char *s = r->at;

	*n = (struct number){.at = s, .scale = 1};
	if (*s == '-')
		return refuse(r, "it cannot be negative, unlike 60s");
	if (!is_digit(*s) && *s)
		return refuse(r, "a number is expected at '%.*s', such as 60s", shown(s, 10), s);
	if (!*s)
		return refuse(r, "a number and a unit are expected, such as 60s");
	for (; is_digit(*s); s++)
		if (n->whole > UINT64_MAX / 10 - 1)
			n->too_long = true;
		else
			n->whole = n->whole * 10 + (uint64_t)(*s - '0');
	if (*s == '.' || (*s == ',' && *r->text == 'P')) {
		if (!is_digit(*++s))
			return refuse(r, "digits are expected behind the point, such as 1.5s");
		for (; is_digit(*s); s++) {
			if (n->scale >= UINT64_C(1000000000000000000)) {
				n->too_long |= *s != '0';
				continue;
			}
			n->scale *= 10;
			n->part = n->part * 10 + (uint64_t)(*s - '0');
		}
	}
	n->len = (int)(s - n->at > 40 ? 40 : s - n->at);
	r->at = s;
	return 0;
}

static int
add(struct reader *r, const struct number *n, const struct unit *unit)
{
	unsigned __int128 part = (unsigned __int128)n->part * (uint64_t)unit->ms;
	unsigned __int128 sum = (unsigned __int128)n->whole * (uint64_t)unit->ms;

	if (r->last_months)
		return refuse(r, "%s", alone);
	if (r->last && r->fraction)
		return refuse(r, "only its last number may have a fraction, such as 1h1.5m");
	if (r->last && unit->ms >= r->last)
		return refuse(r, "units go from large to small, each once, such as 1h30m");
	if (sum > (uint64_t)MR_DURATION_MAX || (n->too_long && n->scale == 1))
		return refuse(r, "it is too large, the limit is 3652425d");
	if (part % n->scale != 0 || n->too_long)
		return refuse(r, "it is not a whole number of milliseconds, such as 1ms");
	sum += part / n->scale + (uint64_t)r->ms;
	if (sum > (uint64_t)MR_DURATION_MAX)
		return refuse(r, "it is too large, the limit is 3652425d");
	r->ms = (int64_t)sum;
	r->last = unit->ms;
	r->fraction = n->scale > 1;
	return 0;
}

static int
add_months(struct reader *r, const struct number *n, const struct month_unit *unit)
{
	if (r->last)
		return refuse(r, "%s", alone);
	if (n->scale > 1)
		return refuse(r, "months and years are whole numbers, such as 18mo");
	if (r->last_months && unit->months >= r->last_months)
		return refuse(r, "units go from large to small, each once, such as 1y6mo");
	if (n->too_long || n->whole > MR_PERIOD_MONTHS ||
	    r->months + (int64_t)n->whole * unit->months > MR_PERIOD_MONTHS)
		return refuse(r, "it is too large, the limit is 10000y");
	r->months += (int64_t)n->whole * unit->months;
	r->last_months = unit->months;
	return 0;
}

static bool
is_one_of(const char *s, int len, const char *const *names)
{
	for (; *names; names++)
		if ((int)strlen(*names) == len && strncmp(s, *names, (size_t)len) == 0)
			return true;
	return false;
}

static int
unknown_unit(struct reader *r, const char *s, int len)
{
	static const char *const months[] = {"mo", "mon", "month", "months", "y", "yr", "Y", "year",
	    "years", NULL};
	const char *all = r->period ? known_period : known;
	static const char *const fine[] = {"us", "\xc2\xb5s", "\xce\xbcs", "ns", NULL};

	if (len == 1 && *s == 'M' && r->period)
		return refuse(r,
		    "'M' could be months or minutes; months are mo and minutes m, such as 5m");
	if (len == 1 && *s == 'M')
		return refuse(r, "'M' could be months or minutes; minutes are m, such as 5m");
	if (is_one_of(s, len, months) && r->period)
		return refuse(r, "months are mo and years y, such as 1y6mo");
	if (is_one_of(s, len, months))
		return refuse(r, "%s", calendar);
	if (is_one_of(s, len, fine))
		return refuse(r, "the finest unit is the millisecond, such as 1ms");
	return refuse(r, "unknown unit '%.*s'; %s, such as 60s",
	    shown(s, 20) < len ? shown(s, 20) : len, s, all);
}

static const struct unit *
find_unit(const char *s, int len)
{
	for (size_t i = 0; i < NUNITS; i++)
		if ((int)strlen(units[i].name) == len &&
		    strncmp(s, units[i].name, (size_t)len) == 0)
			return &units[i];
	return NULL;
}

static const struct month_unit *
find_months(const struct reader *r, const char *s, int len)
{
	for (size_t i = 0; r->period && i < NMONTH_UNITS; i++)
		if ((int)strlen(month_units[i].name) == len &&
		    strncmp(s, month_units[i].name, (size_t)len) == 0)
			return &month_units[i];
	return NULL;
}

static int
add_short(struct reader *r, const struct number *n, int len)
{
	const struct unit *unit = find_unit(r->at, len);
	const struct month_unit *months = find_months(r, r->at, len);

	if (months)
		return add_months(r, n, months);
	return unit ? add(r, n, unit) : unknown_unit(r, r->at, len);
}

/* 250ms, 1h30m, `1h 30m` */
static int
read_short(struct reader *r)
{
	struct number n;
	int len;

	do {
		if (read_number(r, &n) < 0)
			return -1;
		for (len = 0; len < 64 && is_letter(r->at[len]); len++)
			;
		if (len == 0) {
			if (n.at == r->text && !*r->at)
				return mr_err_set(r->err, MR_EX_USAGE,
				    "bare number '%.*s': a "
				    "duration needs a unit, such as %.*ss",
				    n.len, n.at, n.len, n.at);
			return refuse(r, "'%.*s' needs a unit, such as %.*ss", n.len, n.at, n.len,
			    n.at);
		}
		if (add_short(r, &n, len) < 0)
			return -1;
		r->at += len;
		while (*r->at == ' ')
			r->at++;
	} while (*r->at);
	return 0;
}

/* One number of it and its letter. */
static int
add_iso(struct reader *r, const struct number *n, bool in_clock)
{
	for (size_t i = 0; !in_clock && i < NMONTH_UNITS; i++)
		if (month_units[i].iso == *r->at)
			return r->period ? add_months(r, n, &month_units[i]) :
					   refuse(r, "%s", calendar);
	for (size_t i = 0; i < NUNITS; i++)
		if (units[i].iso && units[i].iso == *r->at && units[i].in_clock == in_clock)
			return add(r, n, &units[i]);
	return refuse(r, "'%.*s' needs a unit of ISO 8601, such as P1DT2H30M10S", n->len, n->at);
}

/* P1DT2H30M, behind its P */
static int
read_iso(struct reader *r)
{
	bool in_clock = false;
	struct number n;

	r->at++;
	do {
		if (*r->at == 'T' && !in_clock) {
			in_clock = true;
			r->at++;
		}
		if (!*r->at)
			return refuse(r, "a number and a unit are expected, such as PT60S");
		if (read_number(r, &n) < 0)
			return -1;
		if (add_iso(r, &n, in_clock) < 0)
			return -1;
		r->at++;
	} while (*r->at);
	return 0;
}

static int
read_all(struct reader *r)
{
	if (strcmp(r->text, "0") == 0)
		return 0;
	return *r->text == 'P' ? read_iso(r) : read_short(r);
}

int
mr_duration_parse(const char *text, int64_t *ms, struct mr_err *err)
{
	struct reader r = {.text = text, .at = text, .err = err};

	if (read_all(&r) < 0)
		return -1;
	*ms = r.ms;
	return 0;
}

/* Units go down, so that one of a day or more was last means that all were. */
int
mr_period_parse(const char *text, struct mr_period *p, struct mr_err *err)
{
	struct reader r = {.text = text, .at = text, .err = err, .period = true};

	if (read_all(&r) < 0)
		return -1;
	*p = (struct mr_period){.months = (int)r.months};
	if (r.last >= DAY_MS && r.ms % DAY_MS == 0)
		p->days = (int)(r.ms / DAY_MS);
	else
		p->ms = r.ms;
	return 0;
}

/* Weeks only when they are whole: 10d says more than 1w3d. */
const char *
mr_duration_text(int64_t ms, char room[64])
{
	uint64_t left = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
	char *s = room, *end = room + 64;

	if (ms < 0)
		*s++ = '-';
	if (left == 0 || left % 604800000 == 0) {
		snprintf(s, (size_t)(end - s), left ? "%lluw" : "0s",
		    (unsigned long long)(left / 604800000));
		return room;
	}
	for (size_t i = 1; left >= 1000; i++) {
		uint64_t n = left / (uint64_t)units[i].ms, frac = left % 1000;

		if (n == 0 || !units[i].iso)
			continue;
		left -= n * (uint64_t)units[i].ms;
		s += snprintf(s, (size_t)(end - s), "%llu", (unsigned long long)n);
		if (units[i].ms == 1000 && frac) { /* 1.5s, not 1s500ms */
			s += snprintf(s, (size_t)(end - s), ".%03llu", (unsigned long long)frac);
			while (s[-1] == '0')
				s--;
			left = 0;
		}
		s += snprintf(s, (size_t)(end - s), "%s", units[i].name);
	}
	if (left)
		snprintf(s, (size_t)(end - s), "%llums", (unsigned long long)left);
	return room;
}

/* 24 hours are written as that: 1d would be a day of the calendar. */
const char *
mr_period_text(const struct mr_period *p, char room[64])
{
	if (p->months && p->months % 12 == 0)
		snprintf(room, 64, "%dy", p->months / 12);
	else if (p->months > 12)
		snprintf(room, 64, "%dy%dmo", p->months / 12, p->months % 12);
	else if (p->months)
		snprintf(room, 64, "%dmo", p->months);
	else if (p->days)
		return mr_duration_text(p->days * DAY_MS, room);
	else if (p->ms && p->ms % DAY_MS == 0)
		snprintf(room, 64, "%lldh", (long long)(p->ms / 3600000));
	else
		return mr_duration_text(p->ms, room);
	return room;
}
