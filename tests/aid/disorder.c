/*
 * disorder - made-up events whose times are awkward for windows, one JSON object a line.
 *
 * Usage: disorder [--option=NUMBER ...]
 * The same options give the same bytes on every machine.  A clock runs forward by about --step,
 * often not at all, often to just before, at or just behind a multiple of --grid or the newest
 * event of a key plus --gap, and now and then it pauses for several gaps.  Half of the events
 * carry its time, the others a time up to 15 s behind it: never so far that the watermark
 * of newest - 15 s has reached their own time.
 *
 * With --late every fourth event comes later, up to that much, or with a time at, 1 ms before or 1 ms
 * behind where the watermark and the --late of some case make it too late; and now and then the
 * watermark is put to, or 1 ms beside, where a window of the grid fires, and a few late events follow.
 *
 *   --seed=1 --count=2000 --from=MS (the first time, default 2026-11-21T10:00Z) --step=500
 *   --grid=10000 --gap=20000 --late=0, all in milliseconds
 *
 * Numbers are written without trailing zeros, so that what is equal is the same text.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LAG = 15000, KEYS = 10 };

struct option {
	const char *name;
	int64_t value;
};

enum { SEED, COUNT, FROM, STEP, GRID, GAP, LATE, OPTIONS };

struct disorder {
	struct option opt[OPTIONS];
	uint64_t state;
	int64_t clock, newest; /* newest is of the events written */
	int64_t last[KEYS];
	bool lone; /* the event is of a key that has few others, whose sessions it could join */
	int edge;  /* so many late events are to come, for the watermark is at a bound */
};

/* The last two are the groups of null: the member is null, or not there. */
static const char *const keys[KEYS] = {"\"a\"", "\"b\"", "\"B\"", "\"aa\"", "\"c c\"", "\"Köln\"",
    "\"\"", "\"rare\"", "null", NULL};

