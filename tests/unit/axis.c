/*
 * Slices and windows: every time is in exactly the windows that contain it, as
 * a walk along the axis finds them; first, last, next and from say the same
 * of them as their bounds.  Lengths of time and of the calendar, in zones that skip
 * midnights, whole days and half hours.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "unit.h"
#include "window/axis.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define MOST 4096

struct bounds {
	int64_t start, end;
};

struct list {
	struct bounds at[MOST];
	int n;
};

/* A case: what the axis was made of, and an axis. */
struct drawn {
	enum mr_axis_shape shape;
	struct mr_period size, step;
	int64_t offset;
	const char *zone;
	struct mr_axis axis;
};

static const char *const zones[] = {
	NULL, "UTC", "Europe/Paris", "America/New_York", "Pacific/Apia", "America/Sao_Paulo",
	"Australia/Lord_Howe", "America/Havana", "America/St_Johns", "Asia/Kathmandu",
};

static int64_t
draw(int64_t low, int64_t high)
{
	return low + (int64_t)unit_draw((uint64_t)(high - low + 1));
}

/* --- a walk along the axis ------------------------------------------------------- */

static int64_t
floor_to(int64_t a, int64_t b)
{
	int64_t rest = a % b;

	return a - (rest < 0 ? rest + b : rest);
}

/* Does it go by the calendar, and by which unit? */
static bool
by_calendar(const struct drawn *d, const struct mr_period *p, enum mr_calendar_unit *unit, int64_t *n)
{
	*unit = p->months ? MR_CALENDAR_MONTH : p->days % 7 ? MR_CALENDAR_DAY : MR_CALENDAR_WEEK;
	*n = p->months ? p->months : p->days % 7 ? p->days : p->days / 7;
	return p->months || (p->days && d->zone);
}

static int64_t
ms_of(const struct mr_period *p)
{
	return p->ms + p->days * DAY;
}

static void
add(struct list *l, int64_t start, int64_t end, int64_t ms)
{
	if (ms < start || ms >= end)
		return;
	if (l->n == MOST)
		abort();
	l->at[l->n++] = (struct bounds){start, end};
}

/* Windows by the calendar that begin every `step` units. */
static void
walk_calendar(const struct drawn *d, enum mr_calendar_unit unit, int64_t size, int64_t step,
    int64_t ms, struct list *l)
{
	const struct mr_zone *z = d->axis.zone;
	int64_t index = mr_calendar_index(z, unit, ms - d->offset);

	for (int64_t k = floor_to(index - size - 3, step); k <= index + 3; k += step)
		add(l, mr_calendar_start(z, unit, k) + d->offset,
		    mr_calendar_start(z, unit, k + size) + d->offset, ms);
}

static void
walk_hop(const struct drawn *d, int64_t ms, struct list *l)
{
	enum mr_calendar_unit unit, other;
	int64_t n, m;

	if (by_calendar(d, &d->step, &unit, &n)) {
		by_calendar(d, &d->size, &other, &m);
		if (unit == MR_CALENDAR_DAY || other == MR_CALENDAR_DAY) {
			unit = MR_CALENDAR_DAY;
			n = d->step.days;
			m = d->size.days;
		}
		walk_calendar(d, unit, m, n, ms, l);
		return;
	}
	n = ms_of(&d->step);
	m = ms_of(&d->size);
	for (int64_t s = floor_to(ms - m - n - d->offset, n) + d->offset; s <= ms; s += n)
		add(l, s, s + m, ms);
}

/* The run of a time, then its steps one by one. */
static void
walk_cumulate(const struct drawn *d, int64_t ms, struct list *l)
{
	const struct mr_zone *z = d->axis.zone;
	enum mr_calendar_unit unit;
	struct list run = {.n = 0};
	int64_t n, start, stop, end;

	if (by_calendar(d, &d->size, &unit, &n)) {
		walk_calendar(d, unit, n, n, ms, &run);
	} else {
		n = ms_of(&d->size);
		start = floor_to(ms - d->offset, n) + d->offset;
		add(&run, start, start + n, ms);
	}
	CHECK_INT(run.n, 1);
	start = run.at[0].start;
	stop = run.at[0].end;
	for (int64_t j = 1;; j++) {
		if (by_calendar(d, &d->step, &unit, &n)) {
			if (unit == MR_CALENDAR_WEEK) {
				unit = MR_CALENDAR_DAY;
				n *= 7;
			}
			end = mr_calendar_start(z, unit,
				  mr_calendar_index(z, unit, start - d->offset) + j * n) + d->offset;
		} else {
			end = start + j * ms_of(&d->step);
		}
		if (end > stop)
			end = stop;
		/* a step of no length is no window of its own */
		if (!(l->n && l->at[l->n - 1].end == end))
			add(l, start, end, ms);
		if (end == stop)
			return;
	}
}

