/*
 * aligned - tumbling, hopping and cumulating windows.
 *
 * An event goes into the pane of its key in one slice, whatever the number of
 * windows that the slice is in.  A window that fires is put together from its
 * slices (join.c).  A slice is forgotten when no window that it is in can
 * still change.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "window/aligned.h"
#include "window/keyed.h"
#include "window/pane.h"

/* From this watermark on a window does not change any more. */
static int64_t
closes_at(const struct mr_window *w, int64_t window)
{
	return mr_time_plus(mr_axis_end(&w->axis, window) - 1, w->late_ms);
}

static bool
has_fired(const struct mr_window *w, int64_t window)
{
	return mr_axis_end(&w->axis, window) - 1 <= w->upto_ms;
}

static void
plan_next(struct mr_window *w)
{
	const struct mr_aligned *a = w->state;

	w->next_ms = a->fire_ms < a->close_ms ? a->fire_ms : a->close_ms;
	if (a->tick_ms < w->next_ms)
		w->next_ms = a->tick_ms;
}

static int
setup(struct mr_window *w, struct mr_err *err)
{
	const struct mr_spec *spec = &w->read.spec;
	size_t size = spec->state_size + (w->emit == MR_EMIT_EVERY ? sizeof(uint64_t) : 0);
	struct mr_aligned *a;

	if (mr_axis_setup(&w->axis, err))
		return -1;
	w->state = a = mr_xcalloc(1, sizeof *a);
	for (int k = 0; k < MR_JOIN_LEVELS; k++)
		mr_panes_init(&a->level[k], spec, k ? spec->state_size : size, &w->bytes);
	mr_panes_init(&a->shown, NULL, sizeof(struct mr_shown), &w->bytes);
	a->levels = 1;
	a->joined = INT64_MIN;
	a->next = a->fire_ms = a->close_ms = MR_TIME_MAX;
	a->tick_ms = w->emit == MR_EMIT_EVERY ? MR_TICK_FIRST : MR_TIME_MAX;
	plan_next(w);
	a->whole = mr_map_new(spec->state_size);
	a->pane = mr_xcalloc(1, spec->state_size + 1);
	return 0;
}

static void
release(struct mr_window *w)
{
	struct mr_aligned *a = w->state;

	for (int k = 0; k < MR_JOIN_LEVELS; k++)
		mr_panes_release(&a->level[k]);
	mr_panes_release(&a->shown);
	mr_map_free(a->whole);
	free(a->pane);
	free(a->change);
	free(a);
}

/* --- results ---------------------------------------------------------------- */

/* A key of a window and what it has. */
struct key {
	const void *at;
	size_t len;
	const void *pane;
};

static int
write_window(struct mr_window *w, int64_t window, const struct key *k, struct mr_out *out,
    struct mr_err *err)
{
	struct mr_aligned *a = w->state;
	struct mr_result r = {.start = mr_axis_start(&w->axis, window),
	    .end = mr_axis_end(&w->axis, window),
	    .key = k->at,
	    .len = k->len,
	    .pane = k->pane,
	    .final = mr_is_last(w, mr_axis_end(&w->axis, window) - 1)};
	struct mr_shown *shown = NULL;

	if (w->revised && closes_at(w, window) <= w->upto_ms) {
		struct mr_span *span = mr_panes_find(&a->shown, window);

		shown = span ? mr_map_get(span->map, k->at, k->len) : NULL;
	} else if (w->revised) {
		shown = mr_panes_put(&a->shown, mr_panes_open(&a->shown, window), k->at, k->len);
	}
	if (shown) {
		r.revision = shown->revision++;
		shown->pending = 0;
	}
	return mr_result_write(w, &r, out, err);
}

/* The slices of a window have this place among the open ones, and on. */
static size_t
first_place(const struct mr_window *w, int64_t window)
{
	const struct mr_aligned *a = w->state;

	return mr_panes_place(&a->level[0], mr_axis_from(&w->axis, window));
}

/* Write the result of one key as it is now. */
static int
write_one(struct mr_window *w, int64_t window, const void *key, size_t len, struct mr_out *out,
    struct mr_err *err)
{
	const struct mr_aligned *a = w->state;
	struct key k = {key, len, a->pane};
	struct mr_span *span[2 * MR_JOIN_LEVELS];
	size_t n = mr_aligned_cover(w, mr_axis_from(&w->axis, window), window, span), held = 0;
	int rc;

