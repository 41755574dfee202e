/*
 * stamp: against timegm and gmtime, against a slow reader, and case by case.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "time/stamp.h"
#include "unit.h"

static unsigned long long seed;

/* xorshift64*, Vigna 2014: the same numbers everywhere for a seed */
static unsigned long long
rnd(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dULL;
}

static long long
between(long long low, long long high)
{
	return low + (long long)(rnd() % (unsigned long long)(high - low + 1));
}

static bool
text_is(const char *text, long long ms, int ns)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_time t = {0, 0};
	int rc = mr_stamp_text(text, strlen(text), &t, &err);

	if (rc == 0 && t.ms == ms && t.ns == ns)
		return true;
	printf("# '%s': got %lld %d%s%s, want %lld %d\n", text, (long long)t.ms, (int)t.ns,
	    rc ? " " : "", rc ? err.text : "", ms, ns);
	return false;
}

static bool
refused(const char *text, const char *want)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_time t = {0, 0};

	if (mr_stamp_text(text, strlen(text), &t, &err) != -1) {
		printf("# '%s' is taken, as %lld\n", text, (long long)t.ms);
		return false;
	}
	if (strcmp(err.text, want) == 0 && err.status == MR_EX_DATA)
		return true;
	printf("# got  %s\n# want %s\n", err.text, want);
	return false;
}

/* A JSON value as it stands in a line. */
static int
stamp(struct mr_stamper *st, const char *json, struct mr_time *t, struct mr_err *err)
{
	struct mr_val val = {json, strlen(json), MR_NUMBER, strchr(json, '\\') != NULL};

	switch (*json) {
	case '"': val.type = MR_STRING; break;
	case '[': val.type = MR_ARRAY; break;
	case '{': val.type = MR_OBJECT; break;
	case 't': val.type = MR_TRUE; break;
	case 'n': val.type = MR_NULL; break;
	case '\0': val = (struct mr_val){NULL, 0, MR_MISSING, false}; break;
	}
	return mr_stamp_val(st, &val, t, err);
}

static bool
val_is(struct mr_stamper *st, const char *json, long long ms, int ns)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_time t = {0, 0};
	int rc = stamp(st, json, &t, &err);

	if (rc == 0 && t.ms == ms && t.ns == ns)
		return true;
	printf("# %s: got %lld %d %s, want %lld %d\n", json, (long long)t.ms, (int)t.ns,
	    rc ? err.text : "", ms, ns);
	return false;
}

static bool
val_refused(struct mr_stamper *st, const char *json, const char *want)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_time t = {0, 0};

	if (stamp(st, json, &t, &err) != -1) {
		printf("# %s is taken, as %lld\n", json, (long long)t.ms);
		return false;
	}
	if (strcmp(err.text, want) == 0)
		return true;
	printf("# got  %s\n# want %s\n", err.text, want);
	return false;
}

static bool
writes(long long ms, const char *want)
{
	struct mr_buf out = MR_BUF_INIT;
	bool ok;

	mr_stamp_write(&out, ms);
	ok = strcmp(mr_buf_str(&out), want) == 0;
	if (!ok)
		printf("# %lld: got %s, want %s\n", ms, mr_buf_str(&out), want);
	mr_buf_release(&out);
	return ok;
}

static void
reads_the_forms(void)
{
	CHECK(text_is("2026-11-21T10:00:00Z", 1795255200000, 0));
	CHECK(text_is("2026-11-21T10:00:00.123Z", 1795255200123, 0));
	CHECK(text_is("2026-11-21t10:00:00z", 1795255200000, 0));
	CHECK(text_is("2026-11-21 10:00:00", 1795255200000, 0));
	CHECK(text_is("2026-11-21 10:00:00.123456", 1795255200123, 456000));
	CHECK(text_is("2026-11-21 10:00:00.123456+00", 1795255200123, 456000));
	CHECK(text_is("2026-11-21T10:00Z", 1795255200000, 0));
	CHECK(text_is("2026-11-21 10:00", 1795255200000, 0));
	CHECK(text_is("2026-11-21", 1795219200000, 0));
	CHECK(text_is("0000-01-01", -62167219200000, 0));
	CHECK(text_is("9999-12-31T23:59:59.999999999Z", 253402300799999, 999999));
	CHECK(text_is("1969-12-31T23:59:59.9999Z", -1, 900000));
}

