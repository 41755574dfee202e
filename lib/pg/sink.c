/*
 * sink - batches and what can go wrong with them.
 *
 * Rows go to the server while the batch fills (lib/pg/load); their lines are
 * kept until the COMMIT is answered.  So the way out of any failure is the
 * same: roll back, and send the batch again from its lines, whole or by pieces.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "pg/batch.h"
#include "pg/load.h"
#include "pg/settle.h"
#include "pg/sink.h"
#include "stream/report.h"
#include "time/duration.h"

enum {
	PACE_MS = 10, /* a trickle of rows makes no more than 100 transactions a second */
	BACKOFF_MS = 50,
	BACKOFF_MAX_MS = 5000,
	STOP_MS = 5000 /* how long a stop waits for a database that is away */
};

struct refused {
	size_t row;
	char *why;
};

struct mr_pg_sink {
	struct mr_pg_options o;
	struct mr_stage *stage;
	struct mr_pg_target target;
	struct mr_pg db;
	struct mr_pg_table table;
	struct mr_pg_load load;
	struct mr_pg_batch batch;
	bool hold;            /* rows are not sent yet: the table is not made */
	bool infer;           /* some columns are ours to type */
	enum mr_pg_rc failed; /* sending failed: deliver() sees to it */
	struct mr_err why;
	struct refused *refused; /* rows of the batch */
	size_t nrefused, refused_cap;
	int64_t first_ms, last_ms; /* the batch's first row, the last delivery */
	int64_t began_ms;
	uint64_t rows, batches, retries;
	int64_t deliver_ms;
};

static void
forget_refused(struct mr_pg_sink *s)
{
	while (s->nrefused)
		free(s->refused[--s->nrefused].why);
}

static void
refuse(struct mr_pg_sink *s, size_t row, const struct mr_err *err)
{
	if (s->nrefused == s->refused_cap) {
		s->refused_cap = s->refused_cap ? s->refused_cap * 2 : 16;
		s->refused = mr_xrealloc(s->refused, s->refused_cap * sizeof *s->refused);
	}
	s->refused[s->nrefused++] = (struct refused){row, mr_xstrdup(err->text)};
}

static unsigned
flags(const struct mr_pg_sink *s)
{
	return (s->o.create || !s->table.have ? MR_PG_ADD : 0) |
	    (s->o.ignore_extra ? MR_PG_IGNORE_EXTRA : 0) | (s->stage->trusted ? MR_PG_TRUSTED : 0);
}

/* Send rows lo..hi-1 of the batch. */
static enum mr_pg_rc
send_rows(struct mr_pg_sink *s, size_t lo, size_t hi, struct mr_err *err)
{
	unsigned how = flags(s) | MR_PG_TRUSTED;
	uint64_t ignored = s->load.row.ignored; /* counted when they came in */
	enum mr_pg_rc rc = MR_PG_OK;

	for (size_t i = lo; i < hi && rc == MR_PG_OK; i++) {
		struct mr_line line = mr_pg_batch_line(&s->batch, i);

		if (mr_pg_row_read(&s->load.row, &s->table, &s->db, &line, how, err) < 0)
			rc = MR_PG_ROW;
		else
			rc = mr_pg_load_put(&s->load, err);
	}
	s->load.row.ignored = ignored;
	return rc == MR_PG_OK ? mr_pg_load_end_segment(&s->load, err) : rc;
}

static enum mr_pg_rc
send_all(struct mr_pg_sink *s, struct mr_err *err)
{
	enum mr_pg_rc rc;

	forget_refused(s);
	if ((rc = mr_pg_load_begin(&s->load, err)) == MR_PG_OK &&
	    (rc = send_rows(s, 0, s->batch.n, err)) == MR_PG_OK)
		rc = mr_pg_load_commit(&s->load, err);
	return rc;
}