/* Hours of a local day, without the hours of other windows: tumbling only. */
static void
walk_hours(const struct drawn *d, int64_t ms, struct list *l)
{
	struct list day = {.n = 0};

	walk_calendar(d, MR_CALENDAR_DAY, 1, 1, ms, &day);
	CHECK_INT(day.n, 1);
	for (int64_t s = day.at[0].start; s < day.at[0].end; s += d->size.ms)
		add(l, s, s + d->size.ms < day.at[0].end ? s + d->size.ms : day.at[0].end, ms);
}

/* All windows that contain ms, by end and start. */
static void
walk(const struct drawn *d, int64_t ms, struct list *l)
{
	l->n = 0;
	if (d->shape == MR_AXIS_CUMULATE)
		walk_cumulate(d, ms, l);
	else if (d->shape == MR_AXIS_TUMBLE && d->zone && d->size.ms)
		walk_hours(d, ms, l);
	else
		walk_hop(d, ms, l);
}

/* --- cases ------------------------------------------------------------------------- */

static void
draw_time_lengths(struct drawn *d)
{
	int64_t unit = unit_draw(3) ? 1 : unit_draw(2) ? 1000 : HOUR;

	d->step.ms = unit * draw(1, 20);
	if (d->shape == MR_AXIS_CUMULATE)
		d->size.ms = d->step.ms * draw(1, 20);
	else
		d->size.ms = d->step.ms + unit * draw(0, 40);
	d->offset = unit_draw(2) ? draw(0, 100) * unit : 0;
}

static void
draw_calendar_lengths(struct drawn *d)
{
	static const int parts[] = {1, 2, 3, 4, 6, 12};
	bool months = unit_draw(3) == 0;
	int step = months ? parts[unit_draw(6)] : unit_draw(3) ? (int)draw(1, 10) : 7 * (int)draw(1, 3);
	int size = d->shape == MR_AXIS_CUMULATE ? step * (int)draw(1, 6) : step + (int)draw(0, 20);

	if (!unit_draw(3) && step % 7 == 0 && !months)
		size = step * (int)draw(1, 4);
	*(months ? &d->size.months : &d->size.days) = size;
	if (d->shape == MR_AXIS_CUMULATE && unit_draw(2)) {
		static const int64_t lengths[] = {HOUR, HOUR / 2, 6 * HOUR, 8 * HOUR, 12 * HOUR};

		*(months ? &d->size.months : &d->size.days) = size > 3 ? 1 : size;
		if (months && unit_draw(2))
			d->step.days = (int)draw(1, 8);
		else
			d->step.ms = lengths[unit_draw(5)];
	} else {
		*(months ? &d->step.months : &d->step.days) = step;
	}
	if (!unit_draw(4))
		d->offset = draw(0, 30) * HOUR;
}

static void
draw_axis(struct drawn *d)
{
	struct mr_err err = MR_ERR_INIT;
	static const int64_t hours[] = {HOUR / 4, HOUR, 2 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR};

	*d = (struct drawn){.shape = (enum mr_axis_shape)draw(MR_AXIS_TUMBLE, MR_AXIS_CUMULATE),
	    .zone = zones[unit_draw(sizeof zones / sizeof *zones)]};
	if (unit_draw(3)) {
		draw_calendar_lengths(d);
	} else if (!d->zone) {
		draw_time_lengths(d);
	} else {
		d->shape = MR_AXIS_TUMBLE;
		d->size.ms = hours[unit_draw(6)];
	}
	if (d->shape == MR_AXIS_TUMBLE) {
		if (d->step.ms || d->step.days || d->step.months)
			d->size = d->step;
		d->step = d->size;
	}
	d->axis = (struct mr_axis){.shape = d->shape, .size = d->size, .step = d->step,
	    .offset_ms = d->offset};
	if (d->zone && !(d->axis.zone = mr_zone_new(d->zone, &err)))
		unit_fail(__FILE__, __LINE__, err.text);
	if (mr_axis_setup(&d->axis, &err))
		unit_fail(__FILE__, __LINE__, err.text);
}

