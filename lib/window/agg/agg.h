/*
 * Aggregates: what a pane remembers of the values of a group, and how.
 *
 * One struct mr_agg_type per function, one file per family.  The state of an
 * aggregate is a run of bytes in the pane: zeroed it is empty, it may be
 * moved, and it is aligned to 8.  A type without release() keeps all it has in
 * those bytes.
 *
 * An event is first read by all its aggregates and then added to all of them:
 * a value that one refuses leaves no trace in the others.
 *
 * However values are shared out over panes, and in whatever order the panes
 * are merged, the result is the same bytes; only where events have equal times
 * does it matter to some which arrived first.
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

/* What is behind `;` in FUNCTION(PATH; ARGUMENT), read once. */
struct mr_agg_arg {
	int64_t n;  /* a number of things, or 10^18 times a number from 0 to 1 */
	int64_t ms; /* a length of time */
};

/* One value on its way into an aggregate. */
struct mr_agg_in {
	const struct mr_agg_arg *arg;
	const struct mr_val *val;   /* not null, not missing; NULL for `count` alone */
	const struct mr_time *time; /* of the event */

	/* For read() to leave what add() needs. */
	struct mr_exact_num num;
	double number;
	uint64_t hash[2];
	const char *text; /* a string's decoded bytes */
	size_t text_len;
	struct mr_time instant; /* a string that is a time */
	int rank;               /* its place among values of other types */
	struct mr_buf key;      /* the one spelling of equal values, window/key.h */
	struct mr_buf room;     /* for text that had to be decoded */
};

/* A result on its way out. */
struct mr_agg_out {
	const struct mr_agg_arg *arg;
	int64_t start_ms, end_ms; /* of the window */
};

struct mr_agg_type {
	const char *name;
	const char *wants; /* "a number"; NULL: any type will do */
	unsigned takes;    /* 1 << enum mr_type */
	bool alone;        /* has a form without a path, which counts events */
	size_t size;       /* of the state */

	/*
	 * Read the argument; text is null when there is none, and what is null
	 * itself takes none.  -1: err set, MR_EX_USAGE, in words that follow `top: `.
	 */
	int (*argument)(struct mr_agg_arg *, const char *text, struct mr_err *err);

	/* May be null.  -1: err set, MR_EX_DATA, in words that follow `sum: `. */
	int (*read)(struct mr_agg_in *, struct mr_err *err);

	/* *held grows (or shrinks) by the bytes that the state takes outside of itself. */
	void (*add)(void *state, const struct mr_agg_in *, size_t *held);

	/*
	 * Add all that `from` holds, which stays as it is: it may go into
	 * several.  Of events of equal time those of `into` arrived first.
	 */
	void (*merge)(void *into, const void *from, const struct mr_agg_arg *, size_t *held);

	/*
	 * Append one JSON text.  -1: err set, MR_EX_WORLD, in words that
	 * follow `top: `: the state went over a bound; out may have more bytes.
	 */
	int (*write)(const void *state, const struct mr_agg_out *, struct mr_buf *out,
	    struct mr_err *err);

	/* May be null.  The state is empty behind it; *held shrinks by what it held. */
	void (*release)(void *state, size_t *held);
};

extern const struct mr_agg_type mr_agg_all, mr_agg_any, mr_agg_avg, mr_agg_collect, mr_agg_count,
    mr_agg_distinct, mr_agg_first, mr_agg_last, mr_agg_max, mr_agg_median, mr_agg_min,
    mr_agg_quantile, mr_agg_rate, mr_agg_stddev, mr_agg_stddev_pop, mr_agg_sum, mr_agg_top,
    mr_agg_var_pop, mr_agg_variance;

/* count's add and merge, for what counts and then says it otherwise. */
void mr_count_add(void *state, const struct mr_agg_in *, size_t *held);
void mr_count_merge(void *into, const void *from, const struct mr_agg_arg *, size_t *held);

/* NULL: err set, MR_EX_USAGE, with the names there are. */
const struct mr_agg_type *mr_agg_find(const char *name, size_t len, struct mr_err *err);

/*
 * Is the value one that the aggregate takes?  Reads it for add().
 * Return: 0, or -1 err set, MR_EX_DATA, `sum needs a number, not a string`.
 */
int mr_agg_read(const struct mr_agg_type *, struct mr_agg_in *, struct mr_err *err);

void mr_agg_in_release(struct mr_agg_in *);

/*
 * For read(): the value as a double.  -1: err set, MR_EX_DATA, beyond what a
 * double can hold.
 */
int mr_agg_read_double(struct mr_agg_in *, struct mr_err *err);

/*
 * For argument(): a whole number from 1 to max; -1 err set, MR_EX_USAGE.
 */
int mr_agg_whole(const char *text, int64_t max, int64_t *n, struct mr_err *err);

/* "a string", "null": how messages call a type. */
const char *mr_type_words(enum mr_type);

#endif
