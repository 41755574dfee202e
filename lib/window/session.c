/*
 * session - windows of events that follow each other within a gap.
 *
 * The open sessions of a key stand in order of time, so that the one or two
 * that an event touches are found in O(log n), and two that it joins become one by
 * a merge of their panes.  Timers are lazy: an event that makes a session
 * longer leaves its timer, which is put off when it goes.
 *
 * Between two open sessions of a key there is always more than the gap.
 *
 * An event at the very end of a session still joins it.  So a session is complete
 * when the watermark is at its end, 1 ms behind where other windows are: then
 * no event that is out of order by less than the lag can find it gone.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/map.h"
#include "base/mem.h"
#include "window/kind.h"
#include "window/pane.h"

struct session {
	int64_t start, last; /* of its first and last event */
	uint64_t events;
	int64_t shown_start, shown_last; /* as it was written last */
	uint32_t key;                    /* its number in the map; NOBODY: the place is free */
	uint32_t timer;    /* which of the timers that were set for this place counts */
	uint32_t revision; /* the next */
	uint32_t shown_revision;
	uint32_t pending; /* MR_EMIT_COUNT: events since it was written */
	bool fired, shown, changed;
	char pane[] __attribute__((aligned(8)));
};

#define NOBODY UINT32_MAX

/* The open sessions of a key, by number, in order of time. */
struct chain {
	uint32_t n, cap; /* cap 0: there is place for one */
	union {
		uint32_t one;
		uint32_t *many;
	};
};

struct sessions {
	struct mr_map *keys; /* key -> chain */
	char *pool;
	size_t stride;
	uint32_t n, cap, free; /* places used, all, and the first free one: NOBODY */
	uint32_t open;
	uint64_t events;
	struct mr_heap timers;
	size_t held, chained; /* bytes of panes outside of them, of chains */
	int64_t tick_ms;
	int64_t oldest_ms, asked_ms; /* oldest(), and the watermark when it was looked for */
	struct mr_results due;       /* to be written; until then the number is all that counts */
};

static struct session *
session_at(const struct sessions *a, uint32_t number)
{
	return (struct session *)(a->pool + number * a->stride);
}

static uint32_t *
chain_at(struct chain *c)
{
	return c->cap ? c->many : &c->one;
}

static int64_t
end_of(const struct mr_window *w, const struct session *s)
{
	return mr_time_plus(s->last, w->gap_ms);
}

/*
 * From this watermark on it is forgotten: with late_ms as other windows, 1 ms
 * before its end and that; without, not before it was written.
 */
static int64_t
closes_at(const struct mr_window *w, const struct session *s)
{
	return mr_time_plus(end_of(w, s), w->late_ms ? w->late_ms - 1 : 0);
}

/* Is an event late that would be in a session with this last event? */
static bool
is_late(const struct mr_window *w, int64_t last)
{
	return mr_time_plus(mr_time_plus(last, w->gap_ms) - 1, w->late_ms) <= w->upto_ms;
}

static int
setup(struct mr_window *w, struct mr_err *err)
{
	struct sessions *a = mr_xcalloc(1, sizeof *a);

	(void)err;
	a->keys = mr_map_new(sizeof(struct chain));
	a->stride = (sizeof(struct session) + w->read.spec.state_size + 7) / 8 * 8;
	a->free = NOBODY;
	a->tick_ms = w->emit == MR_EMIT_EVERY ? MR_TICK_FIRST : MR_TIME_MAX;
	a->oldest_ms = a->asked_ms = MR_TIME_MIN;
	w->state = a;
	w->next_ms = a->tick_ms;
	return 0;
}

static void
count_bytes(struct mr_window *w)
{
	const struct sessions *a = w->state;

	w->bytes = a->held + a->chained + a->cap * a->stride + mr_map_bytes(a->keys) +
	    a->timers.cap * sizeof *a->timers.timer;
}

/* --- places ----------------------------------------------------------------- */

static uint32_t
take_place(struct sessions *a)
{
	struct session *s;
	uint32_t number = a->free, timer;

	if (number != NOBODY) {
		s = session_at(a, number);
		a->free = (uint32_t)s->events;
		timer = s->timer;
	} else {
		if (a->n == a->cap) {
			a->cap = a->cap ? a->cap + a->cap / 2 : 16;
			a->pool = mr_xrealloc(a->pool, a->cap * a->stride);
		}
		number = a->n++;
		s = session_at(a, number);
		timer = 0;
	}
	memset(s, 0, a->stride);
	s->timer = timer;
	a->open++;
	return number;
}

