/*
 * hold - the watermark and what it releases.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "order/hold.h"
#include "stream/report.h"

#define LEAST_MEMORY ((size_t)1 << 20)
#define MARKS_MOST 4096

/* A watermark that is to be written: behind which events, and what it says. */
struct mark {
	int64_t ms;   /* it releases what is not behind that */
	uint64_t seq; /* events from that one on came behind it */
	int64_t write_ms;
	bool idle;
};

void
mr_hold_init(struct mr_hold *h, struct mr_stage *stage)
{
	*h = (struct mr_hold){.stage = stage,
	    .late = MR_LATE_INIT,
	    .queued_ms = MR_TIME_MIN,
	    .written_ms = MR_TIME_MIN};
	mr_event_time_init(&h->time, stage);
	mr_order_init(&h->order);
}

void
mr_hold_release(struct mr_hold *h)
{
	mr_event_time_release(&h->time);
	mr_order_release(&h->order);
	mr_late_release(&h->late);
	mr_buf_release(&h->marks);
}

int
mr_hold_late_to(struct mr_hold *h, const char *path, struct mr_err *err)
{
	if (!strcmp(path, "-"))
		return mr_err_set(err, MR_EX_USAGE,
		    "--late-to: standard output carries the events");
	h->late.path = path;
	return 0;
}

int
mr_hold_no_late(struct mr_err *err)
{
	return mr_err_set(err, MR_EX_USAGE,
	    "--late: what was written stays as it is; --late-to FILE keeps late events, and a "
	    "longer --lag waits for them");
}

int
mr_hold_memory(struct mr_hold *h, const char *size, struct mr_err *err)
{
	if (mr_size_parse(size, &h->order.memory, err))
		return mr_err_prefix(err, "--memory");
	if (h->order.memory < LEAST_MEMORY)
		return mr_err_set(err, MR_EX_USAGE, "--memory: '%s' is less than 1M", size);
	return 0;
}

int
mr_hold_setup(struct mr_hold *h, struct mr_err *err)
{
	const char *dir = getenv("TMPDIR");

	if (dir && *dir)
		h->order.dir = dir;
	if (h->stage->max_line > MR_HOLD_LINE_MAX)
		return mr_err_set(err, MR_EX_USAGE,
		    "--max-line: at most 1G, for lines that are held");
	if (mr_event_time_setup(&h->time, err) || mr_late_open(&h->late, err))
		return -1;
	mr_order_setup(&h->order);
	return 0;
}

int
mr_hold_late(struct mr_hold *h, const struct mr_line *line, const struct mr_time *time,
    struct mr_err *err)
{
	h->events++;
	mr_event_time_event(&h->time, time->ms);
	return mr_late_event(&h->late, line, h->time.now_ms, time->ms,
	    mr_event_time_behind(&h->time, time->ms), err);
}

/* Is the event at or before ms, and did it come before seq if it is at ms exactly? */
static bool
is_due(const struct mr_order_key *key, int64_t ms, uint64_t seq)
{
	if (key->ms != ms)
		return key->ms < ms;
	return key->ns == 0 && key->seq < seq;
}

static int
give_until(struct mr_hold *h, int64_t ms, uint64_t seq, struct mr_out *out, struct mr_err *err)
{
	const struct mr_order_key *key;

	while ((key = mr_order_first(&h->order)) && is_due(key, ms, seq))
		if (h->give(h->self, key, out, err) || mr_order_take(&h->order, err)) {
			h->failed = true;
			return -1;
		}
	if (ms < MR_TIME_MAX && h->reached && h->reached(h->self, ms, out, err)) {
		h->failed = true;
		return -1;
	}
	return 0;
}

/* The watermark line, as long as it says something new. */
static int
write_mark(struct mr_hold *h, const struct mark *m, struct mr_out *out, struct mr_err *err)
{
	int64_t ms = m->write_ms;

	if (h->bound)
		ms = h->bound(h->self, ms);
	if (ms == MR_TIME_MIN || ms < h->written_ms ||
	    (ms == h->written_ms && m->idle == h->written_idle))
		return 0;
	h->written_ms = ms;
	h->written_idle = m->idle;
	return mr_stage_wm(h->stage, ms, m->idle, out, err);
}

