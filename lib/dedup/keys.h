/*
 * The key of an event: the values of a list of fields, each spelled as
 * json/key.h has it, so that equal values are one key.
 */
#ifndef MR_DEDUP_KEYS_H
#define MR_DEDUP_KEYS_H

#include "base/buf.h"
#include "jq/field.h"
#include "stream/stage.h"

struct mr_keys {
	struct mr_buf key; /* of the event read last */

	/* Its own. */
	struct mr_field *field;
	size_t n;
	struct mr_buf room;
};

/* Append the fields of a list, separated by commas.  -1: err set, MR_EX_USAGE. */
int mr_keys_add(struct mr_keys *, struct mr_stage *, const char *list, struct mr_err *err);
void mr_keys_release(struct mr_keys *);

/* Read the key of an event into key.  -1: err set, MR_EX_DATA. */
int mr_keys_read(struct mr_keys *, const struct mr_line *, struct mr_err *err);

#endif