/* Rows lo..hi-1 under a savepoint: MR_PG_ROW leaves the transaction as it was before them. */
static enum mr_pg_rc
try_rows(struct mr_pg_sink *s, size_t lo, size_t hi, long *line, struct mr_err *err)
{
	struct mr_err later;
	enum mr_pg_rc rc = mr_pg_load_tidy(&s->load, 1000, err);

	*line = 0;
	if (rc == MR_PG_OK)
		rc = mr_pg_exec(&s->db, "SAVEPOINT mr", NULL, err);
	if (rc != MR_PG_OK)
		return rc;
	if ((rc = send_rows(s, lo, hi, err)) == MR_PG_OK)
		return mr_pg_exec(&s->db, "RELEASE SAVEPOINT mr", NULL, err);
	if (rc != MR_PG_ROW)
		return rc;
	*line = s->db.line;
	mr_pg_load_drop_segment(&s->load);
	rc = mr_pg_exec(&s->db, "ROLLBACK TO SAVEPOINT mr", NULL, &later);
	if (rc == MR_PG_OK)
		return MR_PG_ROW;
	*err = later;
	return rc;
}

/*
 * Find the rows that the server refuses, and commit the others.  Pieces that
 * fail shrink, to the line that the server names or by half, down to one row;
 * pieces that pass grow.  --on-error fail commits what stands before the first.
 */
static enum mr_pg_rc
send_pieces(struct mr_pg_sink *s, struct mr_err *err)
{
	size_t at = 0, width = s->batch.n;
	enum mr_pg_rc rc;
	long line;

	forget_refused(s);
	rc = mr_pg_load_begin(&s->load, err);
	if (rc == MR_PG_OK)
		rc = mr_pg_exec(&s->db, "SET CONSTRAINTS ALL IMMEDIATE", NULL, err);
	while (rc == MR_PG_OK && at < s->batch.n) {
		size_t n = s->batch.n - at < width ? s->batch.n - at : width;

		rc = try_rows(s, at, at + n, &line, err);
		if (rc == MR_PG_OK) {
			at += n;
			width = n * 2;
		} else if (rc == MR_PG_ROW && n > 1) {
			/* The rows before the line are fine, and the line by itself is next. */
			if (line > 0 && (size_t)line <= n)
				width = line == 1 ? 1 : (size_t)line - 1;
			else
				width = n / 2;
			rc = MR_PG_OK;
		} else if (rc == MR_PG_ROW) {
			refuse(s, at++, err);
			if (s->stage->bad.policy == MR_FAIL)
				break;
			width = 16;
			rc = MR_PG_OK;
		}
	}
	if (rc != MR_PG_OK && !(rc == MR_PG_ROW && s->nrefused))
		return rc;
	rc = mr_pg_load_commit(&s->load, err);
	if (rc == MR_PG_ROW) /* not of one row, then */
		rc = MR_PG_STOP;
	return rc;
}

/* Wait; a stop makes it short, but no shorter than keeps the attempts apart. */
static void
doze(struct mr_pg_sink *s, int64_t ms)
{
	int64_t began = mr_clock_ms(), left;

	while ((left = ms - (mr_clock_ms() - began)) > 0) {
		struct timespec t = {0, (long)(left < 50 ? left : 50) * 1000000};

		if (ms - left >= 100 && mr_stage_stopping(s->stage))
			return;
		nanosleep(&t, NULL);
	}
}

struct outage {
	int64_t began, wait, stop;
	bool said;
};

/* Time for another try?  Says once that something is wrong. */
static bool
may_retry(struct mr_pg_sink *s, struct outage *o, const struct mr_err *err)
{
	int64_t now = mr_clock_ms();
	char room[64];

	if (!o->began) {
		o->began = now;
		o->wait = BACKOFF_MS;
	}
	if (mr_stage_stopping(s->stage) && !o->stop)
		o->stop = now;
	if (now - o->began >= s->o.retry_ms || (o->stop && now - o->stop >= STOP_MS))
		return false;
	/* A deadlock or the like is over at the next try; only what lasts is worth a line. */
	if (!o->said && (mr_pg_lost(&s->db) || o->wait > 4 * BACKOFF_MS)) {
		mr_say("%s: trying again for up to %s", err->text,
		    mr_duration_text(s->o.retry_ms, room));
		o->said = true;
	}
	s->retries++;
	doze(s, o->wait);
	o->wait = o->wait * 2 < BACKOFF_MAX_MS ? o->wait * 2 : BACKOFF_MAX_MS;
	return true;
}

