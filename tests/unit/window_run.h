/*
 * For tests of the window operator: a configuration that can be drawn and
 * printed, events of small times, and both put together.
 */
#ifndef MR_UNIT_WINDOW_RUN_H
#define MR_UNIT_WINDOW_RUN_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "unit.h"
#include "window/window.h"
#include "window_stage.h"

enum kind { TUMBLE, HOP, CUMULATE, SESSION, COUNT, GLOBAL, KINDS };

static const char *const kind_name[] = {"tumble", "hop", "cumulate", "session", "count", "global"};

struct config {
	enum kind kind;
	int64_t size, step, offset; /* session: size is the gap */
	int64_t count, slide, timeout;
	enum mr_emit emit;
	int64_t emit_ms, emit_count;
	int64_t late, lag;
	bool own; /* watermark */
};

struct event {
	int64_t ms;
	int key; /* 0: missing; 1.. are "a".. */
	int64_t v;
	uint64_t order; /* of arrival, in a shuffle */
};

static inline void
print_config(const struct config *c)
{
	printf("# %s size %" PRId64 " step %" PRId64 " offset %" PRId64 " count %" PRId64
	       " slide %" PRId64 " timeout %" PRId64 " emit %d ms %" PRId64 " n %" PRId64
	       " late %" PRId64 " lag %" PRId64 "%s\n",
	    kind_name[c->kind], c->size, c->step, c->offset, c->count, c->slide, c->timeout, c->emit,
	    c->emit_ms, c->emit_count, c->late, c->lag, c->own ? "" : ", watermarks given");
}

static inline void
set_kind(struct mr_window *w, const struct config *c)
{
	switch (c->kind) {
	case TUMBLE: w->axis.shape = MR_AXIS_TUMBLE; break;
	case HOP: w->axis.shape = MR_AXIS_HOP; break;
	case CUMULATE: w->axis.shape = MR_AXIS_CUMULATE; break;
	case SESSION: w->gap_ms = c->size; break;
	case COUNT: w->count = (uint64_t)c->count; break;
	default: w->global = true;
	}
	if (w->axis.shape) {
		w->axis.size.ms = c->size;
		w->axis.step.ms = c->step;
		w->axis.offset_ms = c->offset;
	}
	w->slide = (uint64_t)c->slide;
	w->timeout_ms = c->timeout;
}

static struct mr_stage stage; /* of the operator at hand */

/* A fresh operator, grouped by .k. */
static inline void
start_window(struct mr_window *w, const struct config *c, const char *agg)
{
	struct mr_err err = MR_ERR_INIT;

	mr_window_init(w, fresh_stage(&stage));
	set_kind(w, c);
	w->emit = c->emit;
	w->emit_ms = c->emit_ms;
	w->emit_count = (uint64_t)c->emit_count;
	w->late_ms = c->late;
	w->time.lag_ms = c->lag;
	w->time.stamper.unit = MR_UNIT_MS;
	if (mr_spec_add_by(&w->read.spec, ".k", &err) ||
	    mr_spec_add_agg(&w->read.spec, agg, &err) || mr_window_setup(w, &err)) {
		unit_fail(__FILE__, __LINE__, err.text);
		print_config(c);
		exit(1);
	}
	if (!c->own)
		stage_is_given(&stage);
}

static inline int
feed_text(struct mr_window *w, const char *text, struct mr_out *out, struct mr_err *err)
{
	struct mr_val vals[32];
	struct mr_line line = {.at = text, .len = strlen(text), .end = 1, .file = "test", .no = 1};

	line.vals = vals;
	if (mr_scan_count(w->read.scan) > 32)
		abort();
	return mr_scan_line(w->read.scan, text, line.len, MR_SCAN_OBJECT, vals, err) < 0 ?
	    -1 :
	    mr_window_event(w, &line, out, err);
}

/* Event number `id` of the stream. */
static inline int
feed_event(struct mr_window *w, const struct event *e, int id, struct mr_out *out,
    struct mr_err *err)
{
	char text[256], key[16] = "";

	if (e->key)
		snprintf(key, sizeof key, "\"k\":\"%c\",", 'a' + e->key - 1);
	snprintf(text, sizeof text, "{%s\"ts\":%" PRId64 ",\"v\":%" PRId64 ",\"id\":%d}", key, e->ms,
	    e->v, id);
	return feed_text(w, text, out, err);
}

/* From low to high. */
static inline int64_t
draw(int64_t low, int64_t high)
{
	return low + (int64_t)unit_draw((uint64_t)(high - low + 1));
}

static inline void
draw_lengths(struct config *c)
{
	c->size = draw(1, 20);
	c->step = draw(1, c->size); /* hop: seldom a divisor */
	if (c->kind == CUMULATE)
		c->size = c->step * draw(1, 9);
	if (!draw(0, 3) && c->emit == MR_EMIT_FINAL) /* windows of many slices */
		c->size = c->kind == CUMULATE ? c->step * draw(9, 70) : draw(c->step, 150);
	c->offset = draw(0, 2) ? 0 : draw(0, 50);
}

static inline struct config
draw_config(enum kind kind)
{
	struct config c = {.kind = kind, .lag = draw(0, 2) ? draw(0, 12) : draw(0, 60)};

	c.own = draw(0, 1);
	c.emit = (enum mr_emit)(draw(0, 2) ? draw(0, 3) : MR_EMIT_FINAL);
	c.emit_ms = draw(1, 15);
	c.emit_count = draw(1, 4);
	c.late = draw(0, 1) ? 0 : draw(0, 25);
	if (kind <= CUMULATE)
		draw_lengths(&c);
	else if (kind == SESSION)
		c.size = draw(1, 12);
	if (kind >= COUNT)
		c.late = 0;
	if (kind == COUNT) {
		c.emit = MR_EMIT_FINAL;
		c.count = draw(1, 12);
		c.slide = draw(0, 1) ? 0 : draw(1, c.count);
		c.timeout = draw(0, 1) ? 0 : draw(1, 30);
	}
	return c;
}

/*
 * A stream that goes forward slowly: several events of a millisecond, of one
 * key at exact distances, some far behind.
 */
static inline void
draw_events(struct event *e, size_t n)
{
	static const int64_t bases[] = {0, -60, -1000003, 1767225600000, -62135596800000 + 500};
	int64_t at = bases[unit_draw(5)], speed = draw(0, 6), spread = draw(0, 40);
	int keys = (int)draw(1, 4);

	for (size_t i = 0; i < n; i++) {
		at += draw(0, 3) ? draw(0, speed) : 0;
		if (!draw(0, 40))
			at += draw(0, 60);
		e[i].ms = at - (draw(0, 2) ? draw(0, spread) : 0);
		if (i && !draw(0, 5))
			e[i].ms = e[unit_draw(i)].ms + draw(-13, 13);
		e[i].key = (int)draw(0, keys);
		e[i].v = draw(-9, 9);
		e[i].order = 0;
	}
}

#endif
