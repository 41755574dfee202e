/*
 * The table that rows go to: its name, its columns as the database has them
 * and as the rows want them, and the DDL between the two.
 *
 * Columns made in this run have a type of their own that can still widen;
 * those of a table that was there are FOREIGN: the server judges the values.
 * `have` is what is committed, `now` what the open transaction has made of
 * it, `want` what the rows seen so far need.
 */
#ifndef MR_PG_TABLE_H
#define MR_PG_TABLE_H

#include "pg/conn.h"
#include "pg/type.h"
#include "time/stamp.h"

enum { MR_PG_NAME_MAX = 63, MR_PG_COLUMNS_MAX = 1600 };

enum mr_pg_write {     /* how a value is written */
	MR_PG_AS_TEXT, /* strings decoded, other values as their JSON text */
	MR_PG_AS_JSON, /* the JSON text of any value */
	MR_PG_AS_INT,  /* as text, but 7.0 and 7e0 are written as 7 */
	MR_PG_AS_TIME  /* as text, but a number is an epoch */
};

struct mr_pg_col {
	char *name;
	size_t len;
	char *quoted;
	enum mr_pg_type have, now, want;
	enum mr_pg_write write;
	struct mr_stamper stamper; /* for epochs: their unit is pinned by the first */
	bool has_default;          /* or identity: left out of a row that does not name it */
	bool generated;            /* from other columns: cannot be written */
	bool identity;             /* GENERATED ALWAYS AS IDENTITY */
	bool nullable;
	bool key;
};

struct mr_pg_table {
	char *schema, *name;  /* schema null: found by search_path */
	struct mr_buf quoted; /* as SQL has it, terminated */
	bool have, now;       /* it is there: committed, in the open transaction */
	struct mr_pg_col *cols;
	size_t ncols, cap;
	size_t *by_name; /* cols sorted by length and bytes */
	struct mr_pg_key {
		char **names;
		size_t n;
	} key;      /* of --key, or the primary key found */
	bool dirty; /* want may differ from now */
	bool stale; /* another session has changed it: load it again */
};

/*
 * Take TABLE apart: `t`, `s.t`, `"My t"."x""y"`.  A part without quotes is folded to
 * lower case, as in SQL.  -1 MR_EX_USAGE.
 */
int mr_pg_table_name(struct mr_pg_table *, const char *text, struct mr_err *err);

/* Names of --key: field names as they are, between commas. */
int mr_pg_table_key(struct mr_pg_table *, const char *text, struct mr_err *err);

void mr_pg_table_release(struct mr_pg_table *);

/* Look the table up; a missing one leaves have false. */
enum mr_pg_rc mr_pg_table_load(struct mr_pg_table *, struct mr_pg *, struct mr_err *err);

/* The table is there: is `key` what ON CONFLICT needs?  Takes the primary key if none was given. */
enum mr_pg_rc mr_pg_table_check_key(struct mr_pg_table *, struct mr_pg *, bool needed,
    struct mr_err *err);

/* A column by its name, -1 none. */
long mr_pg_table_find(const struct mr_pg_table *, const char *name, size_t len);

/* A new column on paper; -1 MR_EX_DATA: no name for a column. */
long mr_pg_table_add(struct mr_pg_table *, struct mr_pg *, const char *name, size_t len,
    struct mr_err *err);

/* A value that column i of this run gets. */
void mr_pg_table_see(struct mr_pg_table *, size_t i, const struct mr_val *);

/* Every key column is on paper?  -1 MR_EX_USAGE. */
int mr_pg_table_ready(const struct mr_pg_table *, struct mr_err *err);

/* Append the statements that make `now` what is wanted, "" if nothing is to do. */
void mr_pg_table_ddl(struct mr_pg_table *, struct mr_buf *sql);

/* The statements were run; committed; or the transaction was rolled back. */
void mr_pg_table_made(struct mr_pg_table *);
void mr_pg_table_commit(struct mr_pg_table *);
void mr_pg_table_rollback(struct mr_pg_table *);

#endif