	for (size_t i = 0; i < n; i++) {
		const void *pane = mr_map_get(span[i]->map, key, len);

		if (pane)
			mr_pane_merge(&w->read.spec, a->pane, pane, &held);
	}
	rc = write_window(w, window, &k, out, err);
	mr_pane_release(&w->read.spec, a->pane, &held);
	memset(a->pane, 0, w->read.spec.state_size);
	return rc;
}

static int
write_map(struct mr_window *w, int64_t window, const struct mr_map *map, struct mr_out *out,
    struct mr_err *err)
{
	size_t n = mr_map_count(map);
	struct mr_keyed *keyed = mr_keyed_sorted(map);
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct key k;

		k.pane = mr_map_at(map, keyed[i].number, &k.at, &k.len);
		rc = write_window(w, window, &k, out, err);
	}
	free(keyed);
	return rc;
}

static void
gather(struct mr_window *w, const struct mr_span *span)
{
	struct mr_aligned *a = w->state;
	size_t n = mr_map_count(span->map);

	for (size_t i = 0; i < n; i++) {
		const void *key;
		size_t len;
		const void *pane = mr_map_at(span->map, i, &key, &len);
		bool is_new;
		void *into = mr_map_put(a->whole, key, len, &is_new);

		mr_pane_merge(&w->read.spec, into, pane, &a->whole_held);
	}
}

static void
clear_whole(struct mr_window *w)
{
	struct mr_aligned *a = w->state;
	size_t n = a->whole_held ? mr_map_count(a->whole) : 0, len;
	const void *key;

	for (size_t i = 0; i < n; i++)
		mr_pane_release(&w->read.spec, mr_map_at(a->whole, i, &key, &len), &a->whole_held);
	mr_map_clear(a->whole);
	a->whole_held = 0;
}

/* The first window behind this one that anything is in. */
static int64_t
following(const struct mr_window *w, int64_t window)
{
	const struct mr_aligned *a = w->state;
	const struct mr_span *span;

	window = mr_axis_next(&w->axis, window);
	span = mr_panes_at(&a->level[0], first_place(w, window));
	if (!span)
		return MR_TIME_MAX;
	return span->number <= window ? window : mr_axis_first(&w->axis, span->number);
}

static void
set_next(struct mr_window *w, int64_t window)
{
	struct mr_aligned *a = w->state;

	a->next = window;
	a->fire_ms = window == MR_TIME_MAX ? MR_TIME_MAX : mr_axis_end(&w->axis, window) - 1;
}

/* Write the window that is next. */
static int
fire(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct mr_aligned *a = w->state;
	struct mr_span *span[2 * MR_JOIN_LEVELS];
	int64_t window = a->next;
	size_t n = mr_aligned_cover(w, mr_axis_from(&w->axis, window), window, span);
	int rc;

	if (n == 1) {
		rc = write_map(w, window, span[0]->map, out, err);
	} else {
		for (size_t i = 0; i < n; i++)
			gather(w, span[i]);
		rc = write_map(w, window, a->whole, out, err);
		clear_whole(w);
	}
	set_next(w, following(w, window));
	return rc;
}

/* Forget what cannot change any more. */
static void
close_slices(struct mr_window *w)
{
	struct mr_aligned *a = w->state;
	const struct mr_span *span;

	a->close_ms = MR_TIME_MAX;
	while ((span = mr_panes_at(&a->level[0], 0))) {
		a->close_ms = closes_at(w, mr_axis_last(&w->axis, span->number));
		if (a->close_ms > w->upto_ms)
			break;
		mr_aligned_unjoin(a, span->number);
		mr_panes_close(&a->level[0]);
		a->close_ms = MR_TIME_MAX;
	}
	while ((span = mr_panes_at(&a->shown, 0)) && closes_at(w, span->number) <= w->upto_ms)
		mr_panes_close(&a->shown);
}

/* --- results that may change ------------------------------------------------ */

static uint64_t *
changed_mark(const struct mr_window *w, void *pane)
{
	return (uint64_t *)((char *)pane + w->read.spec.state_size);
}

/* Of slices that are gone nothing is written any more: their changes make room first. */
static void
make_room(struct mr_window *w)
{
	struct mr_aligned *a = w->state;
	int64_t oldest = mr_panes_at(&a->level[0], 0)->number;
	size_t n = 0, cap = a->change_cap ? 2 * a->change_cap : 64;

	for (size_t i = 0; i < a->changes; i++)
		if (a->change[i].slice >= oldest)
			a->change[n++] = a->change[i];
	a->changes = n;
	if (2 * n < a->change_cap)
		return;
	a->change = mr_xrealloc(a->change, cap * sizeof *a->change);
	w->bytes += (cap - a->change_cap) * sizeof *a->change;
	a->change_cap = cap;
}

