/*
 * A row: a record's fields found among the columns, and written for COPY.
 */
#ifndef MR_PG_ROW_H
#define MR_PG_ROW_H

#include "json/scan.h"
#include "pg/table.h"
#include "stream/in.h"

struct mr_pg_row {
	struct mr_scan *whole; /* wants `.` */
	struct mr_val *vals;   /* one a column, MR_MISSING where the record has none */
	size_t cap;
	long *guess; /* the column that member i was last time */
	size_t nguess;
	struct mr_buf room;
	uint64_t ignored; /* fields passed over */
};

enum { MR_PG_ADD = 1, MR_PG_IGNORE_EXTRA = 2, MR_PG_TRUSTED = 4 };

void mr_pg_row_init(struct mr_pg_row *);
void mr_pg_row_release(struct mr_pg_row *);

/*
 * Read a record into vals.  A field without a column is added to the table
 * on paper (MR_PG_ADD), passed over (MR_PG_IGNORE_EXTRA) or refused; null is
 * no reason to add one to a table that is there.
 * Return: 0, or -1 err set, MR_EX_DATA.
 */
int mr_pg_row_read(struct mr_pg_row *, struct mr_pg_table *, struct mr_pg *, const struct mr_line *,
    unsigned flags, struct mr_err *err);

/*
 * Append the value of column i in COPY's text format (without a tab or newline).
 * Return: 0, or -1 err set, MR_EX_DATA: \u0000, which no text of PostgreSQL
 *         holds, or a number that is no epoch.
 */
int mr_pg_row_write(struct mr_pg_row *, struct mr_pg_col *, size_t i, struct mr_buf *out,
    struct mr_err *err);

#endif
