/*
 * What an event says: its key, and the value of each aggregate.
 *
 * All of it is read before anything is changed, so that an event that is
 * refused leaves no trace.
 */
#ifndef MR_WINDOW_READ_H
#define MR_WINDOW_READ_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/scan.h"
#include "stream/in.h"
#include "time/stamp.h"
#include "window/spec.h"

struct mr_read {
	struct mr_spec spec; /* set by the holder between init and setup */
	struct mr_time time; /* of the event, set before it is read */

	/* To read. */
	struct mr_scan *scan; /* what of each event is to be found, for line->vals; its own */
	struct mr_buf key;    /* its values of --by, spelled as key.h has it */

	/* Its own. */
	struct mr_buf room;
};

void mr_read_init(struct mr_read *);
void mr_read_release(struct mr_read *);

/* Check and complete what was set.  -1: err set, MR_EX_USAGE. */
int mr_read_setup(struct mr_read *, struct mr_err *err);

/*
 * Read an event, line->vals being what was found in it: the key is left here,
 * each aggregate's value in its agg[i].in.
 * Return: 0, or -1 err set, MR_EX_DATA: a bad record.
 */
int mr_read_event(struct mr_read *, const struct mr_line *, struct mr_err *err);

/*
 * The key of an event whose values were found, if it is made of paths alone, to load memory for.
 * Return: false: it is not, or the event will be refused.
 */
bool mr_read_key(struct mr_read *, const struct mr_val *vals, struct mr_buf *key);

#endif
