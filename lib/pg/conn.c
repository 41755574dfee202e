/*
 * conn - connect, run statements, put errors into words.
 *
 * libpq tells no SQLSTATE when connecting fails.  In verbose form its message
 * holds it, so the connection is made by PQconnectPoll, which lets the
 * verbosity be set before the server speaks.
 */
#include <ctype.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pg/conn.h"
#include "stream/stage.h"

enum { CONNECT_MS = 10000 };

/* DATABASE_URL counts only where nothing else says where to connect. */
static const char *
default_conninfo(void)
{
	static const char *const names[] = {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE",
	    "PGUSER", "PGSERVICE"};
	const char *url = getenv("DATABASE_URL");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (getenv(names[i]))
			return NULL;
	return url && *url ? url : NULL;
}

int
mr_pg_target_check(const struct mr_pg_target *t, struct mr_err *err)
{
	const char *text = t->conninfo;
	PQconninfoOption *options, *o;

	/* A bare word is a database name, as in psql. */
	if (!text || !(strchr(text, '=') || strstr(text, "://")))
		return 0;
	/* libpq's message would repeat the text, and with it a password. */
	if (!(options = PQconninfoParse(text, NULL)))
		return mr_err_set(err, MR_EX_USAGE,
		    "cannot read the connection string of -d: "
		    "neither key=value pairs nor a postgresql:// URI");
	for (o = options; o->keyword; o++)
		if (strcmp(o->keyword, "password") == 0 && o->val)
			mr_say("a password in -d can be seen by other users with ps: "
			       "use PGPASSFILE (~/.pgpass) or PGPASSWORD");
	PQconninfoFree(options);
	return 0;
}

static PGconn *
start(const struct mr_pg_target *t)
{
	/* What stands before dbname can be overridden by a conninfo in it, what stands behind not. */
	const char *const params[][2] = {{"host", t->host}, {"port", t->port}, {"user", t->user},
	    {"keepalives_idle", "30"}, {"keepalives_interval", "10"}, {"keepalives_count", "3"},
	    {"tcp_user_timeout", "30000"},
	    {"dbname", t->conninfo ? t->conninfo : default_conninfo()},
	    {"fallback_application_name", "millrace/pgsink"}, {"client_encoding", "UTF8"}};
	enum { PARAMS = sizeof params / sizeof *params };
	const char *keys[PARAMS + 1], *vals[PARAMS + 1];
	int n = 0;

	for (size_t i = 0; i < PARAMS; i++)
		if (params[i][1]) {
			keys[n] = params[i][0];
			vals[n++] = params[i][1];
		}
	keys[n] = vals[n] = NULL;
	return PQconnectStartParams(keys, vals, 1);
}

static int64_t
connect_timeout_ms(PGconn *conn)
{
	PQconninfoOption *options = PQconninfo(conn), *o;
	long seconds = 0;

	for (o = options; o && o->keyword; o++)
		if (strcmp(o->keyword, "connect_timeout") == 0 && o->val)
			seconds = atol(o->val);
	PQconninfoFree(options);
	return seconds > 0 ? seconds * 1000 : CONNECT_MS;
}

/* 1 connected, 0 refused, -1 out of time. */
static int
finish_connect(PGconn *conn)
{
	int64_t deadline = mr_clock_ms() + connect_timeout_ms(conn);
	PostgresPollingStatusType want = PGRES_POLLING_WRITING;
	struct pollfd p;

	while (want != PGRES_POLLING_OK && want != PGRES_POLLING_FAILED) {
		p.fd = PQsocket(conn);
		p.events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		if (p.fd < 0)
			return 0;
		if (poll(&p, 1, 200) > 0)
			want = PQconnectPoll(conn);
		else if (mr_clock_ms() > deadline)
			return -1;
	}
	return want == PGRES_POLLING_OK;
}

/* One line, from the server's or libpq's several. */
static void
one_line(const char *text, char *out, size_t room)
{
	size_t n = 0;
	bool gap = false;

	for (; *text && n + 2 < room; text++) {
		if (isspace((unsigned char)*text)) {
			gap = n > 0;
			continue;
		}
		if (gap)
			out[n++] = ' ';
		gap = false;
		out[n++] = *text;
	}
	out[n] = '\0';
}

/*
 * `connection to server ... failed: FATAL:  28P01: password ...\nLOCATION: ...`:
 * take the code out of the words.
 */
