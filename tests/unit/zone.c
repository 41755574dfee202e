/*
 * zone: beside the C library, whose zone is one a process.
 */
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "time/civil.h"
#include "time/zone.h"
#include "unit.h"
#include "zone_make.h"

/* Half an hour of summer, odd offsets, changes at midnight, a day left out, winter time as
 * an exception, changes before midnight, two hours of summer, none at all. */
static const char *const odd[] = {"Europe/Paris", "America/New_York", "Australia/Lord_Howe",
    "Asia/Kolkata", "Asia/Kathmandu", "America/Havana", "America/Sao_Paulo", "Pacific/Apia",
    "Africa/Casablanca", "Africa/Monrovia", "Europe/Dublin", "America/Nuuk", "Antarctica/Troll",
    "America/St_Johns", "Pacific/Kwajalein", "Asia/Manila", "America/Juneau", "Asia/Gaza",
    "Pacific/Chatham", "Pacific/Kiritimati", "Asia/Tehran", "Africa/Cairo"};
#define NODD (sizeof odd / sizeof *odd)

static void
use(const char *tz)
{
	setenv("TZ", "UTC0", 1);	/* the same name again is not read again */
	tzset();
	setenv("TZ", tz, 1);
	tzset();
}

/* What the C library adds. */
static int64_t
theirs(int64_t ms)
{
	time_t t = (time_t)mr_floor_div(ms, 1000);
	struct tm tm;

	localtime_r(&t, &tm);
	return tm.tm_gmtoff * SECOND;
}

static bool
same(const struct mr_zone *z, const char *name, int64_t ms)
{
	int64_t got = mr_zone_offset_ms(z, ms), want = theirs(ms);

	if (got == want)
		return true;
	printf("# %s at %lld ms: got %lld, want %lld\n", name, (long long)ms, (long long)got,
	    (long long)want);
	return false;
}

/* Random times, and both sides of all bounds. */
static int
compare(const struct mr_zone *z, const char *name, int64_t from_s, int draws)
{
	struct mr_zone_stretch s;
	int bad = 0;

	for (int i = 0; i < draws && bad < 5; i++)
		bad += !same(z, name, zone_draw_ms(from_s, TO_S));
	mr_zone_at(z, from_s * SECOND, &s);
	while (s.to < TO_S * SECOND && bad < 5) {
		bad += !same(z, name, s.to - 1) + !same(z, name, s.to);
		mr_zone_at(z, s.to, &s);
	}
	return bad;
}

static int
compare_named(const char *name, int draws)
{
	struct mr_zone *z = zone_named(name);
	int bad = 1;

	if (z) {
		use(name);
		bad = compare(z, name, FROM_S, draws);
	}
	mr_zone_free(z);
	return bad;
}

/* Each day for 650 years: a change that we do not know of is found, too. */
static void
odd_zones_are_the_c_librarys(void)
{
	for (size_t i = 0; i < NODD; i++) {
		struct mr_zone *z = zone_named(odd[i]);
		int bad = !z;

		use(odd[i]);
		for (int64_t s = FROM_S; s < TO_S && bad < 5; s += 86400)
			bad += !same(z, odd[i], s * SECOND);
		CHECK_INT(bad, 0);
		mr_zone_free(z);
		CHECK_INT(compare_named(odd[i], 2000), 0);
	}
}

static void
all_zones_are_the_c_librarys(void)
{
	char line[512], name[256];
	FILE *f = fopen("/usr/share/zoneinfo/zone1970.tab", "r");
	int zones = 0, bad = 0;

	CHECK(f != NULL);
	while (f && fgets(line, sizeof line, f)) {
		if (*line == '#' || sscanf(line, "%*s %*s %255s", name) != 1)
			continue;
		bad += compare_named(name, 300);
		zones++;
	}
	if (f)
		fclose(f);
	printf("# %d zones\n", zones);
	CHECK(zones >= 300);
	CHECK_INT(bad, 0);
	CHECK_INT(compare_named("Etc/GMT+12", 300), 0);
	CHECK_INT(compare_named("UTC", 300), 0);
}

/* The end of a stretch of the C library's between these, or `to`. */
static int64_t
their_change(int64_t from, int64_t to)
{
	int64_t offset = theirs(from);

	if (theirs(to) == offset)
		return to;
	while (to - from > 1) {
		int64_t middle = from + (to - from) / 2;

		if (theirs(middle) == offset)
			from = middle;
		else
			to = middle;
	}
	return to;
}

/*
 * By the definition, and the C library's clock: it shows as much at t, and less
 * all the time from 52 hours before.  A clock shows most at the end of a stretch.
 */
static bool
is_first(const char *name, int64_t local, int64_t t)
{
	int64_t at = t - 52 * HOUR, next;

	if (t + theirs(t) < local) {
		printf("# %s: at %lld the clock shows less than %lld\n", name, (long long)t,
		    (long long)local);
		return false;
	}
	for (; at < t; at = next) {
		next = their_change(at, at + HOUR / 4 < t ? at + HOUR / 4 : t);
		if (next - 1 + theirs(next - 1) >= local) {
			printf("# %s: %lld is shown before %lld\n", name, (long long)local,
			    (long long)t);
			return false;
		}
	}
	return true;
}

