/*
 * HyperLogLog: how many different hashes, in 16 KiB, with a standard error of
 * 0.82 %.
 *
 * 2^14 registers (Flajolet et al. 2007), estimated as in Ertl, New cardinality
 * estimation algorithms for HyperLogLog sketches, 2017 (arXiv 1702.01284),
 * algorithm 6: from the counts of equal registers, unbiased from one hash to
 * 2^50, without tables of corrections.  The registers are a function of the
 * set of hashes: neither their order nor how sketches were merged shows.
 */
#ifndef MR_AGG_HLL_H
#define MR_AGG_HLL_H

#include <stdint.h>

#define MR_HLL_BITS 14
#define MR_HLL_ERROR 0.00813 /* 1.04 / sqrt(2^14) */

struct mr_hll {
	uint8_t registers[1 << MR_HLL_BITS]; /* zeroed: empty */
};

/* hash: 64 bits, each as good as random. */
void mr_hll_add(struct mr_hll *, uint64_t hash);
void mr_hll_merge(struct mr_hll *into, const struct mr_hll *from);
uint64_t mr_hll_count(const struct mr_hll *);

#endif
