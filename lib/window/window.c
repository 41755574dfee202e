/*
 * window - the operator.
 *
 * An event is read completely before anything is changed: what is refused
 * leaves no trace, not even an empty group.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "time/civil.h"
#include "time/stamp.h"
#include "window/kind.h"

#define SLOW_BYTES ((size_t)256 << 10) /* what is larger is seldom in the first caches */

void
mr_window_init(struct mr_window *w, struct mr_stage *stage)
{
	*w = (struct mr_window){.max_state = (size_t)1 << 30,
	    .late = MR_LATE_INIT,
	    .now_ms = MR_TIME_MIN,
	    .upto_ms = MR_TIME_MIN,
	    .next_ms = MR_TIME_MAX};
	mr_read_init(&w->read);
	stage->scan = w->read.scan;
	mr_event_time_init(&w->time, stage);
}

void
mr_window_release(struct mr_window *w)
{
	if (w->kind)
		w->kind->release(w);
	w->kind = NULL;
	mr_axis_release(&w->axis);
	mr_event_time_release(&w->time);
	mr_late_release(&w->late);
	mr_read_release(&w->read);
	mr_buf_release(&w->bounds);
	mr_buf_release(&w->ahead);
}

static const struct mr_window_kind *
choose_kind(const struct mr_window *w)
{
	return w->axis.shape ? &mr_window_aligned :
	    w->gap_ms        ? &mr_window_session :
			       &mr_window_counted;
}

int
mr_window_setup(struct mr_window *w, struct mr_err *err)
{
	const struct mr_window_kind *kind = choose_kind(w);
	int windows = (w->axis.shape != MR_AXIS_NONE) + (w->gap_ms > 0) + (w->count > 0) +
	    w->global;

	if (windows != 1)
		return mr_err_set(err, MR_EX_USAGE,
		    windows ? "only one kind of window at a time" :
			      "no window given: --tumble 60s, or another; see --help");
	w->revised = w->emit != MR_EMIT_FINAL || w->late_ms > 0;
	if (mr_window_check(w, err) || mr_event_time_setup(&w->time, err) ||
	    mr_read_setup(&w->read, err))
		return -1;
	w->time.stage->thorough |= w->read.spec.thorough;
	if (kind->setup(w, err))
		return -1;
	w->kind = kind;
	return mr_late_open(&w->late, err);
}

int64_t
mr_next_multiple(int64_t ms, int64_t step)
{
	return ms - mr_floor_mod(ms, step) + step;
}

/* What a user can do about memory, beside giving more. */
static const char *
what_helps(const struct mr_window *w, bool one)
{
	if (w->count)
		return "fewer keys, a smaller --count or a --timeout make";
	if (one)
		return "aggregates that keep fewer values make";
	if (w->global)
		return "fewer keys make";
	return "a smaller --lag or window, or fewer keys, make";
}

static int
over_cap(const struct mr_window *w, struct mr_err *err)
{
	size_t windows, groups;
	uint64_t events;

	mr_window_open(w, &windows, &groups, &events);
	return mr_err_set(err, MR_EX_WORLD,
	    "the state is over --max-state %zu bytes: %zu group%s in %zu open window%s; %s it "
	    "smaller",
	    w->max_state, groups, groups == 1 ? "" : "s", windows, windows == 1 ? "" : "s",
	    what_helps(w, groups == 1 && windows == 1));
}

/* The watermark moved to that of w->time. */
static int
advance(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	w->now_ms = w->upto_ms = w->time.now_ms;
	return w->upto_ms >= w->next_ms ? w->kind->advance(w, out, err) : 0;
}

int
mr_window_watermark(struct mr_window *w, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	mr_event_time_begin(&w->time);
	return mr_event_time_watermark(&w->time, ms) ? advance(w, out, err) : 0;
}

int
mr_window_event(struct mr_window *w, const struct mr_line *line, struct mr_out *out,
    struct mr_err *err)
{
	bool is_late = false;
	int64_t ms;

	mr_event_time_begin(&w->time);
	if (mr_event_time_read(&w->time, line, &w->read.time, err) ||
	    mr_read_event(&w->read, line, err) || w->kind->event(w, &is_late, out, err))
		return -1;
	ms = w->read.time.ms;
	w->events++;
	if (w->bytes > w->max_state)
		return over_cap(w, err);
	if (is_late &&
	    mr_late_event(&w->late, line, w->now_ms, ms, mr_event_time_behind(&w->time, ms), err))
		return -1;
	return mr_event_time_event(&w->time, ms) ? advance(w, out, err) : 0;
}

/*
 * Two steps, as a probe has: the place in the table begins to load now, and the
 * entry that it names when MR_WINDOW_SOON more events have come ahead.
 */
void
mr_window_ahead(struct mr_window *w, const struct mr_val *vals)
{
	const struct mr_map *keys;
	uint64_t *soon;

	if (w->bytes < SLOW_BYTES || !(keys = w->kind->keys(w)) || mr_map_bytes(keys) < SLOW_BYTES)
		return;
	soon = &w->soon[w->next_soon++ % MR_WINDOW_SOON];
	if (!mr_read_key(&w->read, vals, &w->ahead))
		return;
	mr_map_soon(keys, *soon);
	*soon = mr_map_expect(keys, w->ahead.at, w->ahead.len);
}

int
mr_window_tick(struct mr_window *w, int64_t clock_ms, struct mr_out *out, struct mr_err *err)
{
	mr_event_time_begin(&w->time);
	if (mr_event_time_tick(&w->time, clock_ms) && advance(w, out, err))
		return -1;
	if (!w->timeout_ms || mr_event_time_silence(&w->time, clock_ms) < w->timeout_ms)
		return 0;
	return w->kind->silence ? w->kind->silence(w, out, err) : 0;
}

int
mr_window_end(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	mr_event_time_begin(&w->time);
	w->upto_ms = MR_TIME_MAX;
	return w->kind->advance(w, out, err);
}

int64_t
mr_window_results_watermark(const struct mr_window *w)
{
	if (w->now_ms == MR_TIME_MIN || w->now_ms == MR_TIME_MAX)
		return w->now_ms;
	return w->kind->oldest(w);
}

void
mr_window_open(const struct mr_window *w, size_t *windows, size_t *groups, uint64_t *events)
{
	*windows = *groups = 0;
	*events = 0;
	w->kind->open(w, windows, groups, events);
}
