/*
 * The lines of the batch that is under way, kept until they are committed: a
 * batch can be sent again, and a refused row is reported as it came in.
 */
#ifndef MR_PG_BATCH_H
#define MR_PG_BATCH_H

#include "base/buf.h"
#include "stream/in.h"

struct mr_pg_kept;

struct mr_pg_batch {
	struct mr_buf bytes;
	struct mr_pg_kept *rows;
	size_t n, cap;
	char **files; /* names that the rows point into */
	size_t nfiles;
};

void mr_pg_batch_release(struct mr_pg_batch *);
void mr_pg_batch_add(struct mr_pg_batch *, const struct mr_line *); /* copies it */
void mr_pg_batch_clear(struct mr_pg_batch *);                       /* keeps the memory */

/* Row i as it came in; valid until the next add or clear. */
struct mr_line mr_pg_batch_line(const struct mr_pg_batch *, size_t i);

#endif
