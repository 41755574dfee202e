/*
 * stamp - points in time, read and written.
 *
 * The hot path is `2026-11-21T10:00:00.123Z`: digits at fixed places and day
 * arithmetic, no strptime, no timegm, no locale.  Epoch numbers are read digit
 * by digit into whole nanoseconds, since a double has no room for today's: it
 * would move 1767225600.123 by some 50 ns.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <strings.h>

#include "json/bytes.h"
#include "json/str.h"
#include "time/civil.h"
#include "time/stamp.h"

#define DAY_S 86400
#define FIRST_S (-62167219200) /* 0000-01-01T00:00:00Z */
#define LAST_S 253402300799    /* 9999-12-31T23:59:59Z */

static const char form[] = "expected one such as 2026-11-21T10:00:00Z, or a number since 1970";
static const char outside[] = "it is outside of the years 0000 to 9999";

static const char *const unit_names[] = {"auto", "s", "ms", "us", "ns"};

static unsigned
days_in(unsigned year, unsigned month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month == 2 && mr_leap_year(year))
		return 29;
	return days[month - 1];
}

/* Only the start of a long value is shown, cut between characters. */
static int
refuse(const char *s, size_t len, const char *why, struct mr_err *err)
{
	size_t shown = len;

	if (len > 40)
		for (shown = 40; shown > 36 && (s[shown] & 0xc0) == 0x80; shown--)
			;
	return mr_err_set(err, MR_EX_DATA, "'%.*s%s' is not a time: %s", (int)shown, s,
	    shown < len ? "..." : "", why);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number in two digits; a byte that is none sets *bad, the number then means nothing. */
static inline unsigned
two(const char *s, unsigned *bad)
{
	unsigned tens = (unsigned)(unsigned char)s[0] - '0';
	unsigned ones = (unsigned)(unsigned char)s[1] - '0';

	*bad |= (tens > 9) | (ones > 9);
	return tens * 10 + ones;
}

/* The readers of a part return why it is refused, or NULL and *at behind it. */
static const char *
read_date(const char **at, const char *end, int64_t *sec)
{
	const char *s = *at;
	unsigned year, month, day, bad = 0;

	if (end - s < 10 || s[4] != '-' || s[7] != '-')
		return form;
	year = two(s, &bad) * 100 + two(s + 2, &bad);
	month = two(s + 5, &bad);
	day = two(s + 8, &bad);
	if (bad)
		return form;
	if (month < 1 || month > 12)
		return "there is no such month";
	if (day < 1 || day > days_in(year, month))
		return "there is no such day in that month";
	*sec = mr_days_from_civil(year, month, day) * DAY_S;
	*at = s + 10;
	return NULL;
}

static const char *
read_fraction(const char **at, const char *end, uint32_t *ns)
{
	const char *s = *at + 1;
	uint32_t sum = 0;
	int left = 9;

	if (s == end || !is_digit(*s))
		return "digits are expected behind the point";
	for (; s < end && is_digit(*s); s++)
		if (left > 0) {
			sum = sum * 10 + (uint32_t)(*s - '0');
			left--;
		}
	while (left-- > 0)
		sum *= 10;
	*ns = sum;
	*at = s;
	return NULL;
}

static const char *
read_clock(const char **at, const char *end, int64_t *sec, uint32_t *ns)
{
	const char *s = *at, *why = NULL;
	unsigned hour, minute, second = 0, bad = 0;

	if (end - s < 6 || (*s != 'T' && *s != ' ' && *s != 't') || s[3] != ':')
		return form;
	hour = two(s + 1, &bad);
	minute = two(s + 4, &bad);
	s += 6;
	if (end - s >= 3 && *s == ':') {
		second = two(s + 1, &bad);
		s += 3;
		if (s < end && *s == '.')
			why = read_fraction(&s, end, ns);
	}
	if (bad)
		return form;
	if (hour > 23 || minute > 59 || second > 60)
		return "there is no such time of day";
	*sec += hour * 3600 + minute * 60 + second;
	*at = s;
	return why;
}

/* To the end of the text; no offset is UTC. */
static const char *
read_offset(const char *s, const char *end, int64_t *sec)
{
	unsigned hours, minutes = 0, bad = 0;
	int64_t offset;

	if (s == end || (end - s == 1 && (*s == 'Z' || *s == 'z')))
		return NULL;
	if ((*s != '+' && *s != '-') || (end - s != 3 && end - s != 5 && end - s != 6))
		return "expected Z or an offset such as +01:00 at its end";
	hours = two(s + 1, &bad);
	if (end - s > 3)
		minutes = two(end - 2, &bad);
	if (bad || (end - s == 6 && s[3] != ':'))
		return "expected Z or an offset such as +01:00 at its end";
	if (hours > 23 || minutes > 59)
		return "there is no such offset";
	offset = hours * 3600 + minutes * 60;
	*sec -= *s == '-' ? -offset : offset;
	return NULL;
}

static const char *
read_civil(const char *s, size_t len, struct mr_time *t)
{
	const char *end = s + len, *why;
	uint32_t ns = 0;
	int64_t sec;

	if ((why = read_date(&s, end, &sec)))
		return why;
	if (s < end) {
		if ((why = read_clock(&s, end, &sec, &ns)) || (why = read_offset(s, end, &sec)))
			return why;
		if (sec < FIRST_S || sec > LAST_S)
			return outside;
	}
	t->ms = sec * 1000 + ns / 1000000;
	t->ns = (int32_t)(ns % 1000000);
	return NULL;
}

/* A decimal number, 0.DDD * 10^exp, its digits left where they are. */
struct decimal {
	const char *at, *end; /* from the first digit that is not 0; a point may be among them */
	int64_t exp;
	bool zero, negative;
};

static bool
read_exponent(const char *s, const char *end, int64_t *exp)
{
	bool negative = s < end && *s == '-';
	int64_t sum = 0;

	if (s < end && (*s == '-' || *s == '+'))
		s++;
	if (s == end)
		return false;
	for (; s < end && is_digit(*s); s++)
		if (sum < INT32_MAX) /* beyond, it is as good as infinite */
			sum = sum * 10 + (*s - '0');
	*exp = negative ? -sum : sum;
	return s == end;
}

/* A JSON number; a string may also begin with zeros but not have an exponent. */
static bool
read_decimal(const char *s, size_t len, bool in_string, struct decimal *d)
{
	const char *end = s + len, *start, *point;
	int64_t exp = 0;

	d->negative = s < end && *s == '-';
	start = s += d->negative;
	while (s < end && is_digit(*s))
		s++;
	if (s == start)
		return false;
	point = s;
	if (s < end && *s == '.') {
		if (++s == end || !is_digit(*s))
			return false;
		while (s < end && is_digit(*s))
			s++;
	}
	d->end = s;
	if (s < end && (in_string || (*s != 'e' && *s != 'E') || !read_exponent(s + 1, end, &exp)))
		return false;
	for (s = start; s < d->end && (*s == '0' || *s == '.'); s++)
		;
	d->at = s;
	d->zero = s == d->end;
	d->exp = (s < point ? point - s : point + 1 - s) + exp;
	return true;
}

static enum mr_unit
looks_like(const struct decimal *d)
{
	if (d->exp <= 11)
		return MR_UNIT_S;
	if (d->exp <= 14)
		return MR_UNIT_MS;
	return d->exp <= 17 ? MR_UNIT_US : MR_UNIT_NS;
}

/* Its size, about: for the jump rule alone. */
static double
about(const struct decimal *d)
{
	double sum = 0;
	int64_t exp = d->exp;
	int n = 0;

	for (const char *s = d->at; s < d->end && n < 17; s++)
		if (*s != '.') {
			sum = sum * 10 + (*s - '0');
			n++;
		}
	exp -= n;
	return sum * pow(10, (double)exp);
}

/* Nanoseconds, floored; false when they are outside of the years 0000 to 9999. */
static bool
decimal_time(const struct decimal *d, enum mr_unit unit, struct mr_time *t)
{
	int64_t left = d->exp + 9 - 3 * ((int)unit - MR_UNIT_S); /* digits before the point */
	__int128 ns = 0;
	const char *s = d->at;
	int64_t ms;

	if (left > 21)
		return false;
	for (; left > 0 && s < d->end; s++)
		if (*s != '.') {
			ns = ns * 10 + (*s - '0');
			left--;
		}
	for (; left > 0; left--)
		ns *= 10;
	if (d->negative) {
		while (s < d->end && (*s == '0' || *s == '.'))
			s++;
		ns = -ns - (s < d->end);
	}
	if (ns < (__int128)FIRST_S * 1000000000 || ns >= ((__int128)LAST_S + 1) * 1000000000)
		return false;
	/* Till 2262 they fit 64 bits, which divide many times faster. */
	ms = ns == (int64_t)ns ? (int64_t)ns / 1000000 : (int64_t)(ns / 1000000);
	t->ns = (int32_t)(ns - (__int128)ms * 1000000);
	if (t->ns < 0) {
		t->ns += 1000000;
		ms--;
	}
	t->ms = ms;
	return true;
}

static int
stamp_epoch(struct mr_stamper *st, const char *s, size_t len, const struct decimal *d,
    struct mr_time *t, struct mr_err *err)
{
	enum mr_unit looks = looks_like(d), unit = st->unit == MR_UNIT_AUTO ? looks : st->unit;

	if (d->zero) {
		*t = (struct mr_time){0, 0};
		return 0;
	}
	if (unit != looks && st->first > 0) {
		double ratio = about(d) / st->first;
		char why[160];

		if (ratio >= 500 || ratio <= 1.0 / 500) {
			if (!decimal_time(d, looks, t))
				return refuse(s, len, outside, err);
			snprintf(why, sizeof why,
			    "its unit jumps: it looks like %s, the first was "
			    "%s (%.15g)",
			    unit_names[looks], unit_names[unit], st->first);
			return refuse(s, len, why, err);
		}
	}
	if (!decimal_time(d, unit, t))
		return refuse(s, len, outside, err);
	if (st->unit == MR_UNIT_AUTO) {
		st->unit = unit;
		st->first = about(d);
	}
	return 0;
}

static bool
is_infinity(const char *s, size_t len)
{
	if (len > 0 && (*s == '-' || *s == '+')) {
		s++;
		len--;
	}
	return (len == 8 && strncasecmp(s, "infinity", 8) == 0) ||
	    (len == 3 && strncasecmp(s, "inf", 3) == 0);
}

#define MINUTE_LEN (sizeof((struct mr_stamper *)NULL)->minute)

/* `:SS` or `:SS.f` to `:SS.fffffffff`, and Z: what stands behind a minute. */
static bool
read_any_seconds(const char *s, size_t len, struct mr_time *t)
{
	int32_t ns = 0, unit = 100000000;

	if (len < 4 || len > 14 || len == 5 || s[0] != ':' || s[len - 1] != 'Z' || s[1] > '5' ||
	    !is_digit(s[1]) || !is_digit(s[2]) || (len > 4 && s[3] != '.'))
		return false;
	for (size_t i = 4; i < len - 1; i++, unit /= 10) {
		if (!is_digit(s[i]))
			return false;
		ns += (s[i] - '0') * unit;
	}
	t->ms = ((s[1] - '0') * 10 + (s[2] - '0')) * 1000 + ns / 1000000;
	t->ns = ns % 1000000;
	return true;
}

/* Milliseconds, `:SS.mmmZ`, are a word: digits become 0 to 9, what is none shows in a high bit. */
static bool
read_seconds(const char *s, size_t len, struct mr_time *t)
{
	const uint64_t digits = 0x00ffffff00ffff00;
	uint64_t x;

	if (len != 8)
		return read_any_seconds(s, len, t);
	x = mr_load8(s) ^ 0x5a3030302e30303a; /* `:00.000Z` */
	if (x & ~digits || ((x + 0x0076767600767600) | x) & MR_EACH(0x80) || (x >> 8 & 0xff) > 5)
		return false;
	t->ms = (int64_t)((x >> 8 & 15) * 10000 + (x >> 16 & 15) * 1000 + (x >> 32 & 15) * 100 +
	    (x >> 40 & 15) * 10 + (x >> 48 & 15));
	t->ns = 0;
	return true;
}

/* Times come in order, nearly: most are of the minute of the one before. */
static bool
read_minute(const struct mr_stamper *st, const char *s, size_t len, struct mr_time *t)
{
	if (len < MINUTE_LEN || memcmp(s, st->minute, MINUTE_LEN) != 0 ||
	    !read_seconds(s + MINUTE_LEN, len - MINUTE_LEN, t))
		return false;
	t->ms += st->minute_ms;
	return true;
}

static void
keep_minute(struct mr_stamper *st, const char *s, size_t len, const struct mr_time *t)
{
	struct mr_time into;

	if (len < MINUTE_LEN || !read_seconds(s + MINUTE_LEN, len - MINUTE_LEN, &into))
		return;
	memcpy(st->minute, s, MINUTE_LEN);
	st->minute_ms = t->ms - into.ms;
}

static int
stamp_string(struct mr_stamper *st, const char *s, size_t len, struct mr_time *t,
    struct mr_err *err)
{
	struct decimal d;
	const char *why;

	if (len > 4 && s[4] == '-') {
		if ((why = read_civil(s, len, t)))
			return refuse(s, len, why, err);
		keep_minute(st, s, len, t);
		return 0;
	}
	if (read_decimal(s, len, true, &d))
		return stamp_epoch(st, s, len, &d, t, err);
	why = len == 0 ? "it is empty" : form;
	if (is_infinity(s, len))
		why = "infinity is no point in time";
	return refuse(s, len, why, err);
}

int
mr_stamp_text(const char *at, size_t len, struct mr_time *t, struct mr_err *err)
{
	struct mr_stamper st = MR_STAMPER_INIT;

	return stamp_string(&st, at, len, t, err);
}

int
mr_stamp_val(struct mr_stamper *st, const struct mr_val *val, struct mr_time *t, struct mr_err *err)
{
	struct mr_buf room = MR_BUF_INIT;
	struct decimal d;
	const char *s;
	size_t len;
	int rc;

	switch (val->type) {
	case MR_STRING:
		if (!val->escaped)
			return read_minute(st, val->at + 1, val->len - 2, t) ?
			    0 :
			    stamp_string(st, val->at + 1, val->len - 2, t, err);
		s = mr_str_bytes(val, &room, &len);
		rc = stamp_string(st, s, len, t, err);
		mr_buf_release(&room);
		return rc;
	case MR_NUMBER:
		if (read_decimal(val->at, val->len, false, &d))
			return stamp_epoch(st, val->at, val->len, &d, t, err);
		return refuse(val->at, val->len, form, err);
	case MR_MISSING: return mr_err_set(err, MR_EX_DATA, "missing, where a time is expected");
	case MR_NULL: return mr_err_set(err, MR_EX_DATA, "null, where a time is expected");
	case MR_ARRAY: return mr_err_set(err, MR_EX_DATA, "an array, where a time is expected");
	case MR_OBJECT: return mr_err_set(err, MR_EX_DATA, "an object, where a time is expected");
	default: return mr_err_set(err, MR_EX_DATA, "a boolean, where a time is expected");
	}
}

int
mr_unit_parse(const char *text, enum mr_unit *unit, struct mr_err *err)
{
	for (int u = MR_UNIT_S; u <= MR_UNIT_NS; u++)
		if (strcmp(text, unit_names[u]) == 0) {
			*unit = (enum mr_unit)u;
			return 0;
		}
	return mr_err_set(err, MR_EX_USAGE, "'%s' is not a unit of epoch numbers: s, ms, us or ns",
	    text);
}

/* n in exactly `width` digits, the upper ones cut. */
static char *
put(char *s, unsigned n, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		s[i] = (char)('0' + n % 10);
		n /= 10;
	}
	return s + width;
}

