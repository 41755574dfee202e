/*
 * Short numbers: few digits and a point, as prices and counts have, read
 * without a loop over their bytes.
 */
#ifndef MR_JSON_DECIMAL_H
#define MR_JSON_DECIMAL_H

#include <stdbool.h>

#include "json/bytes.h"
#include "json/scan.h"

#define MR_DECIMAL_MAX ((int64_t)1000000000000000) /* 10^15: below, a double keeps all digits */

/* n / 10^places, |n| < MR_DECIMAL_MAX, places <= 15 */
struct mr_decimal {
	int64_t n;
	unsigned places;
};

static inline double
mr_pow10(unsigned k)
{
	static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
	    1e11, 1e12, 1e13, 1e14, 1e15};

	return powers[k];
}

/* The nearest double: both sides are exact, so it is rounded once. */
static inline double
mr_decimal_double(const struct mr_decimal *d)
{
	return (double)d->n / mr_pow10(d->places);
}

/*
 * One to eight bytes, the first the lowest of x, that are digits with at most one
 * point among them, made one word of digits from 0 to 9: zeros come in front, and the
 * point is taken out by moving up what stands before it.  Pairs of digits, then
 * pairs of these are put together.  False: it is another kind of number.
 */
static inline bool
mr_decimal_of(uint64_t x, size_t len, struct mr_decimal *d)
{
	uint64_t point;

	x = (x ^ MR_EACH('0')) << (8 - len) * 8;
	point = mr_first_of(x, '.' ^ '0');
	d->places = 0;
	if (point) {
		point &= -point; /* the high bit of its byte */
		d->places = 7 - (unsigned)mr_first_byte(point);
		x = (x & ~((point << 1) - 1)) | (x & ((point >> 7) - 1)) << 8;
	}
	if (((x + MR_EACH(0x76)) | x) & MR_EACH(0x80))
		return false;
	x = x * 2561 >> 8;
	x = (x & 0x00ff00ff00ff00ff) * 6553601 >> 16;
	d->n = (int64_t)((x & 0x0000ffff0000ffff) * 42949672960001 >> 32);
	return true;
}

/* The same for what is at `at`, where eight bytes can be read whatever len is. */
static inline bool
mr_decimal_word(const char *at, size_t len, struct mr_decimal *d)
{
	return len - 1 <= 7 && mr_decimal_of(mr_load8(at), len, d);
}

/* The same for 9 to 16 bytes, in two words. */
bool mr_decimal_words(const char *at, size_t len, struct mr_decimal *d);

/*
 * A scanned number as a short one.  False: it is none (nor is -0, which a
 * double tells from 0).
 * Reads:  eight bytes from v->at on, whatever its length.
 */
static inline bool
mr_decimal_read(const struct mr_val *v, struct mr_decimal *d)
{
	bool negative = *v->at == '-';
	const char *at = v->at + negative;
	size_t len = v->len - negative;

	if (!mr_decimal_word(at, len, d) && !mr_decimal_words(at, len, d))
		return false;
	if (negative)
		d->n = -d->n;
	return !negative | (d->n != 0);
}

#endif
