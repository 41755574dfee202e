/*
 * type - from JSON values to column types.
 *
 * Spelling decides: 7 is a bigint, 7.0 and 7e0 are numeric, never double,
 * because a sum of doubles is not what was sent.  A time needs its offset: a
 * date alone or a local time stays text.
 */
#include <stdlib.h>
#include <string.h>

#include "json/num.h"
#include "pg/type.h"

const char *
mr_pg_type_name(enum mr_pg_type type)
{
	switch (type) {
	case MR_PG_BOOLEAN: return "boolean";
	case MR_PG_BIGINT: return "bigint";
	case MR_PG_NUMERIC: return "numeric";
	case MR_PG_TIMESTAMPTZ: return "timestamptz";
	case MR_PG_JSONB: return "jsonb";
	default: return "text";
	}
}

static int
digits(const char *at, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (at[i] < '0' || at[i] > '9')
			return -1;
		value = value * 10 + at[i] - '0';
	}
	return value;
}

static bool
is_date(const char *at)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int y = digits(at, 4), m = digits(at + 5, 2), d = digits(at + 8, 2);
	int leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

	return at[4] == '-' && at[7] == '-' && y >= 1 && m >= 1 && m <= 12 && d >= 1 &&
	    d <= days[m - 1] + (m == 2 && leap);
}

static bool
in_range(int n, int max)
{
	return n >= 0 && n <= max;
}

/* Z, +hh:mm; the server takes offsets below 16 hours. */
static bool
is_offset(const char *at, size_t len)
{
	if (len == 1)
		return *at == 'Z' || *at == 'z';
	return len == 6 && (*at == '+' || *at == '-') && at[3] == ':' &&
	    in_range(digits(at + 1, 2), 15) && in_range(digits(at + 4, 2), 59);
}

bool
mr_pg_is_time(const char *at, size_t len)
{
	size_t i = 19;

	if (len < 20 || !is_date(at) || !strchr("Tt ", at[10]) || at[10] == '\0')
		return false;
	if (!in_range(digits(at + 11, 2), 23) || at[13] != ':' ||
	    !in_range(digits(at + 14, 2), 59) || at[16] != ':' || !in_range(digits(at + 17, 2), 60))
		return false;
	if (at[i] == '.') {
		for (i++; i < len && at[i] >= '0' && at[i] <= '9'; i++)
			;
		if (i < 21 || i > 29)
			return false;
	}
	return is_offset(at + i, len - i);
}

/* The server's numeric has 131072 digits before the point and 16383 behind it. */
static bool
fits_numeric(const char *at, size_t len)
{
	size_t whole = 0, fraction = 0, i = 0;
	long long exponent = 0;

	if (i < len && at[i] == '-')
		i++;
	for (; i < len && at[i] >= '0' && at[i] <= '9'; i++)
		whole++;
	if (i < len && at[i] == '.')
		for (i++; i < len && at[i] >= '0' && at[i] <= '9'; i++)
			fraction++;
	if (i < len) {
		bool minus = at[++i] == '-';

		i += minus || at[i] == '+';
		for (; i < len && exponent < 1000000; i++)
			exponent = exponent * 10 + at[i] - '0';
		exponent = minus ? -exponent : exponent;
	}
	return (long long)whole + exponent <= 131072 && (long long)fraction - exponent <= 16383;
}

static enum mr_pg_type
number_type(const struct mr_val *v)
{
	int64_t n;
	size_t i = v->at[0] == '-';

	for (; i < v->len && v->at[i] >= '0' && v->at[i] <= '9'; i++)
		;
	if (i == v->len && (v->len < 19 || mr_num_int64(v->at, v->len, &n)))
		return MR_PG_BIGINT;
	return fits_numeric(v->at, v->len) ? MR_PG_NUMERIC : MR_PG_TEXT;
}

enum mr_pg_type
mr_pg_type_of(const struct mr_val *v)
{
	switch (v->type) {
	case MR_MISSING:
	case MR_NULL: return MR_PG_NONE;
	case MR_FALSE:
	case MR_TRUE: return MR_PG_BOOLEAN;
	case MR_NUMBER: return number_type(v);
	case MR_STRING:
		return !v->escaped && mr_pg_is_time(v->at + 1, v->len - 2) ? MR_PG_TIMESTAMPTZ :
									     MR_PG_TEXT;
	default: return MR_PG_JSONB;
	}
}

enum mr_pg_type
mr_pg_type_join(enum mr_pg_type have, enum mr_pg_type value, bool on_paper)
{
	if (value == MR_PG_NONE || have == value || have == MR_PG_FOREIGN || have == MR_PG_JSONB)
		return have;
	if (have == MR_PG_NONE)
		return value;
	if (value == MR_PG_JSONB)
		return on_paper ? MR_PG_JSONB : MR_PG_TEXT;
	if ((have == MR_PG_BIGINT || have == MR_PG_NUMERIC) &&
	    (value == MR_PG_BIGINT || value == MR_PG_NUMERIC))
		return MR_PG_NUMERIC;
	return MR_PG_TEXT;
}
