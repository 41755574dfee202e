/*
 * A connection to PostgreSQL, and what its errors mean.  Inside lib/pg only.
 *
 * Functions that talk to the server return an enum mr_pg_rc, 0 when all is
 * well, and else have err set in words.
 */
#ifndef MR_PG_CONN_H
#define MR_PG_CONN_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum mr_pg_rc {
	MR_PG_OK,
	MR_PG_ROW,   /* 22, 23 and their like: a row was refused */
	MR_PG_RETRY, /* 08, 40, 53, 57 and a lost connection: the same again may do */
	MR_PG_STOP   /* anything else */
};

struct mr_pg_target { /* null: what libpq's environment says */
	const char *conninfo, *host, *port, *user;
	bool verbose; /* the server's warnings are printed */
};

struct mr_pg {
	PGconn *conn;           /* null before the first mr_pg_open() */
	char sqlstate[6];       /* of the last error, "" if the server gave none */
	long line;              /* of the COPY that failed, from 1; 0 unknown */
	struct mr_pg_server {   /* which server this is, and since when */
		char start[64]; /* of the postmaster */
		char aux[512];  /* its background processes, which a crash replaces: {pid,...} */
	} server;
};

/* Refuse what libpq cannot read; warn of a password in argv. */
int mr_pg_target_check(const struct mr_pg_target *, struct mr_err *err);

/* Connect once, closing what was open. */
enum mr_pg_rc mr_pg_open(struct mr_pg *, const struct mr_pg_target *, struct mr_err *err);
void mr_pg_close(struct mr_pg *);

/*
 * Run SQL made of constants and quoted identifiers.  *res, when asked for, is the
 * last result and the caller's to PQclear.
 */
enum mr_pg_rc mr_pg_exec(struct mr_pg *, const char *sql, PGresult **res, struct mr_err *err);

/* The same for one statement with text parameters. */
enum mr_pg_rc mr_pg_query(struct mr_pg *, const char *sql, int n, const char *const *args,
    PGresult **res, struct mr_err *err);

/* Put the error of a result (or of the connection, res null) into err and classify it. */
enum mr_pg_rc mr_pg_fault(struct mr_pg *, const PGresult *res, struct mr_err *err);
enum mr_pg_rc mr_pg_class(const char *sqlstate);

bool mr_pg_lost(const struct mr_pg *);

/* Append an identifier, quoted by libpq.  -1 MR_EX_USAGE: not UTF-8. */
int mr_pg_quote(struct mr_pg *, const char *name, size_t len, struct mr_buf *out,
    struct mr_err *err);

#endif
