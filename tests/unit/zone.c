/*
 * zone: beside the C library, whose zone is one a process; by hand, where it
 * cannot be asked; and files that are damaged.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "time/civil.h"
#include "time/rule.h"
#include "time/zone.h"
#include "tzif_make.h"
#include "unit.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define FROM_S INT64_C(-3786825600)	/* 1850 */
#define TO_S INT64_C(16725225600)	/* 2500 */

static const char folder[] = "/usr/share/zoneinfo";

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

static struct mr_zone *
zone(const char *name)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_zone *z = mr_zone_new(name, &err);

	if (!z)
		printf("# %s: %s\n", name, err.text);
	return z;
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

static int64_t
draw_ms(int64_t from_s, int64_t to_s)
{
	return from_s * SECOND + (int64_t)unit_draw((uint64_t)(to_s - from_s) * 1000);
}

/* Random times, and both sides of all bounds. */
static int
compare(const struct mr_zone *z, const char *name, int64_t from_s, int draws)
{
	struct mr_zone_stretch s;
	int bad = 0;

	for (int i = 0; i < draws && bad < 5; i++)
		bad += !same(z, name, draw_ms(from_s, TO_S));
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
	struct mr_zone *z = zone(name);
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
		struct mr_zone *z = zone(odd[i]);
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
	CHECK_INT(compare_named("EST5EDT", 300), 0);
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
		int64_t local = draw_ms(FROM_S, i % 2 ? 4102444800 : TO_S);

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
		struct mr_zone *z = zone(odd[i]);

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
		struct mr_zone *z = zone(odd[i]);

		use(odd[i]);
		for (int n = 0; n < 500 && z; n++) {
			int64_t t = draw_ms(FROM_S, TO_S) / SECOND * SECOND;
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

static struct mr_zone *
made(char version, int32_t first_s, const struct tzif_change *c, size_t n, const char *rule)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf b = MR_BUF_INIT;
	struct mr_zone *z;

	tzif_make(&b, version, first_s, c, n, rule);
	z = mr_zone_read(b.at, b.len, &err);
	if (!z)
		printf("# '%s': %s\n", rule, err.text);
	mr_buf_release(&b);
	return z;
}

/* The C library takes them in TZ, and goes by them from 1971 on. */
static const char *const rules[] = {"CET-1CEST,M3.5.0,M10.5.0/3", "EST+5EDT,M3.2.0,M11.1.0", "AEST-10AEDT,M10.1.0,M4.1.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1",
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
		struct mr_zone *z = made('3', -5000, NULL, 0, rules[i]);
		int bad = 0;

		use(rules[i]);
		CHECK(z && compare(z, rules[i], 31536000, 3000) == 0);
		for (int n = 0; z && n < 3000; n++) {	/* before: as 400 years later */
			int64_t t = draw_ms(FROM_S, 31536000);

			bad += mr_zone_offset_ms(z, t) != theirs(t + MR_ERA_DAYS * DAY);
		}
		CHECK_INT(bad, 0);
		mr_zone_free(z);
		z = made('2', -5000, &year_2000, 1, rules[i]);
		for (int n = 0; z && n < 3000; n++)
			bad += !same(z, rules[i], draw_ms(946684800, TO_S));
		CHECK_INT(bad, 0);
		CHECK(z && mr_zone_offset_ms(z, 946684800 * SECOND - 1) == -5000 * SECOND);
		mr_zone_free(z);
	}
}

