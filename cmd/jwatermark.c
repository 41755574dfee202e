/*
 * jwatermark - declare event time and how late events may come.
 *
 * Copies its input and writes a watermark line behind an event that advances
 * the watermark by --every.  A stream that has watermarks already keeps none
 * of them: what is declared here replaces them.
 */
#include "stream/report.h"
#include "stream/tool.h"
#include "time/advice.h"
#include "time/duration.h"
#include "event/declare.h"

struct jwatermark {
	struct mr_stage *stage;
	struct mr_declare declare;
	int64_t every_ms;
	bool lag_given, live, advise;
	const char *written; /* an option, given, that says when watermarks are written */
	int64_t sent_ms;     /* the newest watermark line */
	struct mr_advice advice;
};

static const char help[] =
    "usage: jwatermark [--time EXPR] [--lag D] [--every D] [--idle D] [option ...] [FILE ...]\n"
    "       jwatermark --advise [--time EXPR] [--lag D] [FILE ...]\n"
    "Copy events and write watermarks among them, or say which --lag they need.\n"
    "\n"
    "      --advise             read all events and report how late they come\n"
    "      --at EXPR            an event for which EXPR is a time moves the watermark there;\n"
    "                           true: to its own time\n"
    "      --every D            write one when it has advanced by D (default 1s; 0: every time)\n"
    "      --idle D             input silent for D lets the clock advance it (default off)\n"
    "      --lag D              how late an event may come (default 15s; with --at, none)\n"
    "      --max-ahead D        an event D past the clock is a bad record (default off)\n"
    "      --partition EXPR     keep a watermark for each value, and write the least of them\n"
    "      --partitions N       wait until there are N of them\n"
    "      --time EXPR          the time of an event, a path or a jq expression (default .ts)\n"
    "      --time-unit s|ms|us|ns\n"
    "                           the unit of epoch numbers (default by magnitude)\n" MR_TOOL_HELP;

enum {
	OPT_ADVISE = 256,
	OPT_AT,
	OPT_EVERY,
	OPT_IDLE,
	OPT_LAG,
	OPT_AHEAD,
	OPT_PARTITION,
	OPT_PARTITIONS,
	OPT_TIME,
	OPT_UNIT
};

static const struct option longs[] = {
    {"advise", no_argument, NULL, OPT_ADVISE},
    {"at", required_argument, NULL, OPT_AT},
    {"every", required_argument, NULL, OPT_EVERY},
    {"idle", required_argument, NULL, OPT_IDLE},
    {"lag", required_argument, NULL, OPT_LAG},
    {"max-ahead", required_argument, NULL, OPT_AHEAD},
    {"partition", required_argument, NULL, OPT_PARTITION},
    {"partitions", required_argument, NULL, OPT_PARTITIONS},
    {"time", required_argument, NULL, OPT_TIME},
    {"time-unit", required_argument, NULL, OPT_UNIT},
    {NULL, 0, NULL, 0},
};

/* Write the watermark, if it moved by `least` since the newest line. */
static int
advance(struct jwatermark *w, bool moved, int64_t least, struct mr_out *out, struct mr_err *err)
{
	const struct mr_wm *wm = &w->declare.wm;

	if (!moved || (w->sent_ms != MR_TIME_MIN && wm->now_ms - w->sent_ms < least))
		return 0;
	w->sent_ms = wm->now_ms;
	return mr_stage_wm(w->stage, wm->now_ms, mr_wm_idle(wm), out, err);
}

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	struct jwatermark *w = self;
	struct mr_declared said;

	if (mr_declare_event(&w->declare, line, w->live ? mr_clock_ms() : 0, &said, err) < 0)
		return -1;
	if (w->advise) {
		mr_advice_add(&w->advice, said.delay_ms);
		return 0;
	}
	if (mr_out_pass(out, line, err) < 0)
		return -1;
	return advance(w, said.moved, said.said ? 0 : w->every_ms, out, err);
}

static int
tick(void *self, int64_t now_ms, struct mr_out *out, struct mr_err *err)
{
	struct jwatermark *w = self;

	if (w->advise)
		return 0;
	return advance(w, mr_wm_tick(&w->declare.wm, now_ms), w->every_ms, out, err);
}

/* --advise: also of a live stream that was interrupted. */
static int
end(void *self, bool stopped, struct mr_out *out, struct mr_err *err)
{
	struct jwatermark *w = self;

	(void)stopped;
	mr_advice_write(&w->advice, w->declare.lag_ms, w->declare.lag.late, &out->buf);
	return mr_out_built(out, 0, err);
}

