/*
 * mpz - integers of any size, to doubles.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "window/agg/mpz.h"

void
mr_mpz_int128(mpz_t z, __int128 m)
{
	unsigned __int128 abs = m < 0 ? -(unsigned __int128)m : (unsigned __int128)m;
	uint64_t word[2] = {(uint64_t)abs, (uint64_t)(abs >> 64)};

	mpz_import(z, 2, -1, sizeof word[0], 0, 0, word);
	if (m < 0)
		mpz_neg(z, z);
}

void
mr_mpz_shift10(mpz_t z, int by)
{
	mpz_t p;

	mpz_init(p);
	mpz_ui_pow_ui(p, 10, (unsigned long)by);
	mpz_mul(z, z, p);
	mpz_clear(p);
}

/*
 * q * 2^-k, half to even; q has 54 bits or more, the last of them sticky: set
 * when anything was left over below it.
 */
static double
round_bits(uint64_t q, long k)
{
	long shift = 64 - __builtin_clzll(q) - 53;
	uint64_t half, rest;

	if (shift - k < -1074)
		shift = k - 1074; /* the last bit of the smallest subnormal */
	if (shift > 62)
		return 0;
	half = (uint64_t)1 << (shift - 1);
	rest = q & (2 * half - 1);
	q >>= shift;
	q += rest > half || (rest == half && (q & 1));
	return ldexp((double)q, (int)(shift - k));
}

/* a = |n| / d * 2^k, cut.  True if the division left something over. */
static bool
divide(mpz_t a, const mpz_t n, const mpz_t d, long k)
{
	bool left;
	mpz_t b, r;

	mpz_init(r);
	mpz_init_set(b, d);
	mpz_abs(a, n);
	if (k > 0)
		mpz_mul_2exp(a, a, (mp_bitcnt_t)k);
	else
		mpz_mul_2exp(b, b, (mp_bitcnt_t)-k);
	mpz_tdiv_qr(a, r, a, b);
	left = mpz_sgn(r) != 0;
	mpz_clear(b);
	mpz_clear(r);
	return left;
}

/* Bits of n / d, or one more. */
static long
ratio_bits(const mpz_t n, const mpz_t d)
{
	return (long)mpz_sizeinbase(n, 2) - (long)mpz_sizeinbase(d, 2);
}

/* The quotient is made 55 or 56 bits long, and one more is the sticky one. */
double
mr_mpz_ratio(const mpz_t n, const mpz_t d)
{
	long k = 55 - ratio_bits(n, d);
	uint64_t q;
	bool left;
	mpz_t a;

	if (mpz_sgn(n) == 0)
		return 0;
	mpz_init(a);
	left = divide(a, n, d, k);
	q = mpz_get_ui(a) << 1 | left;
	mpz_clear(a);
	return (mpz_sgn(n) < 0 ? -1 : 1) * round_bits(q, k + 1);
}

/* The same with a quotient twice as long, so that its root has those bits. */
double
mr_mpz_root(const mpz_t n, const mpz_t d)
{
	long bits = 112 - ratio_bits(n, d), k = (bits - (bits & 1)) / 2;
	uint64_t q;
	bool left;
	mpz_t a, r;

	if (mpz_sgn(n) == 0)
		return 0;
	mpz_init(a);
	mpz_init(r);
	left = divide(a, n, d, 2 * k);
	mpz_sqrtrem(a, r, a);
	left |= mpz_sgn(r) != 0;
	q = mpz_get_ui(a) << 1 | left;
	mpz_clear(a);
	mpz_clear(r);
	return round_bits(q, k + 1);
}