/* RFC 9636, 3.3.1: summer ends when the next one begins. */
static void
summer_may_last_all_year(void)
{
	static const char *const texts[] = {"XXX3EDT4,0/0,J365/23", "EST5EDT,0/0,J365/25",
	    "EST5EDT,0/0,J365/26"};

	for (int i = 0; i < 3; i++) {
		struct mr_zone *z = made('3', -7200, NULL, 0, texts[i]);
		struct mr_zone_stretch s;
		int bad = 0;

		for (int n = 0; z && n < 3000; n++)
			bad += mr_zone_offset_ms(z, draw_ms(FROM_S, TO_S)) != -4 * HOUR;
		CHECK(z && bad == 0);
		for (int64_t year = 0; z && year < 400; year++)
			bad += mr_zone_offset_ms(z, year * 31556952 * SECOND + 5 * HOUR) != -4 * HOUR;
		CHECK_INT(bad, 0);
		mr_zone_at(z, 0, &s);
		CHECK(s.from <= 0 && s.to > 300 * 365 * DAY);
		mr_zone_free(z);
	}
}

static void
rules_that_are_none(void)
{
	static const char *const none[] = {"", "A", "AB1", "ABC", "ABC1D", "ABC25", "ABC1:60",
	    "ABC1DEF,", "ABC1DEF,M3.2.0", "ABC1DEF,M3.2.0,", "ABC1DEF,M13.2.0,M3.2.0",
	    "ABC1DEF,M0.2.0,M3.2.0", "ABC1DEF,M3.6.0,M3.2.0", "ABC1DEF,M3.0.0,M3.2.0",
	    "ABC1DEF,M3.2.7,M3.2.0", "ABC1DEF,J0,J2", "ABC1DEF,J366,J2", "ABC1DEF,366,2",
	    "ABC1DEF,1/168,2", "ABC1DEF,1,2x", "<ABC1DEF,1,2", "ABC1DEF,M3,M4", "ABC1DEF;1,2",
	    "ABC99999999999999999999", "ABC1DEF,00001,2", "<A_C>1", "ABC1DEF1DEF"};
	struct mr_rule rule;

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (!mr_rule_parse(none[i], strlen(none[i]), &rule)) {
			printf("# taken: '%s'\n", none[i]);
			CHECK(false);
		}
	CHECK(mr_rule_parse("EST5EDT", 7, &rule) == NULL && rule.changes);
	CHECK_INT(mr_rule_start(&rule, 2026), 1772953200);	/* 2026-03-08T07:00Z */
	CHECK_INT(mr_rule_end(&rule, 2026), 1793512800);	/* 2026-11-01T06:00Z */
	CHECK_STR(mr_rule_parse("ABC25", 5, &rule), "a number is out of range");
	CHECK(mr_rule_parse("CET-1CEST,M3.5.0,M10.5.0/3", 26, &rule) == NULL);
	CHECK_INT(rule.standard_s, 3600);
	CHECK_INT(rule.summer_s, 7200);
	CHECK_INT(mr_rule_start(&rule, 2026), 1774746000);	/* 2026-03-29T01:00Z */
	CHECK_INT(mr_rule_end(&rule, 2026), 1792890000);	/* 2026-10-25T01:00Z */
	CHECK_INT(mr_rule_start(&rule, 2026 + 4000), 1774746000 + INT64_C(10) * MR_ERA_DAYS * 86400);
	CHECK_INT(mr_rule_start(&rule, 2026 - 4000), 1774746000 - INT64_C(10) * MR_ERA_DAYS * 86400);
}

