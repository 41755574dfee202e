/*
 * load - one transaction of rows.
 *
 * Sending begins when 64 KiB have come together, so that the server works
 * while rows still come in, and a small batch is sent only when it is closed:
 * no transaction stands open for want of input.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/num.h"
#include "pg/load.h"

enum { CHUNK = 64 * 1024 };

#define STAGE_TABLE "pg_temp.millrace_pgsink"

void
mr_pg_load_init(struct mr_pg_load *l, struct mr_pg *db, struct mr_pg_table *t, enum mr_pg_mode mode)
{
	*l = (struct mr_pg_load){.db = db, .table = t, .mode = mode};
	mr_pg_row_init(&l->row);
}

void
mr_pg_load_release(struct mr_pg_load *l)
{
	mr_pg_row_release(&l->row);
	mr_buf_release(&l->chunk);
	mr_buf_release(&l->sql);
	free(l->in);
}

static enum mr_pg_rc
run(struct mr_pg_load *l, struct mr_err *err)
{
	return mr_pg_exec(l->db, mr_buf_str(&l->sql), NULL, err);
}

/* Columns i with in[i], with a prefix each, between commas. */
static void
columns(struct mr_pg_load *l, bool keys)
{
	const char *gap = "";

	for (size_t i = 0; i < l->nin; i++)
		if (keys ? l->table->cols[i].key : l->in[i]) {
			mr_buf_adds(&l->sql, gap);
			mr_buf_adds(&l->sql, l->table->cols[i].quoted);
			gap = ", ";
		}
}

/* The table or the column came to be while we were about to make it. */
static bool
made_by_another(const char *sqlstate)
{
	static const char *const states[] = {"42P07", "42701", "42710", "23505"};

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strcmp(sqlstate, states[i]) == 0)
			return true;
	return false;
}

/* A failed statement of DDL is not the rows' fault. */
static enum mr_pg_rc
sync_table(struct mr_pg_load *l, struct mr_err *err)
{
	enum mr_pg_rc rc;

	if (!l->table->dirty)
		return MR_PG_OK;
	l->sql.len = 0;
	mr_pg_table_ddl(l->table, &l->sql);
	if (l->sql.len == 0) {
		l->table->dirty = false;
		return MR_PG_OK;
	}
	if ((rc = run(l, err)) == MR_PG_OK) {
		mr_pg_table_made(l->table);
		l->staged = false; /* its columns are of before */
		return MR_PG_OK;
	}
	mr_err_prefix(err, "cannot make or change table %s", mr_buf_str(&l->table->quoted));
	if (made_by_another(l->db->sqlstate)) {
		l->table->stale = true;
		return MR_PG_RETRY;
	}
	if (rc == MR_PG_ROW) {
		err->status = MR_EX_WORLD;
		rc = MR_PG_STOP;
	}
	return rc;
}

/* A name that no column has. */
static void
name_order(struct mr_pg_load *l)
{
	strcpy(l->order_name, "mr_order");
	while (mr_pg_table_find(l->table, l->order_name, strlen(l->order_name)) >= 0 &&
	    strlen(l->order_name) < MR_PG_NAME_MAX)
		strcat(l->order_name, "_");
}

/* The columns' own types, without their constraints and defaults. */
static enum mr_pg_rc
make_stage(struct mr_pg_load *l, struct mr_err *err)
{
	enum mr_pg_rc rc;
	const char *gap = "";

	if (l->staged)
		return MR_PG_OK;
	l->sql.len = 0;
	mr_buf_adds(&l->sql,
	    "DROP TABLE IF EXISTS " STAGE_TABLE "; CREATE TEMPORARY TABLE "
	    "millrace_pgsink ON COMMIT DELETE ROWS AS SELECT ");
	for (size_t i = 0; i < l->table->ncols; i++)
		if (!l->table->cols[i].generated) {
			mr_buf_printf(&l->sql, "%s%s", gap, l->table->cols[i].quoted);
			gap = ", ";
		}
	name_order(l);
	mr_buf_printf(&l->sql, "%s0::bigint AS %s FROM %s WITH NO DATA", gap, l->order_name,
	    mr_buf_str(&l->table->quoted));
	if ((rc = run(l, err)) == MR_PG_OK)
		l->staged = true;
	return rc;
}