/* Anywhere; around a midnight in the year in which Apia skipped a day; on a bound. */
static int64_t
draw_ms(const struct drawn *d)
{
	int64_t ms = draw(0, 3) ? INT64_C(1293840000000) + draw(0, 400) * DAY + draw(-3, 30) * HOUR :
				  draw(-INT64_C(60000000000), INT64_C(1900000000)) * 1000 + draw(0, 999);

	if (!d->zone && d->size.ms && d->size.ms < 100000)
		ms = draw(-3000, 3000);
	if (!unit_draw(3))
		ms = mr_axis_slice(&d->axis, ms).start;
	return ms - (int64_t)(unit_draw(4) == 0);
}

/* --- laws ---------------------------------------------------------------------------- */

static void
slice_laws(const struct mr_axis *x, int64_t ms)
{
	struct mr_slice s = mr_axis_slice(x, ms), before, behind;

	CHECK(s.start <= ms && ms < s.end);
	before = mr_axis_slice(x, s.start - 1);
	behind = mr_axis_slice(x, s.end);
	CHECK_INT(mr_axis_slice(x, s.start).number, s.number);
	CHECK_INT(mr_axis_slice(x, s.end - 1).number, s.number);
	CHECK(before.number < s.number && s.number < behind.number);
	CHECK_INT(before.end, s.start);
	CHECK_INT(behind.start, s.end);
}

static void
window_laws(const struct mr_axis *x, int64_t ms, const struct list *want)
{
	int64_t slice = mr_axis_slice(x, ms).number, first = mr_axis_first(x, slice),
		last = mr_axis_last(x, slice), w = first;
	int n = 0;

	CHECK(slice <= first && first <= last);
	for (; w <= last && n < want->n; w = mr_axis_next(x, w), n++) {
		int64_t start = mr_axis_start(x, w), end = mr_axis_end(x, w);

		CHECK_INT(start, want->at[n].start);
		CHECK_INT(end, want->at[n].end);
		CHECK(mr_axis_from(x, w) <= slice && slice <= w);
		CHECK(mr_axis_next(x, w) > w);
		CHECK(mr_axis_end(x, mr_axis_next(x, w)) >= end);
		if (n == want->n - 1)
			CHECK_INT(w, last);
	}
	CHECK_INT(n, want->n);
	/* what comes next does not contain it any more, what ended before did not yet */
	CHECK(mr_axis_start(x, mr_axis_next(x, last)) > ms ||
	    mr_axis_end(x, mr_axis_next(x, last)) <= ms ||
	    mr_axis_start(x, mr_axis_next(x, last)) == mr_axis_end(x, mr_axis_next(x, last)));
}

static void
every_time_is_in_the_windows_that_contain_it(void)
{
	long windows = 0, times = 0;

	for (int round = 0; round < 4000 && !unit_bad; round++) {
		struct drawn d;

		draw_axis(&d);
		for (int i = 0; i < 40 && !unit_bad; i++) {
			static struct list want;
			int64_t ms = draw_ms(&d);

			walk(&d, ms, &want);
			slice_laws(&d.axis, ms);
			window_laws(&d.axis, ms, &want);
			windows += want.n;
			times++;
			if (!unit_bad)
				continue;
			printf("# round %d: shape %d size %" PRId64 "ms %dmo %dd step %" PRId64
			    "ms %dmo %dd offset %" PRId64 " zone %s time %" PRId64 "\n", round, d.shape,
			    d.size.ms, d.size.months, d.size.days, d.step.ms, d.step.months,
			    d.step.days, d.offset, d.zone ? d.zone : "none", ms);
			for (int j = 0; j < want.n; j++)
				printf("#   %" PRId64 " %" PRId64 "\n", want.at[j].start,
				    want.at[j].end);
		}
		mr_axis_release(&d.axis);
	}
	printf("# %ld times in %ld windows\n", times, windows);
}

int
main(void)
{
	unit_seed(11);
	RUN(every_time_is_in_the_windows_that_contain_it);
	return unit_done();
}
