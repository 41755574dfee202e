/*
 * read - time, values and key of an event.
 */
#include <time.h>

#include "time/duration.h"
#include "window/key.h"
#include "window/read.h"

#define AHEAD_MAX (INT64_MAX / 4) /* times are within +-9999 years: sums do not overflow */

void
mr_read_init(struct mr_read *r)
{
	*r = (struct mr_read){.time_path = ".ts",
	    .stamper = MR_STAMPER_INIT,
	    .max_ahead_ms = -1,
	    .scan = mr_scan_new()};
	mr_spec_init(&r->spec, r->scan);
}

void
mr_read_release(struct mr_read *r)
{
	mr_spec_release(&r->spec);
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
	if ((r->time_slot = mr_scan_path(r->scan, r->time_path, err)) < 0)
		return mr_err_prefix(err, "--time");
	mr_buf_grow(&r->key, 1); /* an empty key has a place, too */
	return mr_spec_done(&r->spec, err);
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
	return mr_err_set(err, MR_EX_DATA, "%s is %s ahead of the clock: more than --max-ahead %s",
	    r->time_path, mr_duration_text(ms - r->wall_ms, ahead),
	    mr_duration_text(r->max_ahead_ms, limit));
}

static int
read_time(struct mr_read *r, const struct mr_val *vals, struct mr_err *err)
{
	if (mr_stamp_val(&r->stamper, &vals[r->time_slot], &r->time, err))
		return mr_err_prefix(err, "%s", r->time_path);
	return check_ahead(r, r->time.ms, err);
}

static int
read_values(struct mr_read *r, const struct mr_val *vals, struct mr_err *err)
{
	for (size_t i = 0; i < r->spec.nagg; i++) {
		struct mr_spec_agg *agg = &r->spec.agg[i];

		agg->in.arg = &agg->arg;
		agg->in.time = &r->time;
		agg->in.val = NULL;
		if (agg->slot < 0 || vals[agg->slot].type <= MR_NULL)
			continue;
		agg->in.val = &vals[agg->slot];
		if (mr_agg_read(agg->type, &agg->in, err))
			return mr_err_prefix(err, "%s", agg->path);
	}
	return 0;
}

static int
read_key(struct mr_read *r, const struct mr_val *vals, struct mr_err *err)
{
	r->key.len = 0;
	for (size_t i = 0; i < r->spec.nby; i++) {
		if (i)
			mr_buf_addc(&r->key, MR_KEY_SEPARATOR);
		if (mr_key_add(&r->key, &vals[r->spec.by[i].slot], &r->room, err))
			return mr_err_prefix(err, "%s", r->spec.by[i].path);
	}
	return 0;
}

int
mr_read_event(struct mr_read *r, const struct mr_line *line, struct mr_err *err)
{
	return read_time(r, line->vals, err) || read_values(r, line->vals, err) ||
		read_key(r, line->vals, err) ?
	    -1 :
	    0;
}
