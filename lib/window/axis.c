/*
 * axis - slices and the windows over them.
 *
 * Tumbling windows are hopping ones of one slice.  Cumulating windows come in
 * runs that begin together; the slices of a run are its number times `steps`
 * and on, with numbers left over that stand for nothing: a power of two, so
 * that each beginning of a run is few spans of slices joined two and two
 * (join.h), and enough for the longest day or month.  Tumbling windows that
 * cut a local day are numbered in the same way.
 */
#include "time/civil.h"
#include "window/axis.h"

#define STEPS_MAX (INT64_C(1) << 24)
#define HOUR_MS INT64_C(3600000)

static int64_t
cut_number(const struct mr_axis *x, const struct mr_cut *cut, int64_t ms)
{
	ms -= x->offset_ms;
	if (cut->ms)
		return mr_floor_div(ms, cut->ms);
	return mr_floor_div(mr_calendar_index(x->zone, cut->unit, ms), cut->n);
}

static int64_t
cut_start(const struct mr_axis *x, const struct mr_cut *cut, int64_t number)
{
	if (cut->ms)
		return number * cut->ms + x->offset_ms;
	return mr_calendar_start(x->zone, cut->unit, number * cut->n) + x->offset_ms;
}

/* Without a zone a day is 24 hours. */
static void
fix_days(const struct mr_axis *x, struct mr_period *p)
{
	if (x->zone || !p->days)
		return;
	p->ms = p->days * MR_DAY_MS;
	p->days = 0;
}

static struct mr_cut
cut_of(const struct mr_period *p)
{
	if (p->months)
		return (struct mr_cut){0, MR_CALENDAR_MONTH, p->months};
	if (p->days && p->days % 7 == 0)
		return (struct mr_cut){0, MR_CALENDAR_WEEK, p->days / 7};
	if (p->days)
		return (struct mr_cut){0, MR_CALENDAR_DAY, p->days};
	return (struct mr_cut){p->ms, MR_CALENDAR_DAY, 0};
}

/* What both lengths of a hop are multiples of; false: nothing is. */
static bool
shared_length(const struct mr_period *a, const struct mr_period *b, struct mr_period *length)
{
	*length = (struct mr_period){mr_gcd(a->ms, b->ms), (int)mr_gcd(a->months, b->months),
	    (int)mr_gcd(a->days, b->days)};
	return !a->ms == !b->ms && !a->months == !b->months && !a->days == !b->days;
}

/* How many times a length that is a multiple of another has it. */
static int64_t
times(const struct mr_period *p, const struct mr_period *length)
{
	return p->months ? p->months / length->months :
	    p->days      ? p->days / length->days :
			   p->ms / length->ms;
}

static int
setup_hop(struct mr_axis *x, struct mr_err *err)
{
	char size[64], step[64];
	struct mr_period length;

	if (!shared_length(&x->size, &x->step, &length))
		return mr_err_set(err, MR_EX_USAGE,
		    "--hop: %s and %s: months go with months, days of a zone with days",
		    mr_period_text(&x->size, size), mr_period_text(&x->step, step));
	if (x->zone && length.ms)
		return mr_err_set(err, MR_EX_USAGE,
		    "--tz: windows that hop are of whole days, weeks, months or years; "
		    "--offset moves those of hours");
	x->cut = cut_of(&length);
	x->per = times(&x->size, &length);
	x->every = times(&x->step, &length);
	if (x->every > x->per)
		return mr_err_set(err, MR_EX_USAGE,
		    "--hop SIZE/SLIDE: %s is more than %s: events between the windows would be "
		    "in none",
		    mr_period_text(&x->step, step), mr_period_text(&x->size, size));
	if (x->per / x->every > STEPS_MAX)
		return mr_err_set(err, MR_EX_USAGE,
		    "--hop: each event would be in %lld windows: more than %lld",
		    (long long)(x->per / x->every), (long long)STEPS_MAX);
	return 0;
}

/* Room for the steps of the longest run: days have up to 26 hours, or 22. */
static int
count_steps(struct mr_axis *x, const char *option, struct mr_err *err)
{
	int64_t longest = x->size.ms ?
	    x->size.ms :
	    (x->size.months ? x->size.months * INT64_C(32) : x->size.days + 1) * 26 * HOUR_MS;
	int64_t shortest = x->step.ms ?
	    x->step.ms :
	    (x->step.months ? x->step.months * INT64_C(28) : x->step.days) * 22 * HOUR_MS;

	for (x->steps = 1; x->steps <= longest / shortest;)
		x->steps *= 2;
	if (x->steps > STEPS_MAX)
		return mr_err_set(err, MR_EX_USAGE, "%s: more than %lld steps", option,
		    (long long)STEPS_MAX / 2);
	x->cut = cut_of(&x->size);
	x->step_cut = cut_of(&x->step);
	if (x->step.days && !x->step_cut.ms) /* from the beginning of the run, not from Monday */
		x->step_cut = (struct mr_cut){0, MR_CALENDAR_DAY, x->step.days};
	return 0;
}

static int
setup_cumulate(struct mr_axis *x, struct mr_err *err)
{
	char size[64], step[64];
	const struct mr_period *a = &x->size, *b = &x->step;
	bool fits = b->months ? a->months && a->months % b->months == 0 :
	    b->days           ? a->months || (a->days && a->days % b->days == 0) :
	    a->ms             ? b->ms && a->ms % b->ms == 0 :
				MR_DAY_MS % b->ms == 0 || (!x->zone && b->ms % MR_DAY_MS == 0);

	if (x->zone && a->ms)
		return mr_err_set(err, MR_EX_USAGE,
		    "--tz: windows that cumulate are of whole days, weeks, months or years; "
		    "--offset moves those of hours");
	if (!fits)
		return mr_err_set(err, MR_EX_USAGE, "--cumulate MAX/STEP: %s is no multiple of %s",
		    mr_period_text(a, size), mr_period_text(b, step));
	return count_steps(x, "--cumulate", err);
}

