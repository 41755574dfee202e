/*
 * Exact sums of JSON numbers.
 *
 * A sum is an integer and a scale.  It starts as 128 bits in place and moves
 * to a GMP integer when those overflow, so that neither the order of the
 * numbers nor their sizes can change the result.
 */
#ifndef MR_AGG_EXACT_H
#define MR_AGG_EXACT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/decimal.h"
#include "json/digits.h"

/* What a number may be: more is refused, or one line could make a sum of megabytes. */
#define MR_EXACT_DIGITS 1000
#define MR_EXACT_SCALE 1000

/* A number, read: m * 10^-scale, or its digits when those do not fit. */
struct mr_exact_num {
	__int128 m;
	int scale;
	int wide; /* digits holds it, and points into the line */
	struct mr_digits digits;
};

/* Zeroed: nothing added.  May be moved in memory; no alignment above 8. */
struct mr_exact {
	union {
		struct {
			uint64_t lo;
			int64_t hi;
		};
		struct mr_exact_big *big;
	};
	int32_t scale;
	enum { MR_EXACT_NONE, MR_EXACT_SMALL, MR_EXACT_BIG } form;
};

/*
 * Return: 0, or -1 err set, MR_EX_DATA, `the number has more than 1000
 *         digits`, `the number's exponent is beyond 1000`.
 */
int mr_exact_read_long(struct mr_exact_num *, const char *at, size_t len, struct mr_err *err);

/* The same; most numbers are short. */
static inline int
mr_exact_read(struct mr_exact_num *num, const char *at, size_t len, struct mr_err *err)
{
	size_t sign = *at == '-', digits = len - sign;
	struct mr_decimal d;

	if (digits - 1 > 7 || !mr_decimal_of(mr_load_few(at + sign, digits), digits, &d))
		return mr_exact_read_long(num, at, len, err);
	num->m = sign ? -d.n : d.n;
	num->scale = (int)d.places;
	num->wide = 0;
	return 0;
}

/* Cannot fail.  *held grows by the bytes that the sum takes outside of itself. */
void mr_exact_add_any(struct mr_exact *, const struct mr_exact_num *, size_t *held);

/* The same; most numbers have as many decimals as the sum. */
static inline void
mr_exact_add(struct mr_exact *x, const struct mr_exact_num *num, size_t *held)
{
	__int128 sum = (__int128)((unsigned __int128)(uint64_t)x->hi << 64 | x->lo);

	if (x->form != MR_EXACT_SMALL || num->wide || num->scale != x->scale ||
	    __builtin_add_overflow(sum, num->m, &sum)) {
		mr_exact_add_any(x, num, held);
		return;
	}
	x->lo = (uint64_t)sum;
	x->hi = (int64_t)(sum >> 64);
}

/* Add the square of a number. */
void mr_exact_add_square(struct mr_exact *, const struct mr_exact_num *, size_t *held);

/* Add another sum, which stays as it is. */
void mr_exact_merge(struct mr_exact *into, const struct mr_exact *from, size_t *held);

/* Append the sum in plain digits, trailing zeros of the fraction off; `null` if nothing was added. */
void mr_exact_write(const struct mr_exact *, struct mr_buf *out);

/* The sum divided by count (not 0), rounded once to the nearest double, half to even. */
double mr_exact_mean(const struct mr_exact *, uint64_t count);

void mr_exact_release(struct mr_exact *, size_t *held);

#endif
