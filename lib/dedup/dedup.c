/*
 * dedup - the three ways to keep one.
 *
 * What is held of an event is the length of its key, the key, and the line
 * with its newline.
 */
#include <string.h>

#include "dedup/dedup.h"

void
mr_dedup_init(struct mr_dedup *d, struct mr_stage *stage)
{
	*d = (struct mr_dedup){.max_state = (size_t)1 << 30};
	mr_hold_init(&d->hold, stage);
}

void
mr_dedup_release(struct mr_dedup *d)
{
	if (d->spans.young)
		mr_spans_release(&d->spans);
	mr_near_release(&d->near);
	mr_keys_release(&d->keys);
	mr_hold_release(&d->hold);
}

size_t
mr_dedup_bytes(const struct mr_dedup *d)
{
	return d->keep == MR_KEEP_ANY ? d->near.bytes : d->spans.bytes;
}

size_t
mr_dedup_keys(const struct mr_dedup *d)
{
	return d->keep == MR_KEEP_ANY ? d->near.keys : mr_spans_keys(&d->spans);
}

static int
check_cap(const struct mr_dedup *d, struct mr_err *err)
{
	if (mr_dedup_bytes(d) <= d->max_state)
		return 0;
	return mr_err_set(err, MR_EX_WORLD,
	    "the state is over --max-state %zu bytes: %zu keys; a smaller --within, or fewer "
	    "keys, make it smaller",
	    d->max_state, mr_dedup_keys(d));
}

static void
split(char *at, size_t all, const char **key, size_t *key_len, const char **line, size_t *len)
{
	uint32_t n;

	memcpy(&n, at, sizeof n);
	*key = at + sizeof n;
	*key_len = n;
	*line = *key + n;
	*len = all - sizeof n - n;
}

static int
give(void *self, const struct mr_order_key *held, struct mr_out *out, struct mr_err *err)
{
	struct mr_dedup *d = self;
	const struct mr_time time = {held->ms, held->ns};
	const char *key, *line;
	size_t key_len, len;
	int repeat;

	split(held->at, held->len, &key, &key_len, &line, &len);
	repeat = mr_spans_event(&d->spans, &time, key, key_len, line, len, out, err);
	if (repeat < 0)
		return -1;
	d->repeats += (uint64_t)repeat;
	return repeat && d->keep == MR_KEEP_FIRST ? 0 : check_cap(d, err);
}

static int
reached(void *self, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	struct mr_dedup *d = self;

	return mr_spans_reached(&d->spans, ms, out, err);
}

/* The last event of a span is not before the span's begin. */
static int64_t
bound(void *self, int64_t ms)
{
	const struct mr_dedup *d = self;
	int64_t oldest = mr_spans_oldest(&d->spans);

	return oldest <= ms ? oldest - 1 : ms;
}

int
mr_dedup_setup(struct mr_dedup *d, struct mr_err *err)
{
	if (!d->keys.n)
		return mr_err_set(err, MR_EX_USAGE, "no key given: --key .id");
	if (!d->within_ms)
		return mr_err_set(err, MR_EX_USAGE,
		    "no bound given: --within 10m; without one every key would be kept for ever");
	if (d->keep == MR_KEEP_ANY) {
		mr_near_init(&d->near, d->within_ms);
	} else {
		mr_spans_init(&d->spans, d->within_ms, d->keep == MR_KEEP_LAST);
		d->hold.give = give;
		d->hold.self = d;
		d->hold.reached = reached;
		d->hold.bound = bound;
	}
	return mr_hold_setup(&d->hold, err);
}

/* What is held was there before it, and decides with it. */
static int
late(struct mr_dedup *d, const struct mr_line *line, const struct mr_time *time, struct mr_out *out,
    struct mr_err *err)
{
	const struct mr_buf *key = &d->keys.key;
	struct mr_buf copy = MR_BUF_INIT;
	int repeat;

