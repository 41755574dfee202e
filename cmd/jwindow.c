/*
 * jwindow - group events by window and key, and aggregate each group.
 *
 * Watermarks in the stream decide; without them jwindow makes its own.
 */
#include <inttypes.h>
#include <stdbool.h>

#include "base/opt.h"
#include "stream/report.h"
#include "stream/tool.h"
#include "window/option.h"

struct jwindow {
	struct mr_stage *stage;
	struct mr_window window;
	int64_t seen_ms, sent_ms; /* --wm: the watermark when last looked at, and sent */
};

static const char help[] =
    "usage: jwindow WINDOW [--by LIST] [--agg LIST] [option ...] [file ...]\n"
    "WINDOW is one of\n"
    "      --count N            N events of a key; --slide, --timeout\n"
    "      --cumulate MAX/STEP  windows that grow by STEP up to MAX, then begin anew\n"
    "      --global             the whole stream; --emit says when it is written\n"
    "      --hop SIZE/SLIDE     windows of SIZE, one each SLIDE, that overlap\n"
    "      --session GAP        events of a key with no more than GAP between them\n"
    "      --tumble D           windows of D, one behind the other: 60s, 5m, 1d, 1mo\n"
    "\n"
    "  -a, --agg LIST           aggregates (default count): n=count, fare=sum(.fare),\n"
    "                           done=count where .status == \"done\";\n"
    "                           all any avg collect count distinct first last max\n"
    "                           median min quantile rate stddev stddev_pop sum top\n"
    "                           var_pop variance\n"
    "  -b, --by LIST            group by these fields: .zone, big=.fare > 100\n"
    "      --emit WHEN          final, updates, every=D or count=N (default final)\n"
    "      --idle D             when a live input is silent for D, the clock goes on\n"
    "      --lag D              how far out of order events may come (default 15s)\n"
    "      --late D             an event up to D late changes the result (default 0)\n"
    "      --late-to FILE       append late events to FILE\n"
    "      --max-ahead D        refuse events more than D past the wall clock\n"
    "      --max-state SIZE     most memory for open windows (default 1G)\n"
    "      --offset D           windows begin D later (default 0)\n"
    "      --slide M            of --count: a window each M events\n"
    "      --time EXPR          the event's time, path or expression (default .ts)\n"
    "      --time-unit U        of numbers: s, ms, us, ns (default: by the first one)\n"
    "      --timeout D          of --count: write a window that is not full after D\n"
    "      --tz ZONE            local days, weeks, months and years: Europe/Paris\n"
    "      --wm                 write watermarks behind the results they released\n" MR_TOOL_HELP;

enum { OPT_WM = 256 };

static const struct option longs[] = {
    {"agg", required_argument, NULL, MR_OPT_AGG},
    {"by", required_argument, NULL, MR_OPT_BY},
    {"count", required_argument, NULL, MR_OPT_COUNT},
    {"cumulate", required_argument, NULL, MR_OPT_CUMULATE},
    {"emit", required_argument, NULL, MR_OPT_EMIT},
    {"global", no_argument, NULL, MR_OPT_GLOBAL},
    {"hop", required_argument, NULL, MR_OPT_HOP},
    MR_EVENT_TIME_IDLE,
    MR_EVENT_TIME_LAG,
    {"late", required_argument, NULL, MR_OPT_LATE},
    {"late-to", required_argument, NULL, MR_OPT_LATE_TO},
    MR_EVENT_TIME_AHEAD,
    {"max-state", required_argument, NULL, MR_OPT_STATE},
    {"offset", required_argument, NULL, MR_OPT_OFFSET},
    {"session", required_argument, NULL, MR_OPT_SESSION},
    {"slide", required_argument, NULL, MR_OPT_SLIDE},
    MR_EVENT_TIME_TIME,
    MR_EVENT_TIME_UNIT,
    {"timeout", required_argument, NULL, MR_OPT_TIMEOUT},
    {"tumble", required_argument, NULL, MR_OPT_TUMBLE},
    {"tz", required_argument, NULL, MR_OPT_TZ},
    {"wm", no_argument, NULL, OPT_WM},
    {NULL, 0, NULL, 0},
};

/* --wm: the results so far are followed by the watermark that holds for the rest. */
static int
forward(struct jwindow *j, struct mr_out *out, struct mr_err *err)
{
	int64_t ms;

	if (j->stage->control != MR_CONTROL_MAKE || j->seen_ms == j->window.now_ms)
		return 0;
	j->seen_ms = j->window.now_ms;
	ms = mr_window_results_watermark(&j->window);
	if (ms <= j->sent_ms)
		return 0;
	j->sent_ms = ms;
	return mr_stage_wm(j->stage, ms, false, out, err);
}

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	struct jwindow *j = self;

	if (mr_window_event(&j->window, line, out, err))
		return -1;
	return forward(j, out, err);
}

