/*
 * Sorted runs in memory: a few, from the oldest to the newest, each at least
 * about twice as long as the next where they overlap.
 *
 * What is new is merged into the newest run where no more than twice as many
 * keys of that are to be moved for it, and else is a run of its own; then that
 * run and the one before it are looked at in the same way.  Events that come
 * nearly in order make one run, to whose end they are added; in any order a
 * key is moved O(log n) times.  (The logarithmic method of Bentley and Saxe,
 * "Decomposable Searching Problems I", 1980, adaptive.)
 */
#ifndef MR_ORDER_RUN_H
#define MR_ORDER_RUN_H

#include "order/key.h"

#define MR_RUNS_MAX 66 /* lengths double */

struct mr_run {
	struct mr_order_key *key; /* [head..n) are there still */
	size_t head, n, cap;
};

struct mr_runs {
	struct mr_run run[MR_RUNS_MAX];
	size_t n;
	size_t bytes; /* of the keys */
};

void mr_runs_release(struct mr_runs *);

/* Add sorted keys; all of them arrived after those that are there. */
void mr_runs_add(struct mr_runs *, const struct mr_order_key *, size_t n);

/* Forget runs whose keys have all been taken. */
void mr_runs_tidy(struct mr_runs *);

#endif
