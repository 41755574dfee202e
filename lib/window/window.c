/*
 * window - the operator.
 *
 * An event is read completely before anything is changed: what is refused
 * leaves no trace, not even an empty group.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "time/duration.h"
#include "window/key.h"
#include "window/window.h"

static void
release_state(void *self, void *state)
{
	struct mr_window *w = self;
	size_t held = 0; /* the span forgets it as a whole */

	for (size_t i = 0; i < w->read.spec.nagg; i++) {
		const struct mr_spec_agg *agg = &w->read.spec.agg[i];

		if (agg->type->release)
			agg->type->release((char *)state + agg->at, &held);
	}
}

static bool
any_release(const struct mr_spec *spec)
{
	for (size_t i = 0; i < spec->nagg; i++)
		if (spec->agg[i].type->release)
			return true;
	return false;
}

void
mr_window_init(struct mr_window *w)
{
	*w = (struct mr_window){.lag_ms = 15000,
	    .max_state = (size_t)1 << 30,
	    .late = MR_LATE_INIT,
	    .now_ms = MR_TIME_MIN,
	    .fire_ms = MR_TIME_MAX,
	    .wm = {.now_ms = MR_TIME_MIN}};
	mr_read_init(&w->read);
}

void
mr_window_release(struct mr_window *w)
{
	mr_panes_release(&w->panes);
	mr_wm_release(&w->wm);
	mr_late_release(&w->late);
	mr_read_release(&w->read);
}

int
mr_window_setup(struct mr_window *w, struct mr_err *err)
{
	if (w->tumble.size_ms <= 0)
		return mr_err_set(err, MR_EX_USAGE, "no window given: --tumble 60s");
	w->tumble.offset_ms %= w->tumble.size_ms;
	if (mr_read_setup(&w->read, err) || mr_late_open(&w->late, err))
		return -1;
	mr_panes_init(&w->panes, w->read.spec.state_size,
	    any_release(&w->read.spec) ? release_state : NULL, w);
	return 0;
}

void
mr_window_begin(struct mr_window *w, bool own, bool live, int64_t clock_ms)
{
	w->own = own;
	mr_wm_init(&w->wm, 1, w->lag_ms, w->idle_ms, live, clock_ms);
}

static void
add_values(struct mr_window *w, char *state, size_t *held)
{
	for (size_t i = 0; i < w->read.spec.nagg; i++) {
		const struct mr_spec_agg *agg = &w->read.spec.agg[i];

		if (agg->takes)
			agg->type->add(state + agg->at, &agg->in, held);
	}
}

static int
over_cap(const struct mr_window *w, struct mr_err *err)
{
	return mr_err_set(err, MR_EX_WORLD,
	    "the state is over --max-state %zu bytes: %zu groups in %zu "
	    "open windows; a smaller --lag or window, or fewer keys, make it smaller",
	    w->max_state, w->panes.count, w->panes.n);
}

static int
late(struct mr_window *w, const struct mr_line *line, int64_t ms, struct mr_err *err)
{
	/* the newest event, or where the clock has put one */
	int64_t newest = w->own ? w->now_ms + w->lag_ms : w->now_ms;

	w->events++;
	return mr_late_event(&w->late, line, w->now_ms, ms, newest - ms, err);
}

static void
write_bound(struct mr_buf *out, const char *name, int64_t ms)
{
	mr_buf_adds(out, name);
	mr_stamp_write(out, ms);
	mr_buf_addc(out, '"');
}

static void
write_key(const struct mr_window *w, const struct mr_pane *pane, struct mr_buf *out)
{
	const char *at = pane->key, *end = pane->key + pane->len;

	for (size_t i = 0; i < w->read.spec.nby; i++) {
		const char *stop = memchr(at, MR_KEY_SEPARATOR, (size_t)(end - at));

		if (!stop)
			stop = end;
		mr_buf_adds(out, w->read.spec.by[i].label);
		mr_buf_add(out, at, (size_t)(stop - at));
		at = stop + 1;
	}
}

static int
write_pane(struct mr_window *w, const struct mr_span *span, const struct mr_pane *pane,
    const struct mr_buf *bounds, struct mr_out *out, struct mr_err *err)
{
	mr_buf_add(&out->buf, bounds->at, bounds->len);
	if (w->read.spec.nby)
		write_key(w, pane, &out->buf);
	for (size_t i = 0; i < w->read.spec.nagg; i++) {
		const struct mr_spec_agg *agg = &w->read.spec.agg[i];
		const struct mr_agg_out of = {&agg->arg, span->start, span->end};

		mr_buf_adds(&out->buf, agg->label);
		if (agg->type->write((const char *)pane->state + agg->at, &of, &out->buf, err))
			return mr_err_prefix(err, "%s: %s", agg->name, agg->type->name);
	}
	mr_buf_adds(&out->buf, "}\n");
	w->rows++;
	return mr_out_built(out, 1, err);
}