static void
reads_offsets(void)
{
	CHECK(text_is("2026-11-21T11:30:00+01:30", 1795255200000, 0));
	CHECK(text_is("2026-11-21T11:30:00.5+0130", 1795255200500, 0));
	CHECK(text_is("2026-11-21T02:00:00-08", 1795255200000, 0));
	CHECK(text_is("2026-11-21T02:00-08:00", 1795255200000, 0));
	CHECK(text_is("2026-11-21T10:00:00-00:00", 1795255200000, 0));
	CHECK(text_is("2026-11-22T09:59:00+23:59", 1795255200000, 0));
	CHECK(refused("0000-01-01T00:00:00+00:01", "'0000-01-01T00:00:00+00:01' is not a time: "
	    "it is outside of the years 0000 to 9999"));
	CHECK(refused("2026-11-21T10:00:00+24:00",
	    "'2026-11-21T10:00:00+24:00' is not a time: there is no such offset"));
	CHECK(refused("2026-11-21T10:00:00+01:60",
	    "'2026-11-21T10:00:00+01:60' is not a time: there is no such offset"));
	CHECK(refused("2026-11-21T10:00:00 EST", "'2026-11-21T10:00:00 EST' is not a time: "
	    "expected Z or an offset such as +01:00 at its end"));
	CHECK(refused("2026-11-21T10:00:00+01-00", "'2026-11-21T10:00:00+01-00' is not a time: "
	    "expected Z or an offset such as +01:00 at its end"));
}

/* :60 is the next :00, as timegm has it. */
static void
reads_leap_seconds(void)
{
	CHECK(text_is("2016-12-31T23:59:60Z", 1483228800000, 0));
	CHECK(text_is("2016-12-31T23:59:60.25Z", 1483228800250, 0));
	CHECK(text_is("2017-01-01T08:59:60+09:00", 1483228800000, 0));
	CHECK(refused("2016-12-31T23:59:61Z",
	    "'2016-12-31T23:59:61Z' is not a time: there is no such time of day"));
	CHECK(refused("9999-12-31T23:59:60Z",
	    "'9999-12-31T23:59:60Z' is not a time: it is outside of the years 0000 to 9999"));
}

static void
cuts_fractions_at_nine_digits(void)
{
	char text[128] = "1969-07-20T20:17:40.";
	int ns = 0, len = 20;

	for (int n = 1; n <= 60; n++) {
		text[len++] = (char)('0' + n % 10);
		memcpy(text + len, "Z", 2);
		ns = 0;
		for (int i = 0; i < 9; i++)
			ns = ns * 10 + (i < n ? text[20 + i] - '0' : 0);
		CHECK(text_is(text, -14182940000 + ns / 1000000, ns % 1000000));
	}
	CHECK(refused("2026-11-21T10:00:00.Z",
	    "'2026-11-21T10:00:00.Z' is not a time: digits are expected behind the point"));
}

static void
refuses_what_does_not_exist(void)
{
	static const char *const days[] = {"2026-02-29", "2026-02-30", "1900-02-29", "2100-02-29",
	    "2026-04-31", "2026-06-31", "2026-09-31", "2026-11-31", "2026-01-32", "2026-01-00"};
	static const char *const clocks[] = {"25:00:00", "24:00:00", "10:60:00", "10:00:61", "99:99"};
	char text[64], want[128];

	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		snprintf(want, sizeof want, "'%s' is not a time: there is no such day in that month",
		    days[i]);
		CHECK(refused(days[i], want));
	}
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		snprintf(text, sizeof text, "2026-11-21T%sZ", clocks[i]);
		snprintf(want, sizeof want, "'%s' is not a time: there is no such time of day", text);
		CHECK(refused(text, want));
	}
	CHECK(refused("2026-13-01", "'2026-13-01' is not a time: there is no such month"));
	CHECK(refused("2026-00-01", "'2026-00-01' is not a time: there is no such month"));
	CHECK(text_is("2000-02-29", 951782400000, 0));
	CHECK(text_is("2024-02-29", 1709164800000, 0));
}

