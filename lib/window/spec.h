/*
 * What a window tool groups by and computes: --by and --agg.
 *
 *   by    = [ NAME "=" ] FIELD
 *   agg   = [ NAME "=" ] FUNCTION [ "(" [ FIELD ] [ ";" ARGUMENT ] ")" ] [ "where" FIELD ]
 *
 * lists separated by commas.  A FIELD is a path or a jq expression
 * (jq/field.h); what it has of commas, and of semicolons within FUNCTION(), is
 * in brackets or quotes.  A function that needs no field but has an argument,
 * rate, may have it without the ";" in front.
 *
 * The name of a by is the last key of its path unless it is given; of an
 * aggregate the function, and with a path FUNCTION_KEY.  Anything but a path
 * has no name of its own: one has to be given.
 */
#ifndef MR_WINDOW_SPEC_H
#define MR_WINDOW_SPEC_H

#include <stddef.h>

#include "base/err.h"
#include "jq/field.h"
#include "json/scan.h"
#include "window/agg/agg.h"

struct mr_spec_by {
	char *name;
	char *label; /* `,"name":`, what stands before its value in a result */
	struct mr_field field;
};

struct mr_spec_agg {
	char *name, *label;
	struct mr_field field; /* its text NULL: it counts events */
	struct mr_field where; /* its text NULL: every event */
	const struct mr_agg_type *type;
	struct mr_agg_arg arg;
	size_t at;           /* of its state in the pane's */
	bool takes;          /* the event at hand is one to add */
	struct mr_agg_in in; /* its value */
};

struct mr_spec {
	struct mr_scan *scan; /* where the paths go; the holder's */
	struct mr_spec_by *by;
	struct mr_spec_agg *agg;
	size_t nby, nagg;
	size_t state_size;
	bool thorough; /* a field is: the stage has to be */
};

void mr_spec_init(struct mr_spec *, struct mr_scan *scan);
void mr_spec_release(struct mr_spec *);

/*
 * Append the items of a list, each as fields of the scan, which is not yet in
 * use.  -1: err set, MR_EX_USAGE, with the item in the words.
 */
int mr_spec_add_by(struct mr_spec *, const char *text, struct mr_err *err);
int mr_spec_add_agg(struct mr_spec *, const char *text, struct mr_err *err);

/* No more lists: `count` when no aggregate was named; two columns of one name: -1, MR_EX_USAGE. */
int mr_spec_done(struct mr_spec *, struct mr_err *err);

#endif
