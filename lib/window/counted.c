/*
 * counted - windows by the number of events, and the one over the whole stream.
 *
 * Neither asks an event for its time to find its window, so that no event is late; the
 * bounds of a result are the times that are in it.  These results depend on
 * the order of arrival.
 */
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/map.h"
#include "base/mem.h"
#include "window/kind.h"
#include "window/pane.h"
#include "window/ring.h"

struct group {
	uint64_t events; /* since the last result, or the last full part */
	uint64_t fresh;  /* since the last result */
	struct mr_extent extent;
	int64_t since_ms;     /* the earliest of the fresh ones */
	uint64_t timer;       /* the one that counts; 0: none */
	struct mr_ring *ring; /* with a slide: the full parts before */
	uint64_t revision;
	bool changed;
	char pane[] __attribute__((aligned(8)));
};

struct counted {
	struct mr_map *groups; /* key -> group */
	struct mr_heap timers;
	uint64_t set;   /* timers set so far */
	uint64_t part;  /* events in a part: a window is some of them, and a slide too */
	uint64_t fresh; /* events in no result yet */
	size_t held, rings;
	int64_t tick_ms;
	uint32_t *changed; /* MR_EMIT_EVERY: the numbers of groups that are `changed` */
	size_t changes, changed_cap;
	struct mr_results due;
	void *pane; /* of a result */
};

#define NUMBER_BITS 32

static int
setup(struct mr_window *w, struct mr_err *err)
{
	struct counted *a;

	(void)err;
	w->state = a = mr_xcalloc(1, sizeof *a);
	a->part = (uint64_t)mr_gcd((int64_t)w->count, (int64_t)w->slide);
	a->groups = mr_map_new(sizeof(struct group) + w->read.spec.state_size);
	a->tick_ms = w->emit == MR_EMIT_EVERY ? MR_TICK_FIRST : MR_TIME_MAX;
	a->pane = mr_xcalloc(1, w->read.spec.state_size + 1);
	w->next_ms = a->tick_ms;
	return 0;
}

static void
count_bytes(struct mr_window *w)
{
	const struct counted *a = w->state;

	w->bytes = mr_map_bytes(a->groups) + a->held + a->rings +
	    a->timers.cap * sizeof *a->timers.timer + a->changed_cap * sizeof *a->changed;
}

static bool
slides(const struct mr_window *w)
{
	return w->slide && w->slide < w->count;
}

static struct group *
group_at(const struct counted *a, size_t number)
{
	const void *key;
	size_t len;

	return mr_map_at(a->groups, number, &key, &len);
}

/* --- groups ----------------------------------------------------------------- */

static void
empty(struct mr_window *w, struct group *g)
{
	mr_pane_release(&w->read.spec, g->pane, &((struct counted *)w->state)->held);
	memset(g->pane, 0, w->read.spec.state_size);
	g->extent = MR_EXTENT_NONE;
	g->events = 0;
}

static void
forget(struct mr_window *w, size_t number)
{
	struct counted *a = w->state;
	struct group *g = group_at(a, number);

	empty(w, g);
	if (g->ring) {
		mr_ring_free(g->ring, &a->held);
		a->rings -= mr_ring_bytes(&w->read.spec, w->count / a->part + 1);
	}
	a->fresh -= g->fresh;
	mr_map_remove(a->groups, number);
}

static void
forget_all(struct mr_window *w)
{
	const struct counted *a = w->state;

	for (size_t i = 0; i < mr_map_numbers(a->groups); i++)
		if (group_at(a, i))
			forget(w, i);
}

static void
release(struct mr_window *w)
{
	struct counted *a = w->state;

	forget_all(w);
	mr_map_free(a->groups);
	mr_heap_release(&a->timers);
	free(a->changed);
	free(a->due.at);
	free(a->pane);
	free(a);
}

static const struct group *
group_of_timer(const struct counted *a, uint64_t what)
{
	uint32_t number = (uint32_t)what;
	const struct group *g = number < mr_map_numbers(a->groups) ? group_at(a, number) : NULL;

	return g && g->timer == what ? g : NULL;
}

static bool
counts(const void *self, uint64_t what)
{
	return group_of_timer(self, what) != NULL;
}

