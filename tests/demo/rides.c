/*
 * rides - a day of made-up taxi rides, one JSON object a line.
 *
 * The same options give the same bytes on every machine: there is no floating
 * point in here, and the random numbers are our own.  Rides come in the order
 * in which a server would get them: their clock runs up to 15 s behind, and a
 * share of them (--late) comes 10 to 60 minutes behind, far beyond any doubt
 * of being late for a window of a minute.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MINUTES = 1440, LONGEST = 512, ROOM = 1 << 18 };

struct options {
	uint64_t count, seed, late_ppm, part, parts;
	const char *day;
};

struct rides {
	struct options opt;
	uint64_t state;              /* of the random numbers */
	uint64_t below[MINUTES + 1]; /* weight of the day before each minute */
	unsigned minute;             /* where the clock stands */
	uint64_t clock_ms;           /* since the day's begin; never goes back */
	size_t len;
	char buf[ROOM + LONGEST];
};

struct zone {
	const char *name;
	int lat, lon;   /* 1e-5 degrees */
	unsigned share; /* in percent */
};

static const struct zone zones[] = {
    {"Mitte", 5251700, 1338900, 20},
    {"Friedrichshain-Kreuzberg", 5250200, 1345200, 15},
    {"Charlottenburg-Wilmersdorf", 5250400, 1330400, 14},
    {"Tempelhof-Schöneberg", 5246700, 1338500, 9},
    {"Neukölln", 5248100, 1343500, 9},
    {"Pankow", 5256900, 1340200, 8},
    {"Flughafen BER", 5236200, 1350100, 8},
    {"Steglitz-Zehlendorf", 5243500, 1325800, 5},
    {"Lichtenberg", 5251500, 1349700, 4},
    {"Treptow-Köpenick", 5244200, 1357500, 3},
    {"Spandau", 5253500, 1320000, 2},
    {"Reinickendorf", 5258900, 1332100, 2},
    {"Marzahn-Hellersdorf", 5253600, 1357600, 1},
};

static const char *const vendors[] = {"Funk Taxi", "Würfelfunk", "City Cab", "TaxiNord"};

/* Rides at each full hour of a working day, the busiest hour being 100. */
static const unsigned curve[25] = {34, 24, 18, 14, 16, 28, 52, 84, 100, 82, 66, 62, 66, 68, 66, 70,
    80, 94, 100, 90, 78, 72, 66, 50, 34};

/* splitmix64: each state gives one number, and no two states the same one. */
static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t
random_bits(struct rides *r)
{
	r->state += UINT64_C(0x9e3779b97f4a7c15);
	return mix(r->state);
}

static unsigned
below(struct rides *r, unsigned n)
{
	return (unsigned)(((random_bits(r) >> 32) * n) >> 32);
}

static void
put(struct rides *r, const char *text)
{
	size_t len = strlen(text);

	memcpy(r->buf + r->len, text, len);
	r->len += len;
}

static void
put_digits(struct rides *r, uint64_t n, int digits)
{
	for (int i = digits - 1; i >= 0; i--, n /= 10)
		r->buf[r->len + (size_t)i] = (char)('0' + n % 10);
	r->len += (size_t)digits;
}

static void
put_number(struct rides *r, uint64_t n)
{
	int digits = 1;

	for (uint64_t rest = n; rest >= 10; rest /= 10)
		digits++;
	put_digits(r, n, digits);
}

static void
put_cents(struct rides *r, unsigned cents)
{
	put_number(r, cents / 100);
	put(r, ".");
	put_digits(r, cents % 100, 2);
}

static void
put_degrees(struct rides *r, int e5)
{
	put_number(r, (uint64_t)(e5 / 100000));
	put(r, ".");
	put_digits(r, (uint64_t)(e5 % 100000), 5);
}

static void
put_hex(struct rides *r, uint64_t n, int digits)
{
	for (int i = digits - 1; i >= 0; i--, n >>= 4)
		r->buf[r->len + (size_t)i] = "0123456789abcdef"[n & 15];
	r->len += (size_t)digits;
}

