/*
 * The shapes of lines: a machine learned from lines that were valid.  For
 * lib/json alone.
 *
 * Lines of a stream differ in their values; what stands between two values
 * (`","fare":`) comes from a small set.  A place is where a value can stand:
 * the keys that lead there, and for an element that it is one.  From each
 * place arcs go to the places of the next value; an arc carries the literal
 * between the two, from behind the first value (its quote excluded) to before
 * the second (its quote included).  A line that runs from the start to an END
 * arc with nothing but literals and valid values in between is valid, because
 *  - an arc is learned only from a line that the exact walker took, and
 *  - a place fixes which arrays and objects are open, and of what kind; that
 *    is all that the grammar of what follows a value depends on.
 * It also fixes which path leads there, so a value found is a value wanted or
 * not; what else there is to do on the way (an object that is wanted opens or
 * closes, values below a repeated key are forgotten) stands at the arc.
 *
 * The machine is bounded: no more than so many arcs, from one place and in
 * all, no long literals.  What does not fit, above all objects whose keys are
 * data, is left to the exact walker.
 */
#ifndef MR_JSON_SHAPE_H
#define MR_JSON_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/path.h"

enum {
	MR_SHAPE_LIT = 64,     /* longest literal: no longer than MR_SCAN_PAD */
	MR_SHAPE_ARCS = 2048,  /* in all */
	MR_SHAPE_WAYS = 64,    /* from one place */
	MR_SHAPE_ACTS = 8,     /* of one arc */
	MR_SHAPE_CHUNK = 32768 /* bytes that are indexed at a time */
};

enum mr_shape_kind {
	MR_SHAPE_NOWHERE, /* a place from which nothing was learned: matches no line */
	MR_SHAPE_STRING,  /* what follows the literal */
	MR_SHAPE_SCALAR,
	MR_SHAPE_END /* the literal ends the line */
};

enum mr_shape_do {
	MR_SHAPE_OPEN,  /* an array or object that is wanted begins at lit[at] */
	MR_SHAPE_CLOSE, /* and ends with lit[at] */
	MR_SHAPE_FORGET /* slots order[slot..hi-1] are missing again */
};

struct mr_shape_act {
	unsigned char what, at;
	int slot, hi;
};

struct mr_shape_arc {
	unsigned char lit[MR_SHAPE_LIT / 2]; /* the first bytes of the literal */
	uint32_t mask;                       /* bit i: lit[i] counts */
	int slot;                            /* of the value that follows, -1: not wanted */
	struct mr_shape_arc *to;             /* the first arc from the place it leads to */
	struct mr_shape_arc *next;           /* another one from the same place */
	unsigned char kind, len;
	unsigned char marks; /* entries of the index within the literal */
	unsigned char more;  /* there is more to it: acts, or bytes of the literal */
	unsigned char nacts;
	uint32_t more_mask;
	unsigned char more_lit[MR_SHAPE_LIT / 2];
	struct mr_shape_act *acts;
};

struct mr_shape_place;

struct mr_shapes {
	struct mr_shape_arc arcs[MR_SHAPE_ARCS]; /* each place has one of its own, its first */
	size_t narcs;
	struct mr_shape_place *start; /* before the line */
	bool full;                    /* something did not fit */
	unsigned tries; /* lines that taught nothing, of late: at some point none is tried */
	unsigned poor;  /* chunks with many misses that nothing more can be learned from */
	size_t rest, next_rest; /* lines left to the exact walker; and the next time */

	/*
	 * The index of a chunk, made by a kernel: where `,` `}` `]` stand outside
	 * of strings, and each LF, in order; then what is not less than its length.
	 */
	uint16_t at[MR_SHAPE_CHUNK + 3 * MR_SHAPE_LIT];
	size_t count;
	size_t line; /* bytes of a line, about */
	size_t len;  /* bytes of the chunk that were indexed and found in order */
	/* A bit each byte, from the lowest on: quotes that are not escaped; backslashes. */
	unsigned char quotes[MR_SHAPE_CHUNK / 8 + 16];
	unsigned char slashes[MR_SHAPE_CHUNK / 8 + 16];
	void *room; /* what was allocated: this is aligned */
};

struct mr_shapes *mr_shapes_new(void);
void mr_shapes_free(struct mr_shapes *);
void mr_shapes_forget(struct mr_shapes *); /* all that was learned */

/*
 * Learn the arcs of a line, as many as fit.
 * Shape:  at[0..len-1] with its LF; a valid JSON text.
 */
void mr_shapes_learn(struct mr_scan *, const char *at, size_t len);

#endif