static char *
put_year(char *s, int64_t year)
{
	unsigned size = (unsigned)(year < 0 ? -year : year);
	int width = 5;

	if (year >= 0 && year <= 9999)
		return put(s, size, 4);
	*s++ = year < 0 ? '-' : '+';
	for (unsigned rest = size / 100000; rest; rest /= 10)
		width++;
	return put(s, size, width);
}

void
mr_stamp_write(struct mr_buf *out, int64_t ms)
{
	int64_t days = mr_floor_div(ms, MR_DAY_MS), year;
	unsigned month, day, of_day = (unsigned)mr_floor_mod(ms, MR_DAY_MS);
	char *s;

	mr_civil_from_days(days, &year, &month, &day);
	if (out->cap - out->len < 40)
		mr_buf_grow(out, 40);
	s = put_year(out->at + out->len, year);
	*s++ = '-';
	s = put(s, month, 2);
	*s++ = '-';
	s = put(s, day, 2);
	*s++ = 'T';
	s = put(s, of_day / 3600000, 2);
	*s++ = ':';
	s = put(s, of_day / 60000 % 60, 2);
	*s++ = ':';
	s = put(s, of_day / 1000 % 60, 2);
	*s++ = '.';
	s = put(s, of_day % 1000, 3);
	*s++ = 'Z';
	out->len = (size_t)(s - out->at);
}

int
mr_stamp_ahead(int64_t ms, int64_t ahead_ms, struct mr_err *err)
{
	struct timespec t;
	struct mr_buf text = MR_BUF_INIT;

	clock_gettime(CLOCK_REALTIME, &t);
	if (ms - ahead_ms <= (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000)
		return 0;
	mr_stamp_write(&text, ms);
	mr_err_set(err, MR_EX_DATA, "%s is too far ahead of the clock (--max-ahead)",
	    mr_buf_str(&text));
	mr_buf_release(&text);
	return -1;
}