enum mr_pg_rc
mr_pg_load_begin(struct mr_pg_load *l, struct mr_err *err)
{
	PGresult *res;
	enum mr_pg_rc rc;

	if (!l->open) {
		/* The number is what an unanswered COMMIT is asked after. */
		rc = mr_pg_exec(l->db, "BEGIN; SELECT pg_current_xact_id()", &res, err);
		if (rc != MR_PG_OK)
			return rc;
		snprintf(l->xid, sizeof l->xid, "%s", PQgetvalue(res, 0, 0));
		PQclear(res);
		l->open = true;
		l->stale = 0;
	}
	rc = sync_table(l, err);
	return rc == MR_PG_OK && l->mode != MR_PG_INSERT ? make_stage(l, err) : rc;
}

enum mr_pg_rc
mr_pg_load_tidy(struct mr_pg_load *l, size_t most, struct mr_err *err)
{
	if (!l->staged || l->stale <= most)
		return MR_PG_OK;
	l->stale = 0;
	return mr_pg_exec(l->db, "TRUNCATE " STAGE_TABLE, NULL, err);
}

static enum mr_pg_rc
begin_copy(struct mr_pg_load *l, struct mr_err *err)
{
	bool stage = l->mode != MR_PG_INSERT;
	enum mr_pg_rc rc = mr_pg_load_begin(l, err);

	if (rc != MR_PG_OK)
		return rc;
	l->sql.len = 0;
	mr_buf_printf(&l->sql, "COPY %s (", stage ? STAGE_TABLE : mr_buf_str(&l->table->quoted));
	columns(l, false);
	if (stage)
		mr_buf_printf(&l->sql, ", %s", l->order_name);
	mr_buf_adds(&l->sql, ") FROM STDIN");
	if ((rc = run(l, err)) == MR_PG_OK)
		l->copying = true;
	return rc;
}

static enum mr_pg_rc
send_chunk(struct mr_pg_load *l, struct mr_err *err)
{
	enum mr_pg_rc rc;

	if (!l->copying && (rc = begin_copy(l, err)) != MR_PG_OK)
		return rc;
	/* libpq would keep a copy of all that one call gives it. */
	for (size_t at = 0; at < l->chunk.len; at += CHUNK) {
		size_t n = l->chunk.len - at < CHUNK ? l->chunk.len - at : CHUNK;

		if (PQputCopyData(l->db->conn, l->chunk.at + at, (int)n) != 1)
			return mr_pg_fault(l->db, NULL, err);
	}
	l->chunk.len = 0;
	return MR_PG_OK;
}

/* Does the row at hand have the segment's columns? */
static bool
same_shape(const struct mr_pg_load *l)
{
	const struct mr_pg_table *t = l->table;

	if (l->nin != t->ncols || t->dirty)
		return false;
	for (size_t i = 0; i < t->ncols; i++)
		if (t->cols[i].has_default && l->in[i] != (l->row.vals[i].type != MR_MISSING))
			return false;
	return true;
}

static enum mr_pg_rc
new_shape(struct mr_pg_load *l, struct mr_err *err)
{
	const struct mr_pg_table *t = l->table;
	enum mr_pg_rc rc = mr_pg_load_end_segment(l, err);

	if (rc == MR_PG_OK && t->dirty)
		rc = mr_pg_load_begin(l, err);
	if (rc == MR_PG_OK && l->open)
		rc = mr_pg_load_tidy(l, 20000, err);
	if (rc != MR_PG_OK)
		return rc;
	l->since = l->order;
	l->in = mr_xrealloc(l->in, t->ncols * sizeof *l->in);
	l->nin = t->ncols;
	for (size_t i = 0; i < t->ncols; i++)
		l->in[i] = !t->cols[i].generated &&
		    (!t->cols[i].has_default || l->row.vals[i].type != MR_MISSING);
	return MR_PG_OK;
}