	if (mr_hold_release_due(&d->hold, out, err))
		return -1;
	mr_buf_add(&copy, line->at, line->len + line->end);
	if (!line->end)
		mr_buf_addc(&copy, '\n');
	repeat = mr_spans_late(&d->spans, time, key->at, key->len, copy.at, copy.len);
	mr_buf_release(&copy);
	if (!repeat)
		return mr_hold_late(&d->hold, line, time, err);
	d->hold.events++;
	d->repeats++;
	return check_cap(d, err);
}

static int
hold(struct mr_dedup *d, const struct mr_line *line, const struct mr_time *time, struct mr_out *out,
    struct mr_err *err)
{
	const struct mr_buf *key = &d->keys.key;
	uint32_t n = (uint32_t)key->len;
	size_t len = line->len + line->end;
	char *at;

	if (key->len > MR_HOLD_LINE_MAX)
		return mr_err_set(err, MR_EX_DATA, "its key is longer than 1G");
	at = mr_hold_put(&d->hold, time, sizeof n + key->len + len + (line->end == 0));
	memcpy(at, &n, sizeof n);
	memcpy(at += sizeof n, key->at, key->len);
	memcpy(at += key->len, line->at, len);
	if (line->end == 0)
		at[len] = '\n';
	return mr_hold_held(&d->hold, time, out, err);
}

static int
any(struct mr_dedup *d, const struct mr_line *line, const struct mr_time *time, struct mr_out *out,
    struct mr_err *err)
{
	struct mr_event_time *t = &d->hold.time;
	const struct mr_buf *key = &d->keys.key;

	if (t->now_ms != MR_TIME_MIN && time->ms < t->now_ms - d->within_ms)
		return mr_hold_late(&d->hold, line, time, err);
	d->hold.events++;
	if (mr_near_event(&d->near, time, key->at, key->len))
		d->repeats++;
	else if (mr_out_pass(out, line, err))
		return -1;
	if (mr_event_time_event(t, time->ms))
		mr_near_reached(&d->near, t->now_ms);
	return check_cap(d, err);
}

int
mr_dedup_event(struct mr_dedup *d, const struct mr_line *line, struct mr_out *out,
    struct mr_err *err)
{
	struct mr_time time;

	mr_event_time_begin(&d->hold.time);
	if (mr_event_time_read(&d->hold.time, line, &time, err) ||
	    mr_keys_read(&d->keys, line, err))
		return -1;
	if (d->keep == MR_KEEP_ANY)
		return any(d, line, &time, out, err);
	return mr_hold_is_late(&d->hold, &time) ? late(d, line, &time, out, err) :
						  hold(d, line, &time, out, err);
}

int
mr_dedup_watermark(struct mr_dedup *d, int64_t ms, struct mr_out *out, struct mr_err *err)
{
	if (d->keep != MR_KEEP_ANY)
		return mr_hold_watermark(&d->hold, ms, out, err);
	mr_event_time_begin(&d->hold.time);
	if (mr_event_time_watermark(&d->hold.time, ms))
		mr_near_reached(&d->near, ms);
	return 0;
}

int
mr_dedup_tick(struct mr_dedup *d, int64_t clock_ms, struct mr_out *out, struct mr_err *err)
{
	if (d->keep != MR_KEEP_ANY)
		return mr_hold_tick(&d->hold, clock_ms, out, err);
	mr_event_time_begin(&d->hold.time);
	if (mr_event_time_tick(&d->hold.time, clock_ms))
		mr_near_reached(&d->near, d->hold.time.now_ms);
	return 0;
}

int
mr_dedup_idle(struct mr_dedup *d, struct mr_out *out, struct mr_err *err)
{
	return d->keep == MR_KEEP_ANY ? mr_late_flush(&d->hold.late, err) :
					mr_hold_idle(&d->hold, out, err);
}

int
mr_dedup_end(struct mr_dedup *d, struct mr_out *out, struct mr_err *err)
{
	if (d->keep == MR_KEEP_ANY)
		return mr_late_flush(&d->hold.late, err);
	if (mr_hold_end(&d->hold, out, err))
		return -1;
	return d->hold.failed ? 0 : mr_spans_end(&d->spans, out, err);
}
