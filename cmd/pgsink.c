/*
 * pgsink - write events as rows of a PostgreSQL table.
 *
 * Everything of libpq's environment counts; the options are psql's where psql
 * has one.  A password has no option: argv is for all to see.
 */
#include <string.h>

#include "pg/sink.h"
#include "stream/tool.h"
#include "time/duration.h"

struct pgsink {
	struct mr_pg_options o;
	struct mr_pg_sink *sink;
	struct mr_out plan; /* --dry-run prints DDL, the only output there is */
};

static const char help[] =
    "usage: pgsink [-vw] [-d CONNINFO] [--host HOST] [-p PORT] [-U USER] [--create] [--dry-run]\n"
    "              [--mode insert|ignore|upsert] [--key COLUMNS] [--extra fail|ignore]\n"
    "              [--batch-rows N] [--batch-bytes SIZE] [--flush TIME] [--retry-for TIME]\n"
    "              TABLE [FILE ...]\n"
    "Write events as rows of a PostgreSQL table.\n"
    "\n"
    "      --batch-bytes SIZE   commit after so much input (default 8M)\n"
    "      --batch-rows N       commit after so many rows (default 50000)\n"
    "      --create             make a missing table, add columns for new fields\n"
    "  -d, --dbname CONNINFO    database name, key=value pairs or postgresql:// URI\n"
    "      --dry-run            print the DDL that is needed, write nothing\n"
    "      --extra fail|ignore  what a field without a column is (default fail)\n"
    "      --flush TIME         commit after so long (default 1s)\n"
    "      --host HOST          server or directory of its socket\n"
    "      --key COLUMNS        columns that tell rows apart, a,b (default the primary key)\n"
    "      --mode MODE          insert (default), ignore: keep the row that is there,\n"
    "                           upsert: replace it\n"
    "  -p, --port PORT          port of the server\n"
    "      --retry-for TIME     how long to try again (default 5m)\n"
    "  -U, --username USER      who to connect as\n"
    "  -v, --verbose            warnings of the server, a summary at the end\n"
    "  -w, --no-password        never ask for a password, which it does not anyway\n" MR_TOOL_HELP;

enum {
	OPT_BATCH_BYTES = 256,
	OPT_BATCH_ROWS,
	OPT_CREATE,
	OPT_DRY_RUN,
	OPT_EXTRA,
	OPT_FLUSH,
	OPT_HOST,
	OPT_KEY,
	OPT_MODE,
	OPT_RETRY
};

static const struct option longs[] = {
    {"batch-bytes", required_argument, NULL, OPT_BATCH_BYTES},
    {"batch-rows", required_argument, NULL, OPT_BATCH_ROWS},
    {"create", no_argument, NULL, OPT_CREATE},
    {"dbname", required_argument, NULL, 'd'},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"extra", required_argument, NULL, OPT_EXTRA},
    {"flush", required_argument, NULL, OPT_FLUSH},
    {"host", required_argument, NULL, OPT_HOST},
    {"key", required_argument, NULL, OPT_KEY},
    {"mode", required_argument, NULL, OPT_MODE},
    {"no-password", no_argument, NULL, 'w'},
    {"port", required_argument, NULL, 'p'},
    {"retry-for", required_argument, NULL, OPT_RETRY},
    {"username", required_argument, NULL, 'U'},
    {"verbose", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	(void)out;
	return mr_pg_sink_row(((struct pgsink *)self)->sink, line, err);
}

static int
tick(void *self, int64_t now_ms, struct mr_out *out, struct mr_err *err)
{
	(void)out;
	return mr_pg_sink_tick(((struct pgsink *)self)->sink, now_ms, err);
}

static int
idle(void *self, struct mr_out *out, struct mr_err *err)
{
	(void)out;
	return mr_pg_sink_idle(((struct pgsink *)self)->sink, err);
}

/* A stop is an end like another: what came in is committed. */
static int
end(void *self, bool stopped, struct mr_out *out, struct mr_err *err)
{
	struct pgsink *p = self;

	(void)stopped;
	(void)out;
	return mr_pg_sink_end(p->sink, &p->plan, err);
}

static void
status(void *self, struct mr_buf *b)
{
	mr_pg_sink_status(((struct pgsink *)self)->sink, b);
}

static void
metrics(void *self, struct mr_buf *b)
{
	mr_pg_sink_metrics(((struct pgsink *)self)->sink, b);
}

static void
release(void *self)
{
	struct pgsink *p = self;

	mr_pg_sink_free(p->sink);
	mr_out_release(&p->plan);
}