/* Hours of a local day. */
static int
setup_hours(struct mr_axis *x, struct mr_err *err)
{
	char size[64];

	if (MR_DAY_MS % x->size.ms)
		return mr_err_set(err, MR_EX_USAGE,
		    "--tz: %s is neither whole days, weeks, months or years nor a part of a day",
		    mr_period_text(&x->size, size));
	x->step = x->size;
	x->size = (struct mr_period){.days = 1};
	x->every = 1;
	return count_steps(x, "--tumble", err);
}

int
mr_axis_setup(struct mr_axis *x, struct mr_err *err)
{
	fix_days(x, &x->size);
	fix_days(x, &x->step);
	if (x->shape == MR_AXIS_CUMULATE)
		return setup_cumulate(x, err);
	if (x->shape == MR_AXIS_TUMBLE && x->zone && x->size.ms)
		return setup_hours(x, err);
	if (x->shape == MR_AXIS_TUMBLE)
		x->step = x->size;
	return setup_hop(x, err);
}

void
mr_axis_release(struct mr_axis *x)
{
	mr_zone_free(x->zone);
	x->zone = NULL;
}

/* A run of steps: its number and bounds. */
struct run {
	int64_t number, start, stop;
};

static struct run
run_of(const struct mr_axis *x, int64_t number)
{
	return (
	    struct run){number, cut_start(x, &x->cut, number), cut_start(x, &x->cut, number + 1)};
}

/* Where step j of a run begins; behind the last, where the run ends. */
static int64_t
step_start(const struct mr_axis *x, const struct run *run, int64_t j)
{
	const struct mr_cut *cut = &x->step_cut;
	int64_t at = cut->ms ?
	    run->start + j * cut->ms :
	    mr_calendar_start(x->zone, cut->unit,
		mr_calendar_index(x->zone, cut->unit, run->start - x->offset_ms) + j * cut->n) +
		x->offset_ms;

	return at < run->stop ? at : run->stop;
}

/* The step of a run that a time is in. */
static int64_t
step_at(const struct mr_axis *x, const struct run *run, int64_t ms)
{
	const struct mr_cut *cut = &x->step_cut;

	if (cut->ms)
		return (ms - run->start) / cut->ms;
	return (mr_calendar_index(x->zone, cut->unit, ms - x->offset_ms) -
		   mr_calendar_index(x->zone, cut->unit, run->start - x->offset_ms)) /
	    cut->n;
}

/* The last slice of a run. */
static int64_t
last_step(const struct mr_axis *x, int64_t number)
{
	struct run run = run_of(x, number);

	return number * x->steps + step_at(x, &run, run.stop - 1);
}

static int64_t
slice_start(const struct mr_axis *x, int64_t slice)
{
	struct run run;

	if (!x->steps)
		return cut_start(x, &x->cut, slice);
	run = run_of(x, mr_floor_div(slice, x->steps));
	return step_start(x, &run, slice - run.number * x->steps);
}

static int64_t
slice_end(const struct mr_axis *x, int64_t slice)
{
	return slice_start(x, slice + 1);
}

struct mr_slice
mr_axis_slice(const struct mr_axis *x, int64_t ms)
{
	int64_t number = cut_number(x, &x->cut, ms);

	if (x->steps) {
		struct run run = run_of(x, number);

		number = number * x->steps + step_at(x, &run, ms);
	}
	return (struct mr_slice){number, slice_start(x, number), slice_end(x, number)};
}

/* Of windows that do not cumulate: those that begin with slice 0, `every` ... have these names. */
static int64_t
not_below(const struct mr_axis *x, int64_t slice)
{
	return slice + mr_floor_mod(x->per - 1 - slice, x->every);
}

int64_t
mr_axis_first(const struct mr_axis *x, int64_t slice)
{
	return x->steps ? slice : not_below(x, slice);
}

int64_t
mr_axis_last(const struct mr_axis *x, int64_t slice)
{
	if (x->shape == MR_AXIS_CUMULATE)
		return last_step(x, mr_floor_div(slice, x->steps));
	return x->steps ? slice : not_below(x, slice + x->per - x->every);
}

/* A day that the calendar leaves out adds no window: it would be the one before once more. */
int64_t
mr_axis_next(const struct mr_axis *x, int64_t window)
{
	int64_t run;

	if (!x->steps)
		return window + x->every;
	run = mr_floor_div(window, x->steps);
	if (window >= last_step(x, run))
		return (run + 1) * x->steps;
	do
		window++;
	while (!x->step_cut.ms && slice_start(x, window) == slice_end(x, window));
	return window;
}

int64_t
mr_axis_from(const struct mr_axis *x, int64_t window)
{
	if (x->shape == MR_AXIS_CUMULATE)
		return window - mr_floor_mod(window, x->steps);
	return x->steps ? window : window - (x->per - 1);
}

int64_t
mr_axis_start(const struct mr_axis *x, int64_t window)
{
	return slice_start(x, mr_axis_from(x, window));
}

int64_t
mr_axis_end(const struct mr_axis *x, int64_t window)
{
	return slice_end(x, window);
}