/* Shaped like a UUID; its first half cannot repeat within a seed. */
static void
put_id(struct rides *r, uint64_t ride)
{
	uint64_t high = mix(ride + (r->opt.seed << 40)), low = random_bits(r);

	put(r, "{\"ride_id\":\"");
	put_hex(r, high >> 32, 8);
	put(r, "-");
	put_hex(r, high >> 16, 4);
	put(r, "-");
	put_hex(r, high, 4);
	put(r, "-");
	put_hex(r, low >> 48, 4);
	put(r, "-");
	put_hex(r, low, 12);
}

static void
put_time(struct rides *r, uint64_t ms)
{
	put(r, "\",\"ts\":\"");
	put(r, r->opt.day);
	put(r, "T");
	put_digits(r, ms / 3600000, 2);
	put(r, ":");
	put_digits(r, ms / 60000 % 60, 2);
	put(r, ":");
	put_digits(r, ms / 1000 % 60, 2);
	put(r, ".");
	put_digits(r, ms % 1000, 3);
	put(r, "Z\"");
}

/*
 * Rides share the day evenly by weight: ride i has the i-th of n equal parts
 * and falls anywhere in it.
 */
static void
move_clock(struct rides *r, uint64_t ride)
{
	uint64_t all = r->below[MINUTES], width, at;

	width = all / r->opt.count;
	at = (uint64_t)((unsigned __int128)all * ride / r->opt.count);
	if (width > 0)
		at += random_bits(r) % width;
	while (at >= r->below[r->minute + 1])
		r->minute++;
	at -= r->below[r->minute];
	width = r->below[r->minute + 1] - r->below[r->minute];
	r->clock_ms = r->minute * UINT64_C(60000) + at * 60000 / width;
}

static uint64_t
ride_time(struct rides *r)
{
	uint64_t behind, draw = random_bits(r);

	if (draw % 1000000 < r->opt.late_ppm) {
		behind = 600000 + below(r, 3000000);
		if (behind <= r->clock_ms)
			return r->clock_ms - behind;
	}
	behind = below(r, draw >> 61 ? 3000 : 15000);
	return behind <= r->clock_ms ? r->clock_ms - behind : 0;
}

static const struct zone *
draw_zone(struct rides *r)
{
	const struct zone *zone = zones;

	for (unsigned draw = below(r, 100); draw >= zone->share; zone++)
		draw -= zone->share;
	return zone;
}

static const char *
draw_status(struct rides *r)
{
	unsigned draw = below(r, 100);

	return draw < 88 ? "completed" : draw < 96 ? "cancelled" : "no_show";
}

/* Draws stand in statements of their own: C leaves their order within one to the compiler. */
static unsigned
draw_fare(struct rides *r)
{
	unsigned length = below(r, 60), pace = below(r, 120);

	return 430 + length * pace;
}

static unsigned
draw_passengers(struct rides *r)
{
	unsigned draw = below(r, 100);

	return draw < 62 ? 1 : draw < 84 ? 2 : draw < 92 ? 3 : draw < 97 ? 4 : draw < 99 ? 5 : 6;
}

static void
put_ride(struct rides *r, uint64_t ride)
{
	const struct zone *zone = draw_zone(r);
	unsigned fare;

	move_clock(r, ride);
	put_id(r, ride);
	put_time(r, ride_time(r));
	put(r, ",\"vendor\":\"");
	put(r, vendors[below(r, 4)]);
	put(r, "\",\"zone\":\"");
	put(r, zone->name);
	put(r, "\",\"pickup\":{\"lat\":");
	put_degrees(r, zone->lat + (int)below(r, 4000) - 2000);
	put(r, ",\"lon\":");
	put_degrees(r, zone->lon + (int)below(r, 6000) - 3000);
	put(r, "},\"fare\":");
	fare = draw_fare(r);
	put_cents(r, fare);
	if (below(r, 10) > 0) {
		put(r, ",\"tip\":");
		put_cents(r, fare * below(r, 25) / 100);
	}
	put(r, ",\"passengers\":");
	put_number(r, draw_passengers(r));
	put(r, ",\"status\":\"");
	put(r, draw_status(r));
	put(r, "\"}\n");
}