static void
refuses_what_is_no_time(void)
{
#define NO "' is not a time: expected one such as 2026-11-21T10:00:00Z, or a number since 1970"
	static const char *const bad[] = {"yesterday", "2026", "2026-11", "2026-1-21", "20261121T100000Z",
	    "2026-11-21T", "2026-11-21T10", "2026-11-21T10:0", "2026-11-21x10:00:00Z", "2026-11-2a",
	    "202a-11-21", "2026-11-21T1a:00:00Z", "2026-11-21T10:00:0aZ", "12/11/2026", "+5", " 5", "5 ",
	    "-", ".5", "5.", "1e9", "0x5", "NaN", "2026/11/21", "\xc3\xa9"};
	char want[256];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (strcmp(bad[i], "2026") == 0)	/* seconds, alas */
			continue;
		snprintf(want, sizeof want, "'%s" NO, bad[i]);
		CHECK(refused(bad[i], want));
	}
	CHECK(refused("", "'' is not a time: it is empty"));
	CHECK(refused("infinity", "'infinity' is not a time: infinity is no point in time"));
	CHECK(refused("-infinity", "'-infinity' is not a time: infinity is no point in time"));
	CHECK(refused("-Infinity", "'-Infinity' is not a time: infinity is no point in time"));
	CHECK(refused("inf", "'inf' is not a time: infinity is no point in time"));
	CHECK(refused("abcdefghijabcdefghijabcdefghijabcdefghi\xc3\xa9x",
	    "'abcdefghijabcdefghijabcdefghijabcdefghi..." NO));
	CHECK(refused("2026-11-21T10:00:00Zulu", "'2026-11-21T10:00:00Zulu' is not a time: "
	    "expected Z or an offset such as +01:00 at its end"));
	CHECK(refused("2026-11-21T10:00.5Z", "'2026-11-21T10:00.5Z' is not a time: "
	    "expected Z or an offset such as +01:00 at its end"));
#undef NO
}

static void
reads_epochs_by_magnitude(void)
{
	CHECK(text_is("0", 0, 0));
	CHECK(text_is("-0", 0, 0));
	CHECK(text_is("1", 1000, 0));
	CHECK(text_is("-1", -1000, 0));
	CHECK(text_is("-0.0000000001", -1, 999999));
	CHECK(text_is("-0.25", -250, 0));
	CHECK(text_is("-1.0005", -1001, 500000));
	CHECK(text_is("1767225600", 1767225600000, 0));
	CHECK(text_is("1767225600123", 1767225600123, 0));
	CHECK(text_is("1767225600123456", 1767225600123, 456000));
	CHECK(text_is("1767225600123456789", 1767225600123, 456789));
	CHECK(text_is("1767225600.123", 1767225600123, 0));
	CHECK(text_is("1767225600.123456789", 1767225600123, 456789));
	CHECK(text_is("1767225600.123456789999999", 1767225600123, 456789));
	CHECK(text_is("0001767225600", 1767225600000, 0));
	CHECK(text_is("99999999999", 99999999999000, 0));
	CHECK(text_is("100000000000", 100000000000, 0));
	CHECK(text_is("99999999999999", 99999999999999, 0));
	CHECK(text_is("100000000000000", 100000000000, 0));
	CHECK(text_is("99999999999999999", 99999999999999, 999000));
	CHECK(text_is("100000000000000000", 100000000000, 0));
	CHECK(text_is("253402300799999999999", 253402300799999, 999999));
	CHECK(refused("253402300800000000000", "'253402300800000000000' is not a time: "
	    "it is outside of the years 0000 to 9999"));
}

