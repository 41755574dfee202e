/*
 * hll - registers, and Ertl's improved raw estimator of them.
 *
 * Sums and square roots of doubles alone, in a fixed order: IEEE 754 gives the
 * same bits on every machine.
 */
#include <math.h>
#include <stddef.h>

#include "window/agg/hll.h"

#define REGISTERS (1 << MR_HLL_BITS)
#define RANKS (64 - MR_HLL_BITS) /* a register has 0 to RANKS + 1 */
#define ALPHA 0.7213475204444817 /* 1 / (2 ln 2) */

void
mr_hll_add(struct mr_hll *h, uint64_t hash)
{
	uint64_t rest = hash << MR_HLL_BITS | (uint64_t)1 << (MR_HLL_BITS - 1);
	uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
	uint8_t *r = &h->registers[hash >> RANKS];

	if (rank > *r)
		*r = rank;
}

void
mr_hll_merge(struct mr_hll *into, const struct mr_hll *from)
{
	for (size_t i = 0; i < REGISTERS; i++)
		if (from->registers[i] > into->registers[i])
			into->registers[i] = from->registers[i];
}

/* x + x^2 + 2 x^4 + 4 x^8 + ..., x < 1 */
static double
sigma(double x)
{
	double y = 1, z = x, old;

	do {
		x *= x;
		old = z;
		z += x * y;
		y += y;
	} while (z != old);
	return z;
}

/* (1 - x - sum of 2^-k (1 - x^(2^-k))^2, k from 1) / 3 */
static double
tau(double x)
{
	double y = 1, z = 1 - x, old;

	if (x == 0 || x == 1)
		return 0;
	do {
		x = sqrt(x);
		old = z;
		y *= 0.5;
		z -= (1 - x) * (1 - x) * y;
	} while (z != old);
	return z / 3;
}

uint64_t
mr_hll_count(const struct mr_hll *h)
{
	const double m = REGISTERS;
	unsigned counts[RANKS + 2] = {0};
	double z;

	for (size_t i = 0; i < REGISTERS; i++)
		counts[h->registers[i]]++;
	if (counts[0] == REGISTERS)
		return 0;
	z = m * tau(1 - counts[RANKS + 1] / m);
	for (int k = RANKS; k >= 1; k--)
		z = 0.5 * (z + counts[k]);
	z += m * sigma(counts[0] / m);
	return (uint64_t)(ALPHA * m * m / z + 0.5);
}