static int
flush(struct rides *r)
{
	size_t done = 0;

	while (done < r->len) {
		ssize_t wrote = write(STDOUT_FILENO, r->buf + done, r->len - done);

		if (wrote < 0 && errno != EINTR)
			return -1;
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	r->len = 0;
	return 0;
}

/* The weight of each minute: the curve, and up to a tenth of noise. */
static void
weigh_day(struct rides *r)
{
	for (unsigned m = 0; m < MINUTES; m++) {
		unsigned hour = m / 60, into = m % 60;
		unsigned weight = curve[hour] * (60 - into) + curve[hour + 1] * into;

		r->below[m + 1] = r->below[m] + weight * (uint64_t)(900 + below(r, 201)) * 1000;
	}
}

static const char usage[] =
    "usage: rides [-n count] [--day YYYY-MM-DD] [--late share] [--part K/N] [--seed number]\n"
    "  -n, --count N      rides in the day (default 30000)\n"
    "      --day DATE     the day (default 2026-03-02)\n"
    "      --late SHARE   share of rides that come 10 to 60 minutes late (default 0.001)\n"
    "      --part K/N     only every Nth ride, from the Kth on, counted from 0\n"
    "      --seed N       another day of the same kind (default 1)\n";

_Noreturn static void
wrong(const char *what, const char *value)
{
	fprintf(stderr, "rides: bad %s '%s'\n%s", what, value, usage);
	exit(2);
}

static uint64_t
number(const char *what, const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end)
		wrong(what, text);
	return n;
}

/* 0.001 is 1000 ppm: read by hand, for the sake of every locale. */
static uint64_t
share_ppm(const char *text)
{
	uint64_t ppm = 0, unit = 1000000;
	const char *at = text;

	if (*at != '0' && *at != '1')
		wrong("share", text);
	ppm = (uint64_t)(*at++ - '0') * unit;
	if (*at == '.')
		for (at++; *at >= '0' && *at <= '9' && unit > 1; at++) {
			unit /= 10;
			ppm += (uint64_t)(*at - '0') * unit;
		}
	if (*at || ppm > 1000000)
		wrong("share", text);
	return ppm;
}

static void
read_options(int argc, char **argv, struct options *opt)
{
	static const struct option longs[] = {{"count", 1, NULL, 'n'}, {"day", 1, NULL, 'd'},
	    {"late", 1, NULL, 'l'}, {"part", 1, NULL, 'p'}, {"seed", 1, NULL, 's'},
	    {"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c, y, m, d;
	char rest;

	while ((c = getopt_long(argc, argv, "+n:h", longs, NULL)) != -1)
		switch (c) {
		case 'n': opt->count = number("count", optarg); break;
		case 's': opt->seed = number("seed", optarg); break;
		case 'l': opt->late_ppm = share_ppm(optarg); break;
		case 'd':
			if (sscanf(optarg, "%4d-%2d-%2d%c", &y, &m, &d, &rest) != 3 || m < 1 ||
			    m > 12 || d < 1 || d > 31 || strlen(optarg) != 10)
				wrong("day", optarg);
			opt->day = optarg;
			break;
		case 'p':
			if (sscanf(optarg, "%" SCNu64 "/%" SCNu64 "%c", &opt->part, &opt->parts,
				&rest) != 2 ||
			    opt->part >= opt->parts)
				wrong("part", optarg);
			break;
		case 'h': fputs(usage, stdout); exit(0);
		default: fputs(usage, stderr); exit(2);
		}
	if (optind < argc)
		wrong("operand", argv[optind]);
}

int
main(int argc, char **argv)
{
	static struct rides r;
	size_t begin;

	r.opt = (struct options){30000, 1, 1000, 0, 1, "2026-03-02"};
	read_options(argc, argv, &r.opt);
	r.state = mix(r.opt.seed + 1);
	weigh_day(&r);
	for (uint64_t ride = 0; ride < r.opt.count; ride++) {
		begin = r.len;
		put_ride(&r, ride);
		if (ride % r.opt.parts != r.opt.part)
			r.len = begin; /* drawn all the same: the others stay as they are */
		if (r.len >= ROOM && flush(&r) < 0)
			break;
	}
	if (flush(&r) < 0) {
		perror("rides");
		return 4;
	}
	return 0;
}
