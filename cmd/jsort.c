/*
 * jsort - put events in the order of their times, behind the watermark.
 *
 * What goes out is the bytes that came in.  Watermarks in the stream decide
 * when an event goes out; without them jsort makes its own.
 */
#include <string.h>

#include "base/opt.h"
#include "order/hold.h"
#include "stream/tool.h"

struct jsort {
	struct mr_scan *scan;
	struct mr_hold hold;
};

static const char help[] =
    "usage: jsort [option ...] [file ...]\n"
    "Put events in the order of their times.\n"
    "\n"
    "      --idle D             after a silence of D on a live input, let the clock go on\n"
    "      --lag D              how far out of order events may come (default 15s)\n"
    "      --late-to FILE       append late events to FILE\n"
    "      --max-ahead D        refuse events more than D past the wall clock\n"
    "      --memory SIZE        what is held beyond that goes to files in $TMPDIR (default 64M)\n"
    "      --time EXPR          the event's time, a path or a jq expression (default .ts)\n"
    "      --time-unit U        of numbers: s, ms, us, ns (default: by the first one)\n"
    "      --wm                 write watermarks behind the events they released\n" MR_TOOL_HELP;

enum { OPT_LATE = 256, OPT_NO_LATE, OPT_MEMORY, OPT_WM };

static const struct option longs[] = {
    MR_EVENT_TIME_IDLE,
    MR_EVENT_TIME_LAG,
    {"late", required_argument, NULL, OPT_NO_LATE}, /* and not short for --late-to */
    {"late-to", required_argument, NULL, OPT_LATE},
    MR_EVENT_TIME_AHEAD,
    {"memory", required_argument, NULL, OPT_MEMORY},
    MR_EVENT_TIME_TIME,
    MR_EVENT_TIME_UNIT,
    {"wm", no_argument, NULL, OPT_WM},
    {NULL, 0, NULL, 0},
};

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	struct jsort *j = self;
	size_t len = line->len + line->end;
	struct mr_time time;
	char *at;

	mr_event_time_begin(&j->hold.time);
	if (mr_event_time_read(&j->hold.time, line, &time, err))
		return -1;
	if (mr_hold_is_late(&j->hold, &time))
		return mr_hold_late(&j->hold, line, &time, err);
	at = mr_hold_put(&j->hold, &time, len + (line->end == 0));
	memcpy(at, line->at, len);
	if (line->end == 0)
		at[len] = '\n';
	return mr_hold_held(&j->hold, &time, out, err);
}

static int
give(void *self, const struct mr_order_key *key, struct mr_out *out, struct mr_err *err)
{
	(void)self;
	mr_buf_add(&out->buf, key->at, key->len);
	return mr_out_built(out, 1, err);
}

static int
watermark(void *self, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	struct jsort *j = self;

	return mr_hold_watermark(&j->hold, ms, out, err);
}

static int
tick(void *self, int64_t now_ms, struct mr_out *out, struct mr_err *err)
{
	struct jsort *j = self;

	return mr_hold_tick(&j->hold, now_ms, out, err);
}

static int
idle(void *self, struct mr_out *out, struct mr_err *err)
{
	struct jsort *j = self;

	return mr_hold_idle(&j->hold, out, err);
}

/* Also when a signal stopped the stream: what is held are events, and they are whole. */
static int
end(void *self, bool stopped, struct mr_out *out, struct mr_err *err)
{
	struct jsort *j = self;

	(void)stopped;
	mr_event_time_begin(&j->hold.time);
	if (mr_hold_end(&j->hold, out, err))
		return -1;
	mr_late_report(&j->hold.late, j->hold.events, "came too late for their place",
	    j->hold.time.own);
	return 0;
}

static int
save(void *self, struct mr_out *out, struct mr_err *err)
{
	struct jsort *j = self;

	return mr_hold_end(&j->hold, out, err);
}

static void
status(void *self, struct mr_buf *b)
{
	struct jsort *j = self;

	mr_hold_status(&j->hold, b);
}

static void
metrics(void *self, struct mr_buf *b)
{
	struct jsort *j = self;

	mr_hold_metrics(&j->hold, b);
}

static void
release(void *self)
{
	struct jsort *j = self;

	mr_hold_release(&j->hold);
	mr_scan_free(j->scan);
}

static int
take(struct jsort *j, int c, const char *arg, struct mr_err *err)
{
	switch (c) {
	case OPT_LATE: return mr_hold_late_to(&j->hold, arg, err);
	case OPT_NO_LATE: return mr_hold_no_late(err);
	case OPT_MEMORY: return mr_hold_memory(&j->hold, arg, err);
	case OPT_WM: j->hold.stage->control = MR_CONTROL_MAKE; return 0;
	default: return mr_event_time_option(&j->hold.time, c, arg, err);
	}
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct jsort *j = mr_stage_self(stage, sizeof *j);
	struct mr_opt opt;
	int c;

	mr_hold_init(&j->hold, stage);
	j->hold.give = give;
	stage->scan = j->scan = mr_scan_new();
	stage->scan_flags = MR_SCAN_OBJECT;
	stage->control = MR_CONTROL_HOLD;
	stage->event = event;
	stage->watermark = watermark;
	stage->idle = idle;
	stage->end = end;
	stage->save = save;
	stage->status = status;
	stage->metrics = metrics;
	stage->release = release;
	mr_tool_opt(&opt, argc, argv, help, "", longs, stage);
	while ((c = mr_opt_next(&opt, err)) > 0)
		if ((c = take(j, c, opt.arg, err)) < 0)
			break;
	mr_tool_files(&opt, stage);
	mr_opt_release(&opt);
	if (c < 0 || mr_hold_setup(&j->hold, err) < 0)
		return -1;
	if ((stage->tick_ms = mr_event_time_tick_ms(&j->hold.time, 0)))
		stage->tick = tick;
	return 0;
}

MR_TOOL_MAIN(jsort, setup, help)
