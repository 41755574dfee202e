/*
 * A sketch of many numbers that knows each of them to within 1/128, 0.79 %.
 *
 * DDSketch (Masson, Rim, Lee: DDSketch, a fast and fully-mergeable quantile
 * sketch with relative-error guarantees, VLDB 2019), with buckets that a
 * double's own bits name: 64 of equal width between two powers of two, which
 * its authors' implementations call linearly interpolated mapping.  Finding a
 * bucket takes no logarithm, so it is the same on every machine.  No bucket is
 * ever joined with another: there are 2046 * 64 on either side of zero, and
 * only what is used has memory.  So a sketch is a function of the set of its
 * numbers: neither their order nor how sketches were merged shows.
 *
 * Numbers below the normal doubles (2.2e-308) count as zero.
 */
#ifndef MR_AGG_SKETCH_H
#define MR_AGG_SKETCH_H

#include <stddef.h>
#include <stdint.h>

/* What a number that is read back may be off by, as a part of its size. */
#define MR_SKETCH_ERROR (1.0 / 128)

struct mr_sketch;

struct mr_sketch *mr_sketch_new(void);
void mr_sketch_free(struct mr_sketch *);

/* A finite number. */
void mr_sketch_add(struct mr_sketch *, double x);

/* Add all numbers of another, which stays as it is. */
void mr_sketch_merge(struct mr_sketch *into, const struct mr_sketch *from);

/* The number of this rank, from 0, less than the numbers added.  The smallest and largest are exact. */
double mr_sketch_at(const struct mr_sketch *, uint64_t rank);

/* Memory held. */
size_t mr_sketch_bytes(const struct mr_sketch *);

#endif