/* Only the first of the fresh events, and one that is earlier, needs a timer. */
static void
set_timer(struct mr_window *w, struct group *g)
{
	struct counted *a = w->state;
	int64_t at = mr_time_plus(g->since_ms, w->timeout_ms);

	/* most are of windows that were full in time: they must not wait until theirs is over */
	if (a->timers.n >= 64 && a->timers.n >= 4 * mr_map_count(a->groups))
		mr_heap_filter(&a->timers, counts, a);
	g->timer = ++a->set << NUMBER_BITS | mr_map_number(a->groups, g);
	mr_heap_push(&a->timers, at, g->timer);
	if (at < w->next_ms)
		w->next_ms = at;
}

/* --- results ---------------------------------------------------------------- */

/* Whose result it is, and its bounds: of the parts before and the one at hand. */
static void
locate(const struct counted *a, struct mr_result *r, size_t number)
{
	const void *key;
	const struct group *g = mr_map_at(a->groups, number, &key, &r->len);
	struct mr_extent extent = g->extent;

	if (g->ring)
		extent = mr_extent_join(mr_ring_extent(g->ring), extent);
	r->key = key;
	r->number = (uint32_t)number;
	r->start = extent.min_ms;
	r->end = mr_time_plus(extent.max_ms, 1);
}

static int
write_group(struct mr_window *w, size_t number, bool final, struct mr_out *out, struct mr_err *err)
{
	struct counted *a = w->state;
	struct group *g = group_at(a, number);
	struct mr_result r = {.final = final, .revision = g->revision++, .pane = a->pane};
	size_t held = 0;
	int rc;

	locate(a, &r, number);
	if (g->ring)
		mr_ring_total(g->ring, a->pane, &held);
	mr_pane_merge(&w->read.spec, a->pane, g->pane, &held);
	rc = mr_result_write(w, &r, out, err);
	mr_pane_release(&w->read.spec, a->pane, &held);
	memset(a->pane, 0, w->read.spec.state_size);
	a->fresh -= g->fresh;
	g->fresh = 0;
	g->timer = 0;
	g->changed = false;
	return rc;
}

/*
 * A window that is not full: of those that slide, what is of the next one.  It
 * would end with the next whole slide, and what is missing is at its end.
 */
static void
cut_off(struct mr_window *w, struct group *g)
{
	struct counted *a = w->state;
	uint64_t parts, begun;

	if (!g->ring)
		return;
	begun = (g->fresh + a->part - 1) / a->part;
	parts = w->count / a->part - (w->slide / a->part - begun); /* that are there, of the next */
	parts -= g->events > 0;
	while (mr_ring_count(g->ring) > parts)
		mr_ring_pop(g->ring, &a->held);
}

/* Write the groups in `due`, which come to an end. */
static int
finish_due(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct counted *a = w->state;

	for (size_t i = 0; i < a->due.n; i++) {
		struct mr_result *r = &a->due.at[i];

		cut_off(w, group_at(a, r->number));
		locate(a, r, r->number);
	}
	mr_results_sort(&a->due);
	for (size_t i = 0; i < a->due.n; i++)
		if (write_group(w, a->due.at[i].number, true, out, err))
			return -1;
	for (size_t i = 0; i < a->due.n; i++)
		forget(w, a->due.at[i].number);
	a->due.n = 0;
	count_bytes(w);
	return 0;
}

/* All groups that have events that are in no result, or, global, all. */
static int
finish_all(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct counted *a = w->state;

	for (size_t i = 0; i < mr_map_numbers(a->groups); i++) {
		const struct group *g = group_at(a, i);

		if (g && (g->fresh || w->global))
			mr_results_add(&a->due, &(struct mr_result){.number = (uint32_t)i});
	}
	return finish_due(w, out, err);
}

static void
find_due(struct mr_window *w)
{
	struct counted *a = w->state;

	while (a->timers.n && a->timers.timer[0].at <= w->upto_ms) {
		struct mr_timer t = mr_heap_pop(&a->timers);

		if (group_of_timer(a, t.what))
			mr_results_add(&a->due, &(struct mr_result){.number = (uint32_t)t.what});
	}
}

/* --emit every: those that have changed. */
static int
tick(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct counted *a = w->state;
	bool first = a->tick_ms == MR_TICK_FIRST;

	a->tick_ms = mr_next_multiple(w->upto_ms, w->emit_ms);
	if (first)
		return 0;
	for (size_t i = 0; i < a->changes; i++) {
		struct mr_result r = {0};

		locate(a, &r, a->changed[i]);
		mr_results_add(&a->due, &r);
	}
	mr_results_sort(&a->due);
	for (size_t i = 0; i < a->due.n; i++)
		if (write_group(w, a->due.at[i].number, false, out, err))
			return -1;
	a->changes = a->due.n = 0;
	return 0;
}

