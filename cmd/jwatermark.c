/*
 * jwatermark - declare event time and how late events may come.
 *
 * Copies its input and writes a watermark line behind an event that advances
 * the watermark by --every.  A stream that has watermarks already keeps none
 * of them: what is declared here replaces them.
 */
#include <string.h>

#include "jq/field.h"
#include "stream/tool.h"
#include "time/duration.h"
#include "time/stamp.h"
#include "time/watermark.h"

struct jwatermark {
	struct mr_stage *stage;
	struct mr_scan *scan;
	struct mr_stamper stamper;
	struct mr_wm wm;
	const char *time_text;
	struct mr_field time;
	int64_t lag_ms, idle_ms, every_ms, ahead_ms;
	int64_t sent_ms; /* the newest watermark line */
};

static const char help[] =
    "usage: jwatermark [--time EXPR] [--lag D] [--every D] [--idle D] [FILE ...]\n"
    "Copy events and write watermarks among them.\n"
    "\n"
    "      --every D            write one when it has advanced by D (default 1s; 0: every time)\n"
    "      --idle D             input silent for D lets the clock advance it (default off)\n"
    "      --lag D              how late an event may come (default 15s)\n"
    "      --max-ahead D        an event D past the clock is a bad record (default off)\n"
    "      --time EXPR          the time of an event, a path or a jq expression (default .ts)\n"
    "      --time-unit s|ms|us|ns\n"
    "                           the unit of epoch numbers (default by magnitude)\n" MR_TOOL_HELP;

enum { OPT_EVERY = 256, OPT_IDLE, OPT_LAG, OPT_AHEAD, OPT_TIME, OPT_UNIT };

static const struct option longs[] = {
    {"every", required_argument, NULL, OPT_EVERY},
    {"idle", required_argument, NULL, OPT_IDLE},
    {"lag", required_argument, NULL, OPT_LAG},
    {"max-ahead", required_argument, NULL, OPT_AHEAD},
    {"time", required_argument, NULL, OPT_TIME},
    {"time-unit", required_argument, NULL, OPT_UNIT},
    {NULL, 0, NULL, 0},
};

/* Write the watermark if it moved far enough since the newest line. */
static int
advance(struct jwatermark *w, bool moved, struct mr_out *out, struct mr_err *err)
{
	int64_t now = w->wm.now_ms;

	if (!moved || now == MR_TIME_MIN || now == MR_TIME_MAX)
		return 0;
	if (w->sent_ms != MR_TIME_MIN && now - w->sent_ms < w->every_ms)
		return 0;
	w->sent_ms = now;
	return mr_stage_wm(w->stage, now, mr_wm_idle(&w->wm), out, err);
}

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	struct jwatermark *w = self;
	const struct mr_val *val;
	struct mr_time t;

	if (mr_field_get(&w->time, line, &val, err) < 0)
		return -1;
	if (mr_stamp_val(&w->stamper, val, &t, err) < 0 ||
	    (w->ahead_ms && mr_stamp_ahead(t.ms, w->ahead_ms, err) < 0))
		return mr_err_prefix(err, "%.200s", w->time.text);
	if (mr_out_pass(out, line, err) < 0)
		return -1;
	return advance(w, mr_wm_event(&w->wm, 0, t.ms, mr_clock_ms()), out, err);
}

static int
tick(void *self, int64_t now_ms, struct mr_out *out, struct mr_err *err)
{
	struct jwatermark *w = self;

	return advance(w, mr_wm_tick(&w->wm, now_ms), out, err);
}

static void
release(void *self)
{
	struct jwatermark *w = self;

	mr_field_release(&w->time);
	mr_scan_free(w->scan);
	mr_wm_release(&w->wm);
}

static int
take(struct jwatermark *w, int c, const char *arg, struct mr_err *err)
{
	switch (c) {
	case OPT_EVERY: return mr_duration_parse(arg, &w->every_ms, err);
	case OPT_IDLE: return mr_duration_parse(arg, &w->idle_ms, err);
	case OPT_LAG: return mr_duration_parse(arg, &w->lag_ms, err);
	case OPT_AHEAD: return mr_duration_parse(arg, &w->ahead_ms, err);
	case OPT_UNIT: return mr_unit_parse(arg, &w->stamper.unit, err);
	default: w->time_text = arg; return 0;
	}
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct jwatermark *w = mr_stage_self(stage, sizeof *w);
	struct mr_opt opt;
	int c;

	stage->event = event;
	stage->release = release;
	stage->control = MR_CONTROL_MAKE;
	w->stage = stage;
	w->time = (struct mr_field)MR_FIELD_NONE;
	w->time_text = ".ts";
	w->lag_ms = 15000;
	w->every_ms = 1000;
	w->sent_ms = MR_TIME_MIN;
	stage->scan = w->scan = mr_scan_new();
	stage->scan_flags = MR_SCAN_OBJECT;
	mr_tool_opt(&opt, argc, argv, help, "", longs, stage);
	while ((c = mr_opt_next(&opt, err)) > 0)
		if ((c = take(w, c, opt.arg, err)) < 0)
			break;
	mr_tool_files(&opt, stage);
	mr_opt_release(&opt);
	if (c < 0)
		return -1;
	if (mr_field_init(&w->time, w->scan, w->time_text, strlen(w->time_text), err) < 0)
		return mr_err_prefix(err, "--time");
	stage->thorough = w->time.thorough;
	mr_wm_init(&w->wm, 1, w->lag_ms, w->idle_ms, w->idle_ms != 0, mr_clock_ms());
	if (w->idle_ms) {
		stage->tick = tick;
		stage->tick_ms = w->idle_ms < 4000 ? (int)w->idle_ms / 4 + 1 : 1000;
	}
	return 0;
}

MR_TOOL_MAIN(jwatermark, setup, help)