/* splitmix64 */
static uint64_t
random_bits(struct disorder *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int64_t
below(struct disorder *d, int64_t n)
{
	return n > 0 ? (int64_t)(random_bits(d) % (uint64_t)n) : 0;
}

/* The first keys come often; the last but two seldom. */
static unsigned
draw_key(struct disorder *d)
{
	int64_t draw = below(d, 100);

	return draw < 70 ? (unsigned)below(d, 4) : draw < 99 ? 4 + (unsigned)below(d, KEYS - 4) : 7;
}

/* At, 1 ms before or 1 ms behind `to`, if that is not too far ahead. */
static void
aim(struct disorder *d, int64_t to)
{
	to += below(d, 3) - 1;
	if (to > d->clock && to - d->clock <= 2 * d->opt[GAP].value)
		d->clock = to;
}

static int64_t
next_bound(const struct disorder *d)
{
	int64_t grid = d->opt[GRID].value, into = d->clock % grid;

	return d->clock - into + (into >= 0 ? grid : 0);
}

static void
move_clock(struct disorder *d, unsigned key)
{
	int64_t draw = below(d, 1000), step = d->opt[STEP].value;

	if (draw < 650)
		d->clock += below(d, 2 * step);
	else if (draw < 800)
		return;
	else if (draw < 880)
		aim(d, next_bound(d));
	else if (draw < 920)
		aim(d, d->last[key] + d->opt[GAP].value);
	else if (draw < 925)
		d->clock += below(d, 4 * d->opt[GAP].value);
}

/* A time for which the watermark may be too far: the limits are sums of what the cases allow. */
static int64_t
draw_late(struct disorder *d)
{
	static const int64_t limits[] = {20000, 33000, 60000};
	int64_t how = below(d, 3), ms = d->newest - LAG + 1 - limits[below(d, 3)];

	if (d->edge > 0) {
		d->edge--;
		return d->newest - LAG - below(d, 2) * 20000 - below(d, d->opt[GRID].value);
	}
	if (how == 0)
		return d->clock - below(d, d->opt[LATE].value);
	d->lone = true;
	return ms + below(d, 3) - 1;
}

static int64_t
draw_time(struct disorder *d)
{
	int64_t draw = below(d, 8), ms = d->clock;

	if (d->opt[LATE].value > 0 && d->newest != INT64_MIN) {
		if (d->edge > 0 || draw == 0 || draw == 2)
			return draw_late(d);
		if (below(d, 24) == 0) {
			aim(d, next_bound(d) + LAG - 1);
			d->edge = 3;
			return d->clock;
		}
	}
	if (draw % 2)
		ms -= below(d, LAG);
	if (draw == 3)
		ms -= ms % 1000;
	return d->newest != INT64_MIN && ms <= d->newest - LAG ? d->newest - LAG + 1 : ms;
}

static void
put_time(int64_t ms)
{
	int64_t rest = (ms % 1000 + 1000) % 1000;
	time_t seconds = (time_t)((ms - rest) / 1000);
	struct tm tm;
	char text[32];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	printf(",\"ts\":\"%s.%03dZ\"", text, (int)rest);
}

/* units / 10^scale */
static void
put_decimal(int64_t units, int scale)
{
	int64_t one = 1;

	while (scale > 0 && units % 10 == 0) {
		units /= 10;
		scale--;
	}
	for (int i = 0; i < scale; i++)
		one *= 10;
	printf("%s%" PRId64, units < 0 ? "-" : "", (int64_t)imaxabs(units) / one);
	if (scale > 0)
		printf(".%0*" PRId64, scale, (int64_t)imaxabs(units) % one);
}

/* Of any size and sign, with 0 to 6 digits behind the point; one in 20 is null or missing. */
static void
put_value(struct disorder *d)
{
	static const int64_t sizes[] = {10, 1000, 100000, 1000000000, INT64_C(100000000000000000)};
	int64_t draw = below(d, 40), units;
	int scale = (int)below(d, 7);

	if (draw == 0)
		return;
	printf(",\"v\":");
	if (draw == 1) {
		printf("null");
		return;
	}
	units = below(d, sizes[below(d, 5)]);
	put_decimal(below(d, 3) ? units : -units, scale);
}

static void
put_event(struct disorder *d, int64_t id)
{
	unsigned key = draw_key(d);
	int64_t ms;

	move_clock(d, key);
	ms = draw_time(d);
	printf("{\"id\":%" PRId64, id);
	put_time(ms);
	if (d->lone)
		printf(",\"k\":\"rare%" PRId64 "\"", below(d, 10));
	else if (keys[key])
		printf(",\"k\":%s", keys[key]);
	put_value(d);
	printf(",\"f\":");
	put_decimal(1 + below(d, 9999), 2);
	printf(",\"q\":%" PRId64 "}\n", below(d, 300));
	if (ms > d->newest)
		d->newest = ms;
	if (ms > d->last[key] && !d->lone)
		d->last[key] = ms;
	d->lone = false;
}

static int
read_option(struct disorder *d, const char *arg)
{
	const char *value = strchr(arg, '=');
	char *end;

	for (int i = 0; i < OPTIONS && value && strncmp(arg, "--", 2) == 0; i++)
		if (strlen(d->opt[i].name) == (size_t)(value - arg - 2) &&
		    strncmp(arg + 2, d->opt[i].name, (size_t)(value - arg - 2)) == 0) {
			d->opt[i].value = strtoll(value + 1, &end, 10);
			return value[1] && !*end ? 0 : -1;
		}
	return -1;
}

int
main(int argc, char **argv)
{
	struct disorder d = {.opt = {{"seed", 1}, {"count", 2000}, {"from", INT64_C(1795255200000)},
				 {"step", 500}, {"grid", 10000}, {"gap", 20000}, {"late", 0}},
	    .newest = INT64_MIN};

	for (int i = 1; i < argc; i++)
		if (read_option(&d, argv[i]) < 0 || d.opt[GRID].value <= 0) {
			fprintf(stderr, "disorder: bad option '%s'\n", argv[i]);
			return 2;
		}
	d.state = (uint64_t)d.opt[SEED].value * UINT64_C(0xd1342543de82ef95);
	d.clock = d.opt[FROM].value;
	for (int i = 0; i < KEYS; i++)
		d.last[i] = d.clock - d.opt[GAP].value;
	for (int64_t id = 0; id < d.opt[COUNT].value; id++)
		put_event(&d, id);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 4;
}