static void
free_place(struct mr_window *w, uint32_t number)
{
	struct sessions *a = w->state;
	struct session *s = session_at(a, number);

	mr_pane_release(&w->read.spec, s->pane, &a->held);
	s->key = NOBODY;
	s->timer++; /* what was set for it counts no more */
	s->events = a->free;
	a->free = number;
	a->open--;
}

static void
chain_insert(struct sessions *a, struct chain *c, uint32_t at, uint32_t number)
{
	uint32_t *list;

	if (c->n && c->n >= c->cap) {
		uint32_t cap = c->cap ? 2 * c->cap : 4;

		list = mr_xmalloc(cap * sizeof *list);
		memcpy(list, chain_at(c), c->n * sizeof *list);
		if (c->cap)
			free(c->many);
		a->chained += (cap - c->cap) * sizeof *list;
		c->many = list;
		c->cap = cap;
	}
	list = chain_at(c);
	memmove(list + at + 1, list + at, (c->n - at) * sizeof *list);
	list[at] = number;
	c->n++;
}

static void
chain_remove(struct sessions *a, struct chain *c, uint32_t at)
{
	uint32_t *list = chain_at(c);

	memmove(list + at, list + at + 1, (c->n - at - 1) * sizeof *list);
	if (--c->n || !c->cap)
		return;
	a->chained -= c->cap * sizeof *list;
	free(c->many);
	c->cap = 0;
}