static enum mr_pg_rc
reconnect(struct mr_pg_sink *s, struct outage *o, struct mr_err *err)
{
	enum mr_pg_rc rc = mr_pg_open(&s->db, &s->target, err);

	if (rc == MR_PG_OK && o->said && o->began)
		mr_say("connected to the database again after %" PRId64 " ms",
		    mr_clock_ms() - o->began);
	return rc;
}

/* On a new connection: what became of the transaction that was under way? */
static enum mr_pg_rc
settle(struct mr_pg_sink *s, const struct mr_pg_server *then, bool *committed, struct mr_err *err)
{
	enum mr_pg_rc rc;

	*committed = false;
	if (!s->load.xid[0])
		return MR_PG_OK;
	rc = mr_pg_settle(&s->db, s->load.xid, then, mr_buf_str(&s->table.quoted), committed, err);
	if (rc == MR_PG_OK)
		mr_pg_load_settled(&s->load, *committed);
	return rc == MR_PG_ROW ? MR_PG_STOP : rc;
}

static enum mr_pg_rc
check_table(struct mr_pg_sink *s, struct mr_err *err)
{
	bool needed = s->o.mode == MR_PG_UPSERT;
	enum mr_pg_rc rc = mr_pg_table_load(&s->table, &s->db, err);

	s->hold = !s->table.have;
	if (rc != MR_PG_OK)
		return rc;
	if (s->table.have && (needed || s->table.key.n))
		return mr_pg_table_check_key(&s->table, &s->db, needed, err);
	if (!s->table.have && needed && s->table.key.n == 0) {
		mr_err_set(err, MR_EX_USAGE,
		    "table %s does not exist: --mode upsert needs --key to make it",
		    mr_buf_str(&s->table.quoted));
		return MR_PG_STOP;
	}
	return MR_PG_OK;
}

/*
 * Bring the batch in after rc: MR_PG_OK once it is committed, or settled as
 * committed before.
 */
static enum mr_pg_rc
recover(struct mr_pg_sink *s, enum mr_pg_rc rc, struct mr_err *err)
{
	struct mr_pg_server then = s->db.server;
	struct outage outage = {0};
	bool committed = false, pieces = false;

	while (rc == MR_PG_RETRY || rc == MR_PG_ROW) {
		mr_pg_load_rollback(&s->load);
		pieces |= rc == MR_PG_ROW;
		if (rc == MR_PG_RETRY && !may_retry(s, &outage, err))
			return MR_PG_RETRY;
		rc = mr_pg_lost(&s->db) ? reconnect(s, &outage, err) : MR_PG_OK;
		if (rc == MR_PG_OK)
			rc = settle(s, &then, &committed, err);
		if (rc != MR_PG_OK)
			continue;
		if (committed)
			return MR_PG_OK;
		if (s->table.stale && (rc = check_table(s, err)) != MR_PG_OK)
			continue;
		then = s->db.server;
		rc = pieces ? send_pieces(s, err) : send_all(s, err);
	}
	return rc;
}

/* The table is not there and --create was not given. */
static int
no_table(struct mr_pg_sink *s, struct mr_err *err)
{
	struct mr_buf ddl = MR_BUF_INIT;
	const char *name = mr_buf_str(&s->table.quoted);

	if (mr_pg_table_ready(&s->table, err) < 0)
		return -1;
	if (s->table.ncols)
		mr_pg_table_ddl(&s->table, &ddl);
	if (ddl.len == 0 || ddl.len > 600)
		mr_err_set(err, MR_EX_USAGE,
		    "table %s does not exist: --create makes it, "
		    "--dry-run shows how",
		    name);
	else
		mr_err_set(err, MR_EX_USAGE, "table %s does not exist: --create makes it as %s",
		    name, mr_buf_str(&ddl));
	mr_buf_release(&ddl);
	return -1;
}

static int
report_refused(struct mr_pg_sink *s, struct mr_err *err)
{
	for (size_t i = 0; i < s->nrefused; i++) {
		struct mr_line line = mr_pg_batch_line(&s->batch, s->refused[i].row);

		mr_err_set(err, MR_EX_DATA, "%s", s->refused[i].why);
		if (mr_stage_bad(s->stage, &line, err) < 0)
			return -1;
	}
	return 0;
}

