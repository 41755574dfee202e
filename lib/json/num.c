/*
 * num - numbers read from and written as decimal text.
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

void
mr_num_write_int64(struct mr_buf *out, int64_t n)
{
	uint64_t m = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char room[20], *p = room + sizeof room;

	do
		*--p = (char)('0' + m % 10);
	while ((m /= 10) != 0);
	if (n < 0)
		*--p = '-';
	mr_buf_add(out, p, (size_t)(room + sizeof room - p));
}

static void
zeros(struct mr_buf *out, int n)
{
	for (; n > 0; n--)
		mr_buf_addc(out, '0');
}

void
mr_num_write_digits(struct mr_buf *out, const char *digits, int n, int whole)
{
	if (whole <= 0) {
		mr_buf_adds(out, "0.");
		zeros(out, -whole);
		mr_buf_add(out, digits, (size_t)n);
	} else if (whole >= n) {
		mr_buf_add(out, digits, (size_t)n);
		zeros(out, whole - n);
	} else {
		mr_buf_add(out, digits, (size_t)whole);
		mr_buf_addc(out, '.');
		mr_buf_add(out, digits + whole, (size_t)(n - whole));
	}
}

void
mr_num_write_dec(struct mr_buf *out, const struct mr_dec *dec)
{
	unsigned __int128 m = (unsigned __int128)dec->mantissa;
	char room[40], *end = room + sizeof room, *p = end;
	int n, whole;

	if (dec->mantissa == 0) {
		mr_buf_addc(out, '0');
		return;
	}
	if (dec->mantissa < 0) {
		m = 0 - m;
		mr_buf_addc(out, '-');
	}
	for (; m; m /= 10)
		*--p = (char)('0' + (int)(m % 10));
	n = (int)(end - p);
	whole = n - dec->scale;
	while (n > whole && n > 1 && p[n - 1] == '0')
		n--;
	mr_num_write_digits(out, p, n, whole);
}

/* A candidate: digits of 0.D * 10^point. */
struct decimal {
	char d[20];
	int n, point;
};

static bool
reads_back(const struct decimal *c, double x)
{
	char room[40];
	int len = snprintf(room, sizeof room, "%.*se%d", c->n, c->d, c->point - c->n);

	return mr_num_double(room, (size_t)len) == x;
}

/* x > 0 rounded to n digits. */
static void
to_digits(struct decimal *c, double x, int n)
{
	char room[48], *p = room;

	snprintf(room, sizeof room, "%.*e", n - 1, x);
	for (c->n = 0; *p != 'e'; p++) /* over the point, whatever the locale has */
		if (is_digit(*p) && c->n < n)
			c->d[c->n++] = *p;
	c->point = atoi(p + 1) + 1;
}

/* The next decimal of as many digits. */
static void
next_up(struct decimal *c)
{
	int i = c->n;

	while (i > 0 && c->d[i - 1] == '9')
		c->d[--i] = '0';
	if (i > 0) {
		c->d[i - 1]++;
	} else {
		c->d[0] = '1';
		c->point++;
	}
}

/* The multiple of ten closest to x / 2^shift, of two the even one. */
static uint64_t
nearest_multiple(unsigned __int128 x, int shift, uint64_t ten)
{
	uint64_t whole = (uint64_t)(x >> shift), n = whole / ten;
	unsigned __int128 rest = x - ((unsigned __int128)(n * ten) << shift);
	unsigned __int128 half = (unsigned __int128)ten << (shift - 1);

	return rest > half || (rest == half && n % 2) ? n + 1 : n;
}

static uint64_t
power10(int k)
{
	static const uint64_t powers[] = {1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u,
	    10000000u, 100000000u, 1000000000u, 10000000000u, 100000000000u, 1000000000000u,
	    10000000000000u, 100000000000000u, 1000000000000000u, 10000000000000000u,
	    100000000000000000u, 1000000000000000000u, 10000000000000000000u};

	return powers[k];
}

/* How many digits can be cut off behind so that a number from lo to hi is left; those are cut. */
static int
cut_digits(uint64_t lo, uint64_t hi, uint64_t *ten)
{
	static const struct {
		uint64_t ten;
		int digits;
	} steps[] = {{10000000000000000u, 16}, {100000000, 8}, {10000, 4}, {100, 2}, {10, 1}};
	int cut = 0;

	*ten = 1;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		uint64_t up = (lo + steps[i].ten - 1) / steps[i].ten, down = hi / steps[i].ten;

		if (up <= down) {
			lo = up;
			hi = down;
			*ten *= steps[i].ten;
			cut += steps[i].digits;
		}
	}
	return cut;
}

