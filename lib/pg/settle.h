/*
 * What became of a transaction whose COMMIT was not answered.
 */
#ifndef MR_PG_SETTLE_H
#define MR_PG_SETTLE_H

#include "pg/conn.h"

/*
 * Ask on a new connection.  The old session, should the server still keep it, is
 * ended first, so that the answer is final.  table (quoted) is asked for rows of the
 * transaction when the server has started again since `then`, because a
 * crashed server can give a number out twice.
 * Return: 0 and *committed; MR_PG_RETRY: not decided yet; MR_PG_STOP: nobody knows.
 */
enum mr_pg_rc mr_pg_settle(struct mr_pg *, const char *xid, const struct mr_pg_server *then,
    const char *table, bool *committed, struct mr_err *err);

#endif