static void
note_change(struct mr_window *w, const struct mr_span *slice, void *pane)
{
	struct mr_aligned *a = w->state;
	uint64_t *mark = changed_mark(w, pane);

	if (*mark)
		return;
	*mark = true;
	if (a->changes == a->change_cap)
		make_room(w);
	a->change[a->changes++] = (struct mr_change){slice->number,
	    mr_map_number(slice->map, pane)};
}

static int
by_slice(const void *va, const void *vb)
{
	const struct mr_change *a = va, *b = vb;

	return a->slice < b->slice ? -1 : a->slice > b->slice;
}

/* From change i on: the keys whose results in a window have changed go to `whole`. */
static void
find_changed(struct mr_window *w, size_t i, int64_t window)
{
	struct mr_aligned *a = w->state;

	for (; i < a->changes && a->change[i].slice <= window; i++) {
		const struct mr_span *span = mr_panes_find(&a->level[0], a->change[i].slice);
		const void *key;
		size_t len;
		bool is_new;

		mr_map_at(span->map, a->change[i].key, &key, &len);
		mr_map_put(a->whole, key, len, &is_new);
	}
}

static int
write_changed(struct mr_window *w, size_t first, int64_t window, struct mr_out *out,
    struct mr_err *err)
{
	struct mr_aligned *a = w->state;
	struct mr_keyed *keyed;
	size_t n;
	int rc = 0;

	find_changed(w, first, window);
	n = mr_map_count(a->whole);
	keyed = mr_keyed_sorted(a->whole);
	for (size_t i = 0; i < n && rc == 0; i++) {
		const void *key;
		size_t len;

		mr_map_at(a->whole, keyed[i].number, &key, &len);
		rc = write_one(w, window, key, len, out, err);
	}
	free(keyed);
	mr_map_clear(a->whole);
	return rc;
}

static void
forget_changes(struct mr_window *w)
{
	struct mr_aligned *a = w->state;

	for (size_t i = 0; i < a->changes; i++) {
		const struct mr_span *span = mr_panes_find(&a->level[0], a->change[i].slice);
		const void *key;
		size_t len;

		if (span) /* a slice that is complete may have gone */
			*changed_mark(w, mr_map_at(span->map, a->change[i].key, &key, &len)) = 0;
	}
	a->changes = 0;
}

/*
 * --emit every: the windows that have not fired, as far as they have changed.
 * None of the others is looked at, of which there may be many.
 */
static int
tick(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct mr_aligned *a = w->state;
	bool first = a->tick_ms == MR_TICK_FIRST;
	int64_t window = a->next;
	size_t i = 0;

	a->tick_ms = mr_next_multiple(w->upto_ms, w->emit_ms);
	if (first || !a->changes)
		return 0;
	qsort(a->change, a->changes, sizeof *a->change, by_slice);
	while (window != MR_TIME_MAX) {
		while (i < a->changes && a->change[i].slice < mr_axis_from(&w->axis, window))
			i++; /* in no window from here on */
		if (i == a->changes)
			break;
		if (a->change[i].slice > window) {
			window = mr_axis_first(&w->axis, a->change[i].slice);
			continue;
		}
		if (write_changed(w, i, window, out, err))
			return -1;
		window = mr_axis_next(&w->axis, window);
	}
	forget_changes(w);
	return 0;
}

/* Behind the end nothing is noted any more. */
static void
drop_changes(struct mr_window *w)
{
	struct mr_aligned *a = w->state;

	w->bytes -= a->change_cap * sizeof *a->change;
	free(a->change);
	a->change = NULL;
	a->changes = a->change_cap = 0;
}

static int
advance(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct mr_aligned *a = w->state;

	while (a->fire_ms <= w->upto_ms && a->next != MR_TIME_MAX)
		if (fire(w, out, err))
			return -1;
	if (a->close_ms <= w->upto_ms)
		close_slices(w);
	if (w->upto_ms == MR_TIME_MAX)
		drop_changes(w);
	else if (a->tick_ms <= w->upto_ms && tick(w, out, err))
		return -1;
	plan_next(w);
	return 0;
}

