/*
 * An obvious window operator, slow and without any state of windows: all events
 * and all rows are in lists, and every answer is found by looking at the
 * whole of them.
 *
 * model_event() and model_watermark() append to m->out what the operator has
 * to write.
 */
#ifndef MR_UNIT_WINDOW_MODEL_H
#define MR_UNIT_WINDOW_MODEL_H

#include "window_run.h"
#include "base/buf.h"
#include "time/stamp.h"

#define MODEL_EVENTS 128
#define MODEL_ROWS 16384
#define NONE MR_TIME_MIN

struct model_event {
	struct event e;
	int64_t wm;   /* that judged it */
	bool late;    /* for every window */
	bool written; /* session, global: it is in a row */
	bool gone;    /* session, count: in a window that is over */
};

struct model_row {
	int64_t start, end;
	int key, revision;
	int before; /* events that had come when it was written */
	int id;     /* one of its events */
	bool alive; /* session: it was not retracted */
};

struct model {
	struct config c;
	struct model_event ev[MODEL_EVENTS];
	struct model_row row[MODEL_ROWS];
	int n, rows, late;
	int64_t wm, newest;
	struct mr_buf out;
};

/* Which events are in a result, by number. */
struct chosen {
	int id[MODEL_EVENTS], n;
};

static inline bool
revised(const struct model *m)
{
	return m->c.emit != MR_EMIT_FINAL || m->c.late > 0;
}

static inline void
put_bounds(struct mr_buf *b, int64_t start, int64_t end, int key)
{
	mr_buf_adds(b, "{\"window_start\":\"");
	mr_stamp_write(b, start);
	mr_buf_adds(b, "\",\"window_end\":\"");
	mr_stamp_write(b, end);
	if (key)
		mr_buf_printf(b, "\",\"k\":\"%c\"", 'a' + key - 1);
	else
		mr_buf_adds(b, "\",\"k\":null");
}

#define MODEL_AGGS "n=count,s=sum(.v),i=min(.v),x=max(.v),f=first(.id),l=last(.id)"

static inline void
put_aggregates(struct mr_buf *b, const struct model *m, const struct chosen *in)
{
	int64_t s = 0, i = INT64_MAX, x = INT64_MIN;
	int f = in->id[0], l = in->id[0];

	for (int j = 0; j < in->n; j++) {
		const struct event *e = &m->ev[in->id[j]].e;

		s += e->v;
		i = e->v < i ? e->v : i;
		x = e->v > x ? e->v : x;
		f = e->ms < m->ev[f].e.ms ? in->id[j] : f;
		l = e->ms >= m->ev[l].e.ms ? in->id[j] : l;
	}
	mr_buf_printf(b, ",\"n\":%d,\"s\":%" PRId64 ",\"i\":%" PRId64 ",\"x\":%" PRId64
	    ",\"f\":%d,\"l\":%d", in->n, s, i, x, f, l);
}

static inline void
put_row(struct model *m, struct model_row row, const struct chosen *in, bool final)
{
	put_bounds(&m->out, row.start, row.end, row.key);
	if (in)
		put_aggregates(&m->out, m, in);
	if (revised(m))
		mr_buf_printf(&m->out, ",\"revision\":%d,\"final\":%s", row.revision,
		    final ? "true" : "false");
	mr_buf_adds(&m->out, in ? "}\n" : ",\"retracted\":true}\n");
	if (!in)
		return;
	if (m->rows == MODEL_ROWS)
		abort();
	row.before = m->n;
	row.id = in->id[0];
	row.alive = true;
	m->row[m->rows++] = row;
}

/* --- tumble, hop, cumulate: windows as lists of bounds ------------------------ */

struct bounds {
	int64_t start, end;
};

struct windows {
	struct bounds at[4096];
	int n;
};

static inline int
by_bounds(const void *va, const void *vb)
{
	const struct bounds *a = va, *b = vb;

	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return (a->start > b->start) - (a->start < b->start);
}

