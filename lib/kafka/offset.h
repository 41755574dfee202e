/*
 * Where to begin and end reading: the forms of -o.
 *
 *   beginning|earliest, end|latest, stored, N, -N (N before the end),
 *   s@TIME (from the first record of TIME or later), e@TIME (up to, without, the
 *   first record of TIME or later).  TIME as mr_stamp_text() reads it, or
 *   -3h: before now.
 */
#ifndef MR_KAFKA_OFFSET_H
#define MR_KAFKA_OFFSET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum mr_kwhence { MR_K_DEFAULT, MR_K_BEGIN, MR_K_END, MR_K_STORED, MR_K_AT, MR_K_TAIL, MR_K_SINCE };

struct mr_koffset {
	enum mr_kwhence whence;
	int64_t n;    /* MR_K_AT, MR_K_TAIL: records; MR_K_SINCE: ms since 1970 */
	bool bounded; /* e@ was given */
	int64_t until_ms;
};

/* Add one -o to what the ones before said; now_ms since 1970.  MR_EX_USAGE. */
int mr_koffset_parse(struct mr_koffset *, const char *text, int64_t now_ms, struct mr_err *err);

#endif