static void
split_verbose(char *text, char sqlstate[6])
{
	char *at = strstr(text, ":  "), *end = strstr(text, "\nLOCATION:");

	sqlstate[0] = '\0';
	if (end)
		*end = '\0';
	for (; at; at = strstr(at + 1, ":  ")) {
		if (strspn(at + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && at[8] == ':') {
			memcpy(sqlstate, at + 3, 5);
			sqlstate[5] = '\0';
			memmove(at + 3, at + 10, strlen(at + 10) + 1);
			return;
		}
	}
}

static enum mr_status
status_of(const char *sqlstate)
{
	static const char *const usage[] = {"42", "3D", "3F", "28", "0A"};

	for (size_t i = 0; i < sizeof usage / sizeof *usage; i++)
		if (strncmp(sqlstate, usage[i], 2) == 0)
			return MR_EX_USAGE;
	return MR_EX_WORLD;
}

/*
 * A failure that libpq tells without a code: of the way to the server, which
 * may mend, or of the options?  Its messages are not translated here, as no
 * tool calls setlocale().
 */
static bool
may_mend(const char *text)
{
	static const char *const ways[] = {"connection to server", "could not translate host name"};
	static const char *const settled[] = {"does not support SSL", "certificate verify failed",
	    "does not match host name"};
	bool way = false;

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		way |= strncmp(text, ways[i], strlen(ways[i])) == 0;
	for (size_t i = 0; i < sizeof settled / sizeof *settled; i++)
		way &= !strstr(text, settled[i]);
	return way;
}

static enum mr_pg_rc
connect_fault(struct mr_pg *p, bool timed_out, struct mr_err *err)
{
	char *text = mr_xstrdup(PQerrorMessage(p->conn)), words[600];
	enum mr_pg_rc rc;

	split_verbose(text, p->sqlstate);
	one_line(text, words, sizeof words);
	free(text);
	if (timed_out) {
		mr_err_set(err, MR_EX_WORLD, "cannot connect to the database: no answer in time");
		return MR_PG_RETRY;
	}
	rc = mr_pg_class(p->sqlstate);
	if (!p->sqlstate[0] && !PQconnectionNeedsPassword(p->conn) && may_mend(words))
		rc = MR_PG_RETRY;
	mr_err_set(err, rc == MR_PG_RETRY || p->sqlstate[0] ? status_of(p->sqlstate) : MR_EX_USAGE,
	    "cannot connect to the database: %s%s", words,
	    PQconnectionNeedsPassword(p->conn) ?
		": PGPASSFILE (~/.pgpass) or PGPASSWORD gives one" :
		"");
	return rc == MR_PG_ROW ? MR_PG_STOP : rc;
}

static void
no_notice(void *self, const PGresult *res)
{
	(void)self;
	(void)res;
}

static void
say_notice(void *self, const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	char words[600];

	(void)self;
	if (state && strcmp(state, "00000") == 0) /* chatter */
		return;
	one_line(PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY), words, sizeof words);
	mr_say("the server says: %s", words);
}

static enum mr_pg_rc
know_server(struct mr_pg *p, struct mr_err *err)
{
	PGresult *res;
	enum mr_pg_rc rc = mr_pg_exec(p,
	    "SELECT pg_postmaster_start_time()::text, (SELECT array_agg(pid)"
	    " FROM (SELECT pid FROM pg_stat_activity WHERE datid IS NULL ORDER BY pid LIMIT 20) a)",
	    &res, err);

	if (rc != MR_PG_OK)
		return rc;
	snprintf(p->server.start, sizeof p->server.start, "%s", PQgetvalue(res, 0, 0));
	snprintf(p->server.aux, sizeof p->server.aux, "%s", PQgetvalue(res, 0, 1));
	PQclear(res);
	return MR_PG_OK;
}

/* Times without an offset are UTC in all tools, unless PGTZ or PGOPTIONS say otherwise. */
static enum mr_pg_rc
set_session(struct mr_pg *p, struct mr_err *err)
{
	enum mr_pg_rc rc;

	if (PQserverVersion(p->conn) < 130000) {
		mr_err_set(err, MR_EX_USAGE,
		    "cannot use this server: PostgreSQL 13 or newer is needed");
		return MR_PG_STOP;
	}
	rc = mr_pg_exec(p,
	    "SELECT set_config('TimeZone', 'UTC', false) FROM pg_settings "
	    "WHERE name = 'TimeZone' AND source <> 'client'",
	    NULL, err);
	return rc == MR_PG_OK ? know_server(p, err) : rc;
}

