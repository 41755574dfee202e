/*
 * read - time, values and key of an event.
 */
#include <string.h>
#include <time.h>

#include "time/duration.h"
#include "json/key.h"
#include "window/read.h"

#define AHEAD_MAX (INT64_MAX / 4) /* times are within +-9999 years: sums do not overflow */

void
mr_read_init(struct mr_read *r)
{
	*r = (struct mr_read){.time_path = ".ts",
	    .time_field = MR_FIELD_NONE,
	    .stamper = MR_STAMPER_INIT,
	    .max_ahead_ms = -1,
	    .scan = mr_scan_new()};
	mr_spec_init(&r->spec, r->scan);
}

void
mr_read_release(struct mr_read *r)
{
	mr_spec_release(&r->spec);
	mr_field_release(&r->time_field);
	mr_scan_free(r->scan);
	mr_buf_release(&r->key);
	mr_buf_release(&r->room);
	r->scan = NULL;
}

int
mr_read_setup(struct mr_read *r, struct mr_err *err)
{
	if (r->max_ahead_ms > AHEAD_MAX)
		r->max_ahead_ms = AHEAD_MAX;
	if (mr_field_init(&r->time_field, r->scan, r->time_path, strlen(r->time_path), err))
		return mr_err_prefix(err, "--time");
	mr_buf_grow(&r->key, 1); /* an empty key has a place, too */
	if (mr_spec_done(&r->spec, err))
		return -1;
	r->thorough = r->time_field.thorough || r->spec.thorough;
	return 0;
}

static int64_t
wall_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The clock is asked only when the last answer would refuse the event. */
static int
check_ahead(struct mr_read *r, int64_t ms, struct mr_err *err)
{
	char ahead[64], limit[64];

	if (r->max_ahead_ms < 0 || ms - r->max_ahead_ms <= r->wall_ms)
		return 0;
	r->wall_ms = wall_clock();
	if (ms - r->max_ahead_ms <= r->wall_ms)
		return 0;
	return mr_err_set(err, MR_EX_DATA,
	    "%.200s is %s ahead of the clock: more than --max-ahead %s", r->time_path,
	    mr_duration_text(ms - r->wall_ms, ahead), mr_duration_text(r->max_ahead_ms, limit));
}

static int
read_time(struct mr_read *r, const struct mr_line *line, struct mr_err *err)
{
	const struct mr_val *val;

	if (mr_field_get(&r->time_field, line, &val, err))
		return -1;
	if (mr_stamp_val(&r->stamper, val, &r->time, err))
		return mr_err_prefix(err, "%.200s", r->time_field.text);
	return check_ahead(r, r->time.ms, err);
}

static int
read_value(struct mr_spec_agg *agg, const struct mr_line *line, struct mr_err *err)
{
	int hit;

	agg->takes = false;
	agg->in.val = NULL;
	if (agg->where.text && (hit = mr_field_test(&agg->where, line, err)) <= 0)
		return hit;
	if (agg->field.text) {
		const struct mr_val *val;

		if (mr_field_get(&agg->field, line, &val, err))
			return -1;
		if (val->type <= MR_NULL)
			return 0;
		agg->in.val = val;
		if (mr_agg_read(agg->type, &agg->in, err))
			return mr_err_prefix(err, "%.200s", agg->field.text);
	}
	agg->takes = true;
	return 0;
}

static int
read_values(struct mr_read *r, const struct mr_line *line, struct mr_err *err)
{
	for (size_t i = 0; i < r->spec.nagg; i++) {
		struct mr_spec_agg *agg = &r->spec.agg[i];

		agg->in.arg = &agg->arg;
		agg->in.time = &r->time;
		if (read_value(agg, line, err))
			return -1;
	}
	return 0;
}

static int
read_key(struct mr_read *r, const struct mr_line *line, struct mr_err *err)
{
	r->key.len = 0;
	for (size_t i = 0; i < r->spec.nby; i++) {
		struct mr_field *field = &r->spec.by[i].field;
		const struct mr_val *val;

		if (i)
			mr_buf_addc(&r->key, MR_KEY_SEPARATOR);
		if (mr_field_get(field, line, &val, err))
			return -1;
		if (mr_key_add(&r->key, val, &r->room, err))
			return mr_err_prefix(err, "%.200s", field->text);
	}
	return 0;
}

int
mr_read_event(struct mr_read *r, const struct mr_line *line, struct mr_err *err)
{
	return read_time(r, line, err) || read_values(r, line, err) || read_key(r, line, err) ? -1 :
												0;
}

bool
mr_read_key(struct mr_read *r, const struct mr_val *vals, struct mr_buf *key)
{
	struct mr_err ignored = MR_ERR_INIT;

	key->len = 0;
	for (size_t i = 0; i < r->spec.nby; i++) {
		int slot = r->spec.by[i].field.slot;

		if (i)
			mr_buf_addc(key, MR_KEY_SEPARATOR);
		if (slot < 0 || mr_key_add(key, &vals[slot], &r->room, &ignored))
			return false;
	}
	return true;
}