/* The largest start + k * step that is not above ms, by steps. */
static inline int64_t
walk_below(int64_t start, int64_t step, int64_t ms)
{
	start += (ms - start) / step * step;
	while (start > ms)
		start -= step;
	while (start + step <= ms)
		start += step;
	return start;
}

/* All windows that anything from low to high is in, in order. */
static inline void
list_windows(const struct config *c, int64_t low, int64_t high, struct windows *list)
{
	int64_t way = c->kind == HOP ? c->step : c->size;
	int64_t steps = c->kind == CUMULATE ? c->size / c->step : 1;

	list->n = 0;
	for (int64_t s = walk_below(c->offset, way, low - c->size); s <= high; s += way)
		for (int64_t j = 1; j <= steps; j++) {
			struct bounds b = {s, s + (c->kind == CUMULATE ? j * c->step : c->size)};

			if (b.end <= low)
				continue;
			if (list->n == 4096)
				abort();
			list->at[list->n++] = b;
		}
	qsort(list->at, (size_t)list->n, sizeof *list->at, by_bounds);
}

static inline bool
reached(int64_t wm, int64_t ms)
{
	return wm != NONE && wm >= ms;
}

/* The events of a window and key, without those that were late for it. */
static inline void
choose(const struct model *m, struct bounds b, int key, struct chosen *in)
{
	in->n = 0;
	for (int i = 0; i < m->n; i++)
		if (m->ev[i].e.key == key && m->ev[i].e.ms >= b.start && m->ev[i].e.ms < b.end &&
		    !reached(m->ev[i].wm, b.end - 1 + m->c.late))
			in->id[in->n++] = i;
}

/* Will no late event change what is written now? */
static inline bool
is_last(const struct model *m, int64_t end)
{
	return m->wm == MR_TIME_MAX || (m->c.late == 0 && reached(m->wm, end - 1));
}

static inline const struct model_row *
last_row(const struct model *m, struct bounds b, int key)
{
	for (int i = m->rows; i-- > 0;)
		if (m->row[i].start == b.start && m->row[i].end == b.end && m->row[i].key == key)
			return &m->row[i];
	return NULL;
}

/* How many of these came behind the last row. */
static inline int
fresh(const struct chosen *in, const struct model_row *last)
{
	int n = 0;

	for (int i = 0; i < in->n; i++)
		n += !last || in->id[i] >= last->before;
	return n;
}

static inline void
write_aligned(struct model *m, struct bounds b, int key, const struct chosen *in)
{
	const struct model_row *last = last_row(m, b, key);

	put_row(m, (struct model_row){.start = b.start, .end = b.end, .key = key,
	    .revision = last ? last->revision + 1 : 0}, in, is_last(m, b.end));
}

static inline void
aligned_event(struct model *m, const struct event *e)
{
	static struct windows list;

	list_windows(&m->c, e->ms, e->ms, &list);
	m->ev[m->n - 1].late = true;
	for (int i = 0; i < list.n; i++) {
		struct bounds b = list.at[i];
		struct chosen in;
		bool now;

		if (e->ms < b.start || e->ms >= b.end || reached(m->wm, b.end - 1 + m->c.late))
			continue;
		m->ev[m->n - 1].late = false;
		choose(m, b, e->key, &in);
		now = reached(m->wm, b.end - 1) || m->c.emit == MR_EMIT_UPDATES ||
		    (m->c.emit == MR_EMIT_COUNT &&
			fresh(&in, last_row(m, b, e->key)) >= m->c.emit_count);
		if (now)
			write_aligned(m, b, e->key, &in);
	}
}

static inline int64_t
floor_div_slowly(int64_t a, int64_t b)
{
	return walk_below(0, b, a) / b;
}

/* Does the watermark cross a multiple of --emit every? */
static inline bool
crosses(const struct model *m, int64_t before)
{
	return m->c.emit == MR_EMIT_EVERY && before != NONE && m->wm != MR_TIME_MAX &&
	    floor_div_slowly(before, m->c.emit_ms) < floor_div_slowly(m->wm, m->c.emit_ms);
}