int
mr_hold_release_due(struct mr_hold *h, struct mr_out *out, struct mr_err *err)
{
	const struct mark *m = (const struct mark *)(void *)h->marks.at;
	size_t n = h->marks.len / sizeof *m;

	if (h->time.now_ms == MR_TIME_MIN)
		return 0;
	mr_order_settle(&h->order);
	for (size_t i = 0; i < n; i++)
		if (give_until(h, m[i].ms, m[i].seq, out, err) || write_mark(h, &m[i], out, err)) {
			h->failed = true;
			return -1;
		}
	h->marks.len = 0;
	return give_until(h, h->time.now_ms, UINT64_MAX, out, err);
}

/* The watermark is to be written here, if this stage writes any. */
static void
mark(struct mr_hold *h, bool idle)
{
	struct mark m = {h->time.now_ms, h->order.seq, h->time.now_ms, idle};

	if (!h->stage->sent.there)
		return;
	if (h->fine && m.write_ms > MR_TIME_MIN)
		m.write_ms--;
	mr_buf_add(&h->marks, &m, sizeof m);
}

/* The own watermark moved: with --wm it is written, now and then. */
static void
mark_own(struct mr_hold *h, bool idle)
{
	if (h->stage->control != MR_CONTROL_MAKE)
		return;
	if (h->queued_ms != MR_TIME_MIN && h->time.now_ms - h->queued_ms < MR_HOLD_EVERY)
		return;
	h->queued_ms = h->time.now_ms;
	mark(h, idle);
}

/* Much came since the last time. */
static bool
is_time(const struct mr_hold *h)
{
	return mr_order_due(&h->order) || h->marks.len >= MARKS_MOST * sizeof(struct mark);
}

int
mr_hold_held(struct mr_hold *h, const struct mr_time *time, struct mr_out *out, struct mr_err *err)
{
	h->events++;
	h->fine |= time->ns != 0;
	if (mr_event_time_event(&h->time, time->ms))
		mark_own(h, false);
	if (!is_time(h))
		return 0;
	if (mr_hold_release_due(h, out, err))
		return -1;
	if (mr_order_full(&h->order) && mr_order_spill(&h->order, err)) {
		h->failed = true;
		return -1;
	}
	return 0;
}

int
mr_hold_watermark(struct mr_hold *h, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	mr_event_time_begin(&h->time);
	if (h->time.own)
		return 0;
	mr_event_time_watermark(&h->time, ms);
	mark(h, h->stage->wm_idle);
	return is_time(h) ? mr_hold_release_due(h, out, err) : 0;
}

int
mr_hold_tick(struct mr_hold *h, int64_t clock_ms, struct mr_out *out, struct mr_err *err)
{
	mr_event_time_begin(&h->time);
	if (!mr_event_time_tick(&h->time, clock_ms))
		return 0;
	mark_own(h, true);
	return mr_hold_release_due(h, out, err);
}

int
mr_hold_idle(struct mr_hold *h, struct mr_out *out, struct mr_err *err)
{
	if (mr_hold_release_due(h, out, err))
		return -1;
	return mr_late_flush(&h->late, err);
}

int
mr_hold_end(struct mr_hold *h, struct mr_out *out, struct mr_err *err)
{
	if (h->failed)
		return 0;
	if (mr_hold_release_due(h, out, err))
		return -1;
	mr_order_settle(&h->order);
	if (give_until(h, MR_TIME_MAX, UINT64_MAX, out, err))
		return -1;
	return mr_late_flush(&h->late, err);
}

void
mr_hold_status(const struct mr_hold *h, struct mr_buf *b)
{
	mr_buf_printf(b, ", late %" PRIu64 ", held %" PRIu64 ", spilled %" PRIu64 ", watermark ",
	    h->late.count, h->order.held, h->order.spilled);
	if (h->time.now_ms == MR_TIME_MIN)
		mr_buf_adds(b, "none");
	else
		mr_stamp_write(b, h->time.now_ms);
}

void
mr_hold_metrics(const struct mr_hold *h, struct mr_buf *b)
{
	mr_report_metric(b, h->stage, "late_events_total", "Events behind the watermark.",
	    (double)h->late.count);
	mr_report_metric(b, h->stage, "held_events", "Events that wait for the watermark.",
	    (double)h->order.held);
	mr_report_metric(b, h->stage, "held_bytes", "Memory of events that wait.",
	    (double)mr_order_bytes(&h->order));
	mr_report_metric(b, h->stage, "spilled_events_total", "Events written to temporary files.",
	    (double)h->order.spilled);
	if (h->time.now_ms != MR_TIME_MIN)
		mr_report_metric(b, h->stage, "watermark_timestamp_seconds", "The watermark.",
		    (double)h->time.now_ms / 1000);
}
