/*
 * Rows of JSON into a table of PostgreSQL: batches, retries, refused rows.
 *
 * A batch is one transaction.  It is delivered when it is full, when it is old enough
 * and whenever the input pauses.  A row that the server refuses is found by
 * bisection under savepoints and goes the way of bad records, the rest of the batch
 * is committed.  After a lost connection the batch is sent again, but an
 * unanswered COMMIT is settled first: nothing is lost and nothing comes twice.
 */
#ifndef MR_PG_SINK_H
#define MR_PG_SINK_H

#include "stream/stage.h"

enum mr_pg_mode { MR_PG_INSERT, MR_PG_IGNORE, MR_PG_UPSERT };

struct mr_pg_options {
	const char *conninfo, *host, *port, *user; /* null: libpq's environment */
	const char *table, *key;
	enum mr_pg_mode mode;
	bool create, dry_run, ignore_extra, verbose;
	size_t batch_rows, batch_bytes;
	int64_t flush_ms, retry_ms;
};

struct mr_pg_sink;

/* Connect and check the table.  The strings of the options must outlive it. */
struct mr_pg_sink *mr_pg_sink_new(const struct mr_pg_options *, struct mr_stage *,
    struct mr_err *err);
void mr_pg_sink_free(struct mr_pg_sink *);

/* The callbacks of a stage. */
int mr_pg_sink_row(struct mr_pg_sink *, const struct mr_line *, struct mr_err *err);
int mr_pg_sink_tick(struct mr_pg_sink *, int64_t now_ms, struct mr_err *err);
int mr_pg_sink_idle(struct mr_pg_sink *, struct mr_err *err);
int mr_pg_sink_end(struct mr_pg_sink *, struct mr_out *, struct mr_err *err);
void mr_pg_sink_status(const struct mr_pg_sink *, struct mr_buf *);
void mr_pg_sink_metrics(const struct mr_pg_sink *, struct mr_buf *);

#endif
