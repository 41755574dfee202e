/*
 * settle - pg_xact_status, and where it may not be believed.
 *
 * A transaction number becomes durable with its first flushed WAL record.  If
 * the server crashes before that, the number is given out again, and
 * `committed` can be said of another's transaction.  So after a crash, a
 * restart or a failover `committed` is believed only if rows of that number stand
 * in the table; `aborted` and `in the future` are true in any case.
 */
#include <string.h>

#include "pg/settle.h"

/* backend_xid finds the very session: a process number could be another's by now. */
static enum mr_pg_rc
end_old_session(struct mr_pg *p, const char *xid, struct mr_err *err)
{
	return mr_pg_query(p,
	    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	    " WHERE backend_xid = $1::xid8::xid AND pid <> pg_backend_pid()",
	    1, &xid, NULL, err);
}

static enum mr_pg_rc
truth(struct mr_pg *p, const char *sql, int n, const char *const *args, bool *yes,
    struct mr_err *err)
{
	PGresult *res;
	enum mr_pg_rc rc = mr_pg_query(p, sql, n, args, &res, err);

	if (rc == MR_PG_OK) {
		*yes = *PQgetvalue(res, 0, 0) == 't';
		PQclear(res);
	}
	return rc;
}

static enum mr_pg_rc
believe(struct mr_pg *p, const char *xid, const struct mr_pg_server *then, const char *table,
    bool *committed, struct mr_err *err)
{
	const char *args[2] = {then->start, then->aux};
	struct mr_buf sql = MR_BUF_INIT;
	bool same = false;
	enum mr_pg_rc rc;

	rc = truth(p,
	    "SELECT pg_postmaster_start_time()::text = $1 AND EXISTS (SELECT FROM"
	    " pg_stat_activity WHERE datid IS NULL AND pid = ANY($2::int[]))",
	    2, args, &same, err);
	*committed = true;
	if (rc != MR_PG_OK || same)
		return rc;
	mr_buf_printf(&sql, "SELECT EXISTS (SELECT FROM %s WHERE xmin = $1::xid8::xid)", table);
	rc = truth(p, mr_buf_str(&sql), 1, &xid, committed, err);
	mr_buf_release(&sql);
	return rc;
}

enum mr_pg_rc
mr_pg_settle(struct mr_pg *p, const char *xid, const struct mr_pg_server *then, const char *table,
    bool *committed, struct mr_err *err)
{
	PGresult *res;
	enum mr_pg_rc rc = end_old_session(p, xid, err);
	char status[16];

	*committed = false;
	if (rc != MR_PG_OK)
		return rc;
	rc = mr_pg_query(p, "SELECT pg_xact_status($1::xid8)", 1, &xid, &res, err);
	/* `in the future`: the server lost even the number. */
	if (rc != MR_PG_OK)
		return strcmp(p->sqlstate, "22023") == 0 ? MR_PG_OK : rc;
	snprintf(status, sizeof status, "%s", PQgetvalue(res, 0, 0));
	PQclear(res);
	if (strcmp(status, "committed") == 0)
		return believe(p, xid, then, table, committed, err);
	if (strcmp(status, "aborted") == 0)
		return MR_PG_OK;
	if (strcmp(status, "in progress") == 0) {
		mr_err_set(err, MR_EX_WORLD, "transaction %s of before is still in progress", xid);
		return MR_PG_RETRY;
	}
	mr_err_set(err, MR_EX_WORLD,
	    "cannot tell whether transaction %s was committed: the server has forgotten it", xid);
	return MR_PG_STOP;
}