static void
reads_numbers(void)
{
	struct mr_stamper st = MR_STAMPER_INIT;

	CHECK(val_is(&st, "1767225600.123", 1767225600123, 0));
	CHECK(val_is(&st, "1.767225600123e9", 1767225600123, 0));
	CHECK(val_is(&st, "1.767225600123E+09", 1767225600123, 0));
	CHECK(val_is(&st, "17672256001230e-4", 1767225600123 / 1000 * 1000 + 123, 0));
	CHECK(val_is(&st, "\"1767225600\"", 1767225600000, 0));
	CHECK(val_is(&st, "\"1767225600.5\"", 1767225600500, 0));
	CHECK(val_is(&st, "1e-400", 0, 0));
	CHECK(val_is(&st, "-1e-400", -1, 999999));
	CHECK(val_is(&st, "0e400", 0, 0));
	CHECK(val_refused(&st, "1e400", "'1e400' is not a time: "
	    "it is outside of the years 0000 to 9999"));
	CHECK(val_refused(&st, "1e18", "'1e18' is not a time: its unit jumps: it looks like ns, "
	    "the first was s (1767225600.123)"));
	st = (struct mr_stamper)MR_STAMPER_INIT;
	CHECK(val_refused(&st, "1e400", "'1e400' is not a time: "
	    "it is outside of the years 0000 to 9999"));
	CHECK(val_refused(&st, "-1e99999999999999999999", "'-1e99999999999999999999' is not a time: "
	    "it is outside of the years 0000 to 9999"));
	CHECK(st.unit == MR_UNIT_AUTO);
}

static void
refuses_other_types(void)
{
	struct mr_stamper st = MR_STAMPER_INIT;

	CHECK(val_refused(&st, "", "missing, where a time is expected"));
	CHECK(val_refused(&st, "null", "null, where a time is expected"));
	CHECK(val_refused(&st, "true", "a boolean, where a time is expected"));
	CHECK(val_refused(&st, "[1]", "an array, where a time is expected"));
	CHECK(val_refused(&st, "{}", "an object, where a time is expected"));
	CHECK(val_refused(&st, "\"\"", "'' is not a time: it is empty"));
}

static void
reads_escapes(void)
{
	struct mr_stamper st = MR_STAMPER_INIT;

	/* how .NET writes an offset */
	CHECK(val_is(&st, "\"2026-11-21T11:00:00\\u002B01:00\"", 1795255200000, 0));
	CHECK(val_is(&st, "\"2026-11-21T11:00:00+01:00\"", 1795255200000, 0));
}

static void
pins_the_unit(void)
{
	struct mr_stamper st = MR_STAMPER_INIT;

	CHECK(val_is(&st, "0", 0, 0));
	CHECK(st.unit == MR_UNIT_AUTO);
	CHECK(val_is(&st, "\"2026-11-21\"", 1795219200000, 0));
	CHECK(st.unit == MR_UNIT_AUTO);
	CHECK(val_is(&st, "1767225600123", 1767225600123, 0));
	CHECK(st.unit == MR_UNIT_MS);
	CHECK(val_is(&st, "1767225600124", 1767225600124, 0));
	CHECK(val_is(&st, "0", 0, 0));
	CHECK(val_is(&st, "99999999999", 99999999999, 0));	/* looks like s, 18 times less: 1973 */
	CHECK(val_refused(&st, "1767225600", "'1767225600' is not a time: its unit jumps: "
	    "it looks like s, the first was ms (1767225600123)"));
	CHECK(val_refused(&st, "\"1767225600123456\"", "'1767225600123456' is not a time: "
	    "its unit jumps: it looks like us, the first was ms (1767225600123)"));
	CHECK(val_refused(&st, "-1767225600", "'-1767225600' is not a time: its unit jumps: "
	    "it looks like s, the first was ms (1767225600123)"));
	CHECK(val_is(&st, "1767225600125", 1767225600125, 0));
}

