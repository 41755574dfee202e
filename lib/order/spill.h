/*
 * A sorted run in a file that has no name: written once from its begin to its
 * end, then read once.
 */
#ifndef MR_ORDER_SPILL_H
#define MR_ORDER_SPILL_H

#include <sys/types.h>

#include "base/err.h"
#include "order/key.h"

struct mr_spill {
	int fd;
	const char *dir;  /* for messages */
	off_t size, next; /* bytes written; and read */
	struct mr_buf buf;
	size_t at, want;         /* of buf, what was taken; how much is read at once */
	struct mr_order_key key; /* the first, while one is left */
	off_t left;              /* bytes from the first on, its own included */
};

/* A new file in dir.  -1: err set, MR_EX_WORLD, as in all of these; nothing is to be released. */
int mr_spill_new(struct mr_spill *, const char *dir, size_t buffer_bytes, struct mr_err *err);
int mr_spill_put(struct mr_spill *, const struct mr_order_key *, struct mr_err *err);

/* All is written: make the first key the one at hand. */
int mr_spill_begin(struct mr_spill *, struct mr_err *err);

/* Step to the next key; its bytes are valid until then.  1 there is one, 0 none, -1. */
int mr_spill_next(struct mr_spill *, struct mr_err *err);
void mr_spill_release(struct mr_spill *);

#endif
