/*
 * scale - a double from digits and an exponent, in 128 bits where these hold
 * all that is exact on the way: numbers of everyday size.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/num.h"

typedef unsigned __int128 wide;

static const uint64_t tens[20] = {1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u,
    100000000u, 1000000000u, 10000000000u, 100000000000u, 1000000000000u, 10000000000000u,
    100000000000000u, 1000000000000000u, 10000000000000000u, 100000000000000000u,
    1000000000000000000u, 10000000000000000000u};

/* The nearest double to n * 2^shift; `more`: to a little more than that.  n is not 0. */
static double
nearest(wide n, int shift, bool more)
{
	uint64_t high = (uint64_t)(n >> 64), top = (uint64_t)n;

	if (high) {
		int zeros = __builtin_clzll(high), right = 64 - zeros;

		more |= right < 64 ? (n & (((wide)1 << right) - 1)) != 0 : (uint64_t)n != 0;
		top = (uint64_t)(n >> right);
		shift += right;
	}
	return ldexp((double)(top | more), shift); /* there are bits enough below the rounded one */
}

double
mr_num_scale(uint64_t m, int64_t e)
{
	static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
	    1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	int saved = errno, zeros;
	char text[48];
	double x;

	if (m == 0)
		return 0;
	if (m <= (uint64_t)1 << 53 && e >= -22 && e <= 22) /* both exact, so it is rounded once */
		return e < 0 ? (double)m / powers[-e] : (double)m * powers[e];
	if (e >= 0 && e <= 19)
		return nearest((wide)m * tens[e], 0, false);
	if (e < 0 && e >= -19) {
		wide n;

		zeros = __builtin_clzll(m);
		n = (wide)(m << zeros) << 64;
		return nearest(n / tens[-e], -64 - zeros, n % tens[-e] != 0);
	}
	if (e > 99999 || e < -99999)
		e = e > 0 ? 99999 : -99999;
	snprintf(text, sizeof text, "%llue%d", (unsigned long long)m, (int)e);
	x = strtod(text, NULL);
	errno = saved;
	return x;
}
