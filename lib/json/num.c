/*
 * num - numbers read from decimal text, and compared as such.
 *
 * Everything begins with a view of the spelling: 0.D * 10^(point + exponent),
 * D the digits without leading and trailing zeros.  It points into the text,
 * so that neither a million digits nor an exponent of a million digits need
 * memory; what compares two exponents works on their digits.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/decimal.h"
#include "json/num.h"

#define TOP_MAX ((int64_t)1 << 60) /* where an exponent saturates */

struct view {
	const char *at, *end; /* from the first to the last digit of D, maybe a point among them */
	int64_t n;            /* digits of D; 0: the number is zero */
	int64_t point;        /* the value is 0.D * 10^(point + exponent) */
	const char *exp, *exp_end; /* digits of the exponent, no leading zeros */
	int64_t top;               /* point + exponent, at most TOP_MAX either way */
	bool negative, exp_negative;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The exponent of a number, p behind its `e`. */
static void
read_exponent(struct view *v, const char *p, const char *end)
{
	int64_t e = 0;

	if (p < end && (*p == '-' || *p == '+'))
		v->exp_negative = *p++ == '-';
	while (p < end && *p == '0')
		p++;
	v->exp = p;
	for (; p < end && is_digit(*p); p++)
		if (e < TOP_MAX / 16)
			e = e * 10 + (*p - '0');
	v->exp_end = p;
	if (p - v->exp > 17)
		e = TOP_MAX / 2;
	v->top = v->point + (v->exp_negative ? -e : e);
}

static struct view
read_view(const char *at, size_t len)
{
	const char *p = at, *end = at + len, *dot = NULL;
	struct view v = {0};

	if (p < end && *p == '-') {
		v.negative = true;
		p++;
	}
	v.at = v.end = p;
	for (; p < end && (is_digit(*p) || *p == '.'); p++) {
		if (*p == '.') {
			dot = p;
			continue;
		}
		if (*p != '0') {
			if (v.at == v.end) /* the first one */
				v.at = p;
			v.end = p + 1;
		}
	}
	v.n = v.end - v.at;
	if (dot && dot > v.at && dot < v.end)
		v.n--;
	if (!dot)
		dot = p;
	v.point = dot > v.at ? dot - v.at : dot + 1 - v.at;
	if (!v.n)
		v.point = 0;
	v.top = v.point;
	v.exp = v.exp_end = p;
	if (p < end)
		read_exponent(&v, p + 1, end);
	return v;
}

/* The digits of D in turn; 0 behind the last one. */
static int
next_digit(const char **p, const struct view *v)
{
	if (*p < v->end && **p == '.')
		(*p)++;
	return *p < v->end ? *(*p)++ - '0' : 0;
}

int
mr_num_dec(const char *at, size_t len, struct mr_dec *dec)
{
	struct view v = read_view(at, len);
	const char *p = v.at;
	int64_t scale = v.n - v.top;
	__int128 m = 0;

	if (!v.n) {
		*dec = (struct mr_dec){0, 0};
		return 1;
	}
	if (v.n > 38 || scale > 1000 || scale < -1000)
		return 0;
	for (int64_t i = 0; i < v.n; i++)
		m = m * 10 + next_digit(&p, &v);
	dec->mantissa = v.negative ? -m : m;
	dec->scale = (int)scale;
	return 1;
}

int
mr_num_int64(const char *at, size_t len, int64_t *n)
{
	struct view v = read_view(at, len);
	const char *p = v.at;
	uint64_t m = 0;

	*n = 0;
	if (!v.n)
		return 1;
	if (v.top > 19 || v.n > v.top) /* beyond, or digits behind the point */
		return 0;
	for (int64_t i = 0; i < v.top; i++)
		m = m * 10 + (uint64_t)next_digit(&p, &v);
	if (m > (uint64_t)INT64_MAX + v.negative)
		return 0;
	*n = v.negative ? (int64_t)(0 - m) : (int64_t)m;
	return 1;
}

/*
 * A decimal spelling of no more than 800 digits that rounds as the number does:
 * where two doubles meet in the middle, at most 767 digits say so, and of what
 * is behind them only that it is there.  No point, which a locale could change.
 */
static double
rounded(const struct view *v)
{
	char room[832];
	const char *p = v->at;
	int64_t n = v->n < 800 ? v->n : 800, e;
	int len = 0, saved = errno;
	double x;

	while (len < n)
		room[len++] = (char)('0' + next_digit(&p, v));
	if (v->n > n)
		room[len++] = '1';
	e = v->top - len;
	if (e > 99999 || e < -99999)
		e = e > 0 ? 99999 : -99999;
	snprintf(room + len, sizeof room - (size_t)len, "e%d", (int)e);
	x = strtod(room, NULL);
	errno = saved;
	return x;
}

/* Most numbers: up to 15 digits, perhaps with a point among them. */
static bool
short_double(const char *at, size_t len, double *x)
{
	static const double pow10[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	    1e12, 1e13, 1e14};
	bool negative = *at == '-';
	const char *p = at + negative, *end = at + len, *point = end - 1;
	uint64_t m = 0;

	if (end - p > 15)
		return false;
	for (; p < end; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (digit <= 9)
			m = m * 10 + digit;
		else if (*p == '.')
			point = p;
		else
			return false;
	}
	*x = (double)m / pow10[end - 1 - point]; /* both exact: rounded once */
	if (negative)
		*x = -*x;
	return true;
}

bool
mr_decimal_words(const char *at, size_t len, struct mr_decimal *d)
{
	struct mr_decimal low;
	size_t high = len - 8;

	if (high - 1 > 7 || !mr_decimal_word(at, high, d) || !mr_decimal_word(at + high, 8, &low))
		return false;
	d->n = d->n * (low.places ? 10000000 : 100000000) + low.n;
	if (low.places) /* the point is one of its eight bytes */
		d->places = low.places;
	else if (d->places || at[high - 1] == '.')
		d->places += 8;
	return d->n < MR_DECIMAL_MAX;
}

double
mr_num_double(const char *at, size_t len)
{
	struct view v;
	const char *p;
	uint64_t m = 0;
	double x;

	if (short_double(at, len, &x))
		return x;
	v = read_view(at, len);
	if (v.n <= 19) {
		for (p = v.at; p < v.end;)
			m = m * 10 + (uint64_t)next_digit(&p, &v);
		x = mr_num_scale(m, v.top - v.n);
	} else {
		x = rounded(&v);
	}
	return v.negative ? -x : x;
}

/* The order of two exponents with the points of their numbers, however long. */
static int
cmp_top(const struct view *a, const struct view *b)
{
	const __int128 enough = (__int128)1 << 100; /* what is to come cannot undo it */
	size_t alen = (size_t)(a->exp_end - a->exp), blen = (size_t)(b->exp_end - b->exp);
	__int128 diff = 0, points = (__int128)b->point - a->point;

	if (alen <= 17 && blen <= 17)
		return (a->top > b->top) - (a->top < b->top);
	for (size_t left = alen > blen ? alen : blen; left > 0; left--) {
		int da = left <= alen ? a->exp_end[-(ptrdiff_t)left] - '0' : 0;
		int db = left <= blen ? b->exp_end[-(ptrdiff_t)left] - '0' : 0;

		diff = diff * 10 + (a->exp_negative ? -da : da) - (b->exp_negative ? -db : db);
		if (diff > enough || diff < -enough)
			break;
	}
	return (diff > points) - (diff < points);
}

static int
cmp_digits(const struct view *a, const struct view *b)
{
	const char *p = a->at, *q = b->at;

	while (p < a->end || q < b->end) {
		int da = next_digit(&p, a), db = next_digit(&q, b);

		if (da != db)
			return da < db ? -1 : 1;
	}
	return 0;
}

int
mr_num_cmp(const char *a, size_t alen, const char *b, size_t blen)
{
	struct view va = read_view(a, alen), vb = read_view(b, blen);
	int sa = va.n == 0 ? 0 : va.negative ? -1 : 1;
	int sb = vb.n == 0 ? 0 : vb.negative ? -1 : 1;
	int cmp;

	if (sa != sb || sa == 0)
		return (sa > sb) - (sa < sb);
	cmp = cmp_top(&va, &vb);
	return sa * (cmp ? cmp : cmp_digits(&va, &vb));
}
