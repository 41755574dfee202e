/*
 * Events in the order of their times, in bounded memory: put in any order,
 * taken smallest first, and between the two it may be put again.
 *
 *   put --> what came since --sort--> runs in memory --spill--> runs in files
 *                                          |                        |
 *                                          +-----> merge <----------+--> take
 *
 * What came since is sorted as one when something is to be taken; run.h says
 * how it joins the rest.  Over the bound all of memory becomes one run in a
 * file; of too many files the smaller half are merged to one.  The smallest of
 * all runs stands at the root of a heap.  (External merge sort; Knuth, The Art
 * of Computer Programming 3, 5.4.)
 */
#ifndef MR_ORDER_ORDER_H
#define MR_ORDER_ORDER_H

#include "base/err.h"
#include "order/arena.h"
#include "order/key.h"
#include "order/run.h"
#include "order/spill.h"
#include "time/stamp.h"

#define MR_ORDER_FILES 32 /* open at once, and one while they are merged */
#define MR_ORDER_LEAST ((size_t)1 << 16)

struct mr_order {
	/* Set by the holder between init and setup. */
	size_t memory;   /* bytes, about; at least MR_ORDER_LEAST */
	const char *dir; /* of temporary files */

	/* To read. */
	uint64_t seq;     /* of the next to be put: how many were */
	uint64_t held;    /* put and not taken */
	uint64_t spilled; /* written to files, those written again not counted */
	size_t files;     /* open */

	/* Its own. */
	size_t buffer; /* bytes of a file's buffer */
	struct mr_arena arena;
	struct mr_order_key *fresh; /* what came since, in the order of arrival */
	size_t nfresh, fresh_cap;
	struct mr_runs runs;
	struct mr_spill file[MR_ORDER_FILES + 1];
	struct mr_order_source {
		struct mr_order_key key; /* the run's first */
		size_t run;              /* of memory, or MR_RUNS_MAX + that of the file */
	} heap[MR_RUNS_MAX + MR_ORDER_FILES];
	size_t nheap;
	struct mr_buf room;
};

void mr_order_init(struct mr_order *);
void mr_order_setup(struct mr_order *);
void mr_order_release(struct mr_order *);

/*
 * Put an event; its len bytes are to be written to what is returned before
 * anything else is called.
 */
char *mr_order_put(struct mr_order *, const struct mr_time *, size_t len);

/* It would be well to take what can be taken now: much came since. */
bool mr_order_due(const struct mr_order *);

/* The memory is at its bound: take, and if it still is, spill. */
bool mr_order_full(const struct mr_order *);
int mr_order_spill(struct mr_order *, struct mr_err *err);

/* Between puts and takes. */
void mr_order_settle(struct mr_order *);

/* The smallest, NULL when all were taken; mr_order_settle() came before.  Valid until it is taken. */
static inline const struct mr_order_key *
mr_order_first(const struct mr_order *o)
{
	return o->nheap ? &o->heap[0].key : NULL;
}
int mr_order_take(struct mr_order *, struct mr_err *err);

/* Memory that is held, about. */
size_t mr_order_bytes(const struct mr_order *);

#endif
