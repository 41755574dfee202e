/*
 * What the aggregates need of GMP's integers beside GMP: how results that are
 * exact become doubles, rounded once.
 */
#ifndef MR_AGG_MPZ_H
#define MR_AGG_MPZ_H

#include <gmp.h>

#include "window/agg/exact.h"

void mr_mpz_int128(mpz_t z, __int128 m); /* z = m */
void mr_mpz_shift10(mpz_t z, int by);    /* z *= 10^by, by >= 0 */

/* n / d, d > 0, to the nearest double, half to even; infinite when beyond them. */
double mr_mpz_ratio(const mpz_t n, const mpz_t d);

/* The square root of n / d, n >= 0 and d > 0, likewise. */
double mr_mpz_root(const mpz_t n, const mpz_t d);

/* A sum is z * 10^-scale.  Return: scale. */
int mr_mpz_exact(mpz_t z, const struct mr_exact *);

#endif
