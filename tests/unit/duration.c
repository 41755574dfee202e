/*
 * duration: what is taken, what is refused and in which words, and back.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "time/duration.h"
#include "unit.h"

static bool
is(const char *text, long long want)
{
	struct mr_err err = MR_ERR_INIT;
	int64_t ms = -1;

	if (mr_duration_parse(text, &ms, &err) == 0 && ms == want)
		return true;
	printf("# '%s': got %lld %s, want %lld\n", text, (long long)ms, err.text, want);
	return false;
}

static bool
refused(const char *text, const char *want)
{
	struct mr_err err = MR_ERR_INIT;
	int64_t ms = -1;

	if (mr_duration_parse(text, &ms, &err) != -1) {
		printf("# '%s' is taken, as %lld\n", text, (long long)ms);
		return false;
	}
	if (strcmp(err.text, want) == 0 && err.status == MR_EX_USAGE)
		return true;
	printf("# got  %s\n# want %s\n", err.text, want);
	return false;
}

static void
reads_units(void)
{
	CHECK(is("0", 0));
	CHECK(is("0ms", 0));
	CHECK(is("0s", 0));
	CHECK(is("250ms", 250));
	CHECK(is("60s", 60000));
	CHECK(is("5m", 300000));
	CHECK(is("5min", 300000));
	CHECK(is("2h", 7200000));
	CHECK(is("2d", 172800000));
	CHECK(is("1w", 604800000));
	CHECK(is("007s", 7000));
}

static void
reads_several_parts(void)
{
	CHECK(is("1h30m", 5400000));
	CHECK(is("1h 30m", 5400000));
	CHECK(is("1h  30min ", 5400000));
	CHECK(is("1w2d3h4m5s6ms", 788645006));
	CHECK(is("1m1.5s", 61500));
}

static void
reads_fractions(void)
{
	CHECK(is("1.5h", 5400000));
	CHECK(is("0.001s", 1));
	CHECK(is("0.25w", 151200000));
	CHECK(is("1.50000000000000000000000000000s", 1500));
	CHECK(is("1.0ms", 1));
	CHECK(is("0.0009765625w", 590625));
}

static void
reads_iso(void)
{
	CHECK(is("PT1H", 3600000));
	CHECK(is("PT1H30M", 5400000));
	CHECK(is("P1DT2H", 93600000));
	CHECK(is("P2W", 1209600000));
	CHECK(is("PT0.25S", 250));
	CHECK(is("PT0,25S", 250));
	CHECK(is("PT0S", 0));
	CHECK(is("P1W1DT1H1M1.001S", 694861001));
}

static void
wants_a_unit(void)
{
	CHECK(refused("60", "bare number '60': a duration needs a unit, such as 60s"));
	CHECK(refused("1.5", "bare number '1.5': a duration needs a unit, such as 1.5s"));
	CHECK(refused("00", "bare number '00': a duration needs a unit, such as 00s"));
	CHECK(refused("1h30", "'1h30' is not a duration: '30' needs a unit, such as 30s"));
	CHECK(refused("60 s", "'60 s' is not a duration: '60' needs a unit, such as 60s"));
	CHECK(refused("", "'' is not a duration: a number and a unit are expected, such as 60s"));
	CHECK(refused("s", "'s' is not a duration: a number is expected at 's', such as 60s"));
	CHECK(refused("1h,5m", "'1h,5m' is not a duration: a number is expected at ',5m', such as 60s"));
	CHECK(refused("1,5s", "'1,5s' is not a duration: '1' needs a unit, such as 1s"));
	CHECK(refused("+5s", "'+5s' is not a duration: a number is expected at '+5s', such as 60s"));
	CHECK(refused(".5s", "'.5s' is not a duration: a number is expected at '.5s', such as 60s"));
	CHECK(refused("5.s", "'5.s' is not a duration: digits are expected behind the point, such as 1.5s"));
	CHECK(refused("infinity", "'infinity' is not a duration: a number is expected at 'infinity', "
	    "such as 60s"));
}

static void
refuses_units_in_words(void)
{
	static const char *const calendar[] = {"1mo", "1y", "2years", "3months", "1Y", "P1M", "P1Y",
	    "P1Y2DT1H"};
	static const char *const fine[] = {"500us", "5\xc2\xb5s", "100ns"};
	char want[200];

	for (size_t i = 0; i < sizeof calendar / sizeof *calendar; i++) {
		snprintf(want, sizeof want, "'%s' is not a duration: months and years have no fixed "
		    "length; count days instead, such as 30d", calendar[i]);
		CHECK(refused(calendar[i], want));
	}
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		snprintf(want, sizeof want, "'%s' is not a duration: the finest unit is the "
		    "millisecond, such as 1ms", fine[i]);
		CHECK(refused(fine[i], want));
	}
	CHECK(refused("5M", "'5M' is not a duration: 'M' could be months or minutes; minutes are m, "
	    "such as 5m"));
	CHECK(refused("5 M", "'5 M' is not a duration: '5' needs a unit, such as 5s"));
	CHECK(refused("2hours", "'2hours' is not a duration: unknown unit 'hours'; known are ms, s, "
	    "m or min, h, d and w, such as 60s"));
	CHECK(refused("2\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	    "x\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
	    "'2\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	    "x\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9...' is not a "
	    "duration: unknown unit '\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	    "\xc3\xa9\xc3\xa9'; known are ms, s, m or min, h, d and w, such as 60s"));
	CHECK(refused("2H", "'2H' is not a duration: unknown unit 'H'; known are ms, s, "
	    "m or min, h, d and w, such as 60s"));
}

static void
refuses_the_rest(void)
{
#define ORDER " is not a duration: units go from large to small, each once, such as 1h30m"
	CHECK(refused("30m1h", "'30m1h'" ORDER));
	CHECK(refused("1h1h", "'1h1h'" ORDER));
	CHECK(refused("1m1min", "'1m1min'" ORDER));
	CHECK(refused("PT1S1H", "'PT1S1H'" ORDER));
	CHECK(refused("1.5h30m", "'1.5h30m' is not a duration: only its last number may have a fraction, "
	    "such as 1h1.5m"));
	CHECK(refused("-5s", "'-5s' is not a duration: it cannot be negative, unlike 60s"));
	CHECK(refused("1h-5s", "'1h-5s' is not a duration: it cannot be negative, unlike 60s"));
	CHECK(refused("0.5ms", "'0.5ms' is not a duration: it is not a whole number of milliseconds, "
	    "such as 1ms"));
	CHECK(refused("1.0000000000000000000000000001s", "'1.0000000000000000000000000001s' is not a "
	    "duration: it is not a whole number of milliseconds, such as 1ms"));
#define LARGE "' is not a duration: it is too large, the limit is 3652425d"
	CHECK(is("3652425d", MR_DURATION_MAX));
	CHECK(refused("3652425d1ms", "'3652425d1ms" LARGE));
	CHECK(refused("3652426d", "'3652426d" LARGE));
	CHECK(refused("18446744073709551617ms", "'18446744073709551617ms" LARGE));
	CHECK(refused("99999999999999999999999999999999999999999999w",
	    "'9999999999999999999999999999999999999999..." LARGE));
	CHECK(refused("99999999999999999999999999999999999.5s",
	    "'99999999999999999999999999999999999.5s" LARGE));
#define ISO " is not a duration: "
	CHECK(refused("P", "'P'" ISO "a number and a unit are expected, such as PT60S"));
	CHECK(refused("PT", "'PT'" ISO "a number and a unit are expected, such as PT60S"));
	CHECK(refused("P1DT", "'P1DT'" ISO "a number and a unit are expected, such as PT60S"));
	CHECK(refused("PT60", "'PT60'" ISO "'60' needs a unit of ISO 8601, such as P1DT2H30M10S"));
	CHECK(refused("P1H", "'P1H'" ISO "'1' needs a unit of ISO 8601, such as P1DT2H30M10S"));
	CHECK(refused("PT1D", "'PT1D'" ISO "'1' needs a unit of ISO 8601, such as P1DT2H30M10S"));
	CHECK(refused("P1DT1HT1M", "'P1DT1HT1M'" ISO "a number is expected at 'T1M', such as 60s"));
}

static void
writes_short(void)
{
	char room[64];

	CHECK_STR(mr_duration_text(0, room), "0s");
	CHECK_STR(mr_duration_text(1, room), "1ms");
	CHECK_STR(mr_duration_text(999, room), "999ms");
	CHECK_STR(mr_duration_text(1000, room), "1s");
	CHECK_STR(mr_duration_text(1500, room), "1.5s");
	CHECK_STR(mr_duration_text(60000, room), "1m");
	CHECK_STR(mr_duration_text(60007, room), "1m7ms");
	CHECK_STR(mr_duration_text(5400000, room), "1h30m");
	CHECK_STR(mr_duration_text(604800000, room), "1w");
	CHECK_STR(mr_duration_text(691200000, room), "8d");
	CHECK_STR(mr_duration_text(86400000 + 61250, room), "1d1m1.25s");
	CHECK_STR(mr_duration_text(-90000, room), "-1m30s");
	CHECK_STR(mr_duration_text(INT64_MAX, room), "106751991167d7h12m55.807s");
	CHECK_STR(mr_duration_text(INT64_MIN, room), "-106751991167d7h12m55.808s");
}

static void
reads_what_it_writes(void)
{
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : (unsigned)time(NULL);
	char room[64];
	int bad = 0;

	printf("# SEED=%u\n", seed);
	for (int i = 0; i < 200000 && bad < 9; i++) {
		uint64_t r = ((uint64_t)rand_r(&seed) << 31) ^ (uint64_t)rand_r(&seed);
		int64_t ms = (int64_t)((r >> rand_r(&seed) % 50) % (uint64_t)MR_DURATION_MAX);

		if (i % 3 == 0)
			ms -= ms % 60000;
		bad += !is(mr_duration_text(ms, room), ms);
	}
	CHECK_INT(bad, 0);
}

static bool
period(const char *text, long long ms, int months, int days)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_period p = {-1, -1, -1};

	if (mr_period_parse(text, &p, &err) == 0 && p.ms == ms && p.months == months && p.days == days)
		return true;
	printf("# '%s': got %lld ms, %d months, %d days %s\n", text, (long long)p.ms, p.months, p.days,
	    err.text);
	return false;
}

static void
periods(void)
{
	CHECK(period("1mo", 0, 1, 0));
	CHECK(period("3mo", 0, 3, 0));
	CHECK(period("1y", 0, 12, 0));
	CHECK(period("1y6mo", 0, 18, 0));
	CHECK(period("1y 6mo", 0, 18, 0));
	CHECK(period("18mo", 0, 18, 0));
	CHECK(period("10000y", 0, MR_PERIOD_MONTHS, 0));
	CHECK(period("P1M", 0, 1, 0));
	CHECK(period("P1Y", 0, 12, 0));
	CHECK(period("P2Y3M", 0, 27, 0));
	CHECK(period("1d", 0, 0, 1));
	CHECK(period("2w", 0, 0, 14));
	CHECK(period("1w1d", 0, 0, 8));
	CHECK(period("2.0d", 0, 0, 2));
	CHECK(period("P1D", 0, 0, 1));
	CHECK(period("P1W", 0, 0, 7));
	CHECK(period("3652425d", 0, 0, 3652425));
	CHECK(period("24h", 86400000, 0, 0));
	CHECK(period("PT24H", 86400000, 0, 0));
	CHECK(period("1d12h", 129600000, 0, 0));
	CHECK(period("1d24h", 172800000, 0, 0));
	CHECK(period("1d0h", 86400000, 0, 0));
	CHECK(period("1.5d", 129600000, 0, 0));
	CHECK(period("0.5w", 302400000, 0, 0));
	CHECK(period("5m", 300000, 0, 0));
	CHECK(period("PT1M", 60000, 0, 0));
	CHECK(period("250ms", 250, 0, 0));
	CHECK(period("0", 0, 0, 0));
	CHECK(period("0d", 0, 0, 0));
	CHECK(period("0mo", 0, 0, 0));
}

static bool
no_period(const char *text, const char *why)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_period p;
	char want[300];

	snprintf(want, sizeof want, "'%s' is not a duration: %s", text, why);
	if (mr_period_parse(text, &p, &err) == -1 && strcmp(err.text, want) == 0 &&
	    err.status == MR_EX_USAGE)
		return true;
	printf("# got  %s\n# want %s\n", err.text, want);
	return false;
}

static void
periods_refused(void)
{
	static const char *const mixed[] = {"1mo1d", "1y1w", "1d1mo", "1mo1h", "P1M1D", "P1Y2DT1H",
	    "P1MT1M", "1w1y"};
	static const char *const large[] = {"10001y", "120001mo", "10000y1mo",
	    "99999999999999999999999999mo", "4294967297mo", "P18446744073709551615Y"};
	static const char *const names[] = {"1month", "2years", "3months", "1Y", "1mon", "1yr"};

	for (size_t i = 0; i < sizeof mixed / sizeof *mixed; i++)
		CHECK(no_period(mixed[i], "months and years stand with nothing else, such as 1y6mo"));
	for (size_t i = 0; i < sizeof large / sizeof *large; i++)
		CHECK(no_period(large[i], "it is too large, the limit is 10000y"));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		CHECK(no_period(names[i], "months are mo and years y, such as 1y6mo"));
	CHECK(no_period("1.5y", "months and years are whole numbers, such as 18mo"));
	CHECK(no_period("P0.5M", "months and years are whole numbers, such as 18mo"));
	CHECK(no_period("6mo1y", "units go from large to small, each once, such as 1y6mo"));
	CHECK(no_period("1mo1mo", "units go from large to small, each once, such as 1y6mo"));
	CHECK(no_period("P1M1Y", "units go from large to small, each once, such as 1y6mo"));
	CHECK(no_period("5M", "'M' could be months or minutes; months are mo and minutes m, such as 5m"));
	CHECK(no_period("2hours", "unknown unit 'hours'; known are ms, s, m or min, h, d, w, mo and y, "
	    "such as 60s"));
	CHECK(no_period("1mo5", "'5' needs a unit, such as 5s"));
	CHECK(no_period("-1mo", "it cannot be negative, unlike 60s"));
	CHECK(no_period("3652426d", "it is too large, the limit is 3652425d"));
}

static void
periods_are_read_as_written(void)
{
	static const char *const texts[] = {"1mo", "1y", "1y6mo", "1d", "2w", "24h", "36h", "48h", "1h",
	    "5m", "8d", "1.5s", "11mo", "2y1mo", "7d", "168h", "0s"};
	struct mr_err err = MR_ERR_INIT;
	char room[64];

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct mr_period p, back;

		CHECK(mr_period_parse(texts[i], &p, &err) == 0);
		CHECK(mr_period_parse(mr_period_text(&p, room), &back, &err) == 0);
		CHECK(memcmp(&p, &back, sizeof p) == 0);
	}
	CHECK_STR(mr_period_text(&(struct mr_period){.months = 18}, room), "1y6mo");
	CHECK_STR(mr_period_text(&(struct mr_period){.months = 24}, room), "2y");
	CHECK_STR(mr_period_text(&(struct mr_period){.months = 11}, room), "11mo");
	CHECK_STR(mr_period_text(&(struct mr_period){.days = 14}, room), "2w");
	CHECK_STR(mr_period_text(&(struct mr_period){.days = 1}, room), "1d");
	CHECK_STR(mr_period_text(&(struct mr_period){.ms = 86400000}, room), "24h");
	CHECK_STR(mr_period_text(&(struct mr_period){.ms = 129600000}, room), "1d12h");
}

int
main(void)
{
	RUN(reads_units);
	RUN(reads_several_parts);
	RUN(reads_fractions);
	RUN(reads_iso);
	RUN(wants_a_unit);
	RUN(refuses_units_in_words);
	RUN(refuses_the_rest);
	RUN(writes_short);
	RUN(reads_what_it_writes);
	RUN(periods);
	RUN(periods_refused);
	RUN(periods_are_read_as_written);
	return unit_done();
}
