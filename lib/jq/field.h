/*
 * Fields: one value of each event, by a path or by a jq expression; what
 * stands behind --time, --by and the like.
 *
 * A path is found by the stage's own scan and costs nothing more.  Anything
 * else is a program (prog.h) on the own engine, whose paths the same scan
 * finds: an event is scanned once, whatever is asked of it.
 *
 * The first output of a program is the field's value, and no output a missing
 * one.  A path that leads nowhere is missing, too, also where it goes through
 * something without members, which fails in a program.
 */
#ifndef MR_JQ_FIELD_H
#define MR_JQ_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/scan.h"
#include "stream/in.h"

struct mr_field_prog;

struct mr_field {
	char *text;    /* as the user wrote it, the space around it off; NULL: no field */
	int slot;      /* of the scan, for a path; else -1 */
	bool thorough; /* it looks into values: the stage has to be thorough, too */

	/* Its own. */
	struct mr_field_prog *prog;
};

#define MR_FIELD_NONE \
	{ \
		NULL, -1, false, NULL \
	}

/*
 * text[0..len-1] as a field of events that `scan` scans, which has to live as
 * long, and is not yet in use.
 * Return: 0, or -1 err set, MR_EX_USAGE, with the place in an expression.
 * Owner:  mr_field_release(), also behind -1.  A field may be moved.
 */
int mr_field_init(struct mr_field *, struct mr_scan *scan, const char *text, size_t len,
    struct mr_err *err);
void mr_field_release(struct mr_field *);

/* The last key of a path, NULL for `.`, an index, a program: what its column is called. */
const char *mr_field_name(const struct mr_field *, const struct mr_scan *);

/* mr_field_get() and mr_field_test() of a program. */
int mr_field_run(struct mr_field *, const struct mr_line *, const struct mr_val **val,
    struct mr_err *err);
int mr_field_run_test(struct mr_field *, const struct mr_line *, struct mr_err *err);

/*
 * The field's value in an event, as JSON.
 * Return: 0, or -1 err set, MR_EX_DATA: the program failed on it, in jq's
 *         words, its text in front.
 * Owner:  *val lies in the line, or in the field until the next call with it.
 */
static inline int
mr_field_get(struct mr_field *f, const struct mr_line *line, const struct mr_val **val,
    struct mr_err *err)
{
	if (f->slot < 0)
		return mr_field_run(f, line, val, err);
	*val = &line->vals[f->slot];
	return 0;
}

/*
 * Append its value, spelled as json/key.h has it; `room` is for decoding.
 * Return: 0, or -1 as mr_field_get(), or the value has no spelling.
 */
int mr_field_key(struct mr_field *, const struct mr_line *, struct mr_buf *key, struct mr_buf *room,
    struct mr_err *err);

/*
 * The field as a condition: is the value at the path, or any output, neither
 * null nor false?
 * Return: 1, 0, -1 as mr_field_get().
 */
static inline int
mr_field_test(struct mr_field *f, const struct mr_line *line, struct mr_err *err)
{
	return f->slot < 0 ? mr_field_run_test(f, line, err) : line->vals[f->slot].type > MR_FALSE;
}

#endif