static int
failed(struct mr_pg_sink *s, struct mr_err *err)
{
	if (err->status == MR_EX_DATA) /* of a batch, not of a row: nothing to point at */
		err->status = MR_EX_WORLD;
	mr_err_prefix(err, "%zu row%s %s", s->batch.n, s->batch.n == 1 ? "" : "s",
	    s->load.unknown ? "sent, and nobody knows whether they were committed" : "not written");
	mr_pg_load_rollback(&s->load);
	return -1;
}

/* Commit the batch.  -1: it is over, err says why. */
static int
deliver(struct mr_pg_sink *s, struct mr_err *err)
{
	int64_t began = mr_clock_ms();
	enum mr_pg_rc rc = s->failed;
	int r;

	if (s->batch.n == 0)
		return 0;
	if (s->hold && (!s->o.create ? no_table(s, err) : mr_pg_table_ready(&s->table, err)) < 0)
		return -1;
	if (rc != MR_PG_OK)
		*err = s->why;
	else
		rc = s->hold ? send_all(s, err) : mr_pg_load_commit(&s->load, err);
	if (rc != MR_PG_OK)
		rc = recover(s, rc, err);
	s->failed = MR_PG_OK;
	if (rc != MR_PG_OK)
		return failed(s, err);
	s->hold = !s->table.have;
	s->rows += s->nrefused && s->stage->bad.policy == MR_FAIL ? s->refused[0].row :
								    s->batch.n - s->nrefused;
	s->batches++;
	r = report_refused(s, err);
	forget_refused(s);
	mr_pg_batch_clear(&s->batch);
	s->last_ms = mr_clock_ms();
	s->deliver_ms += s->last_ms - began;
	return r;
}

/* A record is refused before it gets into the batch; what came before it is first. */
static int
refuse_now(struct mr_pg_sink *s, struct mr_err *err)
{
	struct mr_err earlier;

	if (s->stage->bad.policy == MR_FAIL && deliver(s, &earlier) < 0)
		*err = earlier;
	return -1;
}

static int
take_row(struct mr_pg_sink *s, const struct mr_line *line, struct mr_err *err)
{
	struct mr_pg_row *row = &s->load.row;
	enum mr_pg_rc rc = MR_PG_OK;

	if (mr_pg_row_read(row, &s->table, &s->db, line, flags(s), err) < 0)
		return -1;
	s->infer |= s->table.dirty;
	for (size_t i = 0; s->infer && i < s->table.ncols; i++)
		mr_pg_table_see(&s->table, i, &row->vals[i]);
	if (s->hold || s->o.dry_run) {
		if (mr_pg_load_check(&s->load, err) < 0)
			return -1;
	} else if ((rc = mr_pg_load_put(&s->load, err)) != MR_PG_OK) {
		if (s->load.refused)
			return -1;
		s->failed = rc;
		s->why = *err;
	}
	if (s->batch.n == 0)
		s->first_ms = mr_clock_ms();
	if (!s->o.dry_run)
		mr_pg_batch_add(&s->batch, line);
	return 0;
}

int
mr_pg_sink_row(struct mr_pg_sink *s, const struct mr_line *line, struct mr_err *err)
{
	if (take_row(s, line, err) < 0)
		return refuse_now(s, err);
	if (s->batch.n < s->o.batch_rows && s->batch.bytes.len < s->o.batch_bytes && !s->failed)
		return 0;
	return deliver(s, err);
}

int
mr_pg_sink_tick(struct mr_pg_sink *s, int64_t now_ms, struct mr_err *err)
{
	return s->batch.n && now_ms - s->first_ms >= s->o.flush_ms ? deliver(s, err) : 0;
}

/*
 * The input pauses: deliver.  A trickle pauses after every row, and each COMMIT
 * costs a flush of the disk: behind the last delivery there is a moment's pace.
 */
int
mr_pg_sink_idle(struct mr_pg_sink *s, struct mr_err *err)
{
	int64_t since = mr_clock_ms() - s->last_ms;

	if (s->batch.n == 0)
		return 0;
	if (since < PACE_MS)
		doze(s, PACE_MS - since);
	return deliver(s, err);
}

