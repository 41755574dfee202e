/*
 * Aggregates: what a pane remembers of the values of a group, and how.
 *
 * One struct mr_agg_type per function, one file per family.  The state of an
 * aggregate is a run of bytes in the pane: zeroed it is empty, it may be
 * moved, and it is aligned to 8.
 *
 * An event is first read by all its aggregates and then added to all of them:
 * a value that one refuses leaves no trace in the others.
 */
#ifndef MR_AGG_AGG_H
#define MR_AGG_AGG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/scan.h"
#include "time/stamp.h"
#include "window/agg/exact.h"

/* One value on its way into an aggregate. */
struct mr_agg_in {
	const struct mr_val *val;   /* not null, not missing; NULL for `count` alone */
	const struct mr_time *time; /* of the event */
	struct mr_exact_num num;    /* for read() to leave what add() needs */
	const char *text;           /* likewise: a string's decoded bytes */
	size_t text_len;
	struct mr_buf room; /* for text that had to be decoded */
};

struct mr_agg_type {
	const char *name;
	const char *wants; /* "a number"; NULL: any type will do */
	unsigned takes;    /* 1 << enum mr_type */
	bool alone;        /* has a form without an argument, which counts events */
	size_t size;       /* of the state */

	/* Each may be null.  -1: err set, MR_EX_DATA, in words that follow `sum: `. */
	int (*read)(struct mr_agg_in *, struct mr_err *err);
	int (*fits)(const void *state, const struct mr_agg_in *, struct mr_err *err);

	void (*add)(void *state, const struct mr_agg_in *, size_t *held);
	void (*write)(const void *state, struct mr_buf *out); /* one JSON text */
	void (*release)(void *state);                         /* may be null */
};

extern const struct mr_agg_type mr_agg_count, mr_agg_sum, mr_agg_avg, mr_agg_min, mr_agg_max,
    mr_agg_first, mr_agg_last;

/* NULL: err set, MR_EX_USAGE, with the names there are. */
const struct mr_agg_type *mr_agg_find(const char *name, size_t len, struct mr_err *err);

/*
 * Is the value one that the aggregate takes?  Reads it for add().
 * Return: 0, or -1 err set, MR_EX_DATA, `sum needs a number, not a string`.
 */
int mr_agg_read(const struct mr_agg_type *, struct mr_agg_in *, struct mr_err *err);

/* "a string", "null": how messages call a type. */
const char *mr_type_words(enum mr_type);

#endif