/* Write the first open window and forget it. */
static int
fire(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	const struct mr_span *span = mr_panes_first(&w->panes);
	size_t n = mr_map_count(span->map);
	struct mr_pane *panes = mr_panes_sorted(span);
	struct mr_buf bounds = MR_BUF_INIT;
	int rc = 0;

	write_bound(&bounds, "{\"window_start\":\"", span->start);
	write_bound(&bounds, ",\"window_end\":\"", span->end);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = write_pane(w, span, &panes[i], &bounds, out, err);
	free(panes);
	mr_buf_release(&bounds);
	mr_panes_close(&w->panes);
	return rc;
}

/* Fire all windows that a watermark completes. */
static int
fire_until(struct mr_window *w, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	const struct mr_span *span;

	while ((span = mr_panes_first(&w->panes)) && span->end - 1 <= ms)
		if (fire(w, out, err))
			return -1;
	w->fire_ms = span ? span->end - 1 : MR_TIME_MAX;
	return 0;
}

int
mr_window_watermark(struct mr_window *w, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	if (ms <= w->now_ms)
		return 0;
	w->now_ms = ms;
	return ms >= w->fire_ms ? fire_until(w, ms, out, err) : 0;
}

/*
 * The open window that an event belongs to; *span null: it has fired.  An open
 * one has not, so that a run of events in the window of the last one costs
 * two comparisons.
 */
static int
find_span(struct mr_window *w, int64_t ms, struct mr_span **span, struct mr_err *err)
{
	int64_t start, end;

	*span = w->panes.last;
	if (*span && ms >= (*span)->start && ms < (*span)->end)
		return 0;
	if (mr_tumble_window(&w->tumble, ms, &start, &end))
		return mr_err_set(err, MR_EX_DATA, "%.200s is too far from 1970",
		    w->read.time_path);
	*span = w->now_ms >= end - 1 ? NULL : mr_panes_open(&w->panes, start, end);
	return 0;
}

static int
add_event(struct mr_window *w, struct mr_span *span, struct mr_err *err)
{
	size_t held = span->held;
	char *state;

	state = mr_panes_put(&w->panes, span, w->read.key.at, w->read.key.len);
	add_values(w, state, &held);
	mr_panes_held(&w->panes, span, held);
	span->events++;
	w->events++;
	if (span->end - 1 < w->fire_ms)
		w->fire_ms = span->end - 1;
	return w->panes.bytes > w->max_state ? over_cap(w, err) : 0;
}

int
mr_window_event(struct mr_window *w, const struct mr_line *line, struct mr_out *out,
    struct mr_err *err)
{
	struct mr_span *span;
	int64_t ms;

	if (mr_read_event(&w->read, line, err))
		return -1;
	ms = w->read.time.ms;
	if (find_span(w, ms, &span, err))
		return -1;
	w->heard = true;
	if (!span)
		return late(w, line, ms, err);
	if (add_event(w, span, err))
		return -1;
	if (w->own && mr_wm_event(&w->wm, 0, ms, 0))
		return mr_window_watermark(w, w->wm.now_ms, out, err);
	return 0;
}

int
mr_window_tick(struct mr_window *w, int64_t clock_ms, struct mr_out *out, struct mr_err *err)
{
	if (!w->own)
		return 0;
	if (w->heard) /* since the last tick: the silence begins now at the earliest */
		mr_wm_busy(&w->wm, 0, clock_ms);
	w->heard = false;
	return mr_wm_tick(&w->wm, clock_ms) ? mr_window_watermark(w, w->wm.now_ms, out, err) : 0;
}

int
mr_window_end(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	return fire_until(w, MR_TIME_MAX, out, err);
}

int64_t
mr_window_results_watermark(const struct mr_window *w)
{
	int64_t start, end;

	if (w->now_ms == MR_TIME_MIN || w->now_ms == MR_TIME_MAX ||
	    mr_tumble_window(&w->tumble, w->now_ms + 1, &start, &end))
		return w->now_ms;
	return start;
}

void
mr_window_open(const struct mr_window *w, size_t *windows, size_t *groups, uint64_t *events)
{
	*windows = w->panes.n;
	*groups = w->panes.count;
	*events = 0;
	for (size_t i = w->panes.head; i < w->panes.head + w->panes.n; i++)
		*events += w->panes.open[i]->events;
}