/* An event came into a slice: the windows that show it now. */
static int
show(struct mr_window *w, struct mr_span *slice, void *pane, struct mr_out *out, struct mr_err *err)
{
	struct mr_aligned *a = w->state;
	const struct mr_buf *key = &w->read.key;
	int64_t number = slice->number, last = mr_axis_last(&w->axis, number);

	if (w->emit == MR_EMIT_EVERY)
		note_change(w, slice, pane);
	for (int64_t window = mr_axis_first(&w->axis, number); window <= last;
	     window = mr_axis_next(&w->axis, window)) {
		bool now = has_fired(w, window) || w->emit == MR_EMIT_UPDATES;

		if (!now && w->emit != MR_EMIT_COUNT)
			break; /* nor has any behind it */
		if (closes_at(w, window) <= w->upto_ms)
			continue;
		if (!now) {
			struct mr_shown *shown = mr_panes_put(&a->shown,
			    mr_panes_open(&a->shown, window), key->at, key->len);

			now = ++shown->pending >= w->emit_count;
		}
		if (now && write_one(w, window, key->at, key->len, out, err))
			return -1;
	}
	return 0;
}

/* --- events ----------------------------------------------------------------- */

/* A slice was opened: does a window fire earlier now, or a slice go? */
static void
expect(struct mr_window *w, int64_t slice)
{
	struct mr_aligned *a = w->state;
	int64_t window = mr_axis_first(&w->axis, slice), last = mr_axis_last(&w->axis, slice),
		close_ms = closes_at(w, last);

	while (window <= last && has_fired(w, window))
		window = mr_axis_next(&w->axis, window);
	if (window <= last && window < a->next)
		set_next(w, window);
	if (close_ms < a->close_ms)
		a->close_ms = close_ms;
	plan_next(w);
}

/*
 * The slice of a time; NULL: no window that it is in can change any more.  An
 * open one is in such a window, so that a run of events of one slice costs two
 * comparisons.
 */
static struct mr_span *
find_slice(struct mr_window *w, int64_t ms)
{
	struct mr_aligned *a = w->state;
	struct mr_panes *slices = &a->level[0];
	struct mr_span *span = slices->last;
	struct mr_slice s;

	if (span && ms >= span->start && ms < span->end)
		return span;
	s = mr_axis_slice(&w->axis, ms);
	if ((span = mr_panes_find(slices, s.number)))
		return span;
	if (closes_at(w, mr_axis_last(&w->axis, s.number)) <= w->upto_ms)
		return NULL;
	span = mr_panes_open(slices, s.number);
	span->start = s.start;
	span->end = s.end;
	expect(w, s.number);
	return span;
}

static int
event(struct mr_window *w, bool *late, struct mr_out *out, struct mr_err *err)
{
	struct mr_aligned *a = w->state;
	struct mr_span *slice = find_slice(w, w->read.time.ms);
	size_t held;
	void *pane;

	if (!slice) {
		*late = true;
		return 0;
	}
	held = slice->held;
	pane = mr_panes_put(&a->level[0], slice, w->read.key.at, w->read.key.len);
	mr_pane_add(&w->read.spec, pane, &held);
	mr_panes_held(&a->level[0], slice, held);
	slice->events++;
	if (slice->number < a->joined)
		mr_aligned_follow(w, slice->number);
	return w->revised ? show(w, slice, pane, out, err) : 0;
}

static struct mr_map *
keys(const struct mr_window *w)
{
	const struct mr_aligned *a = w->state;

	return a->level[0].last ? a->level[0].last->map : NULL;
}

/* --- to look at ------------------------------------------------------------- */

static int64_t
oldest(const struct mr_window *w)
{
	struct mr_slice s = mr_axis_slice(&w->axis, w->now_ms + 1 - w->late_ms);

	return mr_axis_start(&w->axis, mr_axis_first(&w->axis, s.number));
}

static void
open_state(const struct mr_window *w, size_t *windows, size_t *groups, uint64_t *events)
{
	const struct mr_aligned *a = w->state;
	const struct mr_span *span;

	*groups = a->level[0].count;
	for (size_t i = 0; (span = mr_panes_at(&a->level[0], i)); i++)
		*events += span->events;
	for (int64_t window = a->next; window != MR_TIME_MAX; window = following(w, window))
		++*windows;
}

const struct mr_window_kind mr_window_aligned = {
    .setup = setup,
    .event = event,
    .keys = keys,
    .advance = advance,
    .oldest = oldest,
    .open = open_state,
    .release = release,
};