static void
files_by_hand(void)
{
	static const struct tzif_change c[] = {{-1000, 3600}, {500, -3600}, {600, 7200}};
	static const struct tzif_change old[] = {{INT64_MIN, 1}, {-(INT64_C(1) << 59), 3600}, {0, 60}};
	static const struct tzif_change far[] = {{0, 3600}, {INT64_MAX, 60}};
	struct mr_zone *z;

	for (int version = 0; version < 5; version += version ? 1 : 2) {
		z = made(version ? (char)('0' + version) : 0, 60, c, 3, "");
		CHECK_INT(mr_zone_offset_ms(z, INT64_MIN), 60000);
		CHECK_INT(mr_zone_offset_ms(z, -1000001), 60000);
		CHECK_INT(mr_zone_offset_ms(z, -1000000), 3600000);
		CHECK_INT(mr_zone_offset_ms(z, 499999), 3600000);
		CHECK_INT(mr_zone_offset_ms(z, 500000), -3600000);
		CHECK_INT(mr_zone_offset_ms(z, 600000), 7200000);
		CHECK_INT(mr_zone_offset_ms(z, INT64_MAX), 7200000);
		CHECK_INT(mr_zone_instant(z, -1000000 + 60000), -1000000);
		CHECK_INT(mr_zone_instant(z, -1000000 + 59999), -1000001);
		CHECK_INT(mr_zone_instant(z, -1000000 + 3600000), -1000000);
		CHECK_INT(mr_zone_instant(z, 600000 + 3600000), 600000);
		mr_zone_free(z);
	}
	z = made('2', 60, old, 3, "ABC-1");
	CHECK_INT(mr_zone_offset_ms(z, -1), 3600000);
	CHECK_INT(mr_zone_offset_ms(z, INT64_MIN), 3600000);
	CHECK_INT(mr_zone_offset_ms(z, 0), 3600000);
	mr_zone_free(z);
	z = made('2', 60, far, 2, "ABC-5");	/* its rule never comes to be */
	CHECK_INT(mr_zone_offset_ms(z, INT64_MAX), 3600000);
	mr_zone_free(z);
}

/* Any time at all: stretches hold what they were asked for, and say the same offset. */
static int
check_anywhere(const struct mr_zone *z)
{
	int bad = 0;

	for (int i = 0; i < 300; i++) {
		int64_t t = (int64_t)(unit_draw(UINT64_MAX) >> unit_draw(64));
		struct mr_zone_stretch s;

		if (i < 4)
			t = i % 2 ? INT64_MAX - i : INT64_MIN + i;
		else if (i % 2)
			t = -t;
		mr_zone_at(z, t, &s);
		bad += t < s.from || (t >= s.to && s.to != INT64_MAX);
		bad += s.offset_ms != mr_zone_offset_ms(z, t);
		bad += s.offset_ms != mr_zone_offset_ms(z, s.from);
		bad += s.to != INT64_MAX && s.offset_ms != mr_zone_offset_ms(z, s.to - 1);
		bad += s.offset_ms <= -26 * HOUR || s.offset_ms >= 26 * HOUR;
		if (t > -(INT64_C(1) << 62) && t < INT64_C(1) << 62) {
			int64_t first = mr_zone_instant(z, t);

			bad += first + mr_zone_offset_ms(z, first) < t;
			bad += first - 1 + mr_zone_offset_ms(z, first - 1) >= t;
		} else {
			mr_zone_instant(z, t);
		}
	}
	return bad;
}

static void
all_of_int64_is_taken(void)
{
	CHECK_INT(check_anywhere(NULL), 0);
	for (size_t i = 0; i < NODD; i++) {
		struct mr_zone *z = zone(odd[i]);

		CHECK(z && check_anywhere(z) == 0);
		mr_zone_free(z);
	}
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct mr_zone *z = made('3', -5000, NULL, 0, rules[i]);

		CHECK(z && check_anywhere(z) == 0);
		mr_zone_free(z);
	}
}

static void
load(const char *name, struct mr_buf *b)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "rb");
	mr_buf_grow(b, 1 << 16);
	b->len = f ? fread(b->at, 1, b->cap, f) : 0;
	if (f)
		fclose(f);
	CHECK(b->len > 44);
}

/* Returns whether it is taken. */
static bool
try(const char *at, size_t len)
{
	struct mr_err err = MR_ERR_INIT;
	char *copy = malloc(len ? len : 1);	/* a red zone right behind it */
	struct mr_zone *z;
	bool taken;

	memcpy(copy, at, len);
	z = mr_zone_read(copy, len, &err);
	free(copy);
	taken = z != NULL;
	if (z)
		CHECK_INT(check_anywhere(z), 0);
	else
		CHECK(err.status == MR_EX_WORLD && strstr(err.text, "it is damaged: ") == err.text);
	mr_zone_free(z);
	return taken;
}

