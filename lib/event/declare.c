/*
 * declare - from the events of a stream to its watermark.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "event/declare.h"

void
mr_declare_init(struct mr_declare *d, struct mr_scan *scan)
{
	*d = (struct mr_declare){.time = ".ts",
	    .stamper = MR_STAMPER_INIT,
	    .lag_ms = 15000,
	    .wm = {.now_ms = MR_TIME_MIN},
	    .scan = scan,
	    .time_field = MR_FIELD_NONE,
	    .at_field = MR_FIELD_NONE,
	    .partition_field = MR_FIELD_NONE};
}

void
mr_declare_release(struct mr_declare *d)
{
	mr_field_release(&d->time_field);
	mr_field_release(&d->at_field);
	mr_field_release(&d->partition_field);
	mr_map_free(d->inputs);
	free(d->newest_ms);
	mr_buf_release(&d->key);
	mr_buf_release(&d->room);
	mr_wm_release(&d->wm);
}

static int
make_field(struct mr_declare *d, struct mr_field *field, const char *option, const char *text,
    struct mr_err *err)
{
	if (!text)
		return 0;
	if (mr_field_init(field, d->scan, text, strlen(text), err) < 0)
		return mr_err_prefix(err, "%s", option);
	d->thorough |= field->thorough;
	return 0;
}

/* The next input has its first event; those that are waited for are there already. */
static void
add_input(struct mr_declare *d, size_t input, int64_t clock_ms)
{
	if (input == d->wm.inputs)
		mr_wm_add(&d->wm, clock_ms);
	d->newest_ms = mr_xrealloc(d->newest_ms, (input + 1) * sizeof *d->newest_ms);
	d->newest_ms[input] = MR_TIME_MIN;
}

int
mr_declare_setup(struct mr_declare *d, bool live, int64_t clock_ms, struct mr_err *err)
{
	if (make_field(d, &d->time_field, "--time", d->time, err) < 0 ||
	    make_field(d, &d->at_field, "--at", d->at, err) < 0 ||
	    make_field(d, &d->partition_field, "--partition", d->partition, err) < 0)
		return -1;
	d->inputs = mr_map_new(sizeof(size_t));
	mr_wm_init(&d->wm, d->partition ? (size_t)d->partitions : 1, d->lag_ms < 0 ? 0 : d->lag_ms,
	    d->idle_ms, live, clock_ms);
	if (!d->partition)
		add_input(d, 0, clock_ms);
	return 0;
}

static int
read_time(struct mr_declare *d, const struct mr_field *field, const struct mr_val *val, int64_t *ms,
    struct mr_err *err)
{
	struct mr_time t;

	if (mr_stamp_val(&d->stamper, val, &t, err) < 0 ||
	    (d->ahead_ms && mr_stamp_ahead(t.ms, d->ahead_ms, err) < 0))
		return mr_err_prefix(err, "%.200s", field->text);
	*ms = t.ms;
	return 0;
}

/* The event's own time, and where it says that the stream is; MR_TIME_MIN: it does not. */
static int
read_times(struct mr_declare *d, const struct mr_line *line, int64_t *own_ms, int64_t *at_ms,
    struct mr_err *err)
{
	const struct mr_val *val;
	bool same = false;

	*own_ms = *at_ms = MR_TIME_MIN;
	if (d->at) {
		if (mr_field_get(&d->at_field, line, &val, err) < 0)
			return -1;
		same = val->type == MR_TRUE;
		if (val->type > MR_TRUE && read_time(d, &d->at_field, val, at_ms, err) < 0)
			return -1;
	}
	if (mr_field_get(&d->time_field, line, &val, err) < 0)
		return -1;
	if (val->type <= MR_NULL && *at_ms != MR_TIME_MIN)
		return 0; /* it speaks of the stream alone */
	if (read_time(d, &d->time_field, val, own_ms, err) < 0)
		return -1;
	if (same)
		*at_ms = *own_ms;
	return 0;
}

/* The input of the watermark that the event belongs to. */
static int
find_input(struct mr_declare *d, const struct mr_line *line, int64_t clock_ms, size_t *input,
    struct mr_err *err)
{
	const char *text = d->partition_field.text;
	size_t *known;
	bool is_new;

	*input = 0;
	if (!text)
		return 0;
	d->key.len = 0;
	if (mr_field_key(&d->partition_field, line, &d->key, &d->room, err) < 0)
		return -1;
	if ((known = mr_map_get(d->inputs, d->key.at, d->key.len))) {
		*input = *known;
		return 0;
	}
	if ((*input = mr_map_count(d->inputs)) == MR_PARTITIONS_MAX)
		return mr_err_set(err, MR_EX_DATA,
		    "%.200s has more than %d values: it is no partition", text, MR_PARTITIONS_MAX);
	known = mr_map_put(d->inputs, d->key.at, d->key.len, &is_new);
	*known = *input;
	add_input(d, *input, clock_ms);
	return 0;
}

/* Count how late the event is, for the watermark that those before it made. */
static int64_t
measure(struct mr_declare *d, size_t input, int64_t ms)
{
	int64_t *newest = &d->newest_ms[input];
	int64_t delay_ms = *newest == MR_TIME_MIN ? -1 : *newest - ms;

	mr_lag_add(&d->lag, delay_ms, d->wm.now_ms >= ms);
	if (ms > *newest)
		*newest = ms;
	return delay_ms;
}

int
mr_declare_event(struct mr_declare *d, const struct mr_line *line, int64_t clock_ms,
    struct mr_declared *said, struct mr_err *err)
{
	int64_t at_ms;
	size_t input;

	*said = (struct mr_declared){.delay_ms = -1};
	if (read_times(d, line, &said->ms, &at_ms, err) < 0 ||
	    find_input(d, line, clock_ms, &input, err) < 0)
		return -1;
	if (said->ms != MR_TIME_MIN)
		said->delay_ms = measure(d, input, said->ms);
	if (said->ms != MR_TIME_MIN && d->lag_ms >= 0)
		said->moved = mr_wm_event(&d->wm, input, said->ms, clock_ms);
	else
		mr_wm_busy(&d->wm, input, clock_ms);
	if (at_ms != MR_TIME_MIN) { /* as an event that is the lag further */
		said->said = true;
		said->moved |= mr_wm_event(&d->wm, input, at_ms + d->wm.lag_ms, clock_ms);
	}
	return 0;
}