static void
ahead(void *self, const struct mr_val *vals)
{
	struct jwindow *j = self;

	mr_window_ahead(&j->window, vals);
}

static int
watermark(void *self, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	struct jwindow *j = self;

	if (mr_window_watermark(&j->window, ms, out, err))
		return -1;
	return forward(j, out, err);
}

static int
tick(void *self, int64_t now_ms, struct mr_out *out, struct mr_err *err)
{
	struct jwindow *j = self;

	if (mr_window_tick(&j->window, now_ms, out, err))
		return -1;
	return forward(j, out, err);
}

static int
idle(void *self, struct mr_out *out, struct mr_err *err)
{
	struct jwindow *j = self;

	(void)out;
	return mr_late_flush(&j->window.late, err);
}

static int
end(void *self, bool stopped, struct mr_out *out, struct mr_err *err)
{
	struct jwindow *j = self;
	size_t windows, groups;
	uint64_t events;

	mr_window_open(&j->window, &windows, &groups, &events);
	if (!stopped && mr_window_end(&j->window, out, err))
		return -1;
	if (stopped && windows)
		mr_say("stopped: dropped %zu open window%s with %" PRIu64 " event%s", windows,
		    windows == 1 ? "" : "s", events, events == 1 ? "" : "s");
	if (mr_late_flush(&j->window.late, err))
		return -1;
	mr_late_report(&j->window.late, j->window.events, "came when their window had fired",
	    j->window.time.own);
	return 0;
}

static void
status(void *self, struct mr_buf *b)
{
	struct jwindow *j = self;
	size_t windows, groups;
	uint64_t events;

	mr_window_open(&j->window, &windows, &groups, &events);
	mr_buf_printf(b, ", late %" PRIu64 ", windows %zu, groups %zu, watermark ",
	    j->window.late.count, windows, groups);
	if (j->window.now_ms == MR_TIME_MIN)
		mr_buf_adds(b, "none");
	else
		mr_stamp_write(b, j->window.now_ms);
}

static void
metrics(void *self, struct mr_buf *b)
{
	struct jwindow *j = self;
	const struct mr_window *w = &j->window;
	size_t windows, groups;
	uint64_t events;

	mr_window_open(w, &windows, &groups, &events);
	mr_report_metric(b, j->stage, "late_events_total", "Events behind the watermark.",
	    (double)w->late.count);
	mr_report_metric(b, j->stage, "open_windows", "Windows not yet fired.", (double)windows);
	mr_report_metric(b, j->stage, "open_groups", "Groups in open windows.", (double)groups);
	mr_report_metric(b, j->stage, "state_bytes", "Memory of open windows.", (double)w->bytes);
	if (w->now_ms != MR_TIME_MIN)
		mr_report_metric(b, j->stage, "watermark_timestamp_seconds", "The watermark.",
		    (double)w->now_ms / 1000);
}

static void
release(void *self)
{
	struct jwindow *j = self;

	mr_window_release(&j->window);
}

static int
take(struct jwindow *j, int c, const char *arg, struct mr_err *err)
{
	switch (c) {
	case OPT_WM: j->stage->control = MR_CONTROL_MAKE; return 0;
	case MR_OPT_IDLE:
	case MR_OPT_LAG:
	case MR_OPT_AHEAD:
	case MR_OPT_TIME:
	case MR_OPT_UNIT: return mr_event_time_option(&j->window.time, c, arg, err);
	default: return mr_window_option(&j->window, c, arg, err);
	}
}

static int
options(struct jwindow *j, struct mr_opt *opt, struct mr_err *err)
{
	int c;

	while ((c = mr_opt_next(opt, err)) > 0)
		if (take(j, c, opt->arg, err))
			return -1;
	if (c < 0)
		return -1;
	mr_tool_files(opt, j->stage);
	return mr_window_setup(&j->window, err);
}

static int
setup(int argc, char *argv[], struct mr_stage *stage, struct mr_err *err)
{
	struct jwindow *j = mr_stage_self(stage, sizeof *j);
	struct mr_opt opt;
	int rc;

	j->stage = stage;
	j->seen_ms = j->sent_ms = MR_TIME_MIN;
	mr_window_init(&j->window, stage);
	stage->scan_flags = MR_SCAN_OBJECT;
	stage->release = release;
	stage->control = MR_CONTROL_EAT;
	stage->event = event;
	stage->ahead = ahead;
	stage->watermark = watermark;
	stage->idle = idle;
	stage->end = end;
	stage->status = status;
	stage->metrics = metrics;
	mr_tool_opt(&opt, argc, argv, help, "a:b:", longs, stage);
	rc = options(j, &opt, err);
	mr_opt_release(&opt);
	if (rc == 0 &&
	    (stage->tick_ms = mr_event_time_tick_ms(&j->window.time, j->window.timeout_ms)))
		stage->tick = tick;
	return rc;
}

MR_TOOL_MAIN(jwindow, setup, help)
