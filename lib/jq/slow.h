/*
 * jq programs on libjq: for what the own engine does not know.  For lib/jq
 * alone; slow.c is the only place that includes jq.h.
 *
 * prog.c knows it by struct mr_libjq alone, so that only who names mr_libjq
 * (args.c) links libjq and pays for it at every start.
 */
#ifndef MR_JQ_SLOW_H
#define MR_JQ_SLOW_H

#include "jq/prog.h"

struct mr_slow;

struct mr_libjq {
	/*
	 * make: NULL: err set, MR_EX_USAGE, with libjq's words on the program.
	 * text and args must outlive it.
	 */
	struct mr_slow *(
	    *make)(const char *text, const struct mr_prog_args *args, struct mr_err *err);
	void (*free)(struct mr_slow *); /* of NULL, too */

	/* As mr_prog_test() and mr_prog_write(), for an event as a value, which may become a cell. */
	int (*test)(struct mr_slow *, struct mr_value *event, struct mr_err *err);
	int (*write)(struct mr_slow *, struct mr_value *event, const struct mr_prog_style *,
	    struct mr_buf *, uint64_t *lines, struct mr_err *err);
};

extern const struct mr_libjq mr_libjq;

#endif
