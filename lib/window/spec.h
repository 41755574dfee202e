/*
 * What a window tool groups by and computes: --by and --agg.
 *
 *   by    = [ NAME "=" ] PATH
 *   agg   = [ NAME "=" ] FUNCTION [ "(" [ PATH ] [ ";" ARGUMENT ] ")" ]
 *
 * A function that needs no path but has an argument, rate, may have it without
 * the ";" in front.
 *
 * lists separated by commas.  The name of a by is the last key of its path
 * unless it is given; of an aggregate the function, and with an argument
 * FUNCTION_KEY.
 */
#ifndef MR_WINDOW_SPEC_H
#define MR_WINDOW_SPEC_H

#include <stddef.h>

#include "base/err.h"
#include "json/scan.h"
#include "window/agg/agg.h"

struct mr_spec_by {
	char *name;
	char *path;  /* as the user wrote it */
	char *label; /* `,"name":`, what stands before its value in a result */
	int slot;
};

struct mr_spec_agg {
	char *name, *path, *label;
	int slot; /* -1: no argument */
	const struct mr_agg_type *type;
	struct mr_agg_arg arg;
	size_t at;           /* of its state in the pane's */
	struct mr_agg_in in; /* the value of the event at hand */
};

struct mr_spec {
	struct mr_scan *scan; /* where the paths go; the holder's */
	struct mr_spec_by *by;
	struct mr_spec_agg *agg;
	size_t nby, nagg;
	size_t state_size;
};

void mr_spec_init(struct mr_spec *, struct mr_scan *scan);
void mr_spec_release(struct mr_spec *);

/* Append the items of a list.  -1: err set, MR_EX_USAGE, with the item in the words. */
int mr_spec_add_by(struct mr_spec *, const char *text, struct mr_err *err);
int mr_spec_add_agg(struct mr_spec *, const char *text, struct mr_err *err);

/* No more lists: `count` when no aggregate was named; two columns of one name: -1, MR_EX_USAGE. */
int mr_spec_done(struct mr_spec *, struct mr_err *err);

#endif