static void
put_digits(struct decimal *c, uint64_t n)
{
	char room[20], *end = room + sizeof room, *p = end;

	for (; n; n /= 10)
		*--p = (char)('0' + n % 10);
	c->n = (int)(end - p);
	memcpy(c->d, p, (size_t)c->n);
}

/*
 * Most computed numbers have few decimals.  One of up to 15 digits that reads
 * back as x is the only one of so few digits, and so the shortest when its
 * zeros are cut.
 */
static bool
shortest_plain(struct decimal *c, double x)
{
	uint64_t n;
	int places = 4;

	if (x >= 1e10)
		return false;
	n = (uint64_t)(x * 1e4 + 0.5);
	if (n == 0 || (double)n / 1e4 != x)
		return false;
	for (; n % 100 == 0; n /= 100)
		places -= 2;
	if (n % 10 == 0) {
		n /= 10;
		places--;
	}
	put_digits(c, n);
	c->point = c->n - places;
	return true;
}

/*
 * The shortest for 1e-5 <= x < 2^53, by integers: x = m / 2^s, and m * 10^k is
 * exact in 128 bits for the k that puts 17 or 18 digits before the point.  What
 * reads back as x lies within half a step of m on either side, a quarter below
 * a power of two, ends included when m is even, as reading rounds to even.  lo
 * and hi are the first and the last integer in there; digits are cut from
 * behind while a multiple of that power of ten still is.
 */
static void
shortest_exact(struct decimal *c, double x)
{
	uint64_t bits, m, lo, hi, n, ten;
	unsigned __int128 scale, mid, low, high, one;
	int k, s, cut;

	memcpy(&bits, &x, sizeof bits);
	m = (bits & 0xfffffffffffffu) | (uint64_t)1 << 52;
	s = 1075 - (int)(bits >> 52 & 0x7ff);
	k = 16 - (((52 - s) * 1233 + 4096 * 32) / 4096 - 32); /* 1233/4096: log10(2) */
	scale = k < 19 ? power10(k) : (unsigned __int128)power10(k - 19) * power10(19);
	s++; /* in halves of m's last place */
	one = (unsigned __int128)1 << s;
	mid = 2 * m * scale;
	low = mid - (m == (uint64_t)1 << 52 ? scale / 2 : scale) + (m & 1);
	high = mid + scale - (m & 1);
	lo = (uint64_t)((low + one - 1) >> s);
	hi = (uint64_t)(high >> s);
	cut = cut_digits(lo, hi, &ten);
	n = nearest_multiple(mid, s, ten);
	n += n * ten < lo;
	n -= n * ten > hi;
	put_digits(c, n);
	c->point = c->n + cut - k;
}

/*
 * The shortest decimal that reads back as x > 0, the closest if there are more.
 *
 * The closest of n digits does, or none of n digits does, but for one case:
 * below a power of two doubles are twice as dense as above, so that the
 * closest decimal may lie just too far below while one further off above reads
 * back.  Of 15 digits and a normal x at most one decimal reads back, so that
 * trying starts there and zeros at the end are cut; the few digits of a
 * subnormal x are tried from the first.
 */
static void
shortest(struct decimal *c, double x)
{
	int exponent;
	bool power_of_two;

	if (x >= 1e-5 && x < 9007199254740992.0) {
		if (!shortest_plain(c, x))
			shortest_exact(c, x);
		return;
	}
	power_of_two = frexp(x, &exponent) == 0.5;
	for (int n = x < 1e-300 ? 1 : 15; n <= 17; n++) {
		to_digits(c, x, n);
		if (reads_back(c, x))
			break;
		if (power_of_two) {
			next_up(c);
			if (reads_back(c, x))
				break;
		}
	}
	while (c->n > 1 && c->d[c->n - 1] == '0')
		c->n--;
}

int
mr_num_shortest(double x, char digits[20], int *point)
{
	struct decimal c;

	shortest(&c, x);
	memcpy(digits, c.d, sizeof c.d);
	*point = c.point;
	return c.n;
}

void
mr_num_write_double(struct mr_buf *out, double x)
{
	struct decimal c;

	if (!isfinite(x)) {
		mr_buf_adds(out, "null");
		return;
	}
	if (signbit(x)) {
		mr_buf_addc(out, '-');
		x = -x;
	}
	if (x < 9007199254740992.0 && x == (double)(int64_t)x) {
		mr_num_write_int64(out, (int64_t)x);
		return;
	}
	shortest(&c, x);
	if (c.point > -6 && c.point <= 21) {
		mr_num_write_digits(out, c.d, c.n, c.point);
		return;
	}
	mr_num_write_digits(out, c.d, c.n, 1);
	mr_buf_printf(out, "e%+d", c.point - 1);
}