static void
status(void *self, struct mr_buf *b)
{
	struct jwatermark *w = self;
	const struct mr_declare *d = &w->declare;

	mr_buf_adds(b, ", watermark ");
	if (d->wm.now_ms == MR_TIME_MIN)
		mr_buf_adds(b, "none");
	else
		mr_stamp_write(b, d->wm.now_ms);
	if (d->partition)
		mr_buf_printf(b, ", partitions %zu (%zu idle)", mr_map_count(d->inputs),
		    d->wm.left - d->wm.active);
	mr_buf_adds(b, ", behind ");
	mr_lag_write(&d->lag, b);
}

static void
metrics(void *self, struct mr_buf *b)
{
	struct jwatermark *w = self;
	const struct mr_lag *lag = &w->declare.lag;

	mr_report_metric(b, w->stage, "late_events_total", "Events behind the watermark.",
	    (double)lag->late);
	mr_report_metric(b, w->stage, "event_delay_p99_seconds",
	    "How far behind the newest event 99 % of events are at most.",
	    (double)mr_lag_quantile(lag, 9900) / 1000);
	mr_report_metric(b, w->stage, "event_delay_max_seconds",
	    "How far behind the newest event one was at most.", (double)lag->max_ms / 1000);
	if (w->declare.wm.now_ms != MR_TIME_MIN)
		mr_report_metric(b, w->stage, "watermark_timestamp_seconds", "The watermark.",
		    (double)w->declare.wm.now_ms / 1000);
}

static void
release(void *self)
{
	struct jwatermark *w = self;

	mr_declare_release(&w->declare);
	mr_advice_release(&w->advice);
	mr_scan_free(w->stage->scan);
}

static int
duration(const char *option, const char *arg, int64_t *ms, struct mr_err *err)
{
	return mr_duration_parse(arg, ms, err) ? mr_err_prefix(err, "%s", option) : 0;
}

static int
take(struct jwatermark *w, int c, const char *arg, struct mr_err *err)
{
	struct mr_declare *d = &w->declare;

	switch (c) {
	case OPT_ADVISE: w->advise = true; return 0;
	case OPT_AT: d->at = arg; return 0;
	case OPT_EVERY: w->written = "--every"; return duration("--every", arg, &w->every_ms, err);
	case OPT_IDLE: w->written = "--idle"; return duration("--idle", arg, &d->idle_ms, err);
	case OPT_LAG: w->lag_given = true; return duration("--lag", arg, &d->lag_ms, err);
	case OPT_AHEAD: return duration("--max-ahead", arg, &d->ahead_ms, err);
	case OPT_PARTITION: d->partition = arg; return 0;
	case OPT_PARTITIONS:
		w->written = "--partitions";
		return mr_int_parse("--partitions", arg, 1, MR_PARTITIONS_MAX, &d->partitions, err);
	case OPT_UNIT: return mr_unit_parse(arg, &d->stamper.unit, err);
	default: d->time = arg; return 0;
	}
}

/* The options are known. */
static int
complete(struct jwatermark *w, struct mr_err *err)
{
	struct mr_stage *stage = w->stage;
	struct mr_declare *d = &w->declare;

	if (w->advise && d->at)
		return mr_err_set(err, MR_EX_USAGE,
		    "--advise is about --lag: with --at the events say how far they are");
	if (w->advise && w->written)
		return mr_err_set(err, MR_EX_USAGE,
		    "--advise writes no watermarks, and has no use for %s", w->written);
	if (d->partitions && !d->partition)
		return mr_err_set(err, MR_EX_USAGE, "--partitions needs --partition");
	if (d->at && !w->lag_given)
		d->lag_ms = -1;
	w->live = d->idle_ms && mr_stage_live(stage);
	if (mr_declare_setup(d, w->live, mr_clock_ms(), err) < 0)
		return -1;
	stage->thorough = d->thorough;
	if (w->live) {
		stage->tick = tick;
		stage->tick_ms = d->idle_ms < 4000 ? (int)d->idle_ms / 4 + 1 : 1000;
	}
	if (w->advise) {
		stage->end = end;
		stage->control = MR_CONTROL_EAT;
	}
	return 0;
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct jwatermark *w = mr_stage_self(stage, sizeof *w);
	struct mr_opt opt;
	int c;

	stage->event = event;
	stage->release = release;
	stage->status = status;
	stage->metrics = metrics;
	stage->control = MR_CONTROL_MAKE;
	w->stage = stage;
	w->every_ms = 1000;
	w->sent_ms = MR_TIME_MIN;
	stage->scan = mr_scan_new();
	mr_declare_init(&w->declare, stage->scan);
	stage->scan_flags = MR_SCAN_OBJECT;
	mr_tool_opt(&opt, argc, argv, help, "", longs, stage);
	while ((c = mr_opt_next(&opt, err)) > 0)
		if ((c = take(w, c, opt.arg, err)) < 0)
			break;
	mr_tool_files(&opt, stage);
	mr_opt_release(&opt);
	return c < 0 ? -1 : complete(w, err);
}

MR_TOOL_MAIN(jwatermark, setup, help)