static void
every_prefix_is_refused(void)
{
	static const char *const names[] = {"Europe/Paris", "Asia/Kolkata", "Etc/UTC"};

	for (int i = 0; i < 3; i++) {
		struct mr_buf b = MR_BUF_INIT;
		int taken = 0;

		load(names[i], &b);
		for (size_t len = 0; len < b.len; len++)
			taken += try(b.at, len);
		CHECK_INT(taken, 0);
		CHECK(try(b.at, b.len));
		mr_buf_release(&b);
	}
}

static void
flipped_bits_do_no_harm(void)
{
	static const char *const names[] = {"Europe/Paris", "America/Sao_Paulo", "Etc/UTC",
	    "Asia/Kolkata"};
	int taken = 0, tries = 0;

	for (int i = 0; i < 4; i++) {
		struct mr_buf b = MR_BUF_INIT, flipped = MR_BUF_INIT;

		load(names[i], &b);
		for (int n = 0; n < 1500; n++) {
			flipped.len = 0;
			mr_buf_add(&flipped, b.at, b.len);
			for (uint64_t flips = 1 + unit_draw(3); flips; flips--) {
				uint64_t at = unit_draw(4) ? unit_draw(b.len) : unit_draw(44);

				flipped.at[at] = (char)(flipped.at[at] ^ 1 << unit_draw(8));
			}
			taken += try(flipped.at, flipped.len);
			tries++;
		}
		mr_buf_release(&b);
		mr_buf_release(&flipped);
	}
	printf("# %d of %d taken\n", taken, tries);
	CHECK(taken > 0 && taken < tries);
}

static void
damage_has_words(void)
{
	static const struct tzif_change back[] = {{5, 1}, {5, 2}}, wide = {0, 26 * 3600};
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf b = MR_BUF_INIT;

	tzif_make(&b, '2', 0, back, 2, "");
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: its changes are not in order");
	tzif_make(&b, '2', 0, &wide, 1, "");
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: an offset is 26 hours or more");
	tzif_make(&b, '2', 0, NULL, 0, "CET1CE");
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: in its rule, an abbreviation is missing");
	tzif_make(&b, '1', 0, NULL, 0, "");
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: its version is unknown");
	b.len = 0;
	tzif_header(&b, 0, 0, 1);
	tzif_block(&b, 0, NULL, 0, 4);
	tzif_put(&b, 0, 8);
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: it counts leap seconds, unlike times since 1970");
	mr_buf_release(&b);
}

static bool
refused(const char *name, int status, const char *want)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_zone *z = mr_zone_new(name, &err);
	bool ok = !z && (int)err.status == status && strcmp(err.text, want) == 0;

	if (!ok)
		printf("# '%s': %d %s\n", name, (int)err.status, z ? "is taken" : err.text);
	mr_zone_free(z);
	return ok;
}

static void
names_are_checked(void)
{
	char name[300];

#define NONE " in /usr/share/zoneinfo"
#define NO_NAME " is not the name of a time zone, such as Europe/Paris"
	CHECK(refused("Europe/Pariss", MR_EX_USAGE, "no time zone 'Europe/Pariss'" NONE));
	CHECK(refused("PST", MR_EX_USAGE, "no time zone 'PST'" NONE));
	CHECK(refused("Europe", MR_EX_USAGE, "no time zone 'Europe'" NONE));
	CHECK(refused("Europe/Paris/x", MR_EX_USAGE, "no time zone 'Europe/Paris/x'" NONE));
	CHECK(refused("", MR_EX_USAGE, "''" NO_NAME));
	CHECK(refused("/etc/localtime", MR_EX_USAGE, "'/etc/localtime'" NO_NAME));
	CHECK(refused("../zoneinfo/Europe/Paris", MR_EX_USAGE, "'../zoneinfo/Europe/Paris'" NO_NAME));
	CHECK(refused("Europe/../UTC", MR_EX_USAGE, "'Europe/../UTC'" NO_NAME));
	CHECK(refused("Europe//Paris", MR_EX_USAGE, "'Europe//Paris'" NO_NAME));
	CHECK(refused("Europe/", MR_EX_USAGE, "'Europe/'" NO_NAME));
	CHECK(refused("+02:00", MR_EX_USAGE, "'+02:00'" NO_NAME));
	CHECK(refused("Europe/Paris ", MR_EX_USAGE, "'Europe/Paris '" NO_NAME));
	CHECK(refused("zone1970.tab", MR_EX_USAGE, "'zone1970.tab' is not a time zone: "
	    "/usr/share/zoneinfo/zone1970.tab does not begin with TZif"));
	memset(name, 'x', sizeof name);
	name[299] = '\0';
	CHECK(refused(name, MR_EX_USAGE, "the name of a time zone has 255 bytes at most"));
}

