/*
 * axis - slices and the windows over them.
 *
 * Tumbling windows are hopping ones of one slice.  Cumulating windows come in
 * runs that begin together; the slices of a run are its number times `steps`
 * and on, with numbers left over that stand for nothing: a power of two, so
 * that each beginning of a run is a run of few slices joined by two and two.
 */
#include "time/duration.h"
#include "window/axis.h"

#define STEPS_MAX (INT64_C(1) << 24)

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && a < 0);
}

static int64_t
floor_mod(int64_t a, int64_t b)
{
	int64_t rest = a % b;

	return rest < 0 ? rest + b : rest;
}

static int64_t
gcd(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static int64_t
cut_number(const struct mr_axis *x, int64_t ms)
{
	return floor_div(ms - x->offset_ms, x->cut.ms);
}

static int64_t
cut_start(const struct mr_axis *x, int64_t number)
{
	return number * x->cut.ms + x->offset_ms;
}

static int
setup_hop(struct mr_axis *x, struct mr_err *err)
{
	if (x->step_ms > x->size_ms)
		return mr_err_set(err, MR_EX_USAGE,
		    "--hop: windows that are shorter than the way to the next would leave out "
		    "events: filter them, or use --hop SIZE/SLIDE with SLIDE up to SIZE");
	x->cut.ms = gcd(x->size_ms, x->step_ms);
	x->per = x->size_ms / x->cut.ms;
	x->every = x->step_ms / x->cut.ms;
	return 0;
}

static int
setup_cumulate(struct mr_axis *x, struct mr_err *err)
{
	char size[64], step[64];

	if (x->size_ms % x->step_ms)
		return mr_err_set(err, MR_EX_USAGE, "--cumulate: %s is no multiple of %s",
		    mr_duration_text(x->size_ms, size), mr_duration_text(x->step_ms, step));
	if (x->size_ms / x->step_ms > STEPS_MAX)
		return mr_err_set(err, MR_EX_USAGE, "--cumulate: more than %lld steps",
		    (long long)STEPS_MAX);
	x->cut.ms = x->size_ms;
	for (x->steps = 1; x->steps < x->size_ms / x->step_ms;)
		x->steps *= 2;
	return 0;
}

int
mr_axis_setup(struct mr_axis *x, struct mr_err *err)
{
	if (x->shape == MR_AXIS_CUMULATE) {
		if (setup_cumulate(x, err))
			return -1;
	} else {
		if (x->shape == MR_AXIS_TUMBLE)
			x->step_ms = x->size_ms;
		if (setup_hop(x, err))
			return -1;
	}
	x->offset_ms %= x->size_ms;
	return 0;
}

/* Slice j of the run of cumulating windows that begins at `start` and ends at `stop`. */
static struct mr_slice
step_of(const struct mr_axis *x, int64_t run, int64_t j, int64_t start, int64_t stop)
{
	struct mr_slice s = {run * x->steps + j, start + j * x->step_ms, 0};

	s.end = s.start + x->step_ms < stop ? s.start + x->step_ms : stop;
	return s;
}

struct mr_slice
mr_axis_slice(const struct mr_axis *x, int64_t ms)
{
	int64_t number = cut_number(x, ms), start = cut_start(x, number),
		stop = cut_start(x, number + 1);

	if (x->shape == MR_AXIS_CUMULATE)
		return step_of(x, number, (ms - start) / x->step_ms, start, stop);
	return (struct mr_slice){number, start, stop};
}

int64_t
mr_axis_first(const struct mr_axis *x, int64_t slice)
{
	if (x->shape == MR_AXIS_CUMULATE)
		return slice;
	return slice + floor_mod(x->per - 1 - slice, x->every);
}

/* The last slice of a run of cumulating windows. */
static int64_t
last_step(const struct mr_axis *x, int64_t run)
{
	int64_t length = cut_start(x, run + 1) - cut_start(x, run);

	return run * x->steps + (length - 1) / x->step_ms;
}

int64_t
mr_axis_last(const struct mr_axis *x, int64_t slice)
{
	if (x->shape == MR_AXIS_CUMULATE)
		return last_step(x, floor_div(slice, x->steps));
	slice += x->per - 1;
	return slice - floor_mod(slice - (x->per - 1), x->every);
}

int64_t
mr_axis_next(const struct mr_axis *x, int64_t window)
{
	int64_t run;

	if (x->shape != MR_AXIS_CUMULATE)
		return window + x->every;
	run = floor_div(window, x->steps);
	return window < last_step(x, run) ? window + 1 : (run + 1) * x->steps;
}

int64_t
mr_axis_from(const struct mr_axis *x, int64_t window)
{
	if (x->shape == MR_AXIS_CUMULATE)
		return window - floor_mod(window, x->steps);
	return window - (x->per - 1);
}

int64_t
mr_axis_start(const struct mr_axis *x, int64_t window)
{
	if (x->shape == MR_AXIS_CUMULATE)
		return cut_start(x, floor_div(window, x->steps));
	return cut_start(x, window - (x->per - 1));
}

int64_t
mr_axis_end(const struct mr_axis *x, int64_t window)
{
	int64_t run;

	if (x->shape != MR_AXIS_CUMULATE)
		return cut_start(x, window + 1);
	run = floor_div(window, x->steps);
	return step_of(x, run, window - run * x->steps, cut_start(x, run), cut_start(x, run + 1))
	    .end;
}
