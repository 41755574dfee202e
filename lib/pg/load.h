/*
 * Rows into the table within one transaction: COPY, for upsert and ignore by
 * way of a session's temporary table and one INSERT ... ON CONFLICT.
 *
 * A transaction consists of segments, each one COPY.  A segment ends where
 * the columns change: a column with a default comes or goes (a field that is missing
 * gets the default), or DDL is due.
 */
#ifndef MR_PG_LOAD_H
#define MR_PG_LOAD_H

#include "pg/conn.h"
#include "pg/row.h"
#include "pg/sink.h"
#include "pg/table.h"

struct mr_pg_load {
	struct mr_pg *db;
	struct mr_pg_table *table;
	enum mr_pg_mode mode;
	struct mr_pg_row row;
	struct mr_buf chunk, sql;            /* rows not yet sent; the statement being made */
	size_t rows;                         /* of the segment */
	bool *in;                            /* columns of the segment */
	size_t nin;                          /* table->ncols when it began; 0: none */
	char order_name[MR_PG_NAME_MAX + 1]; /* the temporary table's column of the rows' order */
	uint64_t order, since; /* of the last row; of the last one before the segment */
	bool staged;           /* the temporary table is there */
	size_t stale;          /* rows of segments before in it, about */
	bool open, copying;    /* a transaction, a COPY is under way */
	bool refused;          /* the last put could not write its row: no other is to blame */
	bool unknown;          /* COMMIT was sent and not answered */
	char xid[24];          /* of the transaction not yet known to have ended, else "" */
};

void mr_pg_load_init(struct mr_pg_load *, struct mr_pg *, struct mr_pg_table *, enum mr_pg_mode);
void mr_pg_load_release(struct mr_pg_load *);

/* Can the values of load->row be written at all?  -1 MR_EX_DATA. */
int mr_pg_load_check(struct mr_pg_load *, struct mr_err *err);

/* Append load->row; sends when enough has come together. */
enum mr_pg_rc mr_pg_load_put(struct mr_pg_load *, struct mr_err *err);

/* Begin a transaction if none is open, and make what is due: table, columns, temporary table. */
enum mr_pg_rc mr_pg_load_begin(struct mr_pg_load *, struct mr_err *err);

/*
 * Empty the temporary table if it has more than so many rows of segments
 * before: each INSERT reads past them, but emptying makes a new file.
 */
enum mr_pg_rc mr_pg_load_tidy(struct mr_pg_load *, size_t most, struct mr_err *err);

enum mr_pg_rc mr_pg_load_end_segment(struct mr_pg_load *, struct mr_err *err);
enum mr_pg_rc mr_pg_load_commit(struct mr_pg_load *, struct mr_err *err);

/* Forget what is not committed, here and (where the connection stands) in the server. */
void mr_pg_load_rollback(struct mr_pg_load *);
/* The fate of the transaction `xid` is known. */
void mr_pg_load_settled(struct mr_pg_load *, bool committed);

void mr_pg_load_drop_segment(struct mr_pg_load *);

#endif