static void
folders_are_searched(void)
{
	char dir[] = "/tmp/millrace-zone.XXXXXX", path[100], want[300];
	struct mr_zone *z;
	struct mr_buf b = MR_BUF_INIT;
	FILE *f;

	CHECK(mkdtemp(dir) != NULL);
	setenv("TZDIR", dir, 1);
	snprintf(want, sizeof want, "no time zone 'Europe/Paris' in %s", dir);
	CHECK(refused("Europe/Paris", MR_EX_USAGE, want));
	tzif_make(&b, '2', 0, NULL, 0, "ABC-7");
	snprintf(path, sizeof path, "%s/Mine", dir);
	f = fopen(path, "wb");
	fwrite(b.at, 1, b.len - 1, f);
	fclose(f);
	snprintf(want, sizeof want, "cannot use time zone 'Mine': %s: it is damaged: it ends too early",
	    path);
	CHECK(refused("Mine", MR_EX_WORLD, want));
	f = fopen(path, "wb");
	fwrite(b.at, 1, b.len, f);
	fclose(f);
	CHECK((z = zone("Mine")) != NULL);
	CHECK_INT(mr_zone_offset_ms(z, 0), 7 * HOUR);
	mr_zone_free(z);
	CHECK(truncate(path, 2 << 20) == 0);
	snprintf(want, sizeof want, "cannot use time zone 'Mine': %s: it is damaged: it is larger than "
	    "1 MiB", path);
	CHECK(refused("Mine", MR_EX_WORLD, want));
	unlink(path);
	CHECK(symlink("Mine", path) == 0);
	snprintf(want, sizeof want, "cannot open time zone 'Mine': %s: Too many levels of symbolic "
	    "links", path);
	CHECK(refused("Mine", MR_EX_WORLD, want));
	unlink(path);
	CHECK(mkfifo(path, 0600) == 0);
	snprintf(want, sizeof want, "no time zone 'Mine' in %s", dir);
	CHECK(refused("Mine", MR_EX_USAGE, want));
	unlink(path);
	rmdir(dir);
	snprintf(want, sizeof want, "no time zone 'Mine': %s is not there; is tzdata installed?", dir);
	CHECK(refused("Mine", MR_EX_WORLD, want));
	CHECK((z = zone("UTC")) != NULL && mr_zone_offset_ms(z, 0) == 0);
	mr_zone_free(z);
	CHECK((z = zone("Z")) != NULL && mr_zone_instant(z, 5) == 5);
	mr_zone_free(z);
	unsetenv("TZDIR");
	mr_buf_release(&b);
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
	snprintf(command, sizeof command, "/usr/sbin/zic -b slim -d %s %s/tzdata.zi", dir, folder);
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
	RUN(summer_may_last_all_year);
	RUN(rules_that_are_none);
	RUN(files_by_hand);
	RUN(all_of_int64_is_taken);
	RUN(every_prefix_is_refused);
	RUN(flipped_bits_do_no_harm);
	RUN(damage_has_words);
	RUN(names_are_checked);
	RUN(folders_are_searched);
	RUN(slim_files_say_the_same);
	return unit_done();
}
