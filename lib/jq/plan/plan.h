/*
 * Plans: programs of at most one output, evaluated as a tree over the values
 * that the scanner found, without the machine of vm/.  For lib/jq alone.
 *
 * Most programs over events are such: comparisons of paths, string tests,
 * constructions of objects.  A path from the event is a slot of the scan, and
 * its value stays bytes of the line until something touches it; what leaves
 * as it came is copied.
 */
#ifndef MR_JQ_PLAN_H
#define MR_JQ_PLAN_H

#include "jq/fn/fn.h"
#include "jq/lang/ast.h"
#include "json/scan.h"

struct mr_plan; /* immutable once made */

/*
 * An event, MR_SCAN_PAD bytes behind which may be read: its line, and what was found for the slots of the scan the plan
 * was made with.
 */
struct mr_event {
	const char *at;
	size_t len; /* white space around the value allowed */
	const struct mr_val *vals;
	uint64_t no; /* of its line */
	const char *file;
	bool
	    trusted; /* the line was validated elsewhere, so they say: values are looked at before they are used */
};

/* The whole event as a value of bytes of the line. */
struct mr_value mr_event_value(const struct mr_event *);

/*
 * vars: an object, each member a $name the program may use.
 * NULL: the program may have several outputs, or uses what only the machine
 * has; why[] says what.  Wanted paths are added to the scan.
 */
struct mr_plan *mr_plan_new(const struct mr_node *root, const struct mr_value *vars,
    struct mr_scan *scan, char why[96]);
void mr_plan_free(struct mr_plan *);

/* True if it yields, when it yields, its input: what comes behind it in a pipe sees the event. */
bool mr_plan_transparent(const struct mr_plan *);

/* MR_FN_... of the functions called in it. */
unsigned mr_plan_uses(const struct mr_plan *);

/* Does it look at the event as a whole?  Then the event has to be valid. */
bool mr_plan_whole(const struct mr_plan *);

/* 1 *out is the output; 0 there is none; -1 *out is the value of an error. */
int mr_plan_eval(const struct mr_plan *, struct mr_jq_run *, const struct mr_event *,
    struct mr_value *out);

/* Is there an output neither null nor false?  1, 0; -1 *out is the value of an error. */
int mr_plan_test(const struct mr_plan *, struct mr_jq_run *, const struct mr_event *,
    struct mr_value *out);

/*
 * The same for up to MR_ROWS_MAX rows of a scan: hit[i] is 1, 0, or
 * MR_ROW_ALONE: that event is one for mr_plan_test().
 * Return: false, nothing done: the plan is one for an event at a time.
 */
#define MR_ROWS_MAX 256
#define MR_ROW_ALONE 2
bool mr_plan_test_rows(const struct mr_plan *, const struct mr_scan_row *,
    const struct mr_val *vals, size_t width, size_t count, unsigned char *hit);

/* Append the output as compact JSON (raw: a string as its bytes); on 0 and -1 the buffer is as it was. */
int mr_plan_write(const struct mr_plan *, struct mr_jq_run *, const struct mr_event *, bool raw,
    struct mr_buf *, struct mr_value *out);

/*
 * The outputs of many events, a line each, from row *next on, which is stepped
 * past each; *lines are counted up.  Stops early when the buffer has grown by
 * MR_PLAN_ENOUGH.
 * Return: 0; -1 *out is the value of the error of row *next, which left nothing.
 */
#define MR_PLAN_ENOUGH ((size_t)256 << 10)
struct mr_event_rows {
	const struct mr_scan_row *row;
	size_t n;
	const struct mr_val *vals; /* of row i: vals + i * width */
	size_t width;
	bool trusted;
};
int mr_plan_write_rows(const struct mr_plan *, struct mr_jq_run *, const struct mr_event_rows *,
    size_t *next, bool raw, struct mr_buf *, uint64_t *lines, struct mr_value *out);

/* What it does, a node a line, for people. */
void mr_plan_explain(const struct mr_plan *, struct mr_buf *);

#endif