/* first 1e13 ms: 500 times less and more, and just not */
static void
jumps_at_500(void)
{
	struct mr_stamper st = MR_STAMPER_INIT;

	CHECK(val_is(&st, "10000000000000", 10000000000000, 0));
	CHECK(val_is(&st, "20000000001", 20000000001, 0));
	CHECK(val_refused(&st, "20000000000", "'20000000000' is not a time: its unit jumps: "
	    "it looks like s, the first was ms (10000000000000)"));
	st = (struct mr_stamper)MR_STAMPER_INIT;
	CHECK(val_is(&st, "300000000000", 300000000000, 0));
	CHECK(val_is(&st, "149999999999999", 149999999999999, 0));
	CHECK(val_refused(&st, "150000000000000", "'150000000000000' is not a time: its unit jumps: "
	    "it looks like us, the first was ms (300000000000)"));
	CHECK(val_is(&st, "99999999999999", 99999999999999, 0));
}

static void
takes_a_unit_set_by_hand(void)
{
	struct mr_stamper st = MR_STAMPER_INIT;
	struct mr_err err = MR_ERR_INIT;

	CHECK(mr_unit_parse("ms", &st.unit, &err) == 0);
	CHECK(val_is(&st, "5", 5, 0));
	CHECK(val_is(&st, "1767225600", 1767225600, 0));
	CHECK(val_is(&st, "1767225600123", 1767225600123, 0));
	CHECK(val_is(&st, "1767225600123.4567", 1767225600123, 456700));
	CHECK(val_refused(&st, "1767225600123456", "'1767225600123456' is not a time: "
	    "it is outside of the years 0000 to 9999"));
	CHECK(mr_unit_parse("ns", &st.unit, &err) == 0);
	CHECK(val_is(&st, "-1", -1, 999999));
	CHECK(mr_unit_parse("us", &st.unit, &err) == 0);
	CHECK(val_is(&st, "1", 0, 1000));
	CHECK(mr_unit_parse("s", &st.unit, &err) == 0);
	CHECK(val_is(&st, "1", 1000, 0));
	CHECK(mr_unit_parse("minutes", &st.unit, &err) == -1);
	CHECK_STR(err.text, "'minutes' is not a unit of epoch numbers: s, ms, us or ns");
	CHECK_INT(err.status, MR_EX_USAGE);
	CHECK(mr_unit_parse("auto", &st.unit, &err) == -1);
}

static void
writes_rfc_3339(void)
{
	CHECK(writes(0, "1970-01-01T00:00:00.000Z"));
	CHECK(writes(-1, "1969-12-31T23:59:59.999Z"));
	CHECK(writes(1795255200123, "2026-11-21T10:00:00.123Z"));
	CHECK(writes(-62167219200000, "0000-01-01T00:00:00.000Z"));
	CHECK(writes(253402300799999, "9999-12-31T23:59:59.999Z"));
	CHECK(writes(253402300800000, "+10000-01-01T00:00:00.000Z"));
	CHECK(writes(-62167219200001, "-00001-12-31T23:59:59.999Z"));
	CHECK(writes((-719468LL - 146097) * 86400000, "-00400-03-01T00:00:00.000Z"));
	CHECK(writes(INT64_MAX, "+292278994-08-17T07:12:55.807Z"));
	CHECK(writes(INT64_MIN, "-292275055-05-16T16:47:04.192Z"));
}

