/*
 * JSON numbers: exact where they are exact, correctly rounded where not.
 *
 * All functions take the bytes of a scanned (valid) number.
 */
#ifndef MR_JSON_NUM_H
#define MR_JSON_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "json/bytes.h"

/* value = mantissa * 10^-scale; as read, the mantissa does not end in 0: 1.50 is 15 * 10^-1 */
struct mr_dec {
	__int128 mantissa;
	int scale; /* may be negative: 1e3 is 1 * 10^3, scale -3 */
};

/* 1 and *dec when the number has at most 38 significant digits and |scale| <= 1000, else 0. */
int mr_num_dec(const char *at, size_t len, struct mr_dec *dec);

/* 1 and *n when the value is an integer within int64, whatever its spelling (1.0, 1e3), else 0. */
int mr_num_int64(const char *at, size_t len, int64_t *n);

/* The nearest double (round half to even); beyond the range: infinity. */
double mr_num_double(const char *at, size_t len);

/* The nearest double to m * 10^e, of any e. */
double mr_num_scale(uint64_t m, int64_t e);

/* Exact order of two numbers of any length and exponent: <0, 0, >0.  -0 equals 0. */
int mr_num_cmp(const char *a, size_t alen, const char *b, size_t blen);

/*
 * Append the shortest decimal that reads back as the same double, spelled as
 * ECMAScript does (plain digits for 1e-6 <= |x| < 1e21, else 1e+21); -0 is
 * "-0"; what is not finite is "null".
 */
void mr_num_write_double(struct mr_buf *out, double x);

/*
 * The same decimal as an integer, n / 10^*places with places from 0 to 22,
 * perhaps with zeros behind.  False: x is not one of everyday size, which is
 * from 1e-5 on and below 2^53.
 */
bool mr_num_fixed(double x, uint64_t *n, int *places);

/* Eight digits as bytes from 0 to 9, the first one lowest: halves, and halves of these. */
static inline uint64_t
mr_digits_word(uint32_t n)
{
	uint64_t x = n / 10000 | (uint64_t)(n % 10000) << 32, y;

	y = x * 10486 >> 20 & 0x0000007f0000007f; /* hundreds */
	x = ((x - 100 * y) << 16) + y;
	y = x * 103 >> 10 & 0x000f000f000f000f; /* tens */
	return ((x - 10 * y) << 8) + y;
}

/* n / 10^places, n below 10^8 and up to 7 places: in a word. */
static inline char *
mr_num_put_short(char *to, uint32_t n, unsigned places)
{
	uint64_t d = mr_digits_word(n), fraction = d >> (7 - places) * 8 >> 8;
	unsigned begin = n ? (unsigned)mr_first_byte(d) : 7;

	if (begin > 7 - places)
		begin = 7 - places;
	mr_store8(to, (d | MR_EACH('0')) >> begin * 8);
	to += 8 - places - begin;
	if (!fraction)
		return to;
	*to++ = '.';
	mr_store8(to, fraction | MR_EACH('0'));
	return to + 8 - (__builtin_clzll(fraction) >> 3);
}

char *mr_num_put_long(char *to, uint64_t n, unsigned places);

/*
 * Write n / 10^places in plain digits at `to`, zeros at the end of a fraction
 * off; places <= 22.
 * Shape:  MR_NUM_ROOM bytes from `to` on may be written.
 * Return: behind the last digit.
 */
#define MR_NUM_ROOM 64
static inline char *
mr_num_put(char *to, uint64_t n, unsigned places)
{
	return n < 100000000 && places <= 7 ? mr_num_put_short(to, (uint32_t)n, places) :
					      mr_num_put_long(to, n, places);
}

/*
 * The digits of the same decimal of a finite x > 0: 0.DIGITS * 10^*point.
 * Return: how many; neither the first nor the last is 0.
 */
int mr_num_shortest(double x, char digits[20], int *point);

/* Append n digits with the point behind the first `whole` of them, zeros on either side as needed. */
void mr_num_write_digits(struct mr_buf *out, const char *digits, int n, int whole);
void mr_num_write_int64(struct mr_buf *out, int64_t n);

/* Append mantissa * 10^-scale in plain digits, trailing zeros of the fraction off. */
void mr_num_write_dec(struct mr_buf *out, const struct mr_dec *dec);

#endif