static int
mode(struct mr_pg_options *o, const char *arg, struct mr_err *err)
{
	if (strcmp(arg, "insert") == 0)
		o->mode = MR_PG_INSERT;
	else if (strcmp(arg, "ignore") == 0)
		o->mode = MR_PG_IGNORE;
	else if (strcmp(arg, "upsert") == 0)
		o->mode = MR_PG_UPSERT;
	else
		return mr_err_set(err, MR_EX_USAGE, "--mode '%s' is none of insert, ignore, upsert",
		    arg);
	return 0;
}

static int
extra(struct mr_pg_options *o, const char *arg, struct mr_err *err)
{
	o->ignore_extra = strcmp(arg, "ignore") == 0;
	if (!o->ignore_extra && strcmp(arg, "fail") != 0)
		return mr_err_set(err, MR_EX_USAGE, "--extra '%s' is none of fail, ignore", arg);
	return 0;
}

static int
duration(const char *option, const char *arg, int64_t *ms, struct mr_err *err)
{
	return mr_duration_parse(arg, ms, err) < 0 ? mr_err_prefix(err, "%s", option) : 0;
}

static int
batch_rows(struct mr_pg_options *o, const char *arg, struct mr_err *err)
{
	int64_t n;

	if (mr_int_parse("--batch-rows", arg, 1, 100000000, &n, err) < 0)
		return -1;
	o->batch_rows = (size_t)n;
	return 0;
}

static int
batch_bytes(struct mr_pg_options *o, const char *arg, struct mr_err *err)
{
	return mr_size_parse(arg, &o->batch_bytes, err) < 0 ? mr_err_prefix(err, "--batch-bytes") :
							      0;
}

static int
option(struct mr_pg_options *o, int c, const char *arg, struct mr_err *err)
{
	switch (c) {
	case 'd': o->conninfo = arg; return 0;
	case 'p': o->port = arg; return 0;
	case 'U': o->user = arg; return 0;
	case 'v': o->verbose = true; return 0;
	case OPT_CREATE: o->create = true; return 0;
	case OPT_DRY_RUN: o->dry_run = true; return 0;
	case OPT_HOST: o->host = arg; return 0;
	case OPT_KEY: o->key = arg; return 0;
	case OPT_BATCH_BYTES: return batch_bytes(o, arg, err);
	case OPT_BATCH_ROWS: return batch_rows(o, arg, err);
	case OPT_EXTRA: return extra(o, arg, err);
	case OPT_FLUSH: return duration("--flush", arg, &o->flush_ms, err);
	case OPT_MODE: return mode(o, arg, err);
	case OPT_RETRY: return duration("--retry-for", arg, &o->retry_ms, err);
	default: return 0; /* -w */
	}
}

static int
options(struct mr_pg_options *o, struct mr_opt *opt, struct mr_err *err)
{
	int c;

	while ((c = mr_opt_next(opt, err)) > 0)
		if (option(o, c, opt->arg, err) < 0)
			return -1;
	if (c < 0 || !(o->table = mr_opt_operand(opt, "TABLE", err)))
		return -1;
	return 0;
}

/* Who types psql's -h HOST must not get a help text with status 0. */
static int
check_h(int argc, char **argv, struct mr_err *err)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "-h") == 0)
			return mr_err_set(err, MR_EX_USAGE,
			    "-h is help here: the server is --host %s", argv[i + 1]);
	return 0;
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct pgsink *p = mr_stage_self(stage, sizeof *p);
	struct mr_opt opt;
	int r;

	p->o = (struct mr_pg_options){.batch_rows = 50000,
	    .batch_bytes = 8 << 20,
	    .flush_ms = 1000,
	    .retry_ms = 300000};
	mr_out_init(&p->plan, 1, "standard output");
	stage->event = event;
	stage->tick = tick;
	stage->idle = idle;
	stage->end = end;
	stage->status = status;
	stage->metrics = metrics;
	stage->release = release;
	stage->control = MR_CONTROL_EAT;
	stage->silent = true;
	if (check_h(argc, argv, err) < 0)
		return -1;
	mr_tool_opt(&opt, argc, argv, help, "d:p:U:vw", longs, stage);
	r = options(&p->o, &opt, err);
	mr_tool_files(&opt, stage);
	mr_opt_release(&opt);
	if (r < 0)
		return -1;
	stage->tick_ms = p->o.flush_ms < 100 ? (int)p->o.flush_ms + 1 : 100;
	p->sink = mr_pg_sink_new(&p->o, stage, err);
	return p->sink ? 0 : -1;
}

MR_TOOL_MAIN(pgsink, setup, help)