static int
encode(struct mr_pg_load *l, struct mr_err *err)
{
	const struct mr_pg_table *t = l->table;
	size_t mark = l->chunk.len;

	for (size_t i = 0; i < l->nin; i++) {
		if (!l->in[i])
			continue;
		if (mr_pg_row_write(&l->row, &t->cols[i], i, &l->chunk, err) < 0) {
			l->chunk.len = mark;
			return mr_err_prefix(err, "column '%s'", t->cols[i].name);
		}
		mr_buf_addc(&l->chunk, '\t');
	}
	if (l->mode != MR_PG_INSERT) {
		mr_num_write_int64(&l->chunk, (int64_t)++l->order);
		mr_buf_addc(&l->chunk, '\n');
	} else {
		l->chunk.at[l->chunk.len - 1] = '\n';
	}
	return 0;
}

int
mr_pg_load_check(struct mr_pg_load *l, struct mr_err *err)
{
	size_t mark = l->chunk.len;
	int r = 0;

	for (size_t i = 0; i < l->table->ncols && r == 0; i++) {
		struct mr_pg_col *c = &l->table->cols[i];

		r = mr_pg_row_write(&l->row, c, i, &l->chunk, err);
		if (r < 0)
			mr_err_prefix(err, "column '%s'", c->name);
	}
	l->chunk.len = mark;
	return r;
}

enum mr_pg_rc
mr_pg_load_put(struct mr_pg_load *l, struct mr_err *err)
{
	enum mr_pg_rc rc;

	l->refused = false;
	if (!same_shape(l) && (rc = new_shape(l, err)) != MR_PG_OK)
		return rc;
	if (encode(l, err) < 0) {
		l->refused = true;
		return MR_PG_ROW;
	}
	l->rows++;
	return l->chunk.len < CHUNK ? MR_PG_OK : send_chunk(l, err);
}

/* What rows with one key have in common; keys with a null in them are equal to none. */
static void
fold_by(struct mr_pg_load *l, bool nulls)
{
	columns(l, true);
	if (nulls) {
		mr_buf_adds(&l->sql, ", CASE WHEN num_nulls(");
		columns(l, true);
		mr_buf_printf(&l->sql, ") > 0 THEN %s END", l->order_name);
	}
}

static void
on_conflict(struct mr_pg_load *l)
{
	const struct mr_pg_table *t = l->table;
	const char *gap = "UPDATE SET ";

	mr_buf_adds(&l->sql, " ON CONFLICT ");
	if (t->key.n) {
		mr_buf_addc(&l->sql, '(');
		columns(l, true);
		mr_buf_adds(&l->sql, ") ");
	}
	mr_buf_adds(&l->sql, "DO ");
	for (size_t i = 0; l->mode == MR_PG_UPSERT && i < l->nin; i++)
		if (l->in[i] && !t->cols[i].key) {
			mr_buf_printf(&l->sql, "%s%s = EXCLUDED.%s", gap, t->cols[i].quoted,
			    t->cols[i].quoted);
			gap = ", ";
		}
	if (*gap == 'U')
		mr_buf_adds(&l->sql, "NOTHING");
}

/* From the temporary table to the real one; of rows with one key the last wins (ignore: the first). */
static enum mr_pg_rc
merge(struct mr_pg_load *l, struct mr_err *err)
{
	const struct mr_pg_table *t = l->table;
	struct mr_buf *b = &l->sql;
	bool always = false, nulls = false, fold = l->mode == MR_PG_UPSERT;

	for (size_t i = 0; i < l->nin; i++) {
		always |= l->in[i] && t->cols[i].identity;
		nulls |= t->cols[i].key && t->cols[i].nullable;
	}
	b->len = 0;
	mr_buf_printf(b, "INSERT INTO %s (", mr_buf_str(&l->table->quoted));
	columns(l, false);
	mr_buf_printf(b, ") %sSELECT ", always ? "OVERRIDING SYSTEM VALUE " : "");
	if (fold) {
		mr_buf_adds(b, "DISTINCT ON (");
		fold_by(l, nulls);
		mr_buf_adds(b, ") ");
	}
	columns(l, false);
	mr_buf_printf(b, " FROM " STAGE_TABLE " WHERE %s > %" PRIu64 " ORDER BY ", l->order_name,
	    l->since);
	if (fold) {
		fold_by(l, nulls);
		mr_buf_adds(b, ", ");
	}
	mr_buf_printf(b, "%s%s", l->order_name, fold ? " DESC" : "");
	on_conflict(l);
	return run(l, err);
}