/* The first of a chain that does not end, gap and all, before ms. */
static uint32_t
chain_find(const struct mr_window *w, struct chain *c, int64_t ms)
{
	const uint32_t *list = chain_at(c);
	uint32_t low = 0, high = c->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (end_of(w, session_at(w->state, list[middle])) < ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
counts(const void *self, uint64_t what)
{
	const struct sessions *a = self;
	const struct session *s = session_at(a, (uint32_t)what);

	return s->key != NOBODY && s->timer == what >> 32;
}

static void
set_timer(struct mr_window *w, uint32_t number, int64_t at)
{
	struct sessions *a = w->state;
	struct session *s = session_at(a, number);

	/* those of sessions that became part of another */
	if (a->timers.n >= 64 && a->timers.n >= 4 * (size_t)a->open)
		mr_heap_filter(&a->timers, counts, a);
	mr_heap_push(&a->timers, at, (uint64_t)s->timer << 32 | number);
	if (at < w->next_ms)
		w->next_ms = at;
}

static void
forget(struct mr_window *w, uint32_t number)
{
	struct sessions *a = w->state;
	struct session *s = session_at(a, number);
	const void *key;
	size_t len;
	struct chain *c = mr_map_at(a->keys, s->key, &key, &len);
	uint32_t at = chain_find(w, c, s->last);

	chain_remove(a, c, at);
	if (!c->n)
		mr_map_remove(a->keys, s->key);
	a->events -= s->events;
	free_place(w, number);
}

static void
release(struct mr_window *w)
{
	struct sessions *a = w->state;

	for (uint32_t i = 0; i < a->n; i++)
		if (session_at(a, i)->key != NOBODY)
			forget(w, i);
	mr_map_free(a->keys);
	mr_heap_release(&a->timers);
	free(a->pool);
	free(a->due.at);
	free(a);
}

/* --- results ---------------------------------------------------------------- */

static struct mr_result
result_of(const struct mr_window *w, const struct session *s)
{
	const struct sessions *a = w->state;
	struct mr_result r = {.start = s->start, .end = end_of(w, s)};
	const void *key;

	mr_map_at(a->keys, s->key, &key, &r.len);
	r.key = key;
	return r;
}

/* What was written for these bounds holds no more. */
static int
retract(struct mr_window *w, struct session *s, struct mr_out *out, struct mr_err *err)
{
	struct mr_result r = result_of(w, s);

	r.start = s->shown_start;
	r.end = mr_time_plus(s->shown_last, w->gap_ms);
	r.revision = s->shown_revision;
	r.final = true;
	s->shown = false;
	return mr_result_write(w, &r, out, err);
}

static int
write_session(struct mr_window *w, uint32_t number, struct mr_out *out, struct mr_err *err)
{
	struct session *s = session_at(w->state, number);
	struct mr_result r = result_of(w, s);

	if (s->shown && (s->shown_start != s->start || s->shown_last != s->last) &&
	    retract(w, s, out, err))
		return -1;
	r.pane = s->pane;
	r.revision = s->shown_revision = s->revision++;
	r.final = mr_is_last(w, end_of(w, s));
	s->shown = w->revised;
	s->shown_start = s->start;
	s->shown_last = s->last;
	s->pending = 0;
	s->changed = false;
	return mr_result_write(w, &r, out, err);
}

static int
write_due(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct sessions *a = w->state;

	for (size_t i = 0; i < a->due.n; i++) {
		uint32_t number = a->due.at[i].number;

		a->due.at[i] = result_of(w, session_at(a, number));
		a->due.at[i].number = number;
	}
	mr_results_sort(&a->due);
	for (size_t i = 0; i < a->due.n; i++)
		if (write_session(w, a->due.at[i].number, out, err))
			return -1;
	return 0;
}

/* A timer went whose session, longer by now, is due only later. */
static bool
put_off(struct mr_window *w, uint32_t number, int64_t at)
{
	const struct session *s = session_at(w->state, number);
	int64_t due = s->fired ? closes_at(w, s) : end_of(w, s);

	if (due <= at)
		return false;
	set_timer(w, number, due);
	return true;
}

/* The sessions that are complete go to `due`, those that can not change any more go. */
static void
find_due(struct mr_window *w)
{
	struct sessions *a = w->state;

	while (a->timers.n && a->timers.timer[0].at <= w->upto_ms) {
		struct mr_timer t = mr_heap_pop(&a->timers);
		uint32_t number = (uint32_t)t.what;
		struct session *s = session_at(a, number);

		if (s->timer != t.what >> 32 || put_off(w, number, t.at))
			continue;
		if (s->fired) {
			forget(w, number);
			continue;
		}
		s->fired = true;
		mr_results_add(&a->due, &(struct mr_result){.number = number});
	}
}

/* Behind their results: without late_ms they are forgotten, else they wait for late events. */
static void
settle_due(struct mr_window *w)
{
	struct sessions *a = w->state;

	for (size_t i = 0; i < a->due.n; i++) {
		uint32_t number = a->due.at[i].number;
		int64_t closes = closes_at(w, session_at(a, number));

		if (closes <= w->upto_ms)
			forget(w, number);
		else
			set_timer(w, number, closes);
	}
	a->due.n = 0;
}

/* --emit every: those that have changed. */
static int
tick(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct sessions *a = w->state;
	bool first = a->tick_ms == MR_TICK_FIRST;
	int rc;

	a->tick_ms = mr_next_multiple(w->upto_ms, w->emit_ms);
	if (first)
		return 0;
	for (uint32_t i = 0; i < a->n; i++)
		if (session_at(a, i)->key != NOBODY && session_at(a, i)->changed)
			mr_results_add(&a->due, &(struct mr_result){.number = i});
	rc = write_due(w, out, err);
	a->due.n = 0;
	return rc;
}

static int
advance(struct mr_window *w, struct mr_out *out, struct mr_err *err)
{
	struct sessions *a = w->state;

	find_due(w);
	if (write_due(w, out, err))
		return -1;
	settle_due(w);
	if (a->tick_ms <= w->upto_ms && w->upto_ms != MR_TIME_MAX && tick(w, out, err))
		return -1;
	w->next_ms = a->timers.n ? a->timers.timer[0].at : MR_TIME_MAX;
	if (a->tick_ms < w->next_ms)
		w->next_ms = a->tick_ms;
	count_bytes(w);
	return 0;
}

/* --- events ----------------------------------------------------------------- */

/* A session of one event; NULL: it would be closed already. */
static struct session *
begin(struct mr_window *w, struct chain *c, uint32_t at)
{
	struct sessions *a = w->state;
	const struct mr_buf *key = &w->read.key;
	int64_t ms = w->read.time.ms, end = mr_time_plus(ms, w->gap_ms);
	struct session *s;
	uint32_t number;
	bool is_new;

	if (is_late(w, ms))
		return NULL;
	if (!c)
		c = mr_map_put(a->keys, key->at, key->len, &is_new);
	number = take_place(a);
	s = session_at(a, number);
	s->key = (uint32_t)mr_map_number(a->keys, c);
	s->start = s->last = ms;
	chain_insert(a, c, at, number);
	s->fired = end <= w->upto_ms; /* late from the beginning */
	set_timer(w, number, s->fired ? closes_at(w, s) : end);
	count_bytes(w);
	return s;
}

/* The next of the chain becomes a part of this one. */
static int
absorb(struct mr_window *w, struct chain *c, uint32_t at, struct mr_out *out, struct mr_err *err)
{
	struct sessions *a = w->state;
	uint32_t *list = chain_at(c), number = list[at + 1];
	struct session *s = session_at(a, list[at]), *next = session_at(a, number);

	if (next->shown && s->shown && retract(w, next, out, err))
		return -1;
	if (next->shown) {
		s->shown = true;
		s->shown_start = next->shown_start;
		s->shown_last = next->shown_last;
		s->shown_revision = next->shown_revision;
	}
	if (next->revision > s->revision)
		s->revision = next->revision;
	mr_pane_merge(&w->read.spec, s->pane, next->pane, &a->held);
	s->last = next->last;
	s->events += next->events;
	s->pending += next->pending;
	s->changed |= next->changed;
	chain_remove(a, c, at + 1);
	free_place(w, number);
	return 0;
}

/* The session that the event belongs to, as long as it is with it; NULL: late. */
static int
join(struct mr_window *w, struct session **found, struct mr_out *out, struct mr_err *err)
{
	struct sessions *a = w->state;
	const struct mr_buf *key = &w->read.key;
	int64_t ms = w->read.time.ms;
	struct chain *c = mr_map_get(a->keys, key->at, key->len);
	uint32_t at = c ? chain_find(w, c, ms) : 0;
	struct session *s = c && at < c->n ? session_at(a, chain_at(c)[at]) : NULL;

	if (!s || s->start > mr_time_plus(ms, w->gap_ms)) {
		*found = begin(w, c, at);
		return 0;
	}
	*found = NULL;
	if (ms <= s->last && is_late(w, s->last)) /* only one at its end would still come in time */
		return 0;
	if (ms < s->start)
		s->start = ms;
	if (ms > s->last) {
		s->last = ms;
		if (at + 1 < c->n && session_at(a, chain_at(c)[at + 1])->start <= end_of(w, s) &&
		    absorb(w, c, at, out, err))
			return -1;
	}
	if (s->fired && end_of(w, s) > w->upto_ms) {
		s->fired = false;
		s->timer++;
		set_timer(w, chain_at(c)[at], end_of(w, s));
	}
	*found = s;
	return 0;
}

/* An event came into a session: is it to be written now? */
static int
show(struct mr_window *w, struct session *s, struct mr_out *out, struct mr_err *err)
{
	const struct sessions *a = w->state;
	bool now = s->fired || w->emit == MR_EMIT_UPDATES;

	s->changed = true;
	s->pending++;
	if (w->emit == MR_EMIT_COUNT && s->pending >= w->emit_count)
		now = true;
	return now ? write_session(w, (uint32_t)(((char *)s - a->pool) / a->stride), out, err) : 0;
}

static int
event(struct mr_window *w, bool *late, struct mr_out *out, struct mr_err *err)
{
	struct sessions *a = w->state;
	struct session *s;
	size_t held = a->held;

	if (join(w, &s, out, err))
		return -1;
	if (!s) {
		*late = true;
		return 0;
	}
	mr_pane_add(&w->read.spec, s->pane, &a->held);
	s->events++;
	a->events++;
	w->bytes += a->held - held;
	return w->revised ? show(w, s, out, err) : 0;
}

static struct mr_map *
keys(const struct mr_window *w)
{
	const struct sessions *a = w->state;

	return a->keys;
}

/* --- to look at ------------------------------------------------------------- */

/* Looked for among all only when the watermark has gone on by a gap: until then, the answer holds too. */
static int64_t
oldest(const struct mr_window *w)
{
	struct sessions *a = w->state;
	int64_t ms = w->now_ms + 2 - w->gap_ms - w->late_ms; /* the first that is not late */

	if (a->asked_ms != MR_TIME_MIN && w->now_ms - a->asked_ms < w->gap_ms)
		return a->oldest_ms;
	for (uint32_t i = 0; i < a->n; i++)
		if (session_at(a, i)->key != NOBODY && session_at(a, i)->start < ms)
			ms = session_at(a, i)->start;
	a->asked_ms = w->now_ms;
	return a->oldest_ms = ms;
}

static void
open_state(const struct mr_window *w, size_t *windows, size_t *groups, uint64_t *events)
{
	const struct sessions *a = w->state;

	*windows = a->open;
	*groups = mr_map_count(a->keys);
	*events = a->events;
}

const struct mr_window_kind mr_window_session = {
    .setup = setup,
    .event = event,
    .keys = keys,
    .advance = advance,
    .oldest = oldest,
    .open = open_state,
    .release = release,
};
