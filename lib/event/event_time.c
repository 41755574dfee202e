/*
 * event_time - options, times and the watermark.
 */
#include <string.h>
#include <time.h>

#include "event/event_time.h"
#include "time/duration.h"

#define TICK_MS 250               /* how late a silence may be noticed, at most */
#define AHEAD_MAX (INT64_MAX / 4) /* times are within +-9999 years: sums do not overflow */

void
mr_event_time_init(struct mr_event_time *t, struct mr_stage *stage)
{
	*t = (struct mr_event_time){.text = ".ts",
	    .field = MR_FIELD_NONE,
	    .stamper = MR_STAMPER_INIT,
	    .lag_ms = 15000,
	    .ahead_ms = -1,
	    .now_ms = MR_TIME_MIN,
	    .stage = stage,
	    .wm = {.now_ms = MR_TIME_MIN}};
}

void
mr_event_time_release(struct mr_event_time *t)
{
	mr_wm_release(&t->wm);
	mr_field_release(&t->field);
}

int
mr_event_time_option(struct mr_event_time *t, int c, const char *arg, struct mr_err *err)
{
	switch (c) {
	case MR_OPT_IDLE:
		return mr_duration_parse(arg, &t->idle_ms, err) ? mr_err_prefix(err, "--idle") : 0;
	case MR_OPT_LAG:
		t->lag_given = true;
		return mr_duration_parse(arg, &t->lag_ms, err) ? mr_err_prefix(err, "--lag") : 0;
	case MR_OPT_AHEAD:
		return mr_duration_parse(arg, &t->ahead_ms, err) ?
		    mr_err_prefix(err, "--max-ahead") :
		    0;
	case MR_OPT_UNIT:
		return mr_unit_parse(arg, &t->stamper.unit, err) ?
		    mr_err_prefix(err, "--time-unit") :
		    0;
	default: t->text = arg; return 0;
	}
}

int
mr_event_time_setup(struct mr_event_time *t, struct mr_err *err)
{
	if (t->ahead_ms > AHEAD_MAX)
		t->ahead_ms = AHEAD_MAX;
	if (mr_field_init(&t->field, t->stage->scan, t->text, strlen(t->text), err))
		return mr_err_prefix(err, "--time");
	t->stage->thorough |= t->field.thorough;
	return 0;
}

int
mr_event_time_tick_ms(const struct mr_event_time *t, int64_t silence_ms)
{
	int64_t ms = t->idle_ms && (!silence_ms || t->idle_ms < silence_ms) ? t->idle_ms :
									      silence_ms;

	if (!ms || !mr_stage_live(t->stage))
		return 0;
	ms /= 4;
	return ms > TICK_MS ? TICK_MS : ms > 10 ? (int)ms : 10;
}

void
mr_event_time_begin(struct mr_event_time *t)
{
	if (t->begun)
		return;
	t->begun = true;
	t->own = !(t->stage->hello.there && t->stage->hello.wm);
	if (!t->own && (t->lag_given || t->idle_ms))
		mr_say("%s is not used: the watermarks in the stream decide",
		    t->lag_given ? "--lag" : "--idle");
	t->live = mr_stage_live(t->stage);
	t->heard_ms = mr_clock_ms();
	mr_wm_init(&t->wm, 1, t->lag_ms, t->idle_ms, t->live, t->heard_ms);
}

static int64_t
wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The clock is asked only when the last answer would refuse the event. */
static int
check_ahead(struct mr_event_time *t, int64_t ms, struct mr_err *err)
{
	char ahead[64], limit[64];

	if (t->ahead_ms < 0 || ms - t->ahead_ms <= t->wall_ms)
		return 0;
	t->wall_ms = wall_clock();
	if (ms - t->ahead_ms <= t->wall_ms)
		return 0;
	return mr_err_set(err, MR_EX_DATA,
	    "%.200s is %s ahead of the clock: more than --max-ahead %s", t->text,
	    mr_duration_text(ms - t->wall_ms, ahead), mr_duration_text(t->ahead_ms, limit));
}

int
mr_event_time_read(struct mr_event_time *t, const struct mr_line *line, struct mr_time *time,
    struct mr_err *err)
{
	const struct mr_val *val;

	if (mr_field_get(&t->field, line, &val, err))
		return -1;
	if (mr_stamp_val(&t->stamper, val, time, err))
		return mr_err_prefix(err, "%.200s", t->text);
	return check_ahead(t, time->ms, err);
}

bool
mr_event_time_event(struct mr_event_time *t, int64_t ms)
{
	t->heard = true;
	if (!t->own || !mr_wm_event(&t->wm, 0, ms, 0))
		return false;
	t->now_ms = t->wm.now_ms;
	return true;
}

bool
mr_event_time_watermark(struct mr_event_time *t, int64_t ms)
{
	if (t->own || ms <= t->now_ms)
		return false;
	t->now_ms = ms;
	return true;
}

bool
mr_event_time_tick(struct mr_event_time *t, int64_t clock_ms)
{
	if (t->heard) { /* since the last tick: the silence begins now at the earliest */
		mr_wm_busy(&t->wm, 0, clock_ms);
		t->heard_ms = clock_ms;
	}
	t->heard = false;
	if (!t->own || !mr_wm_tick(&t->wm, clock_ms))
		return false;
	t->now_ms = t->wm.now_ms;
	return true;
}

int64_t
mr_event_time_silence(const struct mr_event_time *t, int64_t clock_ms)
{
	return t->live ? clock_ms - t->heard_ms : 0;
}

int64_t
mr_event_time_behind(const struct mr_event_time *t, int64_t ms)
{
	return (t->own ? t->now_ms + t->lag_ms : t->now_ms) - ms;
}