/* The result of a COPY, and the ready state behind it. */
static enum mr_pg_rc
copy_result(struct mr_pg_load *l, struct mr_err *err)
{
	enum mr_pg_rc rc = MR_PG_OK;
	PGresult *res;

	while ((res = PQgetResult(l->db->conn))) {
		ExecStatusType s = PQresultStatus(res);

		if (s != PGRES_COMMAND_OK && rc == MR_PG_OK)
			rc = mr_pg_fault(l->db,
			    PQresultErrorField(res, PG_DIAG_SQLSTATE) ? res : NULL, err);
		PQclear(res);
		if (s == PGRES_COPY_IN)
			break; /* cannot be: the copy was ended */
	}
	return rc;
}

enum mr_pg_rc
mr_pg_load_end_segment(struct mr_pg_load *l, struct mr_err *err)
{
	enum mr_pg_rc rc = MR_PG_OK;

	if (l->rows == 0)
		return MR_PG_OK;
	if (l->chunk.len && (rc = send_chunk(l, err)) != MR_PG_OK)
		return rc;
	l->copying = false;
	l->stale += l->rows;
	l->rows = 0;
	if (PQputCopyEnd(l->db->conn, NULL) != 1)
		return mr_pg_fault(l->db, NULL, err);
	rc = copy_result(l, err);
	if (rc == MR_PG_OK && l->mode != MR_PG_INSERT)
		rc = merge(l, err);
	l->since = l->order;
	return rc;
}

enum mr_pg_rc
mr_pg_load_commit(struct mr_pg_load *l, struct mr_err *err)
{
	enum mr_pg_rc rc = mr_pg_load_end_segment(l, err);
	PGresult *res;

	if (rc != MR_PG_OK || !l->open)
		return rc;
	l->unknown = true;
	rc = mr_pg_exec(l->db, "COMMIT", &res, err);
	l->unknown = mr_pg_lost(l->db) && rc != MR_PG_OK;
	if (rc != MR_PG_OK)
		return rc;
	/* A failed transaction answers ROLLBACK, without an error. */
	if (strcmp(PQcmdStatus(res), "COMMIT") != 0) {
		mr_err_set(err, MR_EX_WORLD, "COMMIT was answered by %s", PQcmdStatus(res));
		rc = MR_PG_STOP;
	}
	PQclear(res);
	l->open = false;
	mr_pg_load_settled(l, rc == MR_PG_OK);
	return rc;
}

void
mr_pg_load_drop_segment(struct mr_pg_load *l)
{
	struct mr_err ignored;

	if (l->copying && !mr_pg_lost(l->db) && PQputCopyEnd(l->db->conn, "given up") == 1)
		copy_result(l, &ignored);
	l->copying = false;
	l->chunk.len = l->rows = l->nin = 0;
}

void
mr_pg_load_rollback(struct mr_pg_load *l)
{
	struct mr_err ignored;

	mr_pg_load_drop_segment(l);
	if (!l->open && l->xid[0])
		return; /* its fate is asked for on a new connection */
	if (!mr_pg_lost(l->db) && PQtransactionStatus(l->db->conn) != PQTRANS_IDLE)
		mr_pg_exec(l->db, "ROLLBACK", NULL, &ignored);
	l->open = l->staged = false;
	if (!mr_pg_lost(l->db) || !l->xid[0])
		mr_pg_load_settled(l, false);
}

void
mr_pg_load_settled(struct mr_pg_load *l, bool committed)
{
	l->xid[0] = '\0';
	l->unknown = false;
	if (committed)
		mr_pg_table_commit(l->table);
	else
		mr_pg_table_rollback(l->table);
}