enum mr_pg_rc
mr_pg_open(struct mr_pg *p, const struct mr_pg_target *t, struct mr_err *err)
{
	int done;

	PQfinish(p->conn);
	if (!(p->conn = start(t))) {
		mr_err_set(err, MR_EX_WORLD, "cannot connect to the database: out of memory");
		return MR_PG_STOP;
	}
	PQsetErrorVerbosity(p->conn, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(p->conn, t->verbose ? say_notice : no_notice, NULL);
	done = PQstatus(p->conn) == CONNECTION_BAD ? 0 : finish_connect(p->conn);
	if (done != 1)
		return connect_fault(p, done < 0, err);
	return set_session(p, err);
}

void
mr_pg_close(struct mr_pg *p)
{
	PQfinish(p->conn);
	p->conn = NULL;
}

bool
mr_pg_lost(const struct mr_pg *p)
{
	return !p->conn || PQstatus(p->conn) != CONNECTION_OK;
}

enum mr_pg_rc
mr_pg_class(const char *s)
{
	static const struct {
		const char *prefix;
		enum mr_pg_rc rc;
	} classes[] = {
	    {"22", MR_PG_ROW}, {"23", MR_PG_ROW}, {"21", MR_PG_ROW}, {"44", MR_PG_ROW},
	    {"P0001", MR_PG_ROW}, /* a trigger's RAISE */
	    {"54", MR_PG_ROW},    /* an index row too long */
	    {"08", MR_PG_RETRY}, {"40", MR_PG_RETRY}, {"53", MR_PG_RETRY}, {"57", MR_PG_RETRY},
	    {"55P03", MR_PG_RETRY}, {"55006", MR_PG_RETRY}, /* locked, in use */
	    {"25006", MR_PG_RETRY}, /* read-only: a standby, soon the primary */
	    {"25P03", MR_PG_RETRY}, /* idle in transaction for too long */
	};

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (strncmp(s, classes[i].prefix, strlen(classes[i].prefix)) == 0)
			return classes[i].rc;
	return MR_PG_STOP;
}

/*
 * `COPY t, line 17, column fare: "x"`: the line helps to find the row, the
 * column to name the field.  Words of another language give neither.
 */
static void
read_context(struct mr_pg *p, const char *context, char *column, size_t room)
{
	const char *line = strstr(context, ", line "), *at, *end;

	p->line = 0;
	column[0] = '\0';
	if (!line)
		return;
	p->line = strtol(line + 7, NULL, 10);
	if (!(at = strstr(line, ", column ")))
		return;
	at += 9;
	if ((end = strstr(at, ": ")) && (size_t)(end - at) < room) {
		memcpy(column, at, (size_t)(end - at));
		column[end - at] = '\0';
	}
}

/* DETAIL of these names a key; of others it can be the whole row, which no message shows. */
static const char *
detail_of(const PGresult *res, const char *sqlstate)
{
	const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
	bool row = strcmp(sqlstate, "23502") == 0 || strcmp(sqlstate, "23514") == 0;

	return detail && !row ? detail : "";
}

enum mr_pg_rc
mr_pg_fault(struct mr_pg *p, const PGresult *res, struct mr_err *err)
{
	const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	const char *context = res ? PQresultErrorField(res, PG_DIAG_CONTEXT) : NULL;
	const char *what = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	char column[128] = "", words[400], more[200] = "";

	p->line = 0;
	snprintf(p->sqlstate, sizeof p->sqlstate, "%s", state ? state : "");
	if (context)
		read_context(p, context, column, sizeof column);
	if (!state) {
		one_line(PQerrorMessage(p->conn), words, sizeof words);
		mr_err_set(err, MR_EX_WORLD, "connection to the database lost: %s",
		    words[0] ? words : "no reason given");
		return MR_PG_RETRY;
	}
	one_line(what ? what : "no message", words, sizeof words);
	one_line(detail_of(res, p->sqlstate), more, sizeof more);
	mr_err_set(err, mr_pg_class(state) == MR_PG_ROW ? MR_EX_DATA : status_of(state),
	    "%s%s%s%s%s%s (SQLSTATE %s)", column[0] ? "column '" : "", column,
	    column[0] ? "': " : "", words, more[0] ? ": " : "", more, p->sqlstate);
	return mr_pg_lost(p) ? MR_PG_RETRY : mr_pg_class(state);
}

static enum mr_pg_rc
take_result(struct mr_pg *p, PGresult *got, PGresult **res, struct mr_err *err)
{
	ExecStatusType s = PQresultStatus(got);
	enum mr_pg_rc rc = MR_PG_OK;

	if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK && s != PGRES_COPY_IN)
		rc = mr_pg_fault(p, PQresultErrorField(got, PG_DIAG_SQLSTATE) ? got : NULL, err);
	if (res && rc == MR_PG_OK)
		*res = got;
	else
		PQclear(got);
	return rc;
}

enum mr_pg_rc
mr_pg_exec(struct mr_pg *p, const char *sql, PGresult **res, struct mr_err *err)
{
	return take_result(p, PQexec(p->conn, sql), res, err);
}

enum mr_pg_rc
mr_pg_query(struct mr_pg *p, const char *sql, int n, const char *const *args, PGresult **res,
    struct mr_err *err)
{
	PGresult *got = PQexecParams(p->conn, sql, n, NULL, args, NULL, NULL, 0);

	return take_result(p, got, res, err);
}

int
mr_pg_quote(struct mr_pg *p, const char *name, size_t len, struct mr_buf *out, struct mr_err *err)
{
	char *quoted = PQescapeIdentifier(p->conn, name, len);

	if (!quoted)
		return mr_err_set(err, MR_EX_USAGE, "cannot quote the name '%.*s': not UTF-8",
		    (int)(len < 100 ? len : 100), name);
	mr_buf_adds(out, quoted);
	PQfreemem(quoted);
	return 0;
}
