/*
 * Bad records: what --on-error and --dead do.
 */
#ifndef MR_STREAM_BAD_H
#define MR_STREAM_BAD_H

#include <stdint.h>

#include "base/err.h"
#include "stream/in.h"
#include "stream/out.h"

enum mr_on_error { MR_FAIL, MR_SKIP, MR_DEAD };

struct mr_bad {
	enum mr_on_error policy;
	const char *dead_path; /* --dead; opened at setup, appended to */
	const char *stage;     /* who says so in a dead letter */
	struct mr_out dead;
	uint64_t count;      /* records refused so far */
	struct mr_err first; /* the first one's message, for the report at the end */
};

int mr_bad_open(struct mr_bad *, struct mr_err *err);

/*
 * A record was refused: *err says why (MR_EX_DATA), *line which one.
 * Return: 0 go on (skipped, or its dead letter is on file); -1 err set:
 *         under MR_FAIL the same error with its place in front, `rides.ndjson:17: ...`.
 */
int mr_bad_record(struct mr_bad *, const struct mr_line *line, struct mr_err *err);

void mr_bad_report(const struct mr_bad *); /* one line at the end if any was refused */
int mr_bad_close(struct mr_bad *, struct mr_err *err);

#endif