static int
print_plan(struct mr_pg_sink *s, struct mr_out *out, struct mr_err *err)
{
	struct mr_buf ddl = MR_BUF_INIT;
	int r = mr_pg_table_ready(&s->table, err);

	if (r == 0 && (s->table.dirty || !s->table.have) && s->table.ncols)
		mr_pg_table_ddl(&s->table, &ddl);
	if (r == 0 && ddl.len)
		r = mr_out_line(out, ddl.at, ddl.len, err);
	mr_buf_release(&ddl);
	return r < 0 ? -1 : mr_out_flush(out, err);
}

int
mr_pg_sink_end(struct mr_pg_sink *s, struct mr_out *out, struct mr_err *err)
{
	if (s->o.dry_run)
		return print_plan(s, out, err);
	if (deliver(s, err) < 0)
		return -1;
	if (!s->table.have && !s->o.create)
		return no_table(s, err);
	if (s->o.verbose && s->load.row.ignored)
		mr_say("%" PRIu64 " fields without a column passed over", s->load.row.ignored);
	if (s->o.verbose)
		mr_say("%" PRIu64 " rows in %" PRIu64 " batches into %s, %.1f s, %.1f s of it "
		       "waiting for the database",
		    s->rows, s->batches, mr_buf_str(&s->table.quoted),
		    (double)(mr_clock_ms() - s->began_ms) / 1e3, (double)s->deliver_ms / 1e3);
	return 0;
}

void
mr_pg_sink_status(const struct mr_pg_sink *s, struct mr_buf *b)
{
	mr_buf_printf(b, ", rows %" PRIu64 ", batches %" PRIu64 ", held %zu, retries %" PRIu64,
	    s->rows, s->batches, s->batch.n, s->retries);
}

void
mr_pg_sink_metrics(const struct mr_pg_sink *s, struct mr_buf *b)
{
	mr_report_metric(b, s->stage, "rows_committed_total", "Rows committed.", (double)s->rows);
	mr_report_metric(b, s->stage, "batches_committed_total", "Transactions committed.",
	    (double)s->batches);
	mr_report_metric(b, s->stage, "retries_total", "Attempts after a failure.",
	    (double)s->retries);
	mr_report_metric(b, s->stage, "fields_ignored_total",
	    "Fields without a column passed over.", (double)s->load.row.ignored);
	mr_report_metric(b, s->stage, "delivery_seconds_total", "Time spent in finishing batches.",
	    (double)s->deliver_ms / 1e3);
}

/* The server may still be starting: try as patiently as later. */
static enum mr_pg_rc
begin(struct mr_pg_sink *s, struct mr_err *err)
{
	struct outage outage = {0};
	enum mr_pg_rc rc;

	do {
		rc = reconnect(s, &outage, err);
		if (rc == MR_PG_OK)
			rc = check_table(s, err);
	} while (rc == MR_PG_RETRY && may_retry(s, &outage, err));
	return rc;
}

struct mr_pg_sink *
mr_pg_sink_new(const struct mr_pg_options *o, struct mr_stage *stage, struct mr_err *err)
{
	struct mr_pg_sink *s = mr_xcalloc(1, sizeof *s);

	s->o = *o;
	s->stage = stage;
	s->began_ms = mr_clock_ms();
	s->target = (struct mr_pg_target){o->conninfo, o->host, o->port, o->user, o->verbose};
	mr_pg_load_init(&s->load, &s->db, &s->table, o->mode);
	if (mr_pg_table_name(&s->table, o->table, err) < 0 ||
	    (o->key && mr_pg_table_key(&s->table, o->key, err) < 0) ||
	    mr_pg_target_check(&s->target, err) < 0)
		goto fail;
	if (begin(s, err) == MR_PG_OK)
		return s;
fail:
	mr_pg_sink_free(s);
	return NULL;
}

void
mr_pg_sink_free(struct mr_pg_sink *s)
{
	if (!s)
		return;
	forget_refused(s);
	free(s->refused);
	mr_pg_batch_release(&s->batch);
	mr_pg_load_release(&s->load);
	mr_pg_table_release(&s->table);
	mr_pg_close(&s->db);
	free(s);
}