static void
refuses_what_is_ahead_of_the_clock(void)
{
	struct mr_err err = MR_ERR_INIT;
	int64_t now = (int64_t)time(NULL) * 1000;

	CHECK(mr_stamp_ahead(0, 0, &err) == 0);
	CHECK(mr_stamp_ahead(now + 3600000, 3600000, &err) == 0);
	CHECK(mr_stamp_ahead(now + 3660000, 3600000, &err) == -1);
	CHECK_INT(err.status, MR_EX_DATA);
	CHECK(mr_stamp_ahead(253402300799999, 3600000, &err) == -1);
	CHECK_STR(err.text, "9999-12-31T23:59:59.999Z is too far ahead of the clock (--max-ahead)");
}

static bool
refuses(const char *text)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_time t;

	return mr_stamp_text(text, strlen(text), &t, &err) == -1;
}

/* Every day of the 10000 years, counted by hand, both ways. */
static void
counts_every_day(void)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	long long ms = -62167219200000;
	char text[64];
	int bad = 0;

	for (int year = 0; year <= 9999; year++)
		for (int month = 1; month <= 12; month++) {
			int leap = month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);

			for (int day = 1; day <= lengths[month - 1] + leap && bad < 9; day++) {
				snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00.000Z", year, month, day);
				bad += !text_is(text, ms, 0) || !writes(ms, text);
				ms += 86400000;
			}
			snprintf(text, sizeof text, "%04d-%02d-%02d", year, month,
			    lengths[month - 1] + leap + 1);
			bad += !refuses(text);
		}
	CHECK_INT(bad, 0);
	CHECK_INT(ms, 253402300800000);
}

/* An obvious reader: sscanf for the parts, timegm for the sum. */
static void
agrees_with_timegm(void)
{
	unsigned long long first = seed;
	int bad = 0;

	for (int i = 0; i < 200000 && bad < 9; i++) {
		long long sec = between(-62167219200 + 86400, 253402300799 - 86400);
		long long ns = between(0, 999999999);
		int offset = (int)between(-1439, 1439), width = (int)between(0, 9);
		time_t local = (time_t)(sec + offset * 60);
		char text[96], zone[16];
		struct tm tm;
		long long scale = 1;
		int n;

		gmtime_r(&local, &tm);
		n = snprintf(text, sizeof text, "%04d-%02d-%02d%c%02d:%02d:%02d", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, "Tt "[rnd() % 3], tm.tm_hour, tm.tm_min, tm.tm_sec);
		for (int w = width; w < 9; w++)
			scale *= 10;
		ns -= ns % scale;
		if (width)
			n += snprintf(text + n, sizeof text - n, ".%0*lld", width, ns / scale);
		snprintf(zone, sizeof zone, rnd() % 2 ? "%c%02d:%02d" : "%c%02d%02d",
		    offset < 0 ? '-' : '+', abs(offset) / 60, abs(offset) % 60);
		if (offset == 0 && rnd() % 2)
			strcpy(zone, "Z");
		snprintf(text + n, sizeof text - n, "%s", zone);
		if (timegm(&tm) != local)
			bad++;
		bad += !text_is(text, sec * 1000 + ns / 1000000, (int)(ns % 1000000));
	}
	CHECK_INT(bad, 0);
	if (bad)
		printf("# seed %llu\n", first);
}

/* What was written reads back, and is what gmtime says. */
static void
writes_what_gmtime_says(void)
{
	unsigned long long first = seed;
	int bad = 0;

	for (int i = 0; i < 200000 && bad < 9; i++) {
		long long ms = between(-62167219200000, 253402300799999);
		time_t sec = (time_t)((ms + 62167219200000) / 1000 - 62167219200);
		char text[96];
		struct tm tm;

		gmtime_r(&sec, &tm);
		snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		    (int)((ms + 62167219200000) % 1000));
		bad += !writes(ms, text) || !text_is(text, ms, 0);
	}
	CHECK_INT(bad, 0);
	if (bad)
		printf("# seed %llu\n", first);
}

