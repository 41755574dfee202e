/*
 * num_write - numbers written as decimal text: the shortest that reads back.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/bytes.h"
#include "json/num.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

char *
mr_num_put_long(char *to, uint64_t n, unsigned places)
{
	char room[48]; /* 24 digits, and as many to be read behind them */
	const uint64_t e8 = 100000000, head = n / (e8 * e8), tail = n % (e8 * e8);
	unsigned begin = 0, end = 24, whole = 24 - places;

	mr_store8(room, mr_digits_word((uint32_t)head) | MR_EACH('0'));
	mr_store8(room + 8, mr_digits_word((uint32_t)(tail / e8)) | MR_EACH('0'));
	mr_store8(room + 16, mr_digits_word((uint32_t)(tail % e8)) | MR_EACH('0'));
	memset(room + 24, 0, 24);
	while (begin + 1 < whole && room[begin] == '0')
		begin++;
	while (end > whole && room[end - 1] == '0')
		end--;
	memcpy(to, room + begin, 24);
	to += whole - begin;
	if (end == whole)
		return to;
	*to++ = '.';
	memcpy(to, room + whole, 24);
	return to + end - whole;
}

static inline void
reserve(struct mr_buf *out)
{
	if (out->cap - out->len < MR_NUM_ROOM)
		mr_buf_grow(out, MR_NUM_ROOM);
}

void
mr_num_write_int64(struct mr_buf *out, int64_t n)
{
	uint64_t m = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	reserve(out);
	if (n < 0)
		out->at[out->len++] = '-';
	out->len = (size_t)(mr_num_put(out->at + out->len, m, 0) - out->at);
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

static void
cut_zeros(struct decimal *c)
{
	while (c->n > 1 && c->d[c->n - 1] == '0')
		c->n--;
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
static inline bool
shortest_plain(double x, uint64_t *n)
{
	if (x >= 1e10)
		return false;
	*n = (uint64_t)(x * 1e4 + 0.5);
	return *n != 0 && (double)*n / 1e4 == x;
}

/*
 * The shortest for 1e-5 <= x < 2^53, by integers: x = m / 2^s, and m * 10^k is
 * exact in 128 bits for the k that puts 17 or 18 digits before the point.  What
 * reads back as x lies within half a step of m on either side, a quarter below
 * a power of two, ends included when m is even, as reading rounds to even.  lo
 * and hi are the first and the last integer in there; digits are cut from
 * behind, of `whole` too, while a multiple of that power of ten still is.  Of
 * the multiples left the one closest to m is taken, of two the even one.
 * Return: n; x is n / 10^*places.
 */
static uint64_t
shortest_exact(double x, int *places)
{
	uint64_t bits, m, lo, hi, whole, n, ten = 1;
	unsigned __int128 scale, mid, low, high, one, rest, half;
	int k, s, cut = 0;

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
	whole = (uint64_t)(mid >> s);
	while ((lo + 9) / 10 <= hi / 10) {
		lo = (lo + 9) / 10;
		hi /= 10;
		whole /= 10;
		ten *= 10;
		cut++;
	}
	rest = mid - ((unsigned __int128)(whole * ten) << s);
	half = (unsigned __int128)ten << (s - 1);
	n = whole + (rest > half || (rest == half && whole % 2));
	n += n < lo;
	n -= n > hi;
	*places = k - cut;
	return n;
}

bool
mr_num_fixed(double x, uint64_t *n, int *places)
{
	if (!(x >= 1e-5 && x < 9007199254740992.0))
		return false;
	*places = 4;
	if (!shortest_plain(x, n))
		*n = shortest_exact(x, places);
	for (; *places < 0; ++*places)
		*n *= 10;
	return true;
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
	int exponent, places;
	bool power_of_two;
	uint64_t whole;

	if (mr_num_fixed(x, &whole, &places)) {
		put_digits(c, whole);
		c->point = c->n - places;
		cut_zeros(c);
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
	cut_zeros(c);
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
	uint64_t n;
	int places;

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
	reserve(out);
	if (mr_num_fixed(x, &n, &places)) {
		out->len = (size_t)(mr_num_put(out->at + out->len, n, (unsigned)places) - out->at);
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