/* "a".. stand before null. */
#define EACH_KEY(key) for (int key##_ = 1, key = 1; key##_ <= 5; key##_++, key = key##_ % 5)

static inline void
aligned_watermark(struct model *m, int64_t before)
{
	static struct windows list;
	int64_t low = INT64_MAX, high = INT64_MIN;

	for (int i = 0; i < m->n; i++) {
		low = m->ev[i].e.ms < low ? m->ev[i].e.ms : low;
		high = m->ev[i].e.ms > high ? m->ev[i].e.ms : high;
	}
	if (!m->n)
		return;
	/* what ended long before was written long before */
	if (before != NONE && before != MR_TIME_MAX && before - 100 > low)
		low = before - 100;
	for (int round = 0; round < 2; round++) {
		if (low <= high)
			list_windows(&m->c, low, high, &list);
		else
			list.n = 0;
		for (int i = 0; i < list.n; i++)
			EACH_KEY(key)
			{
				struct bounds b = list.at[i];
				struct chosen in;
				bool fires = reached(m->wm, b.end - 1) && !reached(before, b.end - 1);

				if (round ? reached(m->wm, b.end - 1) : !fires)
					continue;
				choose(m, b, key, &in);
				if (in.n && (!round || fresh(&in, last_row(m, b, key))))
					write_aligned(m, b, key, &in);
			}
		if (!crosses(m, before))
			break;
	}
}

/* --- what groups of events are written together ------------------------------- */

struct group {
	int64_t start, end;
	int key;
	struct chosen in;
};

struct groups {
	struct group at[MODEL_EVENTS];
	int n;
};

static inline int
by_end(const void *va, const void *vb)
{
	const struct group *a = va, *b = vb;

	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->key ? a->key : 9) - (b->key ? b->key : 9);
}

static inline void
sort_groups(struct groups *g)
{
	qsort(g->at, (size_t)g->n, sizeof *g->at, by_end);
}

static inline int
unwritten(const struct model *m, const struct group *g)
{
	int n = 0;

	for (int i = 0; i < g->in.n; i++)
		n += !m->ev[g->in.id[i]].written;
	return n;
}

static inline void
write_group(struct model *m, const struct group *g, int revision, bool final)
{
	put_row(m, (struct model_row){.start = g->start, .end = g->end, .key = g->key,
	    .revision = revision}, &g->in, final);
	for (int i = 0; i < g->in.n; i++)
		m->ev[g->in.id[i]].written = true;
}

#include "window_model_more.h"

/* --- all kinds ------------------------------------------------------------------ */

static inline void
model_start(struct model *m, const struct config *c)
{
	m->c = *c;
	m->n = m->rows = m->late = 0;
	m->wm = m->newest = NONE;
	m->out.len = 0;
}

static inline void
model_watermark(struct model *m, int64_t ms)
{
	int64_t before = m->wm;

	if (ms <= m->wm)
		return;
	m->wm = ms;
	if (m->c.kind <= CUMULATE)
		aligned_watermark(m, before);
	else if (m->c.kind == SESSION)
		session_watermark(m, before);
	else
		counted_watermark(m, before);
}

static inline void
model_event(struct model *m, const struct event *e)
{
	m->ev[m->n++] = (struct model_event){.e = *e, .wm = m->wm};
	if (m->c.kind <= CUMULATE)
		aligned_event(m, e);
	else if (m->c.kind == SESSION)
		session_event(m, e);
	else
		counted_event(m, e);
	m->late += m->ev[m->n - 1].late;
	if (e->ms > m->newest)
		m->newest = e->ms;
	if (m->c.own)
		model_watermark(m, m->newest - m->c.lag);
}

static inline void
model_end(struct model *m)
{
	if (m->wm == MR_TIME_MAX)
		m->wm--;
	model_watermark(m, MR_TIME_MAX);
}

#endif