/* Seconds with a fraction, digit by digit, in each unit. */
static void
epochs_are_exact(void)
{
	static const enum mr_unit all[] = {MR_UNIT_S, MR_UNIT_MS, MR_UNIT_US, MR_UNIT_NS};
	unsigned long long first = seed;
	int bad = 0;

	for (int i = 0; i < 200000 && bad < 9; i++) {
		long long sec = between(-62167219200, 253402300799), ns = between(0, 999999999);
		struct mr_stamper st = {.unit = all[i % 4]};
		int places = 9 - 3 * (i % 4);
		__int128 total = (__int128)sec * 1000000000 + ns, size = total < 0 ? -total : total;
		char digits[64], text[80];
		int n = 0, len = 0;

		for (; size || n < places + 1; size /= 10)
			digits[n++] = (char)('0' + (int)(size % 10));
		if (total < 0)
			text[len++] = '-';
		while (n > 0) {
			if (n == places && n > 0)
				text[len++] = '.';
			text[len++] = digits[--n];
		}
		text[len] = '\0';
		bad += !val_is(&st, text, sec * 1000 + ns / 1000000, (int)(ns % 1000000));
	}
	CHECK_INT(bad, 0);
	if (bad)
		printf("# seed %llu\n", first);
}

/* A stamper that remembers a minute says what a fresh one says, also of what is no time. */
static void
remembers_the_minute(void)
{
	static const char odd[] = ":.Zz0159 T-a+";
	struct mr_stamper st = MR_STAMPER_INIT;
	unsigned long long first = seed;
	long long base = 1772323200;
	int bad = 0;

	for (int i = 0; i < 300000 && bad < 9; i++) {
		struct mr_err err = MR_ERR_INIT, other = MR_ERR_INIT;
		struct mr_time a = {0, 0}, b = {0, 0};
		char text[80];
		int places = (int)between(0, 10), n, ra, rb;
		time_t at;
		struct tm tm;

		if (between(0, 200) == 0)
			base = between(-62167219200, 253402300799 - 600);
		at = (time_t)(base + between(0, 150));
		gmtime_r(&at, &tm);
		n = snprintf(text, sizeof text, "\"%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		if (places)
			n += snprintf(text + n, sizeof text - (size_t)n, ".%0*lld", places,
			    between(0, 999));
		n += snprintf(text + n, sizeof text - (size_t)n, "Z\"");
		if (between(0, 3) == 0)
			text[between(1, n - 2)] = odd[between(0, sizeof odd - 2)];
		ra = stamp(&st, text, &a, &err);
		rb = mr_stamp_text(text + 1, (size_t)n - 2, &b, &other);
		if (ra == rb && (ra || (a.ms == b.ms && a.ns == b.ns)))
			continue;
		printf("# %s: %d %lld %d, fresh %d %lld %d\n", text, ra, (long long)a.ms, (int)a.ns, rb,
		    (long long)b.ms, (int)b.ns);
		bad++;
	}
	CHECK_INT(bad, 0);
	if (bad)
		printf("# seed %llu\n", first);
}

int
main(void)
{
	const char *given = getenv("SEED");

	seed = given ? strtoull(given, NULL, 10) : (unsigned long long)time(NULL) * 1000003;
	printf("# SEED=%llu\n", seed);
	RUN(reads_the_forms);
	RUN(reads_offsets);
	RUN(reads_leap_seconds);
	RUN(cuts_fractions_at_nine_digits);
	RUN(refuses_what_does_not_exist);
	RUN(refuses_what_is_no_time);
	RUN(reads_epochs_by_magnitude);
	RUN(reads_numbers);
	RUN(refuses_other_types);
	RUN(reads_escapes);
	RUN(pins_the_unit);
	RUN(jumps_at_500);
	RUN(takes_a_unit_set_by_hand);
	RUN(writes_rfc_3339);
	RUN(refuses_what_is_ahead_of_the_clock);
	RUN(counts_every_day);
	RUN(agrees_with_timegm);
	RUN(writes_what_gmtime_says);
	RUN(epochs_are_exact);
	RUN(remembers_the_minute);
	return unit_done();
}