/* Local times near changes, and anywhere. */
static int
check_instants(const struct mr_zone *z, const char *name)
{
	struct mr_zone_stretch s;
	int bad = 0;

	for (int i = 0; i < 60 && bad < 5; i++) {
		int64_t local = zone_draw_ms(FROM_S, i % 2 ? 4102444800 : TO_S);

		if (i % 5) {
			mr_zone_at(z, local, &s);
			local = s.to == INT64_MAX ? 0 : s.to + s.offset_ms;
			if (i % 5 == 1)
				local += (int64_t)unit_draw(3) - 1;
			else if (i % 5 != 4)
				local += (int64_t)unit_draw(8 * HOUR) - 4 * HOUR;
			else
				local = mr_floor_div(local, DAY) * DAY;
		}
		bad += !is_first(name, local, mr_zone_instant(z, local));
	}
	return bad;
}

static void
instants_are_the_first_of_the_c_librarys_clock(void)
{
	for (size_t i = 0; i < NODD; i++) {
		struct mr_zone *z = zone_named(odd[i]);

		use(odd[i]);
		CHECK(z && check_instants(z, odd[i]) == 0);
		mr_zone_free(z);
	}
}

/* Where a local time is shown once, mktime() has no choice. */
static void
instants_are_those_of_mktime(void)
{
	int seen = 0, bad = 0;

	for (size_t i = 0; i < NODD; i++) {
		struct mr_zone *z = zone_named(odd[i]);

		use(odd[i]);
		for (int n = 0; n < 500 && z; n++) {
			int64_t t = zone_draw_ms(FROM_S, TO_S) / SECOND * SECOND;
			time_t s = (time_t)(t / SECOND);
			struct tm tm;

			if (theirs(t - 30 * HOUR) != theirs(t) || theirs(t + 30 * HOUR) != theirs(t))
				continue;
			localtime_r(&s, &tm);
			tm.tm_isdst = -1;
			bad += mr_zone_instant(z, t + theirs(t)) != mktime(&tm) * SECOND;
			seen++;
		}
		mr_zone_free(z);
	}
	CHECK(seen > 5000);
	CHECK_INT(bad, 0);
}

/* The C library takes them in TZ, and goes by them from 1971 on. */
static const char *const rules[] = {"CET-1CEST,M3.5.0,M10.5.0/3", "EST+5EDT,M3.2.0,M11.1.0",
    "AEST-10AEDT,M10.1.0,M4.1.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1",
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "ABC3:04:05DEF2:03:04,J60/0,J300/23:59:59", "ABC3DEF,59,299", "ABC-3DEF,J59,J300",
    "ABC-3DEF,60/5,J61/26", "EET-2EEST,M3.4.4/50,M10.4.4/50", "XXX-3YYY,M3.1.6/-100,M9.5.1/167",
    "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3", "ABC0", "<+0545>-5:45", "ABC24:59:59", "ABC-24:59:59",
    "ABC-24DEF,M2.5.0,M12.1.3/24"};

static void
rules_are_the_c_librarys(void)
{
	static const struct tzif_change year_2000 = {946684800, 1234};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct mr_zone *z = zone_made('3', -5000, NULL, 0, rules[i]);
		int bad = 0;

		use(rules[i]);
		CHECK(z && compare(z, rules[i], 31536000, 3000) == 0);
		for (int n = 0; z && n < 3000; n++) {	/* before: as 400 years later */
			int64_t t = zone_draw_ms(FROM_S, 31536000);

			bad += mr_zone_offset_ms(z, t) != theirs(t + MR_ERA_DAYS * DAY);
		}
		CHECK_INT(bad, 0);
		mr_zone_free(z);
		z = zone_made('2', -5000, &year_2000, 1, rules[i]);
		for (int n = 0; z && n < 3000; n++)
			bad += !same(z, rules[i], zone_draw_ms(946684800, TO_S));
		CHECK_INT(bad, 0);
		CHECK(z && mr_zone_offset_ms(z, 946684800 * SECOND - 1) == -5000 * SECOND);
		mr_zone_free(z);
	}
}

static void
all_of_int64_is_taken(void)
{
	CHECK_INT(zone_bad_anywhere(NULL), 0);
	for (size_t i = 0; i < NODD; i++) {
		struct mr_zone *z = zone_named(odd[i]);

		CHECK(z && zone_bad_anywhere(z) == 0);
		mr_zone_free(z);
	}
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct mr_zone *z = zone_made('3', -5000, NULL, 0, rules[i]);

		CHECK(z && zone_bad_anywhere(z) == 0);
		mr_zone_free(z);
	}
}

/* Files with few changes and a rule from then on, as zic makes them by default today. */
static void
slim_files_say_the_same(void)
{
	char dir[] = "/tmp/millrace-zone.XXXXXX", command[200];
	int bad = 0;

	if (access("/usr/sbin/zic", X_OK) != 0) {
		printf("# no zic\n");
		return;
	}
	CHECK(mkdtemp(dir) != NULL);
	snprintf(command, sizeof command, "/usr/sbin/zic -b slim -d %s "
	    "/usr/share/zoneinfo/tzdata.zi", dir);
	CHECK_INT(system(command), 0);
	setenv("TZDIR", dir, 1);
	for (size_t i = 0; i < NODD; i++)
		bad += compare_named(odd[i], 3000);
	CHECK_INT(bad, 0);
	unsetenv("TZDIR");
	snprintf(command, sizeof command, "rm -rf %s", dir);
	CHECK_INT(system(command), 0);
}

int
main(void)
{
	unit_seed((uint64_t)time(NULL));
	unsetenv("TZDIR");
	RUN(odd_zones_are_the_c_librarys);
	RUN(all_zones_are_the_c_librarys);
	RUN(instants_are_the_first_of_the_c_librarys_clock);
	RUN(instants_are_those_of_mktime);
	RUN(rules_are_the_c_librarys);
	RUN(all_of_int64_is_taken);
	RUN(slim_files_say_the_same);
	return unit_done();
}