static int
advance(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct counted *a = w->state;

	if (w->upto_ms == MR_TIME_MAX) {
		if (finish_all(w, out, err))
			return -1;
		forget_all(w); /* those that slide, and wait for the next event */
		count_bytes(w);
		return 0;
	}
	find_due(w);
	if (a->due.n && finish_due(w, out, err))
		return -1;
	if (a->tick_ms <= w->upto_ms && tick(w, out, err))
		return -1;
	w->next_ms = a->timers.n ? a->timers.timer[0].at : MR_TIME_MAX;
	if (a->tick_ms < w->next_ms)
		w->next_ms = a->tick_ms;
	return 0;
}

/* --- events ----------------------------------------------------------------- */

/* A part of a sliding window is full: it goes to those before. */
static void
push_part(struct mr_window *w, struct group *g)
{
	struct counted *a = w->state;
	size_t parts = w->count / a->part;

	if (!g->ring) {
		g->ring = mr_ring_new(&w->read.spec, parts + 1);
		a->rings += mr_ring_bytes(&w->read.spec, parts + 1);
	}
	mr_ring_push(g->ring, g->pane, g->extent, &a->held);
	if (mr_ring_count(g->ring) > parts)
		mr_ring_pop(g->ring, &a->held);
	memset(g->pane, 0, w->read.spec.state_size); /* the ring has it */
	g->extent = MR_EXTENT_NONE;
	g->events = 0;
}

/* Groups of the one window are forgotten at the end only, and so are in the list once. */
static void
note_change(struct mr_window *w, struct group *g, size_t number)
{
	struct counted *a = w->state;

	if (w->emit != MR_EMIT_EVERY || g->changed)
		return;
	g->changed = true;
	if (a->changes == a->changed_cap) {
		a->changed_cap = a->changed_cap ? 2 * a->changed_cap : 64;
		a->changed = mr_xrealloc(a->changed, a->changed_cap * sizeof *a->changed);
	}
	a->changed[a->changes++] = (uint32_t)number;
}

static int
show(struct mr_window *w, struct group *g, struct mr_out *out, struct mr_err *err)
{
	struct counted *a = w->state;
	size_t number = mr_map_number(a->groups, g);
	bool full;

	note_change(w, g, number);
	if (w->global) {
		full = w->emit == MR_EMIT_UPDATES ||
		    (w->emit == MR_EMIT_COUNT && g->fresh >= w->emit_count);
		return full ? write_group(w, number, false, out, err) : 0;
	}
	full = g->fresh == (w->slide ? w->slide : w->count);
	if (slides(w) && g->events == a->part)
		push_part(w, g);
	if (!full)
		return 0;
	if (write_group(w, number, true, out, err))
		return -1;
	if (!slides(w))
		forget(w, number);
	return 0;
}

static int
event(struct mr_window *w, bool *late, struct mr_out *out, struct mr_err *err)
{
	struct counted *a = w->state;
	int64_t ms = w->read.time.ms;
	bool is_new;
	struct group *g = mr_map_put(a->groups, w->read.key.at, w->read.key.len, &is_new);

	(void)late;
	if (is_new)
		g->extent = MR_EXTENT_NONE;
	mr_pane_add(&w->read.spec, g->pane, &a->held);
	g->extent = mr_extent_join(g->extent, (struct mr_extent){ms, ms});
	g->events++;
	if (!g->fresh++ || ms < g->since_ms) {
		g->since_ms = ms;
		if (w->timeout_ms)
			set_timer(w, g);
	}
	a->fresh++;
	if (show(w, g, out, err))
		return -1;
	count_bytes(w);
	return 0;
}

static struct mr_map *
keys(const struct mr_window *w)
{
	const struct counted *a = w->state;

	return a->groups;
}

/* --- to look at ------------------------------------------------------------- */

/* An event of any time may still come into a result. */
static int64_t
oldest(const struct mr_window *w)
{
	(void)w;
	return MR_TIME_MIN;
}

static void
open_state(const struct mr_window *w, size_t *windows, size_t *groups, uint64_t *events)
{
	const struct counted *a = w->state;

	*groups = *windows = mr_map_count(a->groups);
	*events = a->fresh;
}

const struct mr_window_kind mr_window_counted = {
    .setup = setup,
    .event = event,
    .keys = keys,
    .advance = advance,
    .silence = finish_all,
    .oldest = oldest,
    .open = open_state,
    .release = release,
};
